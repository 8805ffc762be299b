/** Host names that mix scripts, spelt in punycode: a Cyrillic letter between Latin ones looks like the name of a bank.
 *  Only letters of two scripts in one name are suspicious; an all-Russian name of an all-Russian domain is not. */

import { domainToASCII } from "node:url"

/** Three more characters end a label, as IDNA has it. What is surely meant as an address (a scheme, an `@`, `www.`), or only looks like a name with dots in it. */
const NAME =
  /(?<lead>:\/\/(?:[^\s/?#]{0,200}@)?|@|\bwww\.)?(?<host>[\p{L}\p{N}\p{M}](?:[\p{L}\p{N}\p{M}-]{0,62}[.\u3002\uff0e\uff61])(?:[\p{L}\p{N}\p{M}-]{1,63}[.\u3002\uff0e\uff61]){0,20}[\p{L}\p{M}]{2,63})/gu
const LATIN = /\p{Script=Latin}/u
const OTHER_LETTER = /[^\P{L}\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u
const isMixed = (host: string): boolean => LATIN.test(host) && OTHER_LETTER.test(host)

/** Replaces such a name where it is surely an address, and says it beside the words where it may be a full stop without a space. */
export function withPlainHosts(text: string): string {
  return text.replace(NAME, (found, ...rest) => {
    const { lead = "", host } = rest.at(-1) as { readonly lead?: string; readonly host: string }
    if (!isMixed(host)) return found
    const plain = domainToASCII(host)
    if (plain === "") return `${found}‹mixed scripts›`
    return lead === "" ? `${host}‹${plain}›` : `${lead}${plain}`
  })
}
