/** The end of a day: nothing is taken for it any more, and then its rows are written again in the order of their random ids, in one
 *  transaction. Until then the database knows in which order they came (where a row lies, and which transaction wrote it); from then on it
 *  does not. docs/decisions/0005, 0037. */

import { type Day, dayNumber } from "../envelope/day.ts"
import type { Database, Queries } from "./database.ts"
import { DAY_LOCK } from "./locks.ts"
import type { Log } from "./log.ts"
import { isBeingBackedUp, PARTITIONED, partitionOf } from "./partitions.ts"

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
  const tidied: Day[] = []
  for (;;) {
    const one = await database.transaction((queries) => tidyOne(queries))
    if (one === undefined) break
    if (one.hadRows) tidied.push(one.day)
  }
  if (tidied.length === 0) return
  // What was taken out of replies is no longer there to be looked at.
  await database.query("vacuum replies")
  for (const day of tidied) log({ event: "day closed", day })
}

async function tidyOne(queries: Queries): Promise<{ day: Day; hadRows: boolean } | undefined> {
  // A backup that has not come to this partition yet would find it empty: what is written again is newer than its moment.
  if (await isBeingBackedUp(queries)) return undefined
  const { rows } = await queries.query<{ day: Day }>(
    "select day::text from closed_days where not tidy order by day limit 1 for update skip locked",
  )
  const day = rows[0]?.day
  if (day === undefined) return undefined
  // Somebody may be dumping the table: then it is done later, and readers do not queue up behind us.
  await queries.query("set local lock_timeout = '5s'")
  const hadRows = await rewriteDay(queries, day)
  await queries.query("update closed_days set tidy = true where day = $1::date", [day])
  return { day, hadRows }
}

/** Writes a table's rows again. Names and conditions come from a checked day and a closed list, never from input. */
async function rewrite({ query }: Queries, table: string, order: string, emptying: string, condition = "true"): Promise<void> {
  await query(`create temporary table sorted on commit drop as select * from ${table} where ${condition} order by ${order}`)
  await query(emptying)
  await query(`insert into ${table} select * from sorted`)
  await query("drop table sorted")
}

/** @returns whether there was anything of that day */
async function rewriteDay(queries: Queries, day: Day): Promise<boolean> {
  const { query } = queries
  let hadRows = false
  // Locks in the order in which everybody takes them: replies, then envelopes. Nobody deletes meanwhile; reading goes on until a partition is
  // emptied, and whoever reads then waits until its rows are back.
  await query("lock table replies in share row exclusive mode")
  for (const { table, order } of PARTITIONED) {
    const partition = partitionOf(table, day)
    const { rows } = await query<{ there: boolean }>("select to_regclass($1::text) is not null as there", [partition])
    if (rows[0]?.there !== true) continue
    hadRows = true
    await query(`lock table ${partition} in exclusive mode`)
    // Many gigabytes would take the room twice, and hold up whoever reads that day for minutes.
    const { rows: sizes } = await query<{ bytes: number }>("select pg_total_relation_size($1::regclass)::float8 as bytes", [partition])
    if ((sizes[0]?.bytes ?? 0) <= REWRITTEN_BYTES) await rewrite(queries, partition, order, `truncate ${partition}`)
  }
  // Replies of one day lie beside those of others: these are taken out and put back.
  await rewrite(queries, "replies", "mailbox, id", `delete from replies where day = '${day}'`, `day = '${day}'`)
  return hadRows
}
