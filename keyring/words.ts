/** Eight words are all that a source has to keep: every key of theirs comes from them. SPEC.md §6. */

import type { Brand } from "../envelope/brand.ts"
import { toBase64url, utf8 } from "../envelope/bytes.ts"
import type { SourceKeys } from "../envelope/contents.ts"
import { hkdf } from "../envelope/hash.ts"
import { type Identity, identity, randomBytes, recipientOf, type SignKey, signKey, verifyKeyOf } from "../envelope/keys.ts"
import type { Hash, NewsroomId } from "../envelope/names.ts"
import { KeyringError } from "./errors.ts"
import { mailboxAddress } from "./mailbox.ts"
import { splitWords } from "./split-words.ts"
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

/** Eight words of the list, or what is wrong: the first that is not in the list, by its place from 1, with those it may have been; or how many there are. */
export type CheckedWords =
  | { readonly words: Words }
  | { readonly place: number; readonly word: string; readonly near: readonly string[] }
  | { readonly count: number }

export function checkWords(typed: string): CheckedWords {
  const words = splitWords(typed)
  const unknown = words.findIndex((word) => !WORDS.includes(word))
  const word = words[unknown]
  if (word !== undefined) return { place: unknown + 1, word, near: nearWords(word) }
  return words.length === WORD_COUNT ? { words: words.join(" ") as Words } : { count: words.length }
}

/** As {@link checkWords}, for where nobody is asked again.
 *  @throws {@link KeyringError} `bad-words`, naming the place of the first word that is not in the list, not the word */
export function parseWords(typed: string): Words {
  const checked = checkWords(typed)
  if ("words" in checked) return checked.words
  throw new KeyringError("bad-words", "place" in checked ? `word ${checked.place} is not in the list` : `there are ${WORD_COUNT} words`)
}

const NEAR_COUNT = 5
const NEAR_STEPS = 2

/** Words of the list within two slips of the pen, the nearest first: a letter too many, too few, another one, or two changed over. */
export function nearWords(word: string): readonly string[] {
  if (word.length > 20) return []
  return WORDS.map((one) => ({ one, steps: Math.abs(one.length - word.length) > NEAR_STEPS ? 9 : slips(word, one) }))
    .filter(({ steps }) => steps <= NEAR_STEPS)
    .sort((a, b) => a.steps - b.steps || Number(b.one[0] === word[0]) - Number(a.one[0] === word[0]))
    .slice(0, NEAR_COUNT)
    .map(({ one }) => one)
}

/** Damerau's distance, in which no letter is touched twice. */
function slips(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** What a source holds while the page is open. */
export interface SourceSecrets {
  /** Opens replies. */
  readonly identity: Identity
  readonly sign: SignKey
  /** Signs requests for the mailbox, whose address is the hash of its public half. Never sent. */
  readonly mailbox: SignKey
  readonly keys: SourceKeys
}

/** Derives a source's keys. 103 bits of generated entropy need no stretching, which would shut out exactly the careful (SPEC.md §6). */
export async function deriveSource(words: Words, newsroom: NewsroomId): Promise<SourceSecrets> {
  const ikm = utf8(words)
  const secret = (purpose: string) => hkdf(ikm, newsroom, utf8(`${INFO}${purpose}`), 32)
  const [opens, signs, collects] = await Promise.all([secret("recipient"), secret("sign"), secret("mailbox")])
  ikm.fill(0)
  const [own, sign, mailbox] = [identity(opens), signKey(signs), signKey(collects)]
  const address = toBase64url(await mailboxAddress(await verifyKeyOf(mailbox))) as Hash
  return { identity: own, sign, mailbox, keys: { recipient: await recipientOf(own), verify: await verifyKeyOf(sign), mailbox: address } }
}
