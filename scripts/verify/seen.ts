/** What a checker has seen of a newsroom, so that a server cannot go back behind it: the chain, the newest day note of each reporter, the
 *  release. Kept in a file between runs, if one is named. SPEC.md §14.4. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { array, literal, object, parseJson, string } from "../../envelope/json.ts"
import { type NewsroomId, newsroomIdShape, newsroomIdText } from "../../envelope/names.ts"
import { parseDayNote } from "../../keyring/days.ts"
import { asKeyringError, KeyringError } from "../../keyring/errors.ts"
import { verifyChain } from "../../keyring/keyring.ts"
import type { Desk } from "../desk.ts"
import type { Chain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"

export interface SeenNote {
  readonly day: Day
  readonly made: Day
  readonly seq: number
  /** The note's text, which is what its reporter signed. */
  readonly text: string
  readonly source: string
}
export interface Seen {
  /** Verified, oldest first; empty at the beginning. */
  chain: Chain
  /** By reporter and day. */
  readonly notes: Map<string, SeenNote>
  /** What a page was last told and was found right, with what it came to: the same answer needs no second look. */
  told?: { readonly key: string; readonly reach: Reach }
  /** Notes of releases that this chain names, by hash. */
  readonly releases: Map<string, string>
}

export interface Reach {
  /** Reporters to whom a page would seal today. */
  readonly reachable: readonly string[]
  readonly unreachable: readonly string[]
  readonly notices: readonly string[]
}

export const nothingSeen = (chain: Chain = []): Seen => ({ chain, notes: new Map(), releases: new Map() })

const note = string({ max: 1_000_000, lines: true })
const shape = object({
  format: literal("sotto-seen/1"),
  newsroom: newsroomIdShape,
  keyrings: array(note, { max: 100_000 }),
  days: array(note, { max: 1_000 }),
  releases: array(object({ hash: string({ max: 43 }), note }), { max: 2 }),
})

export function remember(seen: Seen, source: string): SeenNote {
  const { reporter, day, made, seq } = parseDayNote(source)
  const kept = { day, made, seq, text: source.slice(0, source.lastIndexOf("\n\n")), source }
  seen.notes.set(`${reporter} ${day}`, kept)
  return kept
}

/** @throws KeyringError `bad-newsroom`, `foreign`: of another newsroom, and what {@link verifyChain} throws */
export async function readSeen(path: string, newsroom: NewsroomId): Promise<Seen> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return nothingSeen()
  const read = asKeyringError("bad-newsroom", () => parseJson(fromUtf8(bytes).trimEnd(), shape, "seen"))
  if (newsroomIdText(read.newsroom) !== newsroomIdText(newsroom)) throw new KeyringError("foreign", "that file is about another newsroom")
  const seen = nothingSeen(read.keyrings.length === 0 ? [] : await verifyChain(read.keyrings, { newsroom }))
  for (const source of read.days) remember(seen, source)
  for (const one of read.releases) seen.releases.set(one.hash, one.note)
  return seen
}

/** Days that are over are forgotten: no page seals to them any more. */
export async function writeSeen({ disk }: Pick<Desk, "disk">, path: string, newsroom: NewsroomId, seen: Seen, today: Day): Promise<void> {
  const named = new Set(seen.chain.slice(-2).flatMap(({ release }) => (release === undefined ? [] : [release.hash as string])))
  const text = {
    format: "sotto-seen/1",
    newsroom: newsroomIdText(newsroom),
    keyrings: seen.chain.map(({ source }) => source),
    days: [...seen.notes.values()].filter(({ day }) => day >= addDays(today, -1)).map(({ source }) => source),
    releases: [...seen.releases].filter(([hash]) => named.has(hash)).map(([hash, note]) => ({ hash, note })),
  }
  await disk.replace(path, utf8(`${JSON.stringify(text)}\n`))
}
