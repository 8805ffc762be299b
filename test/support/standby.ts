/** A second PostgreSQL that follows a first one, made from npm's binaries alone: a copy of the data while the first one works, between
 *  pg_backup_start and pg_backup_stop, and from then on its log over the socket. As every standby is made, less the program for it. */

import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import pg from "pg"
import { type Connection, type Postgres, startPostgres } from "../../scripts/operator/postgres.ts"

const run = promisify(execFile)
const NAME = "standby"

export interface Pair {
  readonly primary: Postgres
  readonly standby: Postgres
  /** Both hosts, for DATABASE_URL. */
  readonly url: string
  /** From here on a commit waits until the standby has it on its disk. */
  synchronous(): Promise<void>
  /** Makes the standby the primary. */
  promote(): Promise<void>
  remove(): Promise<void>
}

/** Runs one statement on a connection of its own. */
export async function statement<Row extends pg.QueryResultRow>(connection: Connection, sql: string): Promise<Row[]> {
  const client = new pg.Client({ ...connection })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

export async function startPair(): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-pair-"))
  // Whoever runs as root runs the database as `nobody`, who must get through.
  await run("chmod", ["711", folder])
  const sockets = [await mkdtemp("/tmp/sotto-"), await mkdtemp("/tmp/sotto-")] as const
  const settings = { wal_level: "replica", max_wal_senders: "4", wal_keep_size: "512MB" }
  const primary = await startPostgres({ folder: join(folder, "one"), socketFolder: sockets[0], settings })
  const { user, database, port } = primary.connection

  const client = new pg.Client({ ...primary.connection })
  await client.connect()
  await client.query("select pg_backup_start('standby', true)")
  const data = join(folder, "two", "data")
  await mkdir(join(folder, "two"), { mode: 0o700 })
  // Files change and vanish while they are copied: the log makes up for that.
  await run("cp", ["-a", primary.data, data]).catch(() => undefined)
  const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)")
  await client.end()
  for (const stale of ["postmaster.pid", "postmaster.opts"]) await rm(join(data, stale), { force: true })
  await writeFile(join(data, "backup_label"), rows[0]?.labelfile ?? "")
  await writeFile(join(data, "standby.signal"), "")
  await run("chown", ["-R", "--reference", primary.data, join(folder, "two")])
  const follow = {
    ...settings,
    hot_standby: "on",
    primary_conninfo: `host=${sockets[0]} port=${port} user=${user} application_name=${NAME}`,
  }
  const standby = await startPostgres({ folder: join(folder, "two"), socketFolder: sockets[1], settings: follow })

  return {
    primary,
    standby,
    url: `postgresql://${user}@/${database}?host=${sockets.join(",")}&port=${port}&target_session_attrs=read-write`,
    async synchronous() {
      await statement(primary.connection, `alter system set synchronous_standby_names = '${NAME}'`)
      await statement(primary.connection, "select pg_reload_conf()")
      const isFollowing = async () =>
        (await statement<{ sync_state: string }>(primary.connection, "select sync_state from pg_stat_replication")).some(
          ({ sync_state }) => sync_state === "sync",
        )
      while (!(await isFollowing())) await sleep(50)
    },
    async promote() {
      await statement(standby.connection, "select pg_promote(true, 60)")
    },
    async remove() {
      await standby.stop()
      await primary.stop()
      for (const path of [folder, ...sockets]) await rm(path, { recursive: true, force: true })
    },
  }
}
