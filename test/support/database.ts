/** Real PostgreSQL for tests: a database of one's own on the run's server, or a whole server for those who kill it. */

import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { type Connection, databaseUrl, type Postgres, startPostgres } from "../../scripts/operator/postgres.ts"
import { RUN_POSTGRES } from "./run-postgres.ts"

export interface TestDatabase {
  /** For `pg`. */
  readonly connection: Connection
  /** For a child process, as `DATABASE_URL`. */
  readonly url: string
  /** Removes it, cutting connections that are still open. */
  drop(): Promise<void>
}

export interface FreshOptions {
  /** A database to clone, to which nobody is connected; otherwise the new one is empty. */
  readonly template?: string
}

/** A new database on the server of this test run: about 30 ms. */
export async function freshDatabase({ template = "template0" }: FreshOptions = {}): Promise<TestDatabase> {
  const server = JSON.parse(process.env[RUN_POSTGRES] ?? "null") as Connection | null
  if (server === null) throw new Error("there is no PostgreSQL for this run: start the tests through jest")
  const database = `test_${randomBytes(8).toString("hex")}`
  await admin(server, `create database ${database} template ${template}`)
  const connection: Connection = { ...server, database }
  return { connection, url: databaseUrl(connection), drop: () => admin(server, `drop database if exists ${database} with (force)`) }
}

export interface OwnPostgres {
  /** Stays the same over restarts. */
  readonly connection: Connection
  readonly url: string
  /** The postmaster's process, as it is now. */
  readonly pid: number
  /** `kill -9` of the postmaster; resolves when its children have gone too. */
  kill(): Promise<void>
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Starts it again on the same data and the same socket. */
  start(): Promise<void>
  /** Whether it has ended, by itself or because it was ended. */
  readonly hasEnded: boolean
  /** Ends it and removes its data. To be called in any case. */
  remove(): Promise<void>
}

/** A PostgreSQL server for one test, running: about one second.
 *  @param on - the folder in which its data lies */
export async function ownPostgres(settings: Readonly<Record<string, string>> = {}, { on = tmpdir() } = {}): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(on, "sotto-test-"))
  const socketFolder = await mkdtemp("/tmp/sotto-")
  const start = (): Promise<Postgres> => startPostgres({ folder, socketFolder, settings })
  let hasEnded = false
  const watched = async (): Promise<Postgres> => {
    const started = await start()
    hasEnded = false
    void started.ended.then(() => (hasEnded = true))
    return started
  }
  let server = await watched()
  const { connection } = server
  return {
    connection,
    url: databaseUrl(connection),
    get pid() {
      return server.pid
    },
    kill: () => server.kill("SIGKILL"),
    stop: () => server.stop(),
    async start() {
      server = await watched()
    },
    get hasEnded() {
      return hasEnded
    },
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
      await rm(socketFolder, { recursive: true, force: true })
    },
  }
}

async function admin(server: Connection, statement: string): Promise<void> {
  const client = new pg.Client({ ...server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
