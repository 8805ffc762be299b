/** The only door to PostgreSQL: the pool, transactions, and migrations. Every statement is written out where it is used. */

import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"
import { to as copyTo } from "pg-copy-streams"
import { MIGRATION_LOCK } from "./locks.ts"
import { type Log, nameOf } from "./log.ts"
import { connectTo, primaryOf } from "./places.ts"

/** A pool or a client in a transaction. */
export interface Queries {
  /** Runs one statement. The rows' type is a promise that nobody checks: select `day::text`, never a bare date. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>
}
export interface Database extends Queries {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result>
  /** Runs `copy (select at, bytes ...) to stdout (format binary)`: `bytea` as it is, which the ordinary protocol spells out in hexadecimal.
   *  @param sql - whole: COPY takes no parameters. Never built from input */
  copyPieces(sql: string): Promise<readonly { readonly at: number; readonly bytes: Buffer }[]>
  close(): Promise<void>
}

/** One statement of a lane's transaction. A name makes it prepared: the same name is the same text for ever. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/** A connection of its own, on which a whole transaction goes out in one write: for whoever commits without a pause. */
export interface Lane {
  /** `begin`, the statements, `commit`, sent together; gives the last statement's rows. Durable when it returns.
   *  When it throws, nothing was kept, unless the connection broke: then nobody knows. */
  transaction<Row extends pg.QueryResultRow>(statements: readonly Statement[]): Promise<Row[]>
  close(): Promise<void>
}

const CONNECT_MS = 5_000

/** Connects when first used, and again after the connection broke. */
export function openLane(url: string, log: Log): Lane {
  let held: Promise<pg.Client> | undefined
  let holder: pg.Client | undefined
  const places = primaryOf(url)
  const connected = () => connectTo(places, connectedOnce)
  const connectedOnce = async (): Promise<pg.Client> => {
    const client = new places.Client({
      connectionString: url,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: "sotto",
    })
    // Only its own: an old connection may end after the next one was made.
    const lose = () => {
      if (holder === client) held = undefined
    }
    holder = client
    client.once("end", lose)
    client.on("error", () => {
      lose()
      log({ event: "database unavailable" })
    })
    try {
      await client.connect()
      return client
    } catch (error) {
      lose()
      throw error
    }
  }
  return {
    async transaction<Row extends pg.QueryResultRow>(statements: readonly Statement[]) {
      held ??= connected()
      const client = await held
      const sent = [
        client.query("begin"),
        ...statements.map(({ values, ...statement }) => client.query<Row>({ ...statement, ...(values && { values: [...values] }) })),
        client.query("commit"),
      ]
      // Of all, before the first failure is thrown: another transaction may follow on this connection only when this one is over.
      const settled = await Promise.allSettled(sent)
      const failed = settled.find((one) => one.status === "rejected")
      if (failed !== undefined) throw failed.reason
      const last = settled.at(-2)
      return last?.status === "fulfilled" ? last.value.rows : []
    },
    async close() {
      const client = await held?.catch(() => undefined)
      await client?.end()
    },
  }
}

/** How long a request waits for a lock: without an end, ten that wait for one would hold every connection, and the line would be silent. */
const LOCK_MS = 4_000

/** @param url - a libpq connection string; of several hosts, the one that takes writes is used
 *  @param most - so many connections; the rest waits
 *  @param lockMs - how long a statement waits for a lock, 0: for ever */
export function openDatabase(url: string, log: Log, { most = 10, lockMs = LOCK_MS } = {}): Database {
  const places = primaryOf(url)
  const { Client } = places
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    max: most,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "sotto",
  })
  const connect = () => connectTo(places, () => pool.connect())
  // Without listeners a connection that breaks would end the process: the pool's own is there only while a connection is idle, and one
  // that breaks in use tells its client besides the query that it fails.
  pool.on("error", () => log({ event: "database unavailable" }))
  pool.on("connect", (client) => {
    client.on("error", () => undefined)
    // Not as a parameter of the start, which poolers refuse. If it fails, so does whatever follows on this connection.
    if (lockMs > 0) client.query(`set lock_timeout = ${lockMs}`).catch(() => undefined)
  })
  const queries = (on: pg.Pool | pg.PoolClient): Queries => ({
    query: (sql, values) => on.query(sql, values === undefined ? undefined : [...values]),
  })
  return {
    async query(sql, values) {
      const client = await connect()
      let failure: Error | undefined
      try {
        return await queries(client).query(sql, values)
      } catch (error) {
        failure = error instanceof Error ? error : new Error("a query failed")
        throw error
      } finally {
        client.release(isBroken(failure) ? failure : undefined)
      }
    },
    async transaction(work) {
      const client = await connect()
      let failure: Error | undefined
      try {
        await client.query("begin")
        const result = await work(queries(client))
        await client.query("commit")
        return result
      } catch (error) {
        failure = error instanceof Error ? error : new Error("a transaction failed")
        // The connection itself may be what failed; then it is thrown away below, and the server rolls back.
        await client.query("rollback").then(
          () => (failure = undefined),
          () => log({ event: "database unavailable" }),
        )
        throw error
      } finally {
        client.release(failure)
      }
    },
    async copyPieces(sql) {
      const client = await connect()
      let failure: Error | undefined
      try {
        const parts: Buffer[] = []
        for await (const part of client.query(copyTo(sql)) as AsyncIterable<Buffer>) parts.push(part)
        return copiedPieces(Buffer.concat(parts))
      } catch (error) {
        failure = error instanceof Error ? error : new Error("a copy failed")
        throw error
      } finally {
        client.release(failure)
      }
    },
    close: () => pool.end(),
  }
}

/** PostgreSQL's binary COPY format of two columns, a bigint and a bytea: a signature of 11 bytes, flags, an extension; rows; a count of -1. */
function copiedPieces(copied: Buffer): readonly { at: number; bytes: Buffer }[] {
  const pieces: { at: number; bytes: Buffer }[] = []
  for (let offset = 19 + copied.readInt32BE(15); copied.readInt16BE(offset) === 2; ) {
    const length = copied.readInt32BE(offset + 14)
    const begin = offset + 18
    pieces.push({ at: Number(copied.readBigInt64BE(offset + 6)), bytes: copied.subarray(begin, begin + length) })
    offset = begin + length
  }
  return pieces
}

/** Applies the numbered files of a folder that were not applied yet, each in one transaction, one process at a time.
 *  @throws Error when a file that was applied has been edited since, or one is missing: a released migration never changes */
export async function migrate(database: Database, folder: string, log: Log): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort()
  const files = await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), "utf8") })))
  for (const { name, sql } of files) {
    const hash = createHash("sha256").update(sql).digest("hex")
    const applied = await database.transaction(async (queries) => {
      await queries.query("select pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK])
      await queries.query("create table if not exists migrations (name text primary key, sha256 text not null)")
      const { rows } = await queries.query<{ sha256: string }>("select sha256 from migrations where name = $1::text", [name])
      const known = rows[0]?.sha256
      if (known === hash) return false
      if (known !== undefined) throw new Error(`migration ${name} was changed after it had been applied`)
      await queries.query(sql)
      await queries.query("insert into migrations (name, sha256) values ($1::text, $2::text)", [name, hash])
      return true
    })
    if (applied) log({ event: "migrated", migration: name })
  }
  const { rows } = await database.query<{ name: string }>("select name from migrations")
  if (rows.some(({ name }) => !names.includes(name)))
    throw new Error("this database was migrated by a newer version; it cannot be used by an older one")
}

const codeOf = (error: unknown): string => nameOf(error).split(" ")[1] ?? ""

/** Whether an error means that nothing can be done just now, and the request may be sent again: the database cannot be reached or is stopping,
 *  or somebody has had a lock for too long. */
export const isUnavailable = (error: unknown): boolean => isBroken(error) || isBusy(error)

/** Whether somebody else had a lock, or wanted ours, for too long: nothing was done, and it may be tried again. */
export const isBusy = (error: unknown): boolean => ["55P03", "40P01"].includes(codeOf(error))

/** Whether the connection is of no more use. */
function isBroken(error: unknown): boolean {
  const code = codeOf(error)
  // Class 08 connection, 53 resources (disk full, too many connections), 57P operator intervention; the rest are sockets.
  // 25006: this host takes no writes any more, or not yet.
  if (/^(08|53|57P|25006)/.test(code) || ["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT"].includes(code)) return true
  return error instanceof Error && /timeout exceeded when trying to connect|Connection terminated/.test(error.message)
}
