/** Eight words are all that a source has to keep: every key of theirs comes from them. SPEC.md §6. */

import type { Brand } from "../envelope/brand.ts"
import { type Bytes, toBase64url, utf8 } from "../envelope/bytes.ts"
import type { SourceKeys } from "../envelope/contents.ts"
import { hkdf, sha256 } from "../envelope/hash.ts"
import { type Identity, identity, randomBytes, recipientOf, type SignKey, signKey, verifyKeyOf } from "../envelope/keys.ts"
import type { Hash, NewsroomId } from "../envelope/names.ts"
import { KeyringError } from "./errors.ts"
import { WORDS } from "./wordlist.ts"

/** Eight words of the list, lower case, one space between. Never stored, logged or sent. */
export type Words = Brand<string, "Words">
export const WORD_COUNT = 8
const INFO = "sotto/v1/source/"

/** So many words, each of the list's 7,776 equally likely: 12.9 bits a word, 103 for eight. */
export async function randomWords(count: number): Promise<readonly string[]> {
  const words: string[] = []
  const limit = Math.floor(65_536 / WORDS.length) * WORDS.length
  while (words.length < count) {
    const [high = 0, low = 0] = await randomBytes(2)
    const value = high * 256 + low
    const word = WORDS[value % WORDS.length]
    // Beyond the last whole multiple the first words would come up more often than the others.
    if (value < limit && word !== undefined) words.push(word)
  }
  return words
}

export const newWords = async (): Promise<Words> => (await randomWords(WORD_COUNT)).join(" ") as Words

/** Takes what somebody typed: any case, commas, line breaks and runs of spaces are forgiven.
 *  @throws {@link KeyringError} `bad-words`, naming the place of the first word that is not in the list, not the word */
export function parseWords(typed: string): Words {
  const words = typed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "")
  const unknown = words.findIndex((word) => !WORDS.includes(word))
  if (unknown !== -1) throw new KeyringError("bad-words", `word ${unknown + 1} is not in the list`)
  if (words.length !== WORD_COUNT) throw new KeyringError("bad-words", `there are ${WORD_COUNT} words`)
  return words.join(" ") as Words
}

/** What a source holds while the page is open. */
export interface SourceSecrets {
  /** Opens replies. */
  readonly identity: Identity
  readonly sign: SignKey
  /** Shown to the server to read the mailbox. */
  readonly mailbox: Bytes
  readonly keys: SourceKeys
}

/** Derives a source's keys. 103 bits of generated entropy need no stretching, which would shut out exactly the careful (SPEC.md §6). */
export async function deriveSource(words: Words, newsroom: NewsroomId): Promise<SourceSecrets> {
  const ikm = utf8(words)
  const secret = (purpose: string) => hkdf(ikm, newsroom, utf8(`${INFO}${purpose}`), 32)
  const [opens, signs, mailbox] = await Promise.all([secret("recipient"), secret("sign"), secret("mailbox")])
  const [own, sign] = [identity(opens), signKey(signs)]
  const address = toBase64url(await sha256(mailbox)) as Hash
  return { identity: own, sign, mailbox, keys: { recipient: await recipientOf(own), verify: await verifyKeyOf(sign), mailbox: address } }
}
