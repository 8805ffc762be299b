/** How far a person has said "I have seen this" to the chain of keyrings: `acknowledged.json`. Until then every command that sees it says the change again,
 *  so that a reader who was added cannot slip by in a long output. SPEC.md §7. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { integer, literal, object, parseJson } from "../../envelope/json.ts"
import { hash, newsroomId } from "../../envelope/names.ts"
import { changes } from "../../keyring/changes.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import type { Desk } from "../desk.ts"
import type { Chain } from "./chain.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"

const shape = object({ format: literal("sotto-acknowledged/1"), version: integer(1, 1_000_000), hash })

/** The versions that nobody at this folder has acknowledged, oldest first. What was there the first time counts as acknowledged: see {@link acknowledgeFirst}. */
export async function unacknowledged({ home }: Pick<Desk, "home">, chain: Chain): Promise<readonly Keyring[]> {
  const bytes = await readIfThere(homePaths(home).acknowledged)
  if (bytes === undefined) return chain
  const said = parseJson(fromUtf8(bytes).trimEnd(), shape, "acknowledged.json")
  // Of another history than the chain: then nothing of this one was acknowledged.
  const isOurs = chain.some(({ version, hash }) => version === said.version && hash === said.hash)
  return isOurs ? chain.slice(said.version) : chain
}

export async function acknowledge({ home, disk }: Pick<Desk, "home" | "disk">, { version, hash }: Keyring): Promise<void> {
  const said = { format: "sotto-acknowledged/1", version, hash }
  await disk.replace(homePaths(home).acknowledged, utf8(`${JSON.stringify(said)}\n`))
}

/** The first chain that a folder sees is the ground on which later changes stand out. */
export async function acknowledgeFirst(desk: Pick<Desk, "home" | "disk">, chain: Chain): Promise<void> {
  const last = chain.at(-1)
  if (last !== undefined && (await readIfThere(homePaths(desk.home).acknowledged)) === undefined) await acknowledge(desk, last)
}

/** A change that this folder's own person has made or signed needs no second look, unless there is an older one that does. */
export async function acknowledgeOwn(desk: Pick<Desk, "home" | "disk">, chain: Chain): Promise<void> {
  const last = chain.at(-1)
  if (last !== undefined && (await unacknowledged(desk, chain)).length === 1) await acknowledge(desk, last)
}

/** Says on stderr what waits to be acknowledged.
 *  @returns how many versions */
export async function remind(desk: Pick<Desk, "home" | "terminal">, chain: Chain): Promise<number> {
  const waiting = await unacknowledged(desk, chain)
  const [first] = chain
  if (waiting.length === 0 || first === undefined) return 0
  desk.terminal.say("the keyring changed, and nobody here has acknowledged it yet:")
  for (const keyring of waiting)
    for (const line of await changes(
      chain.find(({ version }) => version === keyring.version - 1),
      keyring,
      newsroomId(first.hash),
    ))
      desk.terminal.say(`  ${line}`)
  desk.terminal.say("if you did not expect this, ask an admin by voice before anything else; if you did:")
  desk.terminal.next("keyring ack")
  return waiting.length
}
