/** A flood without identities: what keeps the line open when nobody may be told from anybody else. */

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { type Day, dayOf } from "../../envelope/day.ts"
import { newSignKey, type SignKey, verifyKeyOf } from "../../envelope/keys.ts"
import { mailboxAddress } from "../../keyring/mailbox.ts"
import { parseChallenge, solve } from "../../keyring/work.ts"
import { type Database, migrate, openDatabase } from "../../server/database.ts"
import { type Gate, makeGate } from "../../server/gate.ts"
import type { Event } from "../../server/log.ts"
import { nonceStore } from "../../server/nonces.ts"
import { watchRoom } from "../../server/room.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { hashOfBody, signedLook } from "../support/mailbox.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, MIGRATIONS, startServer } from "../support/server.ts"

const quiet = () => undefined
const FLOOR_BYTES = 32_768
let fresh: TestDatabase
let database: Database
let now: number
const clock = { now: () => now, today: () => dayOf(now) }
beforeEach(async () => {
  now = Date.parse("2026-11-22T12:00:00Z")
  fresh = await freshDatabase()
  database = openDatabase(fresh.url, quiet)
  await migrate(database, MIGRATIONS, quiet)
})
afterEach(async () => {
  await database.close()
  await fresh.drop()
})

const secret = async () => new Uint8Array(32).fill(7)
const always = { freeShare: async () => 1 }
const open = (limits = { calm: 60, lane: 20 }): Gate => makeGate({ secret, nonces: nonceStore(database), clock, room: always, limits })
/** The problem's type with which somebody was refused; `undefined`: they were let in. */
const tried = (gate: Gate, isSmallest: boolean, work?: string): Promise<string | undefined> =>
  gate.admit(isSmallest, work).then(
    () => undefined,
    (error) => error.type,
  )
async function sum(gate: Gate): Promise<string> {
  const challenge = parseChallenge((await gate.challenge()) ?? "")
  const work = challenge && (await solve(challenge))
  if (work === undefined) throw new Error("nothing was asked for")
  return work
}
/** As many as bring the gate to ask for something. */
async function flood(gate: Gate, count = 61): Promise<void> {
  for (let index = 0; index < count; index++) await tried(gate, true)
}

test("a database that was away when the first sum was asked for is asked again", async () => {
  const answers = [() => Promise.reject(new Error("the database is away")), secret]
  const gate = makeGate({
    secret: () => (answers.shift() ?? secret)(),
    nonces: nonceStore(database),
    clock,
    room: always,
  })
  await flood(gate)
  await expect(gate.challenge()).rejects.toThrow("the database is away")
  expect(await tried(gate, false, await sum(gate))).toBeUndefined()
})

describe("while it is calm", () => {
  test("nothing is asked of anybody, whatever the size", async () => {
    const gate = open()
    for (let index = 0; index < 120; index++) {
      now += 2_000
      expect(await gate.challenge()).toBeUndefined()
      expect(await tried(gate, index % 2 === 0)).toBeUndefined()
    }
  })
})

describe("while many send", () => {
  test("a sum is asked for, larger the more are let in, and nothing any more when it is over", async () => {
    const gate = open({ calm: 5, lane: 0 })
    const bits = async () => parseChallenge((await gate.challenge()) ?? "")?.bits ?? 0
    await flood(gate, 6)
    expect(await bits()).toBe(4)
    for (let index = 0; index < 16; index++) expect(await tried(gate, false, await sum(gate))).toBeUndefined()
    expect(await bits()).toBe(6)
    now += 600_000
    expect(await bits()).toBe(0)
    expect(await tried(gate, false)).toBeUndefined()
  }, 60_000)

  test("a sum is taken once, by any process, and only as it was asked for", async () => {
    const [gate, other] = [open({ calm: 5, lane: 0 }), open({ calm: 5, lane: 0 })]
    await flood(gate, 6)
    await flood(other, 6)
    const work = await sum(gate)
    expect(await tried(other, false, work)).toBeUndefined()
    expect([await tried(gate, false, work), await tried(other, false, work)]).toEqual(["bad-work", "bad-work"])
    const [fresh, late] = [await sum(gate), await sum(gate)]
    const counters = fresh.split(" ").at(-1) ?? ""
    const altered = fresh.replace(/ ([4-8]) /, " 1 ")
    const wrong = fresh.replace(
      counters,
      counters
        .split(".")
        .map(() => "1048575")
        .join("."),
    )
    for (const bad of ["", "x", altered, wrong, fresh.replace(counters, "1.2.3"), `${fresh} `, fresh.toUpperCase()])
      expect(await tried(gate, false, bad)).toBe("bad-work")
    now += 601_000
    expect(await tried(gate, false, late)).toBe("bad-work")
  }, 60_000)

  test("the smallest envelopes have a lane without a sum", async () => {
    const gate = open({ calm: 5, lane: 3 })
    await flood(gate, 6)
    const outcomes = []
    for (let index = 0; index < 5; index++) outcomes.push(await tried(gate, true))
    expect(outcomes).toEqual([undefined, undefined, "work-wanted", "work-wanted", "work-wanted"])
    expect(await tried(gate, false)).toBe("work-wanted")
    now += 60_000
    expect(await tried(gate, true)).toBeUndefined()
  })
})

describe("while many look into mailboxes", () => {
  const looked = (gate: Gate, work?: string): Promise<string | undefined> =>
    gate.admitLook(work).then(
      () => undefined,
      (error) => error.type,
    )

  test("the same sum is asked of everybody who looks, once each, and nothing any more when it is over", async () => {
    const gate = open({ calm: 5, lane: 3 })
    for (let index = 0; index < 5; index++) expect(await looked(gate)).toBeUndefined()
    expect([await looked(gate), await looked(gate)]).toEqual(["work-wanted", "work-wanted"])
    const work = await sum(gate)
    expect([await looked(gate, work), await looked(gate, work), await looked(gate, "x")]).toEqual([undefined, "bad-work", "bad-work"])
    now += 600_000
    expect(await looked(gate)).toBeUndefined()
  })

  test("a tip costs no more, and while many send a look costs no more", async () => {
    const gate = open({ calm: 5, lane: 0 })
    for (let index = 0; index < 100; index++) await looked(gate)
    expect(await tried(gate, false)).toBeUndefined()
    const other = open({ calm: 5, lane: 0 })
    await flood(other, 100)
    expect(await looked(other)).toBeUndefined()
  })

  test("by HTTP: what is refused has one shape whether or not a reply waits, deletes nothing, and the sum opens either", async () => {
    const today = "2026-11-22" as Day
    const newsroom = await makeNewsroom({ today })
    const server = await startServer(newsroom, today, undefined, { calm: 2, lane: 0 })
    const [full, empty] = [await newSignKey(), await newSignKey()]
    const reply = await newsroom.tip(today, newsroom.reporters, "an answer")
    const posted = await ask(server.base, "POST", `/api/replies?day=${today}`, {
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.concat([await mailboxAddress(await verifyKeyOf(full)), reply]),
    })
    expect(posted.status).toBe(201)
    const look = async (key: SignKey, work?: string, named: readonly Uint8Array[] = []) => {
      const { headers, body } = await signedLook({ key, day: today, url: newsroom.url, named })
      return ask(server.base, "POST", "/api/mailbox", { headers: { ...headers, ...(work && { "sotto-work": work }) }, body })
    }
    const outside = ({ status, headers, body }: Answered) => ({ status, headers: { ...headers, date: "" }, body: body.toString("latin1") })
    for (let index = 0; index < 2; index++) expect((await look(empty)).status).toBe(200)
    const [refused, other] = [await look(full, undefined, [hashOfBody(reply)]), await look(empty)]
    expect(refused.status).toBe(429)
    expect(outside(refused)).toEqual(outside(other))
    const earned = async () => {
      const { challenge } = JSON.parse((await ask(server.base, "GET", "/api/challenge")).body.toString("utf8"))
      const asked = parseChallenge(challenge)
      return (asked && (await solve(asked))) ?? ""
    }
    const [one, two] = [await look(full, await earned()), await look(empty, await earned())]
    expect([one.status, two.status]).toEqual([200, 200])
    expect([one.body.length, one.body.indexOf(reply)]).toEqual([two.body.length, 0])
    await server.stop()
  }, 60_000)
})

describe("10,000 junk tips in an hour", () => {
  test("take little of the disk, and neither who does the sum nor who cannot is kept out", async () => {
    const gate = open()
    let [junk, honest, withoutSum, attempts] = [0, 0, 0, 0]
    for (let index = 0; index < 10_000; index++) {
      now += 360
      if ((await tried(gate, true)) === undefined) junk++
      // Every six minutes somebody who can calculate, and somebody who cannot and tries each second.
      if (index % 1_000 === 500) {
        const work = (await gate.challenge()) === undefined ? undefined : await sum(gate)
        if ((await tried(gate, true, work)) === undefined) honest++
      }
      if (index % 1_000 >= 600 && withoutSum <= Math.floor(index / 1_000) && index % 3 === 0) {
        attempts++
        if ((await tried(gate, true)) === undefined) withoutSum++
      }
    }
    expect(honest).toBe(10)
    expect(withoutSum).toBeGreaterThanOrEqual(10)
    expect(attempts).toBeLessThan(400)
    expect(junk * FLOOR_BYTES).toBeLessThan(200_000_000)
  }, 120_000)

  test("fill the store ever more slowly: the less is free, the fewer are let in", async () => {
    const letIn: number[] = []
    for (const free of [1, 0.5, 0.25, 0.05]) {
      const gate = makeGate({ secret, nonces: nonceStore(database), clock, room: { freeShare: async () => free } })
      let count = 0
      for (let index = 0; index < 10 * 167; index++) {
        now += 360
        if ((await tried(gate, true)) === undefined) count++
      }
      letIn.push(count)
    }
    for (const [index, count] of letIn.slice(1).entries()) expect(count).toBeLessThan(0.7 * (letIn[index] ?? 0))
    expect(letIn.at(-1)).toBeGreaterThan(0)
  }, 60_000)
})

describe("the store", () => {
  test("is watched: beyond four fifths only the smallest are taken, at the limit none, and the log says each once", async () => {
    const events: Event[] = []
    const { rows } = await database.query<{ bytes: number }>("select pg_database_size(current_database())::float8 as bytes")
    const bytes = rows[0]?.bytes ?? 0
    const gateOf = (limit: number) =>
      makeGate({ secret, nonces: nonceStore(database), clock, room: watchRoom(database, limit, (event) => events.push(event)) })
    const outcomes = async (limit: number) => {
      const gate = gateOf(limit)
      return [await tried(gate, true), await tried(gate, false)]
    }
    expect(await outcomes(bytes * 10)).toEqual([undefined, undefined])
    expect(await outcomes(bytes * 1.1)).toEqual([undefined, "not-ready"])
    expect(await outcomes(bytes * 0.9)).toEqual(["not-ready", "not-ready"])
    expect(events).toEqual([{ event: "storage low" }, { event: "storage full" }])
  })
})

describe("over HTTP", () => {
  test("a refusal names what is wanted, and with the sum the same envelope is taken", async () => {
    const today = "2026-11-22" as Day
    const newsroom = await makeNewsroom({ today })
    const server = await startServer(newsroom, today, undefined, { calm: 3, lane: 0 })
    const [reporter] = newsroom.reporters
    if (reporter === undefined) throw new Error("no reporter")
    const envelope = await newsroom.tip(today, [reporter], "hello")
    const send = (headers: Record<string, string> = {}) =>
      ask(server.base, "POST", `/api/envelopes?day=${today}`, {
        headers: { "content-type": "application/age", ...headers },
        body: envelope,
      })
    const asked = async () => JSON.parse((await ask(server.base, "GET", "/api/challenge")).body.toString("utf8"))
    expect(await asked()).toEqual({ challenge: null })
    const statuses = []
    for (let index = 0; index < 5; index++) statuses.push((await send()).status)
    expect(statuses).toEqual([201, 201, 201, 429, 429])
    expect(JSON.parse((await send()).body.toString("utf8")).type).toBe("urn:sotto:problem:work-wanted")
    const challenge = parseChallenge((await asked()).challenge)
    const work = challenge && (await solve(challenge))
    expect((await send({ "sotto-work": work ?? "" })).status).toBe(201)
    expect((await send({ "sotto-work": work ?? "" })).status).toBe(422)
    await server.stop()
  }, 60_000)
})
