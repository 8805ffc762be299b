/** An upload over a line that is cut 200 times, and through kill -9 of the server and of PostgreSQL: it arrives whole, or is not there. */

import { createHash, randomBytes, randomInt } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import type { Bytes } from "../../envelope/bytes.ts"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { POLICY } from "../support/newsroom.ts"
import { begun, cut, offsetOf, patch } from "../support/uploads.ts"

const MB = 1_000_000
const CUTS = 200
let postgres: OwnPostgres
let line: Line
beforeAll(async () => {
  postgres = await ownPostgres()
  line = await startLine(postgres.url, {}, { policy: { ...POLICY, maxTipBytes: 2 ** 31 } })
}, 60_000)
afterAll(async () => {
  await line.remove()
  await postgres.remove()
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
async function tipOf(bytes: number): Promise<Bytes> {
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  return line.newsroom.tip(line.today, [reporter], "files", [{ name: "list.bin", content: new Uint8Array(randomBytes(bytes)) }])
}
/** The hashes of all large envelopes that are whole. */
async function kept(): Promise<readonly string[]> {
  const client = new pg.Client({ ...postgres.connection })
  await client.connect()
  const { rows } = await client.query<{ id: string }>("select id from large_envelopes")
  const hashes: string[] = []
  for (const { id } of rows) {
    const { rows: pieces } = await client.query<{ bytes: Buffer }>("select bytes from chunks where envelope = $1::uuid order by at", [id])
    hashes.push(sha256(Buffer.concat(pieces.map(({ bytes }) => bytes))))
  }
  await client.end()
  return hashes
}
/** Where it stands, once somebody answers.
 *  @throws Error with what the server said, when nobody does for 20 seconds */
async function standing(path: string): Promise<number> {
  for (const begun = Date.now(); Date.now() < begun + 20_000; await pause(50)) {
    const at = await offsetOf(line.base, path).catch(() => undefined)
    if (at !== undefined) return at
  }
  throw new Error(`nobody answers:\n${line.server.log()}`)
}

describe("an upload", () => {
  test(`of 50 MB arrives whole over a line that is cut ${CUTS} times, with pieces repeated and overlapping`, async () => {
    const envelope = await tipOf(49.5 * MB)
    const path = await begun(line.base, line.today, envelope.length)
    for (let count = 0; count < CUTS; count++) {
      const at = await standing(path)
      if (at === envelope.length) throw new Error("there was nothing left to cut")
      await cut(line.base, path, at, envelope.subarray(at), randomInt(1, 400_000))
      const wrong = count % 3 === 0 ? 0 : Math.max(0, at - randomInt(1, 100_000))
      if (count % 10 === 5) await patch(line.base, path, wrong, envelope.subarray(wrong, wrong + 65_536)).catch(() => undefined)
    }
    expect(await kept()).toEqual([])
    for (let at = await standing(path); at < envelope.length; at = await standing(path))
      await patch(line.base, path, at, envelope.subarray(at, at + 8 * MB)).catch(() => undefined)
    expect(await kept()).toEqual([sha256(envelope)])
  }, 240_000)

  test.each([
    ["server", () => line.server.kill("SIGKILL").then(() => line.start())],
    ["database", () => postgres.kill().then(() => postgres.start())],
  ])(
    "goes on after kill -9 of the %s, from no earlier than what was confirmed",
    async (_what, killAndStart) => {
      const envelope = await tipOf(9 * MB)
      const path = await begun(line.base, line.today, envelope.length)
      let confirmed = 0
      let kills = 0
      let killing: Promise<unknown> = Promise.resolve()
      while (confirmed < envelope.length) {
        const at = await standing(path)
        expect(at).toBeGreaterThanOrEqual(confirmed)
        const sending = patch(line.base, path, at, envelope.subarray(at, at + 2 * MB)).catch(() => undefined)
        if (kills < 3) {
          kills++
          await pause(randomInt(0, 30)) // in the midst of a piece, and at another point each time
          killing = killAndStart()
        }
        const answer = await sending
        await killing
        confirmed = answer?.status === 204 ? Number(answer.headers["upload-offset"]) : Math.max(confirmed, await standing(path))
      }
      expect(kills).toBe(3)
      expect(await kept()).toContain(sha256(envelope))
    },
    120_000,
  )
})
