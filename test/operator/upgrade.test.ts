/** A newer version takes over while tips come in; an older one is refused by a sentence. The newer one is this one with a migration more. */

import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import pg from "pg"
import { pinnedText } from "../../keyring/newsroom.ts"
import { startServerProcess } from "../../scripts/operator/server-process.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { sha256, startLoad } from "../support/load.ts"

const root = join(__dirname, "../..")
let folder: string
let database: TestDatabase
let old: Line
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-upgrade-"))
  database = await freshDatabase()
  old = await startLine(database.url, {})
  await writeFile(join(folder, "newsroom.json"), pinnedText(old.newsroom.pinned))
  await cp(join(root, "dist"), join(folder, "dist"), { recursive: true })
  await cp(join(root, "db/migrations"), join(folder, "db/migrations"), { recursive: true })
  // As the next version's may be: it takes a lock on the table that every tip goes into.
  await writeFile(join(folder, "db/migrations/9999-next.sql"), "alter table envelopes add column next_version boolean;\n")
}, 60_000)
afterAll(async () => {
  await old.remove()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test("an upgrade in the midst of tips loses none, and the old version does not start again on what the new one has changed", async () => {
  const bases = [old.base]
  const load = startLoad(old, bases)
  await load.taken(3)
  const newsroom = join(folder, "newsroom.json")
  const next = await startServerProcess({ program: join(folder, "dist/server.js"), databaseUrl: database.url, newsroom, port: 0 })
  expect(next.log()).toContain('"migration":"9999-next.sql"')
  // Both run for a while; then the old one is told to stop, and ends after what it has begun.
  bases.push(`http://127.0.0.1:${next.port}`)
  await load.taken(load.acknowledged().length + 4)
  await old.server.kill("SIGTERM")
  bases.shift()
  await load.taken(load.acknowledged().length + 4)
  const acknowledged = await load.stop()

  const client = new pg.Client({ ...database.connection })
  await client.connect()
  const { rows } = await client.query<{ bytes: Buffer }>("select bytes from envelopes")
  await client.end()
  const stored = new Set(rows.map(({ bytes }) => sha256(bytes)))
  expect(acknowledged.filter((hash) => !stored.has(hash))).toEqual([])

  await expect(old.start()).rejects.toThrow("this database was migrated by a newer version; it cannot be used by an older one")
  await next.kill("SIGTERM")
}, 120_000)
