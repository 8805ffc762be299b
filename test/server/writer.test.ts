/** Envelopes that arrive together are committed together, and each answer still waits for its own commit. */

import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { type Database, type Lane, migrate, openDatabase, openLane } from "../../server/database.ts"
import { envelopeStore } from "../../server/envelopes.ts"
import { commonHeaders } from "../../server/headers.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { batchWriter } from "../../server/writer.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { ask, MIGRATIONS, startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
const SLOT = Date.parse("2026-11-22T16:30:00Z")
const quiet = () => undefined
const body = (fill: number, bytes = 32_768): Bytes => new Uint8Array(bytes).fill(fill)
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

describe("a writer", () => {
  let fresh: TestDatabase
  let database: Database
  beforeAll(async () => {
    fresh = await freshDatabase()
    database = openDatabase(fresh.url, quiet)
    await migrate(database, MIGRATIONS, quiet)
    await keepPartitions(database, today, undefined, quiet)
    await database.query("insert into subscriptions values ('one', 'desk@example.org', 'news'), ('two', 'night@example.org', 'never')")
  })
  afterAll(async () => {
    await database.close()
    await fresh.drop()
  })
  /** A lane that counts its transactions. */
  function counted(): { lane: Lane; transactions: () => number } {
    const lane = openLane(fresh.url, quiet)
    let count = 0
    return {
      transactions: () => count,
      lane: {
        ...lane,
        transaction(statements) {
          count++
          return lane.transaction(statements)
        },
      },
    }
  }

  test("keeps 150 envelopes of two days byte for byte in far fewer transactions, with one mail row", async () => {
    const { lane, transactions } = counted()
    const writer = batchWriter([lane])
    const all = Array.from({ length: 150 }, (_, index) => ({
      day: index % 3 === 0 ? addDays(today, -1) : today,
      bytes: new Uint8Array(Buffer.alloc(32_768, `envelope ${index} `)),
    }))
    const kept = await Promise.all(all.map(({ day, bytes }) => writer.keep(day, bytes, SLOT)))
    await writer.stop()
    expect(kept.every((one) => one)).toBe(true)
    expect(transactions()).toBeLessThan(40)
    const { rows } = await database.query<{ day: Day; bytes: Buffer }>("select day::text, bytes from envelopes")
    expect(rows).toHaveLength(150) // all of them different, so that sets compare them
    const named = ({ day, bytes }: { day: Day; bytes: Uint8Array }) => `${day} ${sha256(bytes)}`
    expect(new Set(rows.map(named))).toEqual(new Set(all.map(named)))
    const { rows: mails } = await database.query("select reporter, slot::text from mails")
    expect(mails).toEqual([{ reporter: "one", slot: "2026-11-22 16:30:00+00" }])
  })

  test("refuses all of a closed day, and keeps what came with it for another", async () => {
    const writer = batchWriter([openLane(fresh.url, quiet)])
    await envelopeStore(database).close(addDays(today, -5), addDays(today, -5))
    const days = [-5, 0, -5, -1].map((shift) => addDays(today, shift))
    expect(await Promise.all(days.map((day) => writer.keep(day, body(1), SLOT)))).toEqual([false, true, false, true])
    await writer.stop()
  })

  test("closes a day only after what is under way for it, and nothing comes in later", async () => {
    const day = addDays(today, -4)
    const writer = batchWriter([openLane(fresh.url, quiet), openLane(fresh.url, quiet)])
    const sends = Array.from({ length: 200 }, (_, index) => writer.keep(day, body(index), SLOT))
    await sends[0]
    await envelopeStore(database).close(day, day)
    const { rows } = await database.query<{ count: number }>("select count(*)::int from envelopes where day = $1::date", [day])
    const kept = (await Promise.all(sends)).filter((one) => one).length
    expect(rows[0]?.count).toBe(kept)
    await writer.stop()
  })

  test("says that it is full before it holds more than it may, and keeps nothing of what it refused", async () => {
    const writer = batchWriter([openLane(fresh.url, quiet)], 8 * 32_768)
    const sends = Array.from({ length: 12 }, () => writer.keep(addDays(today, 1), body(2), SLOT))
    const outcomes = await Promise.allSettled(sends)
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(8).fill("fulfilled"), ...Array(4).fill("rejected")])
    const [refused] = outcomes.filter((one) => one.status === "rejected")
    expect(refused?.reason).toMatchObject({ type: "not-ready", status: 503 })
    const { rows } = await database.query<{ count: number }>("select count(*)::int from envelopes where day = $1::date", [
      addDays(today, 1),
    ])
    expect(rows[0]?.count).toBe(8)
    await writer.stop()
  })

  test("fails what was on a connection that broke, and goes on over a new one", async () => {
    const writer = batchWriter([openLane(fresh.url, quiet)])
    expect(await writer.keep(today, body(3), SLOT)).toBe(true)
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    )
    const outcomes = await Promise.allSettled([writer.keep(today, body(4), SLOT)])
    await expect(writer.keep(today, body(5), SLOT)).resolves.toBe(true)
    expect(outcomes).toHaveLength(1)
    await writer.stop()
  })

  test("stops only after what is waiting has been committed", async () => {
    const writer = batchWriter([openLane(fresh.url, quiet)])
    const sends = Promise.all(Array.from({ length: 50 }, () => writer.keep(today, body(6), SLOT)))
    await writer.stop()
    expect(await sends).toEqual(Array(50).fill(true))
  })
})

describe("the short way to it", () => {
  let newsroom: TestNewsroom
  let server: TestServer
  beforeAll(async () => {
    newsroom = await makeNewsroom({ today })
    server = await startServer(newsroom, today)
  })
  afterAll(() => server.stop())
  const send = (bytes: Uint8Array, headers: Record<string, string> = {}, day: string = today) =>
    ask(server.base, "POST", `/api/envelopes?day=${day}`, { headers: { "content-type": "application/age", ...headers }, body: bytes })
  const first = () => newsroom.reporters[0] ?? fail("no reporter")
  const fail = (why: string): never => {
    throw new Error(why)
  }

  test("answers as the routes do: the same status, words and headers for what is taken and for what is refused", async () => {
    const tip = await newsroom.tip(today, [first()], "hello")
    const altered = new Uint8Array(tip)
    altered[30] = 0x20
    const cases: [Uint8Array, string, number][] = [
      [tip, today, 201],
      [altered, today, 422],
      [tip, "2026-11-01", 422],
      [tip, "2026-13-01", 400],
      [tip.slice(0, 20_000), today, 422],
    ]
    for (const [bytes, day, status] of cases) {
      const short = await send(bytes, {}, day)
      // An ampersand more changes nothing, but is not the form that pages use: it goes the long way.
      const long = await ask(server.base, "POST", `/api/envelopes?day=${day}&`, {
        headers: { "content-type": "application/age" },
        body: bytes,
      })
      expect([short.status, long.status]).toEqual([status, status])
      expect(short.body.equals(long.body)).toBe(true)
      const without = ({ headers }: typeof short) => Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "date"))
      expect(without(short)).toEqual(without(long))
      const expected = Object.entries(commonHeaders(newsroom.url)).map(([name, value]) => [name.toLowerCase(), value])
      expect(short.headers).toMatchObject(Object.fromEntries(expected))
    }
  })

  test("takes a body that arrives in pieces, and drops one whose sender goes away", async () => {
    const { request } = await import("node:http")
    const tip = await newsroom.tip(today, [first()], "in pieces")
    const { hostname, port } = new URL(server.base)
    const options = { hostname, port, method: "POST", path: `/api/envelopes?day=${today}` }
    const headers = { "content-type": "application/age", "content-length": String(tip.length) }
    const status = await new Promise((resolve, reject) => {
      const asked = request({ ...options, headers }, (answer) => resolve(answer.statusCode))
      asked.on("error", reject)
      asked.write(tip.slice(0, 10))
      setTimeout(() => asked.write(tip.slice(10, 20_000)), 20)
      setTimeout(() => asked.end(tip.slice(20_000)), 40)
    })
    expect(status).toBe(201)
    const gone = request({ ...options, headers })
    gone.on("error", () => undefined)
    gone.write(tip.slice(0, 100))
    await new Promise((resolve) => setTimeout(resolve, 30))
    gone.destroy()
    expect((await send(tip)).status).toBe(201)
    expect(server.events).toEqual(server.events.filter(({ event }) => event !== "broken"))
  })
})
