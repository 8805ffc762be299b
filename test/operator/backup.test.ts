/** Backup, verify and restore with a real server and a real database, while tips come in. */

import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import pg from "pg"
import { extract } from "tar-stream"
import { addDays } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { EXIT } from "../../scripts/failure.ts"
import { backup, backupsIn } from "../../scripts/operator/backup.ts"
import { copyOutOf, openSession, tablesIn } from "../../scripts/operator/database-copy.ts"
import { type Opening, restore, verify } from "../../scripts/operator/restore.ts"
import { makeBackupKey, sealBackup } from "../../scripts/operator/seal-file.ts"
import { startServerProcess } from "../../scripts/operator/server-process.ts"
import { closeDays, tidyDays } from "../../server/closing.ts"
import { openDatabase } from "../../server/database.ts"
import { BACKUP_LOCK } from "../../server/locks.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { deskAt } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { startLoad } from "../support/load.ts"
import { ask, MIGRATIONS } from "../support/server.ts"

const SOTTO = join(__dirname, "../../dist/sotto.js")

let folder: string
let database: TestDatabase
let line: Line
let newsroom: string
let key: { readonly file: string; readonly recipient: string }
const desk = () => deskAt(folder)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-backup-"))
  database = await freshDatabase()
  line = await startLine(database.url, {})
  newsroom = join(folder, "newsroom.json")
  await writeFile(newsroom, pinnedText(line.newsroom.pinned))
  const maker = desk()
  await makeBackupKey(maker, { file: join(folder, "backup.key") })
  key = { file: join(folder, "backup.key"), recipient: maker.said.out().trim() }
}, 60_000)
afterAll(async () => {
  await line.remove()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const opening = (file: string, by: { identity?: string } = { identity: key.file }): Opening & { newsroom: string } => ({
  file,
  newsroom,
  migrations: MIGRATIONS,
  ...by,
})
const keep = (options: Partial<Parameters<typeof backup>[1]> = {}) =>
  backup(desk(), { databaseUrl: database.url, to: join(folder, "backups"), recipient: key.recipient, ...options })

async function send(base: string): Promise<number> {
  const body = await line.newsroom.tip(line.today, line.newsroom.reporters, "one more")
  return (await ask(base, "POST", `/api/envelopes?day=${line.today}`, { headers: { "content-type": "application/age" }, body })).status
}

/** Every row of every table, in an order of its own, as PostgreSQL spells it. */
async function everything(url: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const session = await openSession(url)
  const all = new Map<string, readonly string[]>()
  for (const { name } of await tablesIn(session)) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`)
    all.set(
      name,
      rows.map(({ row }) => row),
    )
  }
  await session.close()
  await client.end()
  return all
}

describe("a folder of backups", () => {
  test("is verified and restored by its newest, also where a day has several", async () => {
    const first = await keep()
    expect(await send(line.base)).toBe(201)
    const second = await keep()
    const tell = desk()
    await verify(tell, { ...opening(dirname(second)), databaseUrl: database.url })
    expect([basename(first) < basename(second), tell.said.out().trim()]).toEqual([false, `whole: ${second}`])
    const into = await freshDatabase()
    await restore(desk(), { ...opening(dirname(second)), databaseUrl: into.url })
    const envelopes = (all: ReadonlyMap<string, readonly string[]>) =>
      [...all].flatMap(([name, rows]) => (name.startsWith("envelopes_") ? rows : []))
    expect(envelopes(await everything(into.url))).toEqual(envelopes(await everything(database.url)))
    await into.drop()
    const empty = await mkdtemp(join(tmpdir(), "sotto-none-"))
    await expect(verify(desk(), { ...opening(empty), databaseUrl: database.url })).rejects.toMatchObject({ code: "failed" })
    await rm(empty, { recursive: true })
    await rm(dirname(second), { recursive: true })
  }, 120_000)
})

describe("a backup", () => {
  test("taken while tips come in is one moment of the database, and a restore gives it back row by row", async () => {
    const load = startLoad(line, [line.base])
    await load.taken(3)
    const before = load.acknowledged().length
    const file = await keep({ files: [newsroom] })
    await load.taken(load.acknowledged().length + 2)
    const sent = await load.stop()

    const into = await freshDatabase()
    const filesTo = join(folder, "files")
    const { contents, totals } = await restore(desk(), { ...opening(file), databaseUrl: into.url, filesTo })
    expect(contents.made).toBe(desk().clock.today())
    const there = await everything(into.url)
    const here = await everything(database.url)
    // Every tip that had been answered before the backup began is in it, and nothing that is not in the database.
    const envelopes = (all: typeof here) => [...all].flatMap(([name, rows]) => (name.startsWith("envelopes_") ? rows : []))
    expect(envelopes(there).length).toBeGreaterThanOrEqual(before)
    expect(envelopes(there).length).toBeLessThan(sent.length)
    expect(envelopes(here)).toEqual(expect.arrayContaining([...envelopes(there)]))
    for (const [name, rows] of there) if (!name.startsWith("envelopes_")) expect([name, rows]).toEqual([name, here.get(name)])
    expect(totals.tables.reduce((sum, { rows }) => sum + rows, 0)).toBe([...there.values()].flat().length)
    expect(await readFile(join(filesTo, "newsroom.json"), "utf8")).toBe(await readFile(newsroom, "utf8"))

    // The server takes it up where it was: same migrations, partitions stored as they were.
    const program = join(__dirname, "../../dist/server.js")
    const restored = await startServerProcess({ program, databaseUrl: into.url, newsroom, port: 0 })
    expect(await send(`http://127.0.0.1:${restored.port}`)).toBe(201)
    await restored.kill("SIGTERM")
    await into.drop()
  }, 60_000)

  test("is an age file that another implementation opens, with a tar inside that another reads", async () => {
    const file = await keep()
    const decrypter = new Decrypter()
    const identity = (await readFile(key.file, "utf8")).split("\n")[1] ?? ""
    decrypter.addIdentity(identity)
    const archive = await decrypter.decrypt(await readFile(file))
    const names: string[] = []
    const reading = extract()
    reading.end(Buffer.from(archive))
    for await (const entry of reading) {
      names.push(entry.header.name)
      entry.resume()
    }
    expect(names[0]).toBe("backup.json")
    expect(names.at(-1)).toBe("end.json")
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test("is made and tried by the command, which ends when it is done", async () => {
    const env = { PATH: process.env.PATH ?? "", DATABASE_URL: database.url, SOTTO_HOME: join(folder, "home") }
    const command = async (...args: readonly string[]) => {
      const { stdout } = await promisify(execFile)(process.execPath, [SOTTO, "operator", ...args], {
        env,
        timeout: 25_000,
      })
      return stdout.trim()
    }
    const file = await command("backup", "--to", join(folder, "by-command"), "--recipient", key.recipient)
    expect(JSON.parse(await command("verify", file, "--identity", key.file, "--newsroom", newsroom, "--json"))).toMatchObject({
      v: 1,
      keyring: 2,
    })
  }, 60_000)

  test("under a passphrase opens with it and with no other", async () => {
    const file = await backup(desk(), { databaseUrl: database.url, to: join(folder, "under") })
    await expect(verify(desk(), { ...opening(file, {}), databaseUrl: database.url })).resolves.toMatchObject({ keyring: { version: 2 } })
    const other = deskAt(folder, { passphrase: "another passphrase" })
    await expect(verify(other, { ...opening(file, {}), databaseUrl: database.url })).rejects.toMatchObject({ code: "wrong-passphrase" })
  })

  test("leaves so many behind and no more, the newest", async () => {
    const to = join(folder, "many")
    for (let index = 0; index < 4; index++) await keep({ to, keep: 2 })
    const today = desk().clock.today()
    expect(await backupsIn(to)).toEqual([`sotto-${today}-3.age`, `sotto-${today}-4.age`])
  })

  test("keeps the one that was just made, whatever is asked for and whatever the clock said before", async () => {
    const to = join(folder, "none")
    const first = await keep({ to })
    await expect(keep({ to, keep: 0 })).rejects.toMatchObject({ code: "usage" })
    const options = ["operator", "backup", "--to", to, "--recipient", key.recipient, "--keep", "0"]
    const env = { PATH: process.env.PATH ?? "", DATABASE_URL: database.url, SOTTO_HOME: join(folder, "home") }
    await expect(promisify(execFile)(process.execPath, [SOTTO, ...options], { env })).rejects.toMatchObject({ code: EXIT.usage })
    expect(await backupsIn(to)).toEqual([basename(first)])
    // Made while the clock was ahead: by its name it is the newest.
    await writeFile(join(to, "sotto-2999-01-01.age"), "")
    const second = await keep({ to, keep: 1 })
    expect(await backupsIn(to)).toEqual([basename(second)])
  })

  test("keeps files of the same name beside each other, and one that is named twice once", async () => {
    const files = [join(folder, "a/env"), join(folder, "b/env"), join(folder, "b/env-2")]
    for (const path of files) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, path)
    }
    const file = await keep({ to: join(folder, "alike"), files: [...files, join(folder, "a/../a/env")] })
    await expect(verify(desk(), { ...opening(file), databaseUrl: database.url })).resolves.toMatchObject({
      contents: { files: [{ path: "env" }, { path: "env-2" }, { path: "env-2-2" }] },
    })
  })

  test.each([
    ["a backslash in its name", async (at: string) => writeFile(join(at, "back\\slash"), "")],
    ["a path over 300 characters", async (at: string) => deep(join(at, "d".repeat(200), "e".repeat(120)))],
    ["more than 10,000 files beside it", async (at: string) => many(at, 10_001)],
  ])("is not made of a folder with %s, which no restore would take: nothing is written, and the path is said", async (_what, fill) => {
    const at = await mkdtemp(join(folder, "kept-"))
    await fill(at)
    const to = join(folder, "unmade")
    await expect(keep({ to, files: [at] })).rejects.toThrow(at)
    expect(await backupsIn(to)).toEqual([])
  })

  test("never stands in the way of a tip: while one is read, no partition is dropped, and none waits for it", async () => {
    const long = await openSession(database.url)
    await long.query("select pg_advisory_lock_shared($1::bigint)", [BACKUP_LOCK])
    await long.query("begin")
    const old = (await tablesIn(long)).find(({ of }) => of === "envelopes")
    if (old === undefined) throw new Error("no partition")
    for await (const _ of long.copyOut(copyOutOf(old)).bytes);
    const policy = { ...line.newsroom.chain[0]?.policy, retentionDays: 3 } as Parameters<typeof keepPartitions>[2]
    const other = openDatabase(database.url, () => undefined)
    const events: string[] = []
    await keepPartitions(other, addDays(line.today, 1), policy, ({ event }) => events.push(event))
    // A day that is closed is not written again meanwhile: the backup would find nothing in it.
    await closeDays(other, addDays(line.today, -5), addDays(line.today, -5))
    await tidyDays(other, () => undefined)
    const tidy = async () => (await other.query<{ tidy: boolean }>("select tidy from closed_days")).rows.map((row) => row.tidy)
    expect(await tidy()).toEqual([false])
    expect(events).not.toContain("partition dropped")
    expect(await send(line.base)).toBe(201)
    await long.close()
    await tidyDays(other, () => undefined)
    expect(await tidy()).toEqual([true])
    await keepPartitions(other, addDays(line.today, 1), policy, ({ event }) => events.push(event))
    expect(events).toContain("partition dropped")
    await other.close()
  })
})

describe("a restore", () => {
  test("refuses a database that is not empty, and changes nothing there", async () => {
    const file = await keep()
    const before = await everything(database.url)
    await expect(restore(desk(), { ...opening(file), databaseUrl: database.url })).rejects.toThrow("this database is not empty")
    expect(await everything(database.url)).toEqual(before)
  })

  test.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length - 70_000)],
    ["altered in one bit", (bytes: Buffer) => flipped(bytes, Math.floor(bytes.length / 2))],
    ["altered at its end", (bytes: Buffer) => flipped(bytes, bytes.length - 1)],
  ])("of a backup that is %s leaves nothing behind", async (_what, change) => {
    const file = join(folder, "damaged.age")
    await writeFile(file, change(await readFile(await keep({ files: [newsroom] }))))
    const into = await freshDatabase()
    const filesTo = await mkdtemp(join(folder, "into-"))
    await expect(restore(desk(), { ...opening(file), databaseUrl: into.url, filesTo })).rejects.toThrow()
    expect((await everything(into.url)).size).toBe(0)
    expect(await readdir(filesTo)).toEqual([])
    await into.drop()
  })

  test("refuses the backup of another newsroom, and one whose key is another", async () => {
    const file = await keep()
    const other = join(folder, "other.json")
    const { makeNewsroom } = await import("../support/newsroom.ts")
    await writeFile(other, pinnedText((await makeNewsroom({ today: line.today })).pinned))
    await expect(verify(desk(), { ...opening(file), newsroom: other, databaseUrl: database.url })).rejects.toMatchObject({ code: "forked" })
    await makeBackupKey(desk(), { file: join(folder, "other.key") })
    await expect(verify(desk(), { ...opening(file, { identity: join(folder, "other.key") }), databaseUrl: database.url })).rejects.toThrow(
      "this key does not open this backup",
    )
  })

  test("puts no file over another one, and then changes nothing", async () => {
    const file = await keep({ files: [newsroom] })
    const into = await freshDatabase()
    const filesTo = await mkdtemp(join(folder, "into-"))
    await writeFile(join(filesTo, basename(newsroom)), "mine")
    await expect(restore(desk(), { ...opening(file), databaseUrl: into.url, filesTo })).rejects.toThrow("is there already")
    expect(await readdir(filesTo)).toEqual([basename(newsroom)])
    expect(await readFile(join(filesTo, basename(newsroom)), "utf8")).toBe("mine")
    expect((await everything(into.url)).size).toBe(0)
    await into.drop()
  })

  test.each([
    ["a path that leaves its folder", { files: [{ path: "../x", mode: 0o600 }] }],
    ["a table with quotes in its name", { tables: [{ name: 'x"; drop table y; --', columns: ["a"] }] }],
    ["a partition whose bound is no day", { tables: [{ name: "x", columns: ["a"], of: "y", from: "now()", to: "2026-01-01", plain: [] }] }],
    ["a migration of a newer version", { migrations: [{ name: "9999-later.sql", sha256: "0".repeat(64) }] }],
  ])("refuses a backup that somebody made up, with %s", async (_what, change) => {
    const { utf8 } = await import("../../envelope/bytes.ts")
    const { entryHeader, paddedBytes } = await import("../../envelope/archive.ts")
    const contents = {
      format: "sotto-backup/1",
      made: "2026-11-22",
      version: "0.1.0",
      migrations: [{ name: "0001-first.sql", sha256: "0".repeat(64) }],
      tables: [],
      files: [],
      ...change,
    }
    const bytes = utf8(JSON.stringify(contents))
    const archive = Buffer.concat([
      entryHeader({ name: "backup.json", bytes: bytes.length }),
      bytes,
      Buffer.alloc(paddedBytes(bytes.length) - bytes.length + 1024),
    ])
    const file = join(folder, "forged.age")
    const sealed: Uint8Array[] = []
    for await (const part of sealBackup(desk(), [archive], key.recipient)) sealed.push(part)
    await writeFile(file, Buffer.concat(sealed))
    const into = await freshDatabase()
    await expect(restore(desk(), { ...opening(file), databaseUrl: into.url, filesTo: join(folder, "never") })).rejects.toThrow()
    expect((await everything(into.url)).size).toBe(0)
    await into.drop()
  })
})

async function deep(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "file"), "")
}
async function many(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await writeFile(join(folder, String(index)), "")
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
