/** What a host name tells, and how several are said in one sentence. */

/** Words in a host name that tell a network what it is for. */
export const TELLING = /sotto|secure-?drop|tip-?line|(^|[.-])tips?([.-]|$)|leak|whistle|confiden|anonym|hotline|investigat/i
export const isLocal = (url: string) => /^(localhost|127\.|\[::1\])/.test(new URL(url).host)
export const isOnion = (url: string) => new URL(url).hostname.endsWith(".onion")
export const list = (names: readonly string[]) =>
  names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ")

/** Hosts that elements of a page name in a member, whatever its quotes.
 *  @param elements - `script|img`
 *  @param members - `src|href` */
export const hostsNamed = (html: string, elements: string, members: string): readonly string[] =>
  [...html.matchAll(new RegExp(`<(?:${elements})\\b[^>]*?\\b(?:${members})\\s*=\\s*["']?(?:https?:)?//([^/"'\\s>]+)`, "gi"))].map(
    ([, host = ""]) => host,
  )
