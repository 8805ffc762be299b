/** The embedded PostgreSQL: what it must never do (TCP, talk) and what it must survive. */

import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import { startPostgres } from "../../scripts/operator/postgres.ts"
import { freshDatabase, type OwnPostgres, ownPostgres } from "../support/database.ts"

async function ask(connection: pg.ClientConfig, statement: string): Promise<unknown[][]> {
  const client = new pg.Client({ ...connection })
  await client.connect()
  try {
    return (await client.query({ text: statement, rowMode: "array" })).rows as unknown[][]
  } finally {
    await client.end()
  }
}

describe("an embedded PostgreSQL", () => {
  let postgres: OwnPostgres
  beforeAll(async () => {
    postgres = await ownPostgres()
  })
  afterAll(() => postgres.remove())
  const dataFolder = async (): Promise<string> => String((await ask(postgres.connection, "show data_directory"))[0]?.[0])

  test("listens on no TCP port, and on a socket that is its user's alone", async () => {
    expect(
      await ask(postgres.connection, "select current_setting('listen_addresses'), current_setting('unix_socket_permissions')"),
    ).toEqual([["", "0700"]])
    expect(await readdir(postgres.connection.host)).toContain(".s.PGSQL.5432")
  })

  test("is durable, checks its pages and logs nothing about anybody", async () => {
    const settings = {
      fsync: "on",
      data_checksums: "on",
      server_encoding: "UTF8",
      log_statement: "none",
      log_min_duration_statement: "-1",
      log_min_error_statement: "panic",
      log_min_messages: "log",
      log_disconnections: "off",
      log_parameter_max_length_on_error: "0",
      track_commit_timestamp: "off",
    }
    const names = Object.keys(settings).map((name) => `'${name}'`)
    const rows = await ask(postgres.connection, `select name, setting from pg_settings where name in (${names.join(", ")})`)
    expect(Object.fromEntries(rows as [string, string][])).toEqual(settings)
  })

  test("keeps every committed row through kill -9, with a client in the middle of a transaction", async () => {
    await ask(postgres.connection, "create table kept as select generate_series(1, 1000) as n")
    const client = new pg.Client({ ...postgres.connection })
    client.on("error", () => undefined)
    await client.connect()
    await client.query("begin")
    await client.query("insert into kept values (0)")
    const pid = postgres.pid
    await postgres.kill()
    await postgres.start()
    expect(postgres.pid).not.toBe(pid)
    expect(await ask(postgres.connection, "select count(*)::int, min(n) from kept")).toEqual([[1000, 1]])
  })

  test("is not started twice on the same data", async () => {
    const folder = join(await dataFolder(), "..")
    await expect(startPostgres({ folder })).rejects.toThrow("served already")
    expect(await ask(postgres.connection, "select 1")).toEqual([[1]])
  })

  test("starts although another process has its old number now", async () => {
    const lock = join(await dataFolder(), "postmaster.pid")
    const before = await readFile(lock, "utf8")
    await postgres.kill()
    await writeFile(lock, before.replace(/^\d+/, String(process.pid)))
    await postgres.start()
    expect(await ask(postgres.connection, "select 1")).toEqual([[1]])
  })

  test("is found through its URL, by a child process too", async () => {
    const program =
      "const pg = require('pg'); const c = new pg.Client({ connectionString: process.env.DATABASE_URL }); c.connect().then(() => c.query('select 42 as n')).then(({ rows }) => { console.log(rows[0].n); c.end() })"
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { env: { ...process.env, DATABASE_URL: postgres.url } })
    expect(stdout).toBe("42\n")
  })
})

test("a server that cannot start says why, in its own words", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sotto-test-"))
  await expect(startPostgres({ folder, settings: { nonsense: "1" } })).rejects.toThrow(/unrecognized configuration parameter "nonsense"/)
  await rm(folder, { recursive: true })
})

test("a fresh database is empty and one's own", async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
  await ask(one.connection, "create table mine (n int)")
  expect(await ask(two.connection, "select count(*)::int from pg_tables where schemaname = 'public'")).toEqual([[0]])
  const clone = await freshDatabase({ template: one.connection.database })
  expect(await ask(clone.connection, "select count(*)::int from mine")).toEqual([[0]])
  await Promise.all([one.drop(), two.drop(), clone.drop()])
  await expect(ask(one.connection, "select 1")).rejects.toMatchObject({ code: "3D000" })
})
