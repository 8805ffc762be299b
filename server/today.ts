/** Everything a page needs before it can seal: the chain of keyrings and today's day keys, in one answer whose length says little. SPEC.md §8. */

import type { Day } from "../envelope/day.ts"
import { parseDayNote } from "../keyring/days.ts"
import type { Keyring } from "../keyring/keyring.ts"
import { type PageFile, pageFile } from "./page.ts"

const LEAST_BYTES = 32_768

/** The chain from the oldest keyring that the notes or the page's pin need, so that every one of them is an ancestor of the last. */
function needed(chain: readonly Keyring[], notes: readonly string[], pinnedVersion: number): readonly Keyring[] {
  const oldest = Math.min(pinnedVersion, chain.length, ...notes.map((note) => parseDayNote(note).keyring.version))
  return chain.slice(Math.max(oldest, 1) - 1)
}

export function todayText(day: Day, chain: readonly Keyring[], notes: readonly string[], pinnedVersion: number): string {
  const keyrings = needed(chain, notes, pinnedVersion).map(({ source }) => source)
  const text = JSON.stringify({ format: "sotto-today/1", day, keyrings, days: notes })
  let length = LEAST_BYTES
  while (length < Buffer.byteLength(text)) length *= 2
  return text + " ".repeat(length - Buffer.byteLength(text))
}

let last: { readonly text: string; readonly file: PageFile } | undefined

/** Compressed once for as long as it stays the same: it is what every visitor waits for. docs/decisions/0026-today-compressed.md */
export function todayFile(type: string, text: string): PageFile {
  if (last?.text !== text) last = { text, file: pageFile(type, Buffer.from(text)) }
  return last.file
}
