/** The chain of keyrings as this home has seen it: `keyring/<version>.note`. Verified again each time it is read. SPEC.md §4.2. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { newsroomId } from "../../envelope/names.ts"
import { KeyringError } from "../../keyring/errors.ts"
import { type Keyring, verifyChain } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"

/** Oldest first, from version 1; empty before the first `sync` or `keyring import`. */
export type Chain = readonly Keyring[]

export async function readChain({ home }: Pick<Desk, "home">, pin: PinnedNewsroom): Promise<Chain> {
  const sources: string[] = []
  for (let version = 1; ; version++) {
    const note = await readIfThere(homePaths(home).keyring(version))
    if (note === undefined) return sources.length === 0 ? [] : extended([], sources, pin)
    sources.push(fromUtf8(note))
  }
}

/** Verifies what follows the chain that was seen, or the whole of it the first time.
 *  @returns the whole chain
 *  @throws KeyringError `not-a-note`, `bad-keyring`, `too-few-roots`, `version-gap`, `rolled-back`, `forked` */
export async function extended(seen: Chain, sources: readonly string[], pin: PinnedNewsroom): Promise<Chain> {
  const last = seen.at(-1)
  if (last !== undefined) return [...seen, ...(await verifyChain([last.source, ...sources], { seen: last })).slice(1)]
  // Twice: from the newsroom's printed name, and under the roots that were pinned. Roots that have been rotated out
  // since version 1 could otherwise show whoever joins a history of their own.
  const chain = await verifyChain(sources, { newsroom: pin.id })
  await verifyChain(sources, { pinned: pin })
  return chain
}

/** Stores the versions that are new, oldest first, so that a cut leaves no gap. */
export async function keepChain({ home, disk }: Pick<Desk, "home" | "disk">, before: Chain, after: Chain): Promise<void> {
  await disk.makeFolder(homePaths(home).keyrings)
  for (const { version, source } of after.slice(before.length)) await disk.replace(homePaths(home).keyring(version), utf8(source))
}

/** @throws {@link Failure} `not-set-up` */
export function currentOf(chain: Chain): Keyring {
  const current = chain.at(-1)
  if (current === undefined)
    throw new Failure("not-set-up", "this folder has seen no keyring yet", "run `sync`, or `keyring import FILE` for one that was carried")
  return current
}

/** Whether the chain begins with this newsroom; for notes that are checked before any chain is there. */
export const beginsWith = (first: Keyring, pin: PinnedNewsroom): boolean =>
  first.version === 1 && newsroomId(first.hash).every((byte, index) => byte === pin.id[index])

/** Whether an error says only that signatures are missing: everything else about the link has been checked by then. */
export const isUnsigned = (error: unknown): boolean => error instanceof KeyringError && error.code === "too-few-roots"
