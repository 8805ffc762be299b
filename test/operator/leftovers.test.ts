/** What is left where an operator's command is cut: by a signal nothing, and by a kill nothing that the next run does not take away. */

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import pg from "pg"
import { pinnedText } from "../../keyring/newsroom.ts"
import { makeBackupKey } from "../../scripts/operator/seal-file.ts"
import { deskAt } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { pause } from "../support/senders.ts"

const SOTTO = join(__dirname, "../../dist/sotto.js")
const run = promisify(execFile)

let folder: string
let database: TestDatabase
let line: Line
let watching: pg.Client
let recipient: string
/** A whole backup with a file beside the database. */
let whole: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-leftovers-"))
  database = await freshDatabase()
  line = await startLine(database.url, {})
  watching = new pg.Client({ connectionString: database.url })
  await watching.connect()
  const maker = deskAt(folder)
  await makeBackupKey(maker, { file: join(folder, "backup.key") })
  recipient = maker.said.out().trim()
  // So much that a signal comes before the end of it.
  await watching.query(
    `insert into envelopes (day, bytes) select $1::date, string_agg(gen_random_uuid()::text, '')::bytea
     from generate_series(1, 200) tip, generate_series(1, 14000) part group by tip`,
    [line.today],
  )
  await writeFile(join(folder, "newsroom.json"), pinnedText(line.newsroom.pinned))
  const { stdout } = await run(process.execPath, [SOTTO, ...backupInto("whole"), "--file", join(folder, "newsroom.json")], { env: env() })
  whole = stdout.trim()
}, 60_000)
afterAll(async () => {
  await watching.end()
  await line.remove()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

let temporary: string
let running: ChildProcess | undefined
beforeEach(async () => {
  temporary = await mkdtemp(join(folder, "tmp-"))
})
afterEach(() => void running?.kill("SIGKILL"))

const env = (url: string | undefined = database.url) => ({
  PATH: process.env.PATH ?? "",
  SOTTO_HOME: join(folder, "home"),
  TMPDIR: temporary ?? folder,
  ...(url === "" ? {} : { DATABASE_URL: url }),
})
const backupInto = (name: string) => ["operator", "backup", "--to", join(folder, name), "--recipient", recipient]
const verifying = () => ["operator", "verify", whole, ...opening()]
const opening = () => ["--newsroom", join(folder, "newsroom.json"), "--identity", join(folder, "backup.key")]

/** The command, until `isThere`; then the signal, and what it ended with. */
async function cut(args: readonly string[], signal: NodeJS.Signals, isThere: () => Promise<boolean>, url?: string): Promise<unknown> {
  const child = spawn(process.execPath, [SOTTO, ...args], { env: env(url), stdio: "ignore" })
  running = child
  const ended = once(child, "close")
  while (!(await isThere())) {
    if (child.exitCode !== null) throw new Error(`it ended by itself, with ${child.exitCode}`)
    await pause(20)
  }
  child.kill(signal)
  const [code, by] = (await ended) as [number | null, NodeJS.Signals | null]
  return by ?? code
}
const ENDS = [
  ["SIGINT", 130],
  ["SIGTERM", "SIGTERM"],
] as const

const databases = async () => {
  const { rows } = await watching.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, 'sotto_verify_' || left(encode(sha256(current_database()::text::bytea), 'hex'), 16))",
  )
  return rows.map(({ datname }) => datname)
}

describe("a backup", () => {
  const halves = async (name: string) => (await readdir(join(folder, name)).catch(() => [])).filter((one) => one.endsWith(".new"))
  test.each(ENDS)(
    "that is ended by %s leaves nothing",
    async (signal, end) => {
      expect(await cut(backupInto(signal), signal, async () => (await halves(signal)).length > 0)).toBe(end)
      expect(await readdir(join(folder, signal))).toEqual([])
    },
    60_000,
  )

  test("that was killed leaves a half, which a later one removes once it is old", async () => {
    await cut(backupInto("killed"), "SIGKILL", async () => (await halves("killed")).length > 0)
    const [half = ""] = await halves("killed")
    await run(process.execPath, [SOTTO, ...backupInto("killed")], { env: env() })
    expect(await halves("killed")).toEqual([half]) // somebody might still be writing to it
    const old = Date.now() / 1_000 - 7_200
    await utimes(join(folder, "killed", half), old, old)
    await run(process.execPath, [SOTTO, ...backupInto("killed")], { env: env() })
    expect(await halves("killed")).toEqual([])
    expect(await readdir(join(folder, "killed"))).toHaveLength(2)
  }, 60_000)
})

describe("trying a backup in a database of ours", () => {
  test.each(ENDS)(
    "and ended by %s leaves none",
    async (signal, end) => {
      expect(await cut(verifying(), signal, async () => (await databases()).length > 0)).toBe(end)
      expect(await databases()).toEqual([])
    },
    60_000,
  )

  test("and killed leaves one that the next trial removes; two at once are refused", async () => {
    const verify = () => run(process.execPath, [SOTTO, ...verifying()], { env: env() })
    await cut(verifying(), "SIGKILL", async () => {
      if ((await databases()).length === 0) return false
      running?.kill("SIGSTOP") // or it would be done before the other has begun
      await expect(verify()).rejects.toMatchObject({ stderr: expect.stringContaining("another backup is being tried on this database") })
      return true
    })
    expect(await databases()).toHaveLength(1)
    await verify()
    expect(await databases()).toEqual([])
  }, 60_000)
})

describe("trying a backup in a PostgreSQL of its own", () => {
  const folders = async () => (await readdir(temporary)).filter((name) => name.startsWith("sotto-verify-"))
  const isServing = async () => {
    const [name = ""] = await folders()
    const [, , , , , , , state = ""] = (
      await readFile(join(temporary, name, "postgres/data/postmaster.pid"), "utf8").catch(() => "")
    ).split("\n")
    return state.trim() === "ready"
  }
  test.each(ENDS)(
    "and ended by %s leaves no folder and no socket",
    async (signal, end) => {
      expect(await cut(verifying(), signal, isServing, "")).toBe(end)
      expect(await readdir(temporary)).toEqual([])
    },
    60_000,
  )

  test("and killed leaves a folder that the next trial removes", async () => {
    await cut(verifying(), "SIGKILL", isServing, "")
    expect(await folders()).toHaveLength(1)
    await run(process.execPath, [SOTTO, ...verifying()], { env: env("") })
    expect(await folders()).toEqual([])
  }, 60_000)
})

test.each(ENDS)(
  "a restore that is ended by %s leaves neither rows nor files",
  async (signal, end) => {
    const into = await freshDatabase()
    const filesTo = join(temporary, "files")
    const isUnderWay = async () => {
      const { rows } = await watching.query("select from pg_stat_activity where datname = $1 and application_name = 'sotto operator'", [
        into.connection.database,
      ])
      return rows.length > 0
    }
    expect(await cut(["operator", "restore", whole, ...opening(), "--files-to", filesTo], signal, isUnderWay, into.url)).toBe(end)
    expect(await readdir(filesTo).catch(() => [])).toEqual([])
    const client = new pg.Client({ connectionString: into.url })
    await client.connect()
    const { rows } = await client.query("select from pg_class where relnamespace = 'public'::regnamespace")
    await client.end()
    expect(rows).toEqual([])
    await into.drop()
  },
  60_000,
)
