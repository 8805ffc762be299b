/** A database for the time that a backup is tried: it goes when that ends, and one that a power cut has left goes before the next is made. */

import { randomBytes } from "node:crypto"
import { mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { VERIFY_LOCK } from "../../server/locks.ts"
import { Failure } from "../failure.ts"
import { clearing } from "../leftovers.ts"
import { namesIn } from "../vault/disk.ts"
import { openSession, type Session } from "./database-copy.ts"
import { startPostgres, databaseUrl as urlOf } from "./postgres.ts"
import { isAlive } from "./processes.ts"

const FOLDER = "sotto-verify-"

/** @param databaseUrl - a server on which a database may be made; without it, one from npm's binaries is started
 *  @throws Failure `failed`: another backup is being tried on that server */
export const withThrowaway = <Result>(databaseUrl: string | undefined, work: (url: string) => Promise<Result>): Promise<Result> =>
  databaseUrl === undefined ? onOurOwn(work) : onTheirs(databaseUrl, work)

async function onOurOwn<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  await clearFolders(tmpdir())
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`))
  const starting = startPostgres({ folder: join(folder, "postgres") })
  const clear = async () => {
    const started = await starting.catch(() => undefined)
    await started?.stop()
    await removeWhole(folder)
  }
  return clearing(clear, async () => work(urlOf((await starting).connection)))
}

/** Folders of processes that are no more; PostgreSQL in them has ended with its process. */
async function clearFolders(parent: string): Promise<void> {
  for (const name of await namesIn(parent)) {
    const pid = name.startsWith(FOLDER) ? Number.parseInt(name.slice(FOLDER.length), 10) : Number.NaN
    if (pid > 0 && !isAlive(pid)) await removeWhole(join(parent, name))
  }
}

/** Also what lies elsewhere: as root, PostgreSQL works where `nobody` can walk to, and there is a link to it. */
async function removeWhole(folder: string): Promise<void> {
  const elsewhere = await realpath(join(folder, "postgres")).catch(() => undefined)
  if (elsewhere !== undefined) await rm(elsewhere, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}

async function onTheirs<Result>(databaseUrl: string, work: (url: string) => Promise<Result>): Promise<Result> {
  const session = await openSession(databaseUrl)
  const prefix = await prefixOf(session)
  const name = `${prefix}${randomBytes(8).toString("hex")}`
  const clear = async () => {
    await session.query(`drop database if exists ${name} with (force)`)
    await session.close()
  }
  return clearing(clear, async () => {
    await clearDatabases(session, prefix)
    await session.query(`create database ${name}`)
    return work(withDatabase(databaseUrl, name))
  })
}

/** Names the database that the command was given: on one server others may be tried at the same time. */
async function prefixOf({ query }: Session): Promise<string> {
  const { rows } = await query<{ hash: string }>("select left(encode(sha256(current_database()::text::bytea), 'hex'), 16) as hash")
  return `sotto_verify_${rows[0]?.hash}_`
}

/** While this session is open no other trial for its database is under way, for each holds the same lock: all there are were left. */
async function clearDatabases({ query }: Session, prefix: string): Promise<void> {
  const { rows: lock } = await query<{ is: boolean }>("select pg_try_advisory_lock($1::bigint) as is", [VERIFY_LOCK])
  if (lock[0]?.is !== true) throw new Failure("failed", "another backup is being tried on this database", "wait until that has ended")
  const { rows } = await query<{ name: string }>("select datname as name from pg_database where starts_with(datname, $1::text)", [prefix])
  for (const { name } of rows) await query(`drop database ${name} with (force)`)
}

/** The same server, another database. */
function withDatabase(url: string, name: string): string {
  const [, before = "", , query = ""] = /^(postgres(?:ql)?:\/\/[^/]*)(?:\/([^?]*))?(\?.*)?$/.exec(url) ?? []
  return `${before}/${name}${query}`
}
