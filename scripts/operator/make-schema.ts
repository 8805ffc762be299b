/** Writes db/schema.sql: all migrations on an empty PostgreSQL, then the catalogue as SQL. `npm run schema`. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { migrate, openDatabase } from "../../server/database.ts"
import { databaseUrl, startPostgres } from "./postgres.ts"
import { schemaSql } from "./schema.ts"

const db = fileURLToPath(new URL("../db/", import.meta.url))
const folder = await mkdtemp(join(tmpdir(), "sotto-schema-"))
const postgres = await startPostgres({ folder })
try {
  const database = openDatabase(databaseUrl(postgres.connection), () => undefined, { isPatient: true })
  await migrate(database, join(db, "migrations"), () => undefined)
  await writeFile(join(db, "schema.sql"), await schemaSql(database))
  await database.close()
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}
