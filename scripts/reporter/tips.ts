/** A tip out of the vault, with every check made again: what lies on a disk may have been altered since. SPEC.md §5, §7. */

import { EnvelopeError } from "../../envelope/errors.ts"
import { checkAddressed, type OpenedTip, readTip, unlockKept } from "../../envelope/open.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { homePaths } from "../vault/home.ts"
import type { TipRecord } from "../vault/records.ts"
import { requireOurselves, type Vault } from "../vault/vault.ts"

/** @throws Failure `usage`: not a number */
export function tipNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Failure("usage", "a tip is named by its number", "run `inbox` to see the numbers")
  return Number(text)
}

/** @throws Failure `failed`: there is none, or it cannot be opened
 *  @throws EnvelopeError: it was altered in the vault */
export async function openTip(
  desk: Pick<Desk, "home">,
  vault: Vault,
  number: number,
): Promise<{ readonly record: TipRecord; readonly opened: OpenedTip }> {
  const record = vault.records.tips.get(number)
  if (record === undefined) throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
  const file = await readIfThere(homePaths(desk.home).tip(number))
  if (file === undefined) throw new Failure("failed", `the file of tip ${number} is missing from the vault`, "put it back from a backup")
  const unlocked = await unlockKept([file], vault.secrets.vault)
  if (unlocked === undefined)
    throw new Failure("failed", `tip ${number} belongs to another vault`, "put back the files of one vault together, from one backup")
  try {
    const opened = await readTip(unlocked, nodeAead)
    const { id } = requireOurselves(currentOf(vault.chain), vault.secrets)
    checkAddressed(opened.tip, { newsroom: vault.pin.id, day: record.day, reporter: id })
    return { record, opened }
  } catch (cause) {
    if (!(cause instanceof EnvelopeError) || record.state !== "broken") throw cause
    throw new Failure(
      "failed",
      `tip ${number} cannot be read (${cause.code})`,
      "it may be of a newer format: a newer sotto may be able to read it",
      { cause },
    )
  }
}
