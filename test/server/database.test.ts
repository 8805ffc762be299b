/** The door to PostgreSQL when there is nobody behind it, or somebody who has fallen silent: an error that says "not now", soon, and no hold
 *  on what comes after. */

import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { openDatabase, openLane } from "../../server/database.ts"
import { isUnavailable } from "../../server/unavailable.ts"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { freePort } from "../support/port.ts"

const ANSWER_MS = 500
const quiet = () => undefined
const one = [{ text: "select 1 as one" }]

/** What somebody who waits is told, and after how long. */
async function toldOf(asking: Promise<unknown>): Promise<{ readonly error: unknown; readonly ms: number }> {
  const begun = performance.now()
  const error = await asking.then(
    () => undefined,
    (failed: unknown) => failed,
  )
  return { error, ms: performance.now() - begun }
}

describe("a database that cannot be reached", () => {
  let mute: Server
  beforeAll(async () => {
    mute = createServer(() => undefined).listen(0, "127.0.0.1")
    await once(mute, "listening")
  })
  afterAll(() => void mute.close())

  test.each([
    ["whose name is not known", () => "postgresql://sotto@no-such-host.invalid/sotto"],
    ["where nobody listens", () => "postgresql://sotto@127.0.0.1:1/sotto"],
    ["that takes connections and says nothing", () => `postgresql://sotto@127.0.0.1:${(mute.address() as AddressInfo).port}/sotto`],
  ])(
    "%s is not a fault of ours",
    async (_, url) => {
      const [database, lane] = [openDatabase(url(), quiet), openLane(url(), quiet)]
      for (const { error } of await Promise.all([toldOf(database.query("select 1")), toldOf(lane.transaction(one))])) {
        expect(isUnavailable(error)).toBe(true)
      }
      await Promise.all([database.close(), lane.close()])
    },
    30_000,
  )
})

describe("a database that falls silent without a word", () => {
  let postgres: OwnPostgres
  let wire: Server
  let isCut = false
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    const port = await freePort()
    postgres = await ownPostgres({ listen_addresses: "127.0.0.1", port: String(port) })
    wire = createServer((client) => {
      const server = connect(port, "127.0.0.1")
      for (const [from, to] of [[client, server] as const, [server, client] as const]) {
        sockets.add(from)
        from.on("error", () => to.destroy()).on("close", () => to.destroy())
        from.on("data", (data) => isCut || to.write(data))
      }
    }).listen(0, "127.0.0.1")
    await once(wire, "listening")
  }, 60_000)
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    wire.close()
    await postgres.remove()
  })

  test("keeps nobody waiting for longer than an answer may take, and is asked again when it is back", async () => {
    const url = `postgresql://sotto@127.0.0.1:${(wire.address() as AddressInfo).port}/postgres`
    const database = openDatabase(url, quiet, { answerMs: ANSWER_MS })
    const lane = openLane(url, quiet, ANSWER_MS)
    const copy = "copy (select 1::bigint, '\\x01'::bytea) to stdout (format binary)"
    const asked = () => [
      database.query("select 1"),
      database.transaction((queries) => queries.query("select 1")),
      database.copyPieces(copy),
      lane.transaction(one),
    ]
    await Promise.all(asked())
    isCut = true
    for (const { error, ms } of await Promise.all(asked().map(toldOf))) {
      expect(isUnavailable(error)).toBe(true)
      expect(ms).toBeLessThan(4_000)
    }
    isCut = false
    expect(await lane.transaction(one)).toEqual([{ one: 1 }])
    expect((await database.query("select 1 as one")).rows).toEqual([{ one: 1 }])
    expect(await database.copyPieces(copy)).toEqual([{ at: 1, bytes: Buffer.of(1) }])
    await Promise.all([database.close(), lane.close()])
  }, 60_000)
})
