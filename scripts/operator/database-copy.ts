/** A whole database in and out through COPY, at one moment: a backup sees what had been committed when it began, and nothing of what is
 *  committed while it runs. npm's PostgreSQL has no pg_dump; and this way the rows never lie on a disk in clear. */

import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import pg from "pg"
import { from as copyFrom, to as copyTo } from "pg-copy-streams"
import type { ByteSource } from "../../envelope/reader.ts"
import { BACKUP_LOCK } from "../../server/locks.ts"
import { Failure } from "../failure.ts"
import type { BackupTable, Contents } from "./backup-format.ts"

export interface Session {
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>
  copyOut(sql: string): { readonly bytes: ByteSource; readonly count: () => number }
  /** @returns the number of rows */
  copyIn(sql: string, bytes: ByteSource): Promise<number>
  close(): Promise<void>
}

/** One connection, for one long transaction.
 *  @throws Failure `failed`: the database cannot be reached */
export async function openSession(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: "sotto operator" })
  // What breaks the connection is told by the query that was under way.
  client.on("error", () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    throw new Failure("failed", "the database cannot be reached", "check DATABASE_URL, and whether PostgreSQL runs", { cause })
  }
  return {
    query: (sql, values) => client.query(sql, values === undefined ? undefined : [...values]),
    copyOut(sql) {
      const stream = client.query(copyTo(sql))
      return { bytes: stream as AsyncIterable<Buffer>, count: () => stream.rowCount }
    },
    async copyIn(sql, bytes) {
      const stream = client.query(copyFrom(sql))
      await pipeline(Readable.from(bytes, { objectMode: false }), stream)
      return stream.rowCount
    },
    close: () => client.end(),
  }
}

/** Begins the moment that a backup shows. No partition is dropped while it lasts: to drop one takes a lock behind which every tip would wait. */
export async function beginSnapshot({ query }: Session): Promise<void> {
  await query("select pg_advisory_lock_shared($1::bigint)", [BACKUP_LOCK])
  await query("begin transaction isolation level repeatable read, read only")
}

export async function migrationsIn({ query }: Session): Promise<Contents["migrations"]> {
  const { rows } = await query<{ name: string; sha256: string }>("select name, sha256 from migrations order by name")
  return rows
}

/** Every table that holds rows, whatever tables there are; one that is referred to before the one that refers. */
export async function tablesIn({ query }: Session): Promise<readonly BackupTable[]> {
  const { rows } = await query<{ name: string; columns: string[]; of: string | null; bound: string | null; plain: string[] }>(
    `select c.relname as name, p.relname as of, pg_get_expr(c.relpartbound, c.oid) as bound,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attstorage = 'e' order by a.attnum) as plain
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'migrations' and not coalesce(i.inhdetachpending, false)
       -- Taken out and not dropped yet: a day past retention.
       and not (i.inhrelid is null and c.relname ~ '_\\d{4}_\\d\\d_\\d\\d$') order by c.relname`,
  )
  const { rows: references } = await query<{ from: string; to: string }>(
    "select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint where contype = 'f' and conparentid = 0",
  )
  const rank = (table: string, depth = 0): number =>
    Math.max(
      0,
      ...references.filter(({ from, to }) => from === table && to !== table && depth < 20).map(({ to }) => 1 + rank(to, depth + 1)),
    )
  return rows
    .map(({ name, columns, of, bound, plain }) => ({ name, columns, ...(of === null ? {} : { of, ...daysOf(bound), plain }) }))
    .sort((a, b) => rank(a.name) - rank(b.name))
}

function daysOf(bound: string | null): { from: string; to: string } {
  const [, from, to] = /^FOR VALUES FROM \('(\d{4}-\d{2}-\d{2})'\) TO \('(\d{4}-\d{2}-\d{2})'\)$/.exec(bound ?? "") ?? []
  if (from === undefined || to === undefined)
    throw new Failure(
      "failed",
      "this database has a partition that is not of a day",
      "this program does not know it: use one of the same version as the server's",
    )
  return { from, to }
}

// Names are those of the catalogue, or of a backup's checked list: letters, digits and underscores.
const columnsOf = ({ columns }: BackupTable): string => columns.map((column) => `"${column}"`).join(", ")

export const copyOutOf = (table: BackupTable): string => `copy "${table.name}" (${columnsOf(table)}) to stdout (format binary)`
export const copyInto = (table: BackupTable): string => `copy "${table.name}" (${columnsOf(table)}) from stdin (format binary)`

/** A day's partition as the server makes it. */
export async function makePartition({ query }: Session, { name, of, from, to, plain = [] }: BackupTable): Promise<void> {
  await query(`create table "${name}" partition of "${of}" for values from ('${from}') to ('${to}')`)
  for (const column of plain) await query(`alter table "${name}" alter column "${column}" set storage external`)
}
