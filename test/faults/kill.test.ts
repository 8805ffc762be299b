/** kill -9 under load: every 201 is there, byte for byte, and nothing half-written is listed. */

import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { ask } from "../support/server.ts"

/** The nightly run does 25 of each. */
const ROUNDS = Number(process.env.SOTTO_KILL_ROUNDS ?? "3")
let postgres: OwnPostgres
let line: Line
beforeAll(async () => {
  postgres = await ownPostgres()
  line = await startLine(postgres.url, { calm: 1_000_000 })
}, 60_000)
afterAll(async () => {
  await line.remove()
  await postgres.remove()
})
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** Four senders that go on until told to stop; gives the hashes of what was answered with 201. */
function load(): { taken(count: number): Promise<void>; stop(): Promise<readonly string[]> } {
  const acknowledged: string[] = []
  let going = true
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  async function sender(): Promise<void> {
    while (going) {
      const envelope = await line.newsroom.tip(line.today, [reporter as NonNullable<typeof reporter>], "under load")
      try {
        const { status } = await ask(line.base, "POST", `/api/envelopes?day=${line.today}`, {
          headers: { "content-type": "application/age" },
          body: envelope,
        })
        if (status === 201) acknowledged.push(sha256(envelope))
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)) // cut off: not acknowledged
      }
    }
  }
  const senders = Promise.all([sender(), sender(), sender(), sender()])
  return {
    async taken(count) {
      while (acknowledged.length < count) await pause(5)
    },
    async stop() {
      going = false
      await senders
      return acknowledged
    },
  }
}
async function storedHashes(): Promise<readonly string[]> {
  const client = new pg.Client({ ...postgres.connection })
  await client.connect()
  const { rows } = await client.query<{ bytes: Buffer }>("select bytes from envelopes")
  await client.end()
  return rows.map(({ bytes }) => sha256(bytes))
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe("nothing that was answered with 201 is lost", () => {
  test.each([
    ["server", () => line.server.kill("SIGKILL").then(() => line.start())],
    ["database", () => postgres.kill().then(() => postgres.start())],
  ])(
    `after ${ROUNDS} times kill -9 of the %s under load`,
    async (_what, killAndStart) => {
      for (let round = 0; round < ROUNDS; round++) {
        const running = load()
        await running.taken(4 + 3 * (round % 5)) // in the midst of it, and at another point each time
        await killAndStart()
        await pause(150)
        const acknowledged = await running.stop()
        const stored = new Set(await storedHashes())
        expect(acknowledged.length).toBeGreaterThan(0)
        expect(acknowledged.filter((hash) => !stored.has(hash))).toEqual([])
      }
    },
    20_000 * ROUNDS,
  )
})
