/** A partition a day: made a little ahead, closed when nothing is taken for it any more, dropped by retention. */

import { addDays, type Day, daysBetween } from "../envelope/day.ts"
import type { Policy } from "../keyring/keyring.ts"
import type { Database } from "./database.ts"
import type { Log } from "./log.ts"

const BEFORE = 7 // at least the largest acceptDays: whatever may still come has a place
const AHEAD = 2
const PARTITION_LOCK = 7_366_002
/** First key of the advisory locks that a day's writers share and its closing takes alone; the second is the day's number. */
export const DAY_LOCK = 7_366_003

// A name and a bound cannot be parameters in DDL; both are built from a checked day, never from input.
const partition = (day: Day) => `envelopes_${day.replaceAll("-", "_")}`

/** Makes the partitions around today, drops those past retention. Safe to run in every process at once. */
export async function keepPartitions(database: Database, today: Day, policy: Policy | undefined, log: Log): Promise<void> {
  await database.transaction(async ({ query }) => {
    await query("select pg_advisory_xact_lock($1::bigint)", [PARTITION_LOCK])
    const { rows } = await query<{ name: string }>(
      "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'envelopes'::regclass order by c.relname",
    )
    const names = new Set(rows.map(({ name }) => name))
    for (let shift = -BEFORE; shift <= AHEAD; shift++) {
      const day = addDays(today, shift)
      if (names.has(partition(day))) continue
      await query(`create table ${partition(day)} partition of envelopes for values from ('${day}') to ('${addDays(day, 1)}')`)
      // Ciphertext does not compress: storing it apart and plain saves the attempt.
      await query(`alter table ${partition(day)} alter column bytes set storage external`)
      log({ event: "partition made", day })
    }
    if (policy === undefined) return
    for (const name of names) {
      const day = name.slice("envelopes_".length).replaceAll("_", "-") as Day
      if (daysBetween(day, today) <= policy.retentionDays) continue
      await query(`drop table ${partition(day)}`)
      await query("delete from closed_days where day = $1::date", [day])
      log({ event: "partition dropped", day })
    }
    await query("delete from replies where day < $1::date", [addDays(today, -policy.retentionDays)])
    await query("delete from day_notes where day < $1::date", [addDays(today, -policy.retentionDays)])
    await query("delete from nonces where day < $1::date", [addDays(today, -1)])
  })
}
