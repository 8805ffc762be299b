/** PostgreSQL's own settings are checked at start: what would write down what sources do, or lose what was confirmed, is refused. */

import { afterEach, describe, expect, test } from "@jest/globals"
import { openDatabase } from "../../server/database.ts"
import type { Event } from "../../server/log.ts"
import { checkPostgres, RULES } from "../../server/postgres-settings.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"

let fresh: TestDatabase
afterEach(() => fresh.drop())

/** Whatever of it can be set for a session is set so in truth; what only a restart would change is told to the check by a view. */
async function checked(changes: Readonly<Record<string, string>>): Promise<{ error: string; events: readonly Event[] }> {
  fresh = await freshDatabase()
  const events: Event[] = []
  const database = openDatabase(fresh.url, (event) => events.push(event))
  try {
    return await database.transaction(async (queries) => {
      for (const [name, value] of Object.entries(changes)) await queries.query(`set local ${name} = '${value}'`)
      const error = await checkPostgres(queries, (event) => events.push(event)).then(
        () => "",
        (failed) => failed.message,
      )
      return { error, events }
    })
  } finally {
    await database.close()
  }
}

describe("the check of PostgreSQL's settings", () => {
  test("has nothing to say about the embedded one", async () => {
    expect(await checked({})).toEqual({ error: "", events: [] })
  })

  test.each([
    ["log_statement", "all"],
    ["log_statement", "mod"],
    ["log_min_duration_statement", "0"],
    ["log_min_duration_sample", "100"],
    ["log_transaction_sample_rate", "0.1"],
    ["log_duration", "on"],
    ["synchronous_commit", "off"],
  ])("refuses %s = %s and says what to set", async (name, value) => {
    const { error } = await checked({ [name]: value })
    expect(error).toMatch(new RegExp(`^PostgreSQL's setting ${name} must be `))
  })

  test.each([
    ["log_min_error_statement", "error"],
    ["log_lock_waits", "on"],
  ])("says in the log that %s is %s", async (name, value) => {
    const { error, events } = await checked({ [name]: value })
    expect([error, events]).toEqual(["", [{ event: "postgres setting", setting: name }]])
  })

  test("knows only settings that there are", async () => {
    fresh = await freshDatabase()
    const database = openDatabase(fresh.url, () => undefined)
    const { rows } = await database.query("select name from pg_settings where name = any($1::text[])", [RULES.map(({ name }) => name)])
    await database.close()
    expect(rows).toHaveLength(RULES.length)
  })
})
