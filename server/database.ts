/** The only door to PostgreSQL: the pool, transactions, and migrations. Every statement is written out where it is used. */

import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"
import { to as copyTo } from "pg-copy-streams"
import { MIGRATION_LOCK } from "./locks.ts"
import type { Log } from "./log.ts"
import { connectTo, primaryOf } from "./places.ts"
import { isBroken, NO_ANSWER } from "./unavailable.ts"

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

/** How long an answer may take. A host whose power or network is gone says nothing: without an end, whoever asked it waits for as long as the
 *  system does, a quarter of an hour, and everybody else for them. Longer than {@link LOCK_MS}, which tells more. */
const ANSWER_MS = 15_000

/** Connects when first used, and again after the connection broke.
 *  @param answerMs - how long an answer may take */
export function openLane(url: string, log: Log, answerMs = ANSWER_MS): Lane {
  let held: Promise<pg.Client> | undefined
  const places = primaryOf(url)
  const connectedOnce = async (): Promise<pg.Client> => {
    const client = new places.Client({
      connectionString: url,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: "sotto",
    })
    client.on("error", () => log({ event: "database unavailable" }))
    await client.connect()
    return client
  }
  const hold = (): Promise<pg.Client> => {
    const mine = connectTo(places, connectedOnce)
    // Only its own: an old connection may end after the next one was made.
    const lose = () => {
      if (held === mine) held = undefined
    }
    mine.then((client) => {
      client.once("end", lose)
      client.once("error", lose)
    }, lose)
    held = mine
    return mine
  }
  return {
    async transaction<Row extends pg.QueryResultRow>(statements: readonly Statement[]) {
      const mine = held ?? hold()
      const client = await mine
      const timed = { query_timeout: answerMs }
      const sent = [
        client.query({ text: "begin", ...timed }),
        ...statements.map(({ values, ...statement }) =>
          client.query<Row>({ ...statement, ...timed, ...(values && { values: [...values] }) }),
        ),
        client.query({ text: "commit", ...timed }),
      ]
      // Of all, before the first failure is thrown: another transaction may follow on this connection only when this one is over.
      const settled = await Promise.allSettled(sent)
      const failed = settled.find((one) => one.status === "rejected")
      if (failed !== undefined) {
        // At once, not when its end is heard of: the next transaction may be here before that.
        if (isBroken(failed.reason)) {
          if (held === mine) held = undefined
          void client.end().catch(() => undefined)
        }
        throw failed.reason
      }
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

export interface DatabaseOptions {
  /** So many connections; the rest waits. */
  readonly most?: number
  /** Waits for locks and answers for as long as it takes: for what nobody asked for. */
  readonly isPatient?: boolean
  /** How long an answer may take. */
  readonly answerMs?: number
}

/** @param url - a libpq connection string; of several hosts, the one that takes writes is used */
export function openDatabase(
  url: string,
  log: Log,
  { most = 10, isPatient = false, answerMs = ANSWER_MS }: DatabaseOptions = {},
): Database {
  const places = primaryOf(url)
  const { Client } = places
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    max: most,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: "sotto",
  })
  const connect = () => connectTo(places, () => pool.connect())
  // Without listeners a connection that breaks would end the process: the pool's own is there only while a connection is idle, and one
  // that breaks in use tells its client besides the query that it fails.
  pool.on("error", () => log({ event: "database unavailable" }))
  pool.on("connect", (client) => {
    client.on("error", () => undefined)
    // Not as a parameter of the start, which poolers refuse. If it fails, so does whatever follows on this connection.
    if (!isPatient) client.query(`set lock_timeout = ${LOCK_MS}`).catch(() => undefined)
  })
  const timed = isPatient ? {} : { query_timeout: answerMs }
  const queries = (on: pg.PoolClient): Queries => ({
    query: (text, values) => on.query({ text, ...timed, ...(values && { values: [...values] }) }),
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
        await queries(client).query("begin")
        const result = await work(queries(client))
        await queries(client).query("commit")
        return result
      } catch (error) {
        failure = error instanceof Error ? error : new Error("a transaction failed")
        // The connection itself may be what failed; then it is thrown away below, and the server rolls back.
        if (isBroken(failure)) log({ event: "database unavailable" })
        else
          await queries(client)
            .query("rollback")
            .then(
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
        const copying = client.query(copyTo(sql))
        // Its own: the driver's clock is for what has a callback.
        const late = isPatient ? undefined : setTimeout(() => copying.destroy(new Error(NO_ANSWER)), answerMs)
        try {
          for await (const part of copying as AsyncIterable<Buffer>) parts.push(part)
        } finally {
          clearTimeout(late)
        }
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
