/** Seeds that are due: destroyed when nothing can come for their day any more, and in any case after `seedDays`. SPEC.md §4.4.
 *
 *  Our clock alone must not decide it: one that is a year ahead would destroy every seed, today's too. The server agrees with it whenever it takes a
 *  signed request. Without that the days are counted from sync to sync, a fortnight at the most for each: a jump counts for little, and a host that
 *  blocks us still keeps no seed alive for ever. docs/decisions/0050. */

import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import type { FeedDay } from "../api.ts"
import type { Desk } from "../desk.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords, readRecords } from "../vault/index-files.ts"
import { type ClockRecord, EMPTY_DIGEST, type Records } from "../vault/records.ts"
import { destroySeed, heldDays } from "../vault/seeds.ts"
import type { Reading, Vault } from "../vault/vault.ts"

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
  return [...gone, ...(await destroyOverdue(desk, policy.seedDays, today))]
}

/** Between two syncs that did not come through, so many days count at the most. */
const MOST_DAYS = 14

/** Records that say that the server has just agreed with our clock; the same ones if they say so already. */
export function withReached(records: Records, today: Day): Records {
  const { reached, seen, counted } = records.clock ?? {}
  const isSaid = reached === today && seen === today && counted === today
  return isSaid ? records : { ...records, clock: { reached: today, seen: today, counted: today } }
}

/** After a sync that did not come through: counts the days since the one before, and destroys what is overdue by that count. */
export async function destroyUnreached(desk: Desk, { secrets, chain }: Reading): Promise<void> {
  // From the disk: the sync may have written before it failed.
  const records = await readRecords(desk, secrets)
  const today = desk.clock.today()
  const before = records.clock ?? beginning(records, await heldDays(desk), today)
  const passed = daysBetween(before.seen, today)
  const counted = addDays(before.counted, Math.min(Math.max(passed, 0), MOST_DAYS))
  if (Math.abs(passed) > MOST_DAYS)
    desk.terminal.say(
      `warning: this machine's clock says ${today}, and at the last sync it said ${before.seen}; the server last agreed with it on ${before.reached}. Until a sync comes through, keys are destroyed as if it were ${earlier(counted, today)} at the latest: check the date`,
    )
  // Durable before a seed goes: cut in between, no day counts twice.
  await keepRecords(desk, secrets, { ...records, clock: { reached: before.reached, seen: today, counted } })
  const seedDays = chain.at(-1)?.policy.seedDays
  if (seedDays !== undefined) await destroyOverdue(desk, seedDays, earlier(counted, today))
}

/** Where an earlier version wrote no clock down: the server took the day keys that it has, and they say when. */
function beginning({ days }: Records, held: readonly Day[], today: Day): ClockRecord {
  const published = [...days.values()].flatMap(({ note }) => (note?.published === "yes" ? [note.made] : []))
  const from = published.sort().at(-1) ?? held[0] ?? today
  return { reached: from, seen: from, counted: from }
}

const earlier = (one: Day, other: Day): Day => (one < other ? one : other)

const WARN_DAYS = 14

/** Those older than `seedDays`, whatever the server says or withholds. Warns before.
 *  @param today - as far as it is sure */
async function destroyOverdue(desk: Desk, seedDays: number, today: Day): Promise<readonly Day[]> {
  const gone: Day[] = []
  for (const day of await heldDays(desk)) {
    const age = daysBetween(day, today)
    if (age > seedDays) {
      await destroySeed(desk, day)
      desk.terminal.say(`warning: the key of ${day} was destroyed after ${seedDays} days, although not everything of that day was fetched`)
      gone.push(day)
    } else if (age > seedDays - WARN_DAYS)
      desk.terminal.say(`warning: the key of ${day} will be destroyed in ${seedDays - age + 1} days; complete a sync before then`)
  }
  return gone
}
