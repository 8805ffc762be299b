/** Starts the one PostgreSQL of a test run. Its address travels to the tests' processes in the environment. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Postgres, startPostgres } from "../../scripts/operator/postgres.ts"
import { RUN_POSTGRES } from "./run-postgres.ts"

export interface Run {
  readonly postgres: Postgres
  /** Ends it and removes its data. */
  end(): Promise<void>
}

/** For global-teardown.ts: it runs in this process too, but Jest gives it nothing. */
export const RUN = Symbol.for("sotto.test-run")

export default async function setUp(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-test-"))
  const postgres = await startPostgres({ folder, settings: { max_connections: "200" } })
  process.env[RUN_POSTGRES] = JSON.stringify(postgres.connection)
  const end = async (): Promise<void> => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const run: Run = { postgres, end }
  Object.assign(globalThis, { [RUN]: run })
}
