/** A partition a day: made a little ahead, closed when nothing is taken for it any more, dropped by retention. */

import { addDays, type Day, daysBetween } from "../envelope/day.ts"
import type { Policy } from "../keyring/keyring.ts"
import type { Database } from "./database.ts"
import { BACKUP_LOCK, PARTITION_LOCK } from "./locks.ts"
import type { Log } from "./log.ts"
import { expireUploads } from "./uploads.ts"

const BEFORE = 7 // at least the largest acceptDays: whatever may still come has a place
const AHEAD = 2

/** Tables with a partition a day, and the columns by which a closed day is sorted: random ones, so that nothing tells an order of arrival. */
export const PARTITIONED = [
  { table: "envelopes", order: "id", ciphertext: "bytes" },
  { table: "large_envelopes", order: "id" },
  { table: "chunks", order: "envelope, at", ciphertext: "bytes" },
] as const
export type Partitioned = (typeof PARTITIONED)[number]

// A name and a bound cannot be parameters in DDL; both are built from a checked day, never from input.
export const partitionOf = (table: string, day: Day): string => `${table}_${day.replaceAll("-", "_")}`

interface Partition {
  readonly name: string
  readonly day: Day
  /** `leaving`: a drop was cut short after the first half of taking it out; `left`: after the second. */
  readonly state: "there" | "leaving" | "left"
}

async function partitions({ query }: Pick<Database, "query">, table: string): Promise<readonly Partition[]> {
  const { rows } = await query<{ name: string; state: Partition["state"] }>(
    `select c.relname as name, case when i.inhrelid is null then 'left' when i.inhdetachpending then 'leaving' else 'there' end as state
     from pg_class c left join pg_inherits i on i.inhrelid = c.oid
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname ~ ('^' || $1::text || '_\\d{4}_\\d\\d_\\d\\d$')
     order by c.relname`,
    [table],
  )
  return rows.map(({ name, state }) => ({ name, state, day: name.slice(table.length + 1).replaceAll("_", "-") as Day }))
}

/** Makes the partitions around today, drops those past retention. Safe to run in every process at once. */
export async function keepPartitions(database: Database, today: Day, policy: Policy | undefined, log: Log): Promise<void> {
  for (const one of PARTITIONED) await makePartitions(database, one, today, log)
  // Only tidied up are they room again: until then a store that unfinished uploads had filled would stay closed.
  if (await database.transaction((queries) => expireUploads(queries, today))) await database.query("vacuum chunks")
  if (policy === undefined) return
  for (const { table } of PARTITIONED) await dropPartitions(database, table, addDays(today, -policy.retentionDays), log)
  const first = addDays(today, -policy.retentionDays)
  await database.query("delete from closed_days where day < $1::date", [first])
  await database.query("delete from uploads where day < $1::date", [first])
  await database.query("delete from replies where day < $1::date", [first])
  await database.query("delete from day_notes where day < $1::date", [first])
  await database.query("delete from nonces where day < $1::date", [addDays(today, -1)])
}

async function makePartitions(database: Database, one: Partitioned, today: Day, log: Log): Promise<void> {
  const { table } = one
  await database.transaction(async (queries) => {
    await queries.query("select pg_advisory_xact_lock($1::bigint)", [PARTITION_LOCK])
    const names = new Set((await partitions(queries, table)).map(({ name }) => name))
    for (let shift = -BEFORE; shift <= AHEAD; shift++) {
      const day = addDays(today, shift)
      const name = partitionOf(table, day)
      if (names.has(name)) continue
      await queries.query(`create table ${name} partition of ${table} for values from ('${day}') to ('${addDays(day, 1)}')`)
      // Ciphertext does not compress: storing it apart and plain saves the attempt.
      if ("ciphertext" in one) await queries.query(`alter table ${name} alter column ${one.ciphertext} set storage external`)
      if (table === "envelopes") log({ event: "partition made", day })
    }
  })
}

/** Takes the lock that backups share, for this transaction, unless one has it. */
export async function isBeingBackedUp({ query }: Pick<Database, "query">): Promise<boolean> {
  const { rows } = await query<{ free: boolean }>("select pg_try_advisory_xact_lock($1::bigint) as free", [BACKUP_LOCK])
  return rows[0]?.free !== true
}

/** Drops the days before `first`. Taken out concurrently first, so that nobody who writes to another day waits for the removal of files. */
async function dropPartitions(database: Database, table: string, first: Day, log: Log): Promise<void> {
  await database.transaction(async (queries) => {
    // Held here, while the work is done over another connection: taking a partition out concurrently cannot be part of a transaction.
    await queries.query("select pg_advisory_xact_lock($1::bigint)", [PARTITION_LOCK])
    if (await isBeingBackedUp(queries)) return // the next round finds them
    for (const { name, day, state } of await partitions(queries, table)) {
      if (daysBetween(day, first) <= 0) continue
      if (state === "there") await database.query(`alter table ${table} detach partition ${name} concurrently`)
      if (state === "leaving") await database.query(`alter table ${table} detach partition ${name} finalize`)
      await database.query(`drop table ${name}`)
      if (table === "envelopes") log({ event: "partition dropped", day })
    }
  })
}
