/** What happens to the database while tips come: it is restarted, its connections are all taken. Each time 503 with
 *  `Retry-After`, no 201 that is lost, and recovery without anybody's help. */

import { afterEach, expect, test } from "@jest/globals"
import pg from "pg"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { keptHashes, sendTips, until } from "../support/senders.ts"
import { ask } from "../support/server.ts"

let postgres: OwnPostgres
let line: Line
async function open(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  postgres = await ownPostgres(settings)
  line = await startLine(postgres.url, { calm: 1_000_000 })
}
afterEach(async () => {
  await line.remove()
  await postgres.remove()
})
async function expectAllKept(acknowledged: readonly string[]): Promise<void> {
  const kept = await keptHashes(postgres.connection)
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(acknowledged.filter((hash) => !kept.has(hash))).toEqual([])
}

test("PostgreSQL restarted: 503 with Retry-After while it is away, and tips are taken again as soon as it is back", async () => {
  await open()
  const load = sendTips(line, 4)
  await until(() => load.acknowledged.length >= 10)
  await postgres.stop()
  await until(() => load.refused.length >= 3)
  expect(load.refused.every(({ status, retryAfter }) => status === 503 && Number(retryAfter) > 0)).toBe(true)
  expect((await ask(line.base, "GET", "/healthz")).status).toBe(503)
  await postgres.start()
  const before = load.acknowledged.length
  await until(() => load.acknowledged.length >= before + 10)
  await load.stop()
  await expectAllKept(load.acknowledged)
  expect((await ask(line.base, "GET", "/healthz")).status).toBe(204)
}, 120_000)

test("every connection taken: who waits too long is told to come back, and nothing that was answered is lost", async () => {
  await open()
  const blocker = new pg.Client({ ...postgres.connection })
  await blocker.connect()
  await blocker.query("begin")
  await blocker.query("lock table keyrings in access exclusive mode")
  // Each of these needs a connection and waits for the lock; there are ten.
  const asked = await Promise.all(Array.from({ length: 14 }, () => ask(line.base, "GET", "/api/keyring/1")))
  expect(asked.map(({ status }) => status)).toEqual(Array(14).fill(503))
  for (const { headers } of asked) expect(Number(headers["retry-after"])).toBeGreaterThan(0)
  // The lock is still there; whoever does not want what it guards is answered again.
  expect((await ask(line.base, "GET", "/api/days/2026-11-22")).status).toBe(200)
  await blocker.query("rollback")
  await blocker.end()
  expect((await ask(line.base, "GET", "/api/keyring/1")).status).toBe(200)
}, 60_000)
