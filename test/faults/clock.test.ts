/** A clock that is off by a day, the server's or the source's: what is kept can be opened, or there is a clear error and nothing is kept.
 *  The server's clock is set wrong from outside, by libfaketime: it is the built server, which knows nothing of it. */

import { existsSync } from "node:fs"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { describeWhere } from "../support/needs.ts"
import { ask } from "../support/server.ts"

/** Debian's package `faketime`, on the kinds of machine that there are. */
const LIBRARY =
  ["x86_64", "aarch64"].map((kind) => `/usr/lib/${kind}-linux-gnu/faketime/libfaketime.so.1`).find((path) => existsSync(path)) ??
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
const DAY_MS = 86_400_000
let database: TestDatabase
let line: Line
beforeAll(async () => {
  database = await freshDatabase()
  line = await startLine(database.url, {})
  // As reporters prepare them: keys for more days than anybody's clock is off here.
  const notes = []
  for (const reporter of line.newsroom.reporters.slice(0, 1))
    for (const shift of [-3, -2, -1, 0, 1, 2, 3]) notes.push(await line.newsroom.dayNote(reporter, addDays(line.today, shift)))
  expect(await line.put("/api/days", { notes })).toBe(204)
}, 60_000)
afterAll(async () => {
  await line.remove()
  await database.drop()
})
afterEach(async () => {
  const client = new pg.Client({ ...database.connection })
  await client.connect()
  await client.query("delete from envelopes")
  await client.end()
})

const restart = async (days: number): Promise<void> => {
  await line.server.kill("SIGTERM")
  // The time that passes is let alone: only the date is another.
  await line.start(
    days === 0 ? {} : { LD_PRELOAD: LIBRARY, FAKETIME: `${days >= 0 ? "+" : ""}${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  )
}
const post = (envelope: Bytes, day: Day) =>
  ask(line.base, "POST", `/api/envelopes?day=${day}`, { headers: { "content-type": "application/age" }, body: envelope })
const told = async (): Promise<Day> => JSON.parse((await ask(line.base, "GET", "/api/today")).body.toString()).day
/** What each envelope that is kept says, opened with its reporter's key of the day for which it is kept; `undefined`: it does not open. */
async function opened(): Promise<readonly (string | undefined)[]> {
  const client = new pg.Client({ ...database.connection })
  await client.connect()
  const { rows } = await client.query<{ day: Day; bytes: Buffer }>("select day::text, bytes from envelopes order by id")
  await client.end()
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  return Promise.all(
    rows.map(async ({ day, bytes }) => {
      const opener = { identity: await reporter.seed(day), slot: reporter.slot, slots: 8 as const }
      const unlocked = await unlock([new Uint8Array(bytes)], opener)
      const tip = unlocked && (await readTip(unlocked))
      return tip?.tip.day === day ? tip.message : undefined
    }),
  )
}

describe("a source whose clock is off", () => {
  let launched: LaunchedBrowser
  beforeAll(async () => {
    launched = await launchBrowser()
  }, 60_000)
  afterAll(() => launched.close())

  test.each([[1], [-1]])(
    "by %i day sends a tip that opens for the day for which it is kept",
    async (off) => {
      const context = await launched.browser.newContext()
      const page = await context.newPage()
      await page.clock.install({ time: Date.now() + off * DAY_MS })
      await page.goto(line.newsroom.url)
      await page.locator("#check:enabled").waitFor()
      await page.locator("#readers input[type=checkbox]").first().check()
      await page.locator("#message").fill("from a day away")
      await page.locator("#check").click()
      await page.locator("#send").click()
      await page.locator("#sent").waitFor({ timeout: 60_000 })
      expect(await opened()).toEqual(["from a day away"])
      await context.close()
    },
    60_000,
  )

  test.each([[3], [-3]])(
    "by %i days is told of it before a word is written, and no request follows",
    async (off) => {
      const context = await launched.browser.newContext()
      const page = await context.newPage()
      const requests: string[] = []
      await page.clock.install({ time: Date.now() + off * DAY_MS })
      await page.goto(line.newsroom.url)
      await page.locator("#refused").waitFor()
      page.on("request", (request) => void requests.push(request.url()))
      expect(await page.locator("#refused").textContent()).toMatch(/date|clock/i)
      expect(await page.locator("#check:enabled").count()).toBe(0)
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(requests).toEqual([])
      expect(await opened()).toEqual([])
      await context.close()
    },
    60_000,
  )
})

describeWhere(LIBRARY, "a server whose clock is off", () => {
  test.each([
    [-1, [-3, -2, -1, 0]],
    [1, [-1, 0, 1, 2]],
  ])(
    "by %i day takes what its own day allows; all of it opens, and the rest is refused for its day",
    async (off, open) => {
      await restart(off)
      expect(await told()).toBe(addDays(line.today, off))
      const taken: number[] = []
      for (const shift of [-3, -2, -1, 0, 1, 2, 3]) {
        const on = addDays(line.today, shift)
        const [reporter] = line.newsroom.reporters
        const { status, body } = await post(await line.newsroom.tip(on, reporter === undefined ? [] : [reporter], `for ${on}`), on)
        if (status === 201) taken.push(shift)
        else expect([status, JSON.parse(body.toString()).type]).toEqual([422, "urn:sotto:problem:day-closed"])
      }
      // Whoever's own clock is right is among them, on either side.
      expect(taken).toEqual(open)
      const said = await opened()
      expect(said).toHaveLength(taken.length)
      expect(said).not.toContain(undefined)
      // A reporter cannot ask it for anything: a request carries its time.
      expect(await line.put("/api/notify", { address: "one@example.org", mode: "never" })).toBe(401)
      // Set right again, nothing has to be mended.
      await restart(0)
      expect(await told()).toBe(line.today)
      expect(await opened()).toEqual(said)
      expect(await line.put("/api/notify", { address: "one@example.org", mode: "never" })).toBe(204)
    },
    60_000,
  )

  test("by four days refuses whoever has the right date, and says that the date is the reason; nothing is kept", async () => {
    for (const off of [4, -4]) {
      await restart(off)
      const { status, body } = await post(await line.newsroom.tip(line.today, line.newsroom.reporters, "today"), line.today)
      expect([status, JSON.parse(body.toString()).type]).toEqual([422, "urn:sotto:problem:day-closed"])
    }
    expect(await opened()).toEqual([])
    // A day that it closed while it was ahead stays closed: its keys may be gone. So the line refuses for as many days as its clock was ahead.
    await restart(0)
    const later = addDays(line.today, 1)
    const statuses = []
    for (const on of [line.today, later])
      statuses.push((await post(await line.newsroom.tip(on, line.newsroom.reporters, "later"), on)).status)
    expect(statuses).toEqual([422, 422])
  }, 60_000)
})
