/** The end of a day: nothing is taken for it any more, and then its rows are written again in the order of their random ids, each table in one
 *  transaction. Until then the database knows in which order they came (where a row lies, and which transaction wrote it); from then on it
 *  does not. docs/decisions/0005, 0037. */

import { addDays, type Day, dayNumber } from "../envelope/day.ts"
import type { Database, Queries } from "./database.ts"
import { DAY_LOCK, TIDY_LOCK } from "./locks.ts"
import type { Log } from "./log.ts"
import { isBeingBackedUp, PARTITIONED, type Partitioned, partitionOf } from "./partitions.ts"
import { isBusy } from "./unavailable.ts"

/** The largest partition that is written again. */
const REWRITTEN_BYTES = 4 * 1_073_741_824

/** Closes the days from `first` to `last` that are not closed yet, each once nothing for it is under way. */
export async function closeDays(database: Database, first: Day, last: Day): Promise<void> {
  const { rows } = await database.query<{ day: Day }>(
    `select d::date::text as day from generate_series($1::date, $2::date, interval '1 day') d
     where not exists (select from closed_days c where c.day = d::date) order by 1`,
    [first, last],
  )
  for (const { day } of rows)
    await database.transaction(async ({ query }) => {
      await query("select pg_advisory_xact_lock($1::int, $2::int)", [DAY_LOCK, dayNumber(day)])
      await query("insert into closed_days (day) values ($1::date) on conflict (day) do nothing", [day])
    })
}

/** Writes the rows of every closed day again that were not yet. Any number of processes may try at once. */
export async function tidyDays(database: Database, log: Log): Promise<void> {
  const { rows } = await database.query<{ day: Day }>("select day::text from closed_days where not tidy order by day")
  let isVacuumDue = false
  for (const { day } of rows) {
    const hadRows = await tidyDay(database, day)
    if (hadRows !== true) continue
    isVacuumDue = true
    log({ event: "day closed", day })
  }
  // What was taken out of replies is no longer there to be looked at.
  if (isVacuumDue) await database.query("vacuum replies")
}

/** A transaction for each table, so that nobody waits for one table while another is written.
 *  @returns whether there was anything of that day; `undefined`: somebody else is at it or in the way, the next round tries again */
async function tidyDay(database: Database, day: Day): Promise<boolean | undefined> {
  let hadRows = false
  for (const one of PARTITIONED) {
    const found = await alone(database, day, (queries) => rewritePartition(queries, one, day))
    if (found === undefined) return undefined
    hadRows ||= found
  }
  return alone(database, day, async (queries) => {
    await rewriteReplies(queries, day)
    await queries.query("update closed_days set tidy = true where day = $1::date", [day])
    return hadRows
  })
}

/** Runs it unless a backup is being made, another process is at this day, or a lock cannot be had soon. */
async function alone(database: Database, day: Day, work: (queries: Queries) => Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await database.transaction(async (queries) => {
      // A backup that has not come to this partition yet would find it empty: what is written again is newer than its moment.
      if (await isBeingBackedUp(queries)) return undefined
      // Not the day's row in closed_days: a deletion updates that, with locks that are wanted here.
      const { rows } = await queries.query<{ free: boolean }>(
        `select pg_try_advisory_xact_lock($1::int, $2::int) and exists (select from closed_days where day = $3::date and not tidy) as free`,
        [TIDY_LOCK, dayNumber(day), day],
      )
      if (rows[0]?.free !== true) return undefined
      await queries.query("set local lock_timeout = '5s'")
      return work(queries)
    })
  } catch (error) {
    if (isBusy(error)) return undefined
    throw error
  }
}

/** A new table takes the partition's place, with the rows in the order of their ids: whoever reads that day or any other waits only for the
 *  moment of the exchange. Names come from a checked day and a closed list, never from input.
 *  @returns whether there is a partition of that day */
async function rewritePartition({ query }: Queries, { table, order }: Partitioned, day: Day): Promise<boolean> {
  const partition = partitionOf(table, day)
  const { rows } = await query<{ bytes: number | null }>("select pg_total_relation_size(to_regclass($1::text))::float8 as bytes", [
    partition,
  ])
  const bytes = rows[0]?.bytes ?? undefined
  if (bytes === undefined) return false
  // Many gigabytes would take the room twice.
  if (bytes > REWRITTEN_BYTES) return true
  // Reading goes on; a deletion waits until the rows lie in their new place, and finds them there.
  await query(`lock table ${partition} in exclusive mode`)
  await query(`create table ${partition}_sorted (like ${partition} including all)`)
  await query(`insert into ${partition}_sorted select * from ${partition} order by ${order}`)
  // Whoever wants the table waits behind us from here on: better we give up.
  await query("set local lock_timeout = '500ms'")
  await query(`lock table ${table} in access exclusive mode`)
  await query(`alter table ${table} detach partition ${partition}`)
  await query(`drop table ${partition}`)
  await query(`alter table ${partition}_sorted rename to ${partition}`)
  await query(`alter table ${table} attach partition ${partition} for values from ('${day}') to ('${addDays(day, 1)}')`)
  return true
}

/** Replies of one day lie beside those of others: these are taken out and put back. */
async function rewriteReplies({ query }: Queries, day: Day): Promise<void> {
  await query("lock table replies in share row exclusive mode")
  await query(`create temporary table sorted on commit drop as select * from replies where day = '${day}' order by mailbox, id`)
  await query("delete from replies where day = $1::date", [day])
  await query("insert into replies select * from sorted")
}
