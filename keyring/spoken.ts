/** Six words that two people read to each other: of a key, of a request to join, of a release. Public. SPEC.md §4.6.
 *  Six, so that nobody takes them for a source's eight. */

import { type Bytes, concat, utf8 } from "../envelope/bytes.ts"
import { sha256 } from "../envelope/hash.ts"
import { type Hash, hashBytes, type Id, type NewsroomId, newsroomIdText } from "../envelope/names.ts"
import type { VerifierKey } from "./note.ts"
import { WORDS } from "./wordlist.ts"

/** Who somebody is to be in the newsroom. */
export interface Seat {
  readonly slot: number
  readonly id: Id
  readonly name: string
  readonly beat?: string
}

const WORD_BITS = 13
const SIX = 6

/** 78 bits of a hash. */
async function sixWords(...parts: readonly Bytes[]): Promise<string> {
  const hash = await sha256(concat(...parts))
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  const indexes = Array.from({ length: SIX }, (_, at) => Number.parseInt(bits.slice(at * WORD_BITS, (at + 1) * WORD_BITS), 2))
  return indexes.map((index) => WORDS[index % WORDS.length]).join(" ")
}

/** Six words of a key's text, for print and for a call. */
export const fingerprint = (key: string): Promise<string> => sixWords(utf8("sotto/v1/key\n"), utf8(key))

/** Six words of a release, by its hash: for print, and for whoever has built it too. */
export const releaseWords = (hash: Hash): Promise<string> => sixWords(utf8("sotto/v1/release\n"), hashBytes(hash))

/** What a join request says. From a keyring's entry comes the text that its reporter signed, so that whoever signs the keyring later
 *  can have the same six words read to them. */
export const joinText = (newsroom: NewsroomId, { slot, id, name, beat }: Seat, verify: VerifierKey): string =>
  `${JSON.stringify({
    format: "sotto-join/1",
    newsroom: newsroomIdText(newsroom),
    slot,
    id,
    name,
    ...(beat === undefined ? {} : { beat }),
    verify: verify.text,
  })}\n`

/** Six words over request, roots and newsroom. */
export async function joinWords(
  { id, roots }: { readonly id: NewsroomId; readonly roots: readonly VerifierKey[] },
  { text }: { readonly text: string },
): Promise<string> {
  const known = await sha256(utf8(roots.map((root) => `${root.text}\n`).join("")))
  return sixWords(utf8("sotto/v1/join\n"), id, known, await sha256(utf8(text)))
}
