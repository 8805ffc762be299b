/** Where things lie in the folder of keys and tips. SPEC.md §7. */

import { join } from "node:path"
import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import type { Hash } from "../../envelope/names.ts"
import { type PinnedNewsroom, parsePinned, pinnedText } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "./disk.ts"

export const homePaths = (home: string) => ({
  /** The pin: what this home believes from the start. */
  newsroom: join(home, "newsroom.json"),
  roots: join(home, "roots.age"),
  secrets: join(home, "secrets.age"),
  index: join(home, "index.age"),
  /** A file of the index for each thousand numbers. */
  pages: join(home, "index"),
  page: (page: number) => join(home, "index", `${page}.age`),
  /** The numbers of tallies that were written out. */
  tallies: join(home, "tallies.age"),
  /** The words that our own canaries are signed with, and which of them are outstanding. */
  canary: join(home, "canary.age"),
  /** The words of tips, for searching: made anew from the tips where it is missing. */
  texts: join(home, "text"),
  text: (page: number) => join(home, "text", `${page}.age`),
  /** A keyring version that still lacks signatures. */
  draft: join(home, "draft.note"),
  /** The newest keyring version that somebody here has acknowledged. */
  acknowledged: join(home, "acknowledged.json"),
  keyrings: join(home, "keyring"),
  keyring: (version: number) => join(home, "keyring", `${version}.note`),
  /** Notes of releases, each by the hash of its text. */
  releases: join(home, "releases"),
  release: (hash: Hash) => join(home, "releases", `${hash}.note`),
  days: join(home, "days"),
  day: (day: Day) => join(home, "days", `${day}.age`),
  /** Texts for `reply --canned`, plain: nothing in them is anybody's. */
  canned: join(home, "canned"),
  tips: join(home, "tips"),
  tip: (number: number) => join(home, "tips", `${number}.age`),
})

/** The small files in the folder itself that are sealed to the vault key like the index. By name: a backup that somebody keeps here, say, is none. */
export const SMALL_SEALED = ["canary.age", "tallies.age"] as const

/** @throws {@link Failure} `not-set-up`
 *  @throws KeyringError `bad-newsroom`, `bad-key` */
export async function readPin({ home }: Pick<Desk, "home">): Promise<PinnedNewsroom> {
  const pin = await pinIfThere({ home })
  if (pin === undefined)
    throw new Failure(
      "not-set-up",
      "there is no newsroom in this folder",
      "make one with `newsroom new`, or take part in one with `join`; SOTTO_HOME names the folder",
    )
  return pin
}

export async function pinIfThere({ home }: Pick<Desk, "home">): Promise<PinnedNewsroom | undefined> {
  const bytes = await readIfThere(homePaths(home).newsroom)
  return bytes && parsePinned(fromUtf8(bytes).trimEnd())
}

/** Nothing in it is secret, and it is copied to a server, where another user reads it. */
export const writePin = ({ home, disk }: Pick<Desk, "home" | "disk">, pin: PinnedNewsroom): Promise<void> =>
  disk.replace(homePaths(home).newsroom, utf8(`${pinnedText(pin)}\n`), true)
