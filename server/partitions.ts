/** A partition a day: made a little ahead, closed when nothing is taken for it any more, dropped by retention. */

import { addDays, type Day, daysBetween } from "../envelope/day.ts"
import type { Policy } from "../keyring/keyring.ts"
import type { Database } from "./database.ts"
import type { Log } from "./log.ts"
import { expireUploads } from "./uploads.ts"

const BEFORE = 7 // at least the largest acceptDays: whatever may still come has a place
const AHEAD = 2
const PARTITION_LOCK = 7_366_002
/** First key of the advisory locks that a day's writers share and its closing takes alone; the second is the day's number. */
export const DAY_LOCK = 7_366_003

/** Everything that has a partition a day, and its column of ciphertext. */
const PARTITIONED = { envelopes: "bytes", large_envelopes: undefined, chunks: "bytes" } as const
const TABLES = Object.keys(PARTITIONED) as (keyof typeof PARTITIONED)[]

// A name and a bound cannot be parameters in DDL; both are built from a checked day, never from input.
const partition = (table: keyof typeof PARTITIONED, day: Day) => `${table}_${day.replaceAll("-", "_")}`

/** Makes the partitions around today, drops those past retention. Safe to run in every process at once. */
export async function keepPartitions(database: Database, today: Day, policy: Policy | undefined, log: Log): Promise<void> {
  await database.transaction(async ({ query }) => {
    await query("select pg_advisory_xact_lock($1::bigint)", [PARTITION_LOCK])
    const made = new Map<string, Set<Day>>()
    for (const table of TABLES) {
      const { rows } = await query<{ name: string }>(
        "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by c.relname",
        [table],
      )
      made.set(table, new Set(rows.map(({ name }) => name.slice(table.length + 1).replaceAll("_", "-") as Day)))
    }
    for (let shift = -BEFORE; shift <= AHEAD; shift++) {
      const day = addDays(today, shift)
      const missing = TABLES.filter((table) => !made.get(table)?.has(day))
      for (const table of missing) {
        const name = partition(table, day)
        await query(`create table ${name} partition of ${table} for values from ('${day}') to ('${addDays(day, 1)}')`)
        // Ciphertext does not compress: storing it apart and plain saves the attempt.
        const column = PARTITIONED[table]
        if (column !== undefined) await query(`alter table ${name} alter column ${column} set storage external`)
      }
      if (missing.length > 0) log({ event: "partition made", day })
    }
    await expireUploads({ query }, today)
    if (policy === undefined) return
    for (const day of new Set([...made.values()].flatMap((days) => [...days]))) {
      if (daysBetween(day, today) <= policy.retentionDays) continue
      for (const table of TABLES) if (made.get(table)?.has(day)) await query(`drop table ${partition(table, day)}`)
      await query("delete from closed_days where day = $1::date", [day])
      log({ event: "partition dropped", day })
    }
    await query("delete from uploads where day < $1::date", [addDays(today, -policy.retentionDays)])
    await query("delete from replies where day < $1::date", [addDays(today, -policy.retentionDays)])
    await query("delete from day_notes where day < $1::date", [addDays(today, -policy.retentionDays)])
    await query("delete from nonces where day < $1::date", [addDays(today, -1)])
  })
}
