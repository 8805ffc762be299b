/** A canary goes the public way to the real server, with the real page, and comes back with `sync`: who is told of it, and what is said when it does not. */

import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { canary, momentIn } from "../../scripts/reporter/canary.ts"
import { exportLetters } from "../../scripts/reporter/export.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { search } from "../../scripts/reporter/search.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { watch } from "../../scripts/reporter/watch.ts"
import { parseProxy } from "../../scripts/socks.ts"
import { backup, restore } from "../../scripts/vault/backup.ts"
import { readCanary } from "../../scripts/vault/canary.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { startProxy } from "../support/proxy.ts"
import { removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

let line: Line
let [one, bo]: TestDesk[] = []
const later = (days: number): Day => addDays(TODAY, days)
const send = (desk: TestDesk) => canary(desk, { delay: 0 })
const rows = async (): Promise<number> => Number((await line.server.database.query("SELECT count(*) FROM envelopes")).rows[0]?.count)
const stateOf = async (desk: TestDesk) => (await status(desk)).canary

beforeEach(async () => {
  line = await makeLine(["one", "bo"], { isPageServed: true })
  ;[one, bo] = line.reporters as [TestDesk, TestDesk]
}, 60_000)
afterEach(() => line.stop())
afterAll(removeFolders)

const desks = (): [TestDesk, TestDesk] => [one as TestDesk, bo as TestDesk]

describe("a canary", () => {
  test("comes back with sync, and is in no list, search, export or count; a colleague has nothing of it", async () => {
    const [own, other] = desks()
    await line.send({ message: "a real tip with a needle" })
    const before = await rows()
    expect(await send(own)).toBe(TODAY)
    expect(await rows()).toBe(before + 1)
    expect(await stateOf(own)).toEqual({ waiting: TODAY, arrived: null, missing: [] })

    own.said.clear()
    const synced = await sync(own)
    expect(synced.kept).toHaveLength(1)
    expect([synced.broken, synced.replays, synced.replies.length]).toEqual([0, 0, 0])
    expect(synced.canary).toEqual({ waiting: null, arrived: TODAY, missing: [] })
    expect(own.said.err()).not.toMatch(/canary/)
    expect((await inbox(own)).map(({ tip }) => tip)).toEqual([1])
    expect(await search(own, { words: ["needle"] })).toHaveLength(1)
    const found = await status(own)
    expect([found.tips, found.unread, found.threads]).toEqual([1, 1, 1])
    expect(own.said.out()).toContain(`canary    the newest that came back is of ${TODAY}`)
    const { letters } = await exportLetters(own, { numbers: [], all: true, format: "json", out: join(line.carried, "all.json") })
    expect(letters).toBe(1)
    expect(await readdir(homePaths(own.home).tips)).toEqual(["1.age"])

    const theirs = await sync(other)
    expect([theirs.kept.length, theirs.broken, theirs.replays]).toEqual([1, 0, 0])
    expect(theirs.canary).toEqual({ waiting: null, arrived: null, missing: [] })
    other.said.clear()
    await status(other)
    expect(other.said.out() + other.said.err()).not.toMatch(/canary/)
  }, 60_000)

  test("asks for what a browser asks for, and what it posts has the size of a tip", async () => {
    const [own] = desks()
    await line.send()
    line.requests()
    const languages = new Set<string | undefined>()
    line.server.server.on("request", ({ headers }) => languages.add(headers["accept-language"]))
    await send(own)
    expect(languages.size).toBe(1)
    const asked = line.requests()
    expect(asked[0]).toBe("GET /")
    expect(asked.filter((one) => /^GET \/[a-z-]+\.js$/.test(one))).toHaveLength(2)
    expect(asked.slice(-3)[0]).toBe("GET /api/today")
    expect(asked.at(-1)).toBe(`POST /api/envelopes?day=${TODAY}`)
    const { rows: sizes } = await line.server.database.query("SELECT DISTINCT octet_length(bytes) AS size FROM envelopes")
    expect(sizes).toHaveLength(1)
  }, 60_000)

  test("that the server says it keeps and does not show is told after one miss, by sync and status, until a later one comes back", async () => {
    const [own] = desks()
    await send(own)
    // A server that answers 201 and keeps nothing.
    await line.server.database.query("DELETE FROM envelopes")
    own.said.clear()
    await sync(own)
    // On its own day it may still be on its way.
    expect(own.said.err()).not.toMatch(/did not come back/)

    await line.goTo(later(1))
    own.said.clear()
    expect((await sync(own)).canary).toEqual({ waiting: TODAY, arrived: null, missing: [TODAY] })
    expect(own.said.err()).toContain(`warning: the canary of ${TODAY} did not come back`)
    own.said.clear()
    await status(own)
    expect(own.said.err()).toContain(`warning: the canary of ${TODAY} did not come back`)
    expect(own.said.out()).toContain(`canary    none has come back yet; MISSING: ${TODAY}`)

    expect(await send(own)).toBe(later(1))
    own.said.clear()
    expect((await sync(own)).canary).toEqual({ waiting: TODAY, arrived: later(1), missing: [TODAY] })
    expect(own.said.err()).not.toMatch(/did not come back/)
    // The day stays known for a month, and is not a warning any more.
    await line.goTo(later(32))
    expect((await sync(own)).canary).toEqual({ waiting: null, arrived: later(1), missing: [] })
  }, 60_000)

  test("that the server refuses is told at once, and is not missed later", async () => {
    const [own] = desks()
    await line.server.database.query("ALTER TABLE envelopes ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    await expect(send(own)).rejects.toMatchObject({ code: "failed", message: expect.stringMatching(/did not take the canary/) })
    await line.server.database.query("ALTER TABLE envelopes DROP CONSTRAINT full_up")
    await line.goTo(later(1))
    own.said.clear()
    expect((await sync(own)).canary).toEqual({ waiting: TODAY, arrived: null, missing: [] })
    expect(own.said.err()).not.toMatch(/did not come back/)
  }, 60_000)

  test("is one a day with --once, whether it came back or not", async () => {
    const [own] = desks()
    const once = () => canary(own, { delay: 0, once: true })
    expect(await once()).toBe(TODAY)
    expect(await once()).toBeUndefined()
    await sync(own)
    expect(await once()).toBeUndefined()
    expect(await rows()).toBe(1)
    await line.goTo(later(1))
    await sync(own)
    expect(await once()).toBe(later(1))
  }, 60_000)

  test("is refused before anything is sent where the page is told of nobody who could read it", async () => {
    const [own] = desks()
    // Longer than keys are published for.
    await line.goTo(later(40))
    const before = await rows()
    await expect(send(own)).rejects.toThrow()
    expect(await rows()).toBe(before)
    expect((await stateOf(own)).waiting).toBeNull()
  }, 60_000)

  test("after a backup was put back nothing is outstanding, and the next one is by the same source", async () => {
    const [own] = desks()
    await send(own)
    const file = join(line.carried, "one.backup")
    await backup(own, { file })
    const restored = line.again({ home: join(line.carried, "restored") } as TestDesk)
    await restore(restored, { file })
    const [was, is] = [await readCanary(own, await readSecrets(own)), await readCanary(restored, await readSecrets(restored))]
    expect(is?.sent).toEqual([])
    expect(is?.words).toEqual(was?.words)
    await sync(restored)
    await line.goTo(later(1))
    restored.said.clear()
    expect((await sync(restored)).canary.missing).toEqual([])
    expect(restored.said.err()).not.toMatch(/did not come back/)
    await send(restored)
    expect((await sync(restored)).canary.arrived).toBe(later(1))
  }, 60_000)
})

test("where many are sending, the sum is done as the page does it", async () => {
  const busy = await makeLine(["one"], { isPageServed: true, limits: { calm: 1, lane: 0 } })
  try {
    const own = busy.reporters[0] as TestDesk
    await busy.send()
    busy.requests()
    await send(own)
    expect(busy.requests().slice(-3)).toEqual([
      `POST /api/envelopes?day=${TODAY}`,
      "GET /api/challenge",
      `POST /api/envelopes?day=${TODAY}`,
    ])
    expect((await sync(own)).canary.arrived).toBe(TODAY)
  } finally {
    await busy.stop()
  }
}, 60_000)

describe("watch --canary", () => {
  test("sends one a day through the proxy, and what keeps it from being sent ends nothing", async () => {
    const [own] = desks()
    const proxy = await startProxy(Number(new URL(line.server.base).port))
    try {
      const { base: _, ...plain } = line.again(own)
      const desk = { ...plain, proxy: parseProxy(`127.0.0.1:${proxy.port}`) } as TestDesk
      const looks = (times: number) =>
        watch(desk, {
          every: 15,
          times,
          delay: 0,
          canary: true,
          below: () => 0,
          notify: () => Promise.resolve(),
          wait: () => Promise.resolve(),
        })
      await looks(3)
      expect(await rows()).toBe(1)
      expect(desk.said.out()).toBe("")
      expect((await stateOf(desk)).arrived).toBe(TODAY)

      await line.goTo(later(1))
      await line.server.database.query("ALTER TABLE envelopes ADD CONSTRAINT full_up CHECK (false) NOT VALID")
      desk.said.clear()
      await looks(2)
      expect(desk.said.err()).toContain("warning: there is no canary today: the server did not take the canary")
    } finally {
      proxy.server.close()
    }
  }, 60_000)
})

describe("its moment", () => {
  const gap = { now: 1_000_000, everyMs: 900_000, next: 1_900_000, delay: 120 }
  test("is far from both looks, and each gap of a day is as likely as every other", () => {
    const limits: number[] = []
    const of = (leftMs: number, draw: (limit: number) => number) =>
      momentIn({ ...gap, leftMs }, (limit) => {
        limits.push(limit)
        return draw(limit)
      })
    expect(of(86_400_000, () => 1)).toBeUndefined()
    expect(limits).toEqual([96])
    const [first, last] = [of(86_400_000, () => 0), of(86_400_000, (limit) => (limit === 96 ? 0 : limit - 1))]
    expect(first).toEqual({ begin: gap.now + 60_000, delay: 120 })
    expect((last?.begin ?? 0) + 120_000).toBe(gap.next - 60_000 - 1)
    // The last gap of the day takes what is left.
    limits.length = 0
    expect(of(900_000, () => 0)).toBeDefined()
    expect(limits[0]).toBe(1)
    // A gap of a minute is too short for two minutes: it waits less, and still keeps away from both looks.
    const short = momentIn({ ...gap, everyMs: 60_000, next: gap.now + 60_000, leftMs: 86_400_000 }, () => 0)
    expect(short).toEqual({ begin: gap.now + 10_000, delay: 20 })
  })
})
