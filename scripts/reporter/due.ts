/** Seeds that are due: destroyed when nothing can come for their day any more, and in any case after `seedDays`. SPEC.md §4.4. */

import { type Day, daysBetween } from "../../envelope/day.ts"
import type { FeedDay } from "../api.ts"
import type { Desk } from "../desk.ts"
import { currentOf } from "../vault/chain.ts"
import { EMPTY_DIGEST } from "../vault/records.ts"
import { destroySeed, heldDays } from "../vault/seeds.ts"
import type { Vault } from "../vault/vault.ts"

/** After a complete visit to the server. To be called once the index is durable.
 *  @returns the days whose seeds are gone */
export async function destroyDue(desk: Desk, vault: Vault, feed: readonly FeedDay[]): Promise<readonly Day[]> {
  const { policy } = currentOf(vault.chain)
  const today = desk.clock.today()
  const isDone = (day: Day): boolean => {
    const shown = feed.find((one) => one.day === day)
    // All three: the server takes nothing more, our own clock agrees, and what it has was tried and kept.
    const isClosed = shown?.state === "closed" && daysBetween(day, today) > policy.acceptDays
    return isClosed && shown.digest === (vault.records.days.get(day)?.digest ?? EMPTY_DIGEST)
  }
  const gone: Day[] = []
  for (const day of await heldDays(desk)) {
    if (!isDone(day)) continue
    await destroySeed(desk, day)
    gone.push(day)
  }
  return [...gone, ...(await destroyOverdue(desk, vault))]
}

const WARN_DAYS = 14

/** Those older than `seedDays`, whatever the server says or withholds. Warns before. */
export async function destroyOverdue(desk: Desk, vault: Vault): Promise<readonly Day[]> {
  const seedDays = vault.chain.at(-1)?.policy.seedDays
  if (seedDays === undefined) return []
  const gone: Day[] = []
  for (const day of await heldDays(desk)) {
    const age = daysBetween(day, desk.clock.today())
    if (age > seedDays) {
      await destroySeed(desk, day)
      desk.terminal.say(`warning: the key of ${day} was destroyed after ${seedDays} days, although not everything of that day was fetched`)
      gone.push(day)
    } else if (age > seedDays - WARN_DAYS)
      desk.terminal.say(`warning: the key of ${day} will be destroyed in ${seedDays - age + 1} days; complete a sync before then`)
  }
  return gone
}
