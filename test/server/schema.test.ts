/** The schema is the one written down, and every column stands in the ledger of what is stored. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { Day } from "../../envelope/day.ts"
import { dumpSql, schemaSql } from "../../scripts/operator/schema.ts"
import { type Database, migrate, openDatabase } from "../../server/database.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { MIGRATIONS } from "../support/server.ts"

const quiet = () => undefined
const read = (name: string) => readFileSync(join(__dirname, "../../db", name), "utf8")
let fresh: TestDatabase
let database: Database
beforeAll(async () => {
  fresh = await freshDatabase()
  database = openDatabase(fresh.url, quiet)
  // At once, as several processes would at their first start.
  await Promise.all([1, 2, 3, 4].map(() => migrate(database, MIGRATIONS, quiet)))
})
afterAll(async () => {
  await database.close()
  await fresh.drop()
})

describe("the schema", () => {
  test("after all migrations is db/schema.sql", async () => expect(await schemaSql(database)).toBe(read("schema.sql")))

  test("has no column that db/README.md does not list, and the other way round", async () => {
    const { rows } = await database.query<{ name: string }>(
      "select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0",
    )
    const listed = [...read("README.md").matchAll(/^\| `([a-z_0-9]+\.[a-z_0-9]+)` \|/gm)].map(([, name]) => name)
    expect(new Set(listed)).toEqual(new Set(rows.map(({ name }) => name)))
  })

  test("keeps days as days, and a time only of the schedule", async () => {
    const { rows } = await database.query<{ name: string }>(
      "select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public' and data_type like 'time%' order by 1",
    )
    expect(rows.map(({ name }) => name)).toEqual(["mails.retry_at", "mails.slot", "subscriptions.told"])
  })

  test("as a full dump goes into an empty database and comes out the same", async () => {
    await keepPartitions(database, "2026-11-22" as Day, undefined, quiet)
    await database.query("insert into envelopes (day, bytes) values ('2026-11-22', decode(repeat('5c27', 16384), 'hex'))")
    await database.query("insert into keyrings values (1, E'it''s a note\\nwith \\\\ in it')")
    const dump = await dumpSql(database)
    const other = await freshDatabase()
    const restored = openDatabase(other.url, quiet)
    await restored.query(dump)
    expect(await dumpSql(restored)).toBe(dump)
    await restored.close()
    await other.drop()
  })

  test("is refused when a migration was edited after it had been applied", async () => {
    const { mkdtemp, cp, appendFile, rm } = await import("node:fs/promises")
    const folder = await mkdtemp("/tmp/sotto-migrations-")
    await cp(MIGRATIONS, folder, { recursive: true })
    await appendFile(join(folder, "0001-first.sql"), "\n-- edited")
    await expect(migrate(database, folder, quiet)).rejects.toThrow("was changed after it had been applied")
    await rm(folder, { recursive: true })
  })
})
