/** What a source was told about a day, believed or refused as the page does it. SPEC.md §5. */

import { type Day, daysBetween } from "../../envelope/day.ts"
import type { Recipient } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { type DayKey, reachableOn } from "../../keyring/days.ts"
import { checkCurrent, type Keyring, verifyChain } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import type { Told } from "../../keyring/today.ts"
import { Failure } from "../failure.ts"

export interface ToldKeys {
  readonly keyring: Keyring
  /** The day that is sealed for. */
  readonly day: Day
  readonly reachable: ReadonlyMap<Id, DayKey>
}

/** Our own day first, then the one that was told.
 *  @throws Failure `failed`: the clocks differ, or nobody can be reached
 *  @throws KeyringError: not this newsroom's, or not to be believed today */
export async function keysToldFor(today: Day, pinned: PinnedNewsroom, told: Told): Promise<ToldKeys> {
  const chain = await verifyChain(told.keyrings, { pinned })
  const keyring = chain.at(-1)
  if (keyring === undefined) throw new Failure("failed", "there is no keyring in today's keys", "fetch today's keys again")
  if (Math.abs(daysBetween(today, told.day)) > 1)
    throw new Failure(
      "failed",
      `these keys are of ${told.day}, and it is ${today} here`,
      "fetch today's keys again, or put this machine's date right",
    )
  checkCurrent(keyring, today)
  for (const on of new Set([today, told.day])) {
    const reachable = await reachableOn(told.days, { chain, newsroom: pinned.id, on, today })
    if (reachable.size > 0) return { keyring, day: on, reachable }
  }
  throw new Failure("failed", "nobody can be reached with these keys", "fetch today's keys again tomorrow, or use another way")
}

/** A recipient at the slot of each who was chosen; the others become decoys. */
export function slotsOf(
  chosen: readonly Id[],
  { policy }: Keyring,
  reachable: ReadonlyMap<Id, DayKey>,
): readonly (Recipient | undefined)[] {
  const slots: (Recipient | undefined)[] = Array.from({ length: policy.slots + 1 }, () => undefined)
  for (const one of chosen) {
    const key = reachable.get(one)
    if (key !== undefined) slots[key.slot] = key.recipient
  }
  return slots
}
