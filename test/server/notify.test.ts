/** The mail that says nothing: when it is sent, to whom, how often, and that a day with news looks like one without. */

import { execFile } from "node:child_process"
import { getEventListeners, once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { simpleParser } from "mailparser"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import { type Database, migrate, openDatabase } from "../../server/database.ts"
import { envelopeStore } from "../../server/envelopes.ts"
import type { Event } from "../../server/log.ts"
import { type Notifier, sleep, smtpPost, startNotifier } from "../../server/notify.ts"
import { type Outbox, outbox } from "../../server/outbox.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { parseSchedule, type Schedule } from "../../server/schedule.ts"
import { subscriptionStore } from "../../server/subscriptions.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Mail, openPostOffice, type PostOffice } from "../support/mail.ts"
import { describeWhere } from "../support/needs.ts"

const run = promisify(execFile)
const today = "2026-11-22" as Day // a Sunday
const quiet = () => undefined
const MAIL = { from: "notes@example.org", ehlo: "example.org" }
let fresh: TestDatabase
let database: Database
let post: PostOffice
beforeEach(async () => {
  fresh = await freshDatabase()
  database = openDatabase(fresh.url, quiet)
  await migrate(database, MIGRATIONS, quiet)
  post = await openPostOffice()
})
afterEach(async () => {
  await post.stop()
  await database.close()
  await fresh.drop()
})
const MIGRATIONS = join(__dirname, "../../db/migrations")

test("waiting leaves nothing behind, however often, and ends at once when told", async () => {
  const stopping = new AbortController()
  for (let i = 0; i < 3; i++) await sleep(50, stopping.signal)
  expect(getEventListeners(stopping.signal, "abort")).toHaveLength(0)
  const waiting = sleep(60_000, stopping.signal)
  stopping.abort()
  await waiting
  await sleep(60_000, stopping.signal)
})
const instant = (day: Day, time: string) => Date.parse(`${day}T${time}:00Z`)
const subscribe = (reporter: string, change: object = {}) =>
  subscriptionStore(database).set(
    reporter as never,
    { address: `${reporter}@example.org`, mode: "always", pace: "each", ...change } as never,
  )

/** Everything that is due at a time of the schedule, handed to the post office, in the order in which it is claimed. */
async function deliver(schedule: Schedule, tick: number, at = tick + schedule.jitterMs): Promise<string[]> {
  const [mails, sender] = [outbox(database), smtpPost({ url: post.url, ...MAIL })]
  await mails.tick(tick, schedule.paces(tick), schedule.jitterMs)
  const told: string[] = []
  for (let mail = await mails.claim(at); mail !== undefined; mail = await mails.claim(at)) {
    await sender.send(mail)
    await mails.sent(mail, at)
    told.push(mail.reporter)
  }
  sender.close()
  return told
}
async function tip(day: Day, next: number): Promise<void> {
  await keepPartitions(database, day, undefined, quiet)
  await envelopeStore(database).keep(day, new Uint8Array(32_768), next)
}
const constant = ({ raw }: Mail) => raw.replace(/^Date: .*$/m, "Date:").replace(/^Message-ID: .*$/im, "Message-ID:")

describe("14 days, half of them without a tip", () => {
  test("give mails that differ in Date and Message-ID only, of one length, one recipient each, in no order", async () => {
    const schedule = parseSchedule("07:30 16:30", "UTC")
    const reporters = ["ada", "bo", "cy"]
    for (const reporter of reporters) await subscribe(reporter)
    const orders = new Set<string>()
    for (let shift = 0; shift < 14; shift++)
      for (const time of ["07:30", "16:30"]) {
        const [day, tick] = [addDays(today, shift), instant(addDays(today, shift), time)]
        if (shift % 2 === 0) await tip(day, tick)
        orders.add((await deliver(schedule, tick)).join(" "))
      }
    expect(post.mails).toHaveLength(14 * 2 * reporters.length)
    expect(new Set(post.mails.map((mail) => constant(mail).replaceAll(/(ada|bo|cy)@/g, "x@"))).size).toBe(1)
    expect(new Set(post.mails.filter(({ to }) => to[0] === "ada@example.org").map(({ raw }) => raw.length)).size).toBe(1)
    expect(post.mails.every(({ to }) => to.length === 1)).toBe(true)
    expect(orders.size).toBeGreaterThan(3)
    const dates = await Promise.all(post.mails.map(async ({ raw }) => (await simpleParser(raw)).date?.toISOString().slice(11)))
    expect(new Set(dates)).toEqual(new Set(["07:30:00.000Z", "16:30:00.000Z"]))
  })
})

describe("a mail", () => {
  test("leaves at a moment of its own after its time, never before, and the same time is told once by several processes", async () => {
    const schedule = parseSchedule("07:30", "UTC")
    for (let index = 0; index < 20; index++) await subscribe(`r${index}`)
    const tick = instant(today, "07:30")
    await Promise.all([1, 2, 3].map(() => outbox(database).tick(tick, schedule.paces(tick), schedule.jitterMs)))
    const { rows } = await database.query<{ at: number }>("select extract(epoch from retry_at)::float8 * 1000 as at from mails")
    expect(rows).toHaveLength(20)
    expect(rows.every(({ at }) => at >= tick && at <= tick + schedule.jitterMs)).toBe(true)
    expect(new Set(rows.map(({ at }) => Math.round(at))).size).toBeGreaterThan(10)
    expect(await outbox(database).claim(tick - 1)).toBeUndefined()
    for (let mail = await outbox(database).claim(tick + 300_000); mail !== undefined; mail = await outbox(database).claim(tick + 300_000))
      await outbox(database).sent(mail, tick + 300_000)
    await outbox(database).tick(tick, schedule.paces(tick), 0)
    expect((await database.query("select from mails")).rowCount).toBe(0)
  })

  test("goes at the pace that its reporter set, with news that came at any time before", async () => {
    const schedule = parseSchedule("07:30 16:30", "UTC")
    await subscribe("each", { mode: "news" })
    await subscribe("daily", { mode: "news", pace: "daily" })
    await subscribe("weekly", { mode: "news", pace: "weekly" })
    const told: [string, string, string[]][] = []
    for (const [shift, time] of [
      [0, "16:30"],
      [1, "07:30"],
      [1, "16:30"],
      [2, "07:30"],
      [8, "07:30"],
    ] as const) {
      const [day, tick] = [addDays(today, shift), instant(addDays(today, shift), time)]
      if (shift === 0 || (shift === 1 && time === "16:30")) await tip(day, tick)
      told.push([day, time, (await deliver(schedule, tick)).sort((one, other) => one.localeCompare(other))])
    }
    expect(told).toEqual([
      ["2026-11-22", "16:30", ["each"]],
      ["2026-11-23", "07:30", ["daily", "weekly"]],
      ["2026-11-23", "16:30", ["each"]],
      ["2026-11-24", "07:30", ["daily"]],
      ["2026-11-30", "07:30", ["weekly"]],
    ])
  })

  test("is not made up for when its time passed while nobody ran: the next one says it", async () => {
    const schedule = parseSchedule("07:30 16:30", "UTC")
    await subscribe("one", { mode: "news" })
    await tip(today, instant(today, "07:30"))
    // Started in between: the loop begins with the next time to come.
    let now = instant(today, "09:00")
    const notifier: Notifier = startNotifier({
      outbox: outbox(database),
      post: smtpPost({ url: post.url, ...MAIL }),
      schedule: { ...schedule, jitterMs: 0 },
      clock: { now: () => now, today: () => dayOf(now) },
      log: quiet,
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(post.mails).toHaveLength(0)
    await notifier.stop()
    now = instant(today, "16:30")
    expect(await deliver(schedule, now)).toEqual(["one"])
    expect((await simpleParser(post.mails[0]?.raw ?? "")).date).toEqual(new Date(now))
  })
})

describe("a tip that is kept in the midst of a tick", () => {
  test("takes the mail of that time from nobody, and is said of at the next", async () => {
    const [slot, next] = [instant(today, "16:30"), instant(addDays(today, 1), "07:30")]
    await subscribe("one")
    await subscribe("two", { mode: "news" })
    await keepPartitions(database, today, undefined, quiet)
    // After what was waiting has been gathered, and before the mails are queued: a tip that took its time a moment before.
    const meanwhile: Database = {
      ...database,
      transaction: (work) =>
        database.transaction((queries) =>
          work({
            async query(sql, values) {
              if (sql.trimStart().startsWith("insert into mails")) await tip(today, slot)
              return queries.query(sql, values)
            },
          }),
        ),
    }
    const told = async (mails: Outbox, at: number) => {
      await mails.tick(at, ["each"], 0)
      const names: string[] = []
      for (let mail = await mails.claim(at); mail !== undefined; mail = await mails.claim(at)) {
        names.push(mail.reporter)
        await mails.sent(mail, at)
      }
      return new Set(names)
    }
    expect(await told(outbox(meanwhile), slot)).toEqual(new Set(["one"]))
    expect(await told(outbox(database), next)).toEqual(new Set(["one", "two"]))
  })
})

describe("a clock that was a year ahead", () => {
  const schedule = { ...parseSchedule("07:30 16:30", "UTC"), jitterMs: 0 }
  const later = addDays(today, 365)

  test("and is set right while the server runs: mails go out at their times again", async () => {
    await subscribe("one")
    let now = instant(later, "06:00")
    const notifier = startNotifier({
      outbox: outbox(database),
      post: smtpPost({ url: post.url, ...MAIL }),
      schedule,
      clock: { now: () => now, today: () => dayOf(now) },
      log: quiet,
      async wait() {
        now += now > instant(addDays(today, 30), "06:00") ? instant(today, "06:00") - now : post.mails.length === 0 ? 600_000 : 0
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    })
    while (post.mails.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await notifier.stop()
    expect((await simpleParser(post.mails[0]?.raw ?? "")).date).toEqual(new Date(instant(today, "07:30")))
  })

  test("and had mails queued by then: what it wrote holds nobody's mails back", async () => {
    await subscribe("one")
    await subscribe("two", { mode: "news" })
    await outbox(database).tick(instant(later, "07:30"), ["each"], 0)
    await outbox(database).claim(instant(later, "07:30"))
    await tip(today, instant(later, "16:30"))
    const told = await deliver(schedule, instant(today, "07:30"))
    expect([told.length, new Set(told)]).toEqual([2, new Set(["one", "two"])])
  })
})

describe("a relay that dribbles", () => {
  test("holds a mail for so long and no longer, and its connection is closed", async () => {
    let hasEnded = false
    const relay = createServer((socket) => {
      socket.on("error", () => undefined).on("close", () => (hasEnded = true))
      socket.write("220 relay.example.org\r\n")
      socket.once("data", () => {
        const dribble = setInterval(() => socket.write("250-MORE\r\n"), 50)
        socket.once("close", () => clearInterval(dribble))
      })
    }).listen(0, "127.0.0.1")
    await once(relay, "listening")
    const sender = smtpPost({ url: `smtp://127.0.0.1:${(relay.address() as AddressInfo).port}`, ...MAIL }, 1_000)
    await expect(sender.send({ reporter: "one", address: "one@example.org", id: "1", slot: 0, attempts: 1 })).rejects.toThrow()
    while (!hasEnded) await new Promise((resolve) => setTimeout(resolve, 10))
    relay.close()
  })
})

describe("a relay that is down for a day", () => {
  test("delays no tip and loses no mail; it is told to the operator, tried less and less often, and one mail says it all in the end", async () => {
    await subscribe("one")
    const { port } = post
    await post.stop()
    const events: Event[] = []
    const tries: number[] = []
    const start = instant(today, "07:00")
    let now = start
    let isDown = true
    const sender = smtpPost({ url: `smtp://127.0.0.1:${port}`, ...MAIL })
    const notifier = startNotifier({
      outbox: outbox(database),
      post: {
        async send(mail) {
          tries.push(now)
          await sender.send(mail)
        },
        close: () => sender.close(),
      },
      schedule: { ...parseSchedule("07:30 16:30", "UTC"), jitterMs: 0 },
      clock: { now: () => now, today: () => dayOf(now) },
      log: (event) => events.push(event),
      // A day passes in moments; then the relay is there again.
      async wait(milliseconds) {
        // Once the mail is there the clock stands: the next day's would come while the test still looks at this one.
        if (isDown || post.mails.length === 0) now += Math.max(milliseconds, 1_000)
        await new Promise((resolve) => setImmediate(resolve))
        if (isDown && now - start >= 86_400_000) {
          isDown = false
          post = await openPostOffice({ port })
        }
      },
    })
    await tip(today, instant(today, "07:30"))
    while (post.mails.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
    while ((await database.query("select from mails")).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 50))
    await notifier.stop()
    expect(tries.length).toBeGreaterThan(20)
    expect(tries.length).toBeLessThan(60)
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    expect(Math.min(...gaps.slice(5))).toBeGreaterThan(gaps[0] ?? 0)
    expect(events.filter(({ event }) => event === "mail failed").length).toBe(tries.length - 1)
    expect(events).toContainEqual({ event: "mail failed", reason: "connection" })
    expect(post.mails).toHaveLength(1)
    expect((await simpleParser(post.mails[0]?.raw ?? "")).date).toEqual(new Date(instant(today, "07:30")))
  })
})

describeWhere("/usr/bin/gpg", "a sealed status", () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp("/tmp/sotto-gpg-")
  })
  afterEach(async () => {
    await run("gpgconf", ["--homedir", home, "--kill", "all"]).catch(() => undefined)
    await rm(home, { recursive: true, force: true })
  })
  const gpg = (...args: string[]) =>
    run("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...args])

  test.each([
    ["future-default", "default"],
    ["rsa3072", "encr"],
  ])(
    "to a key made by gpg (%s) opens with gpg, and the mail has one size with news and without",
    async (kind, usage) => {
      await gpg("--quick-generate-key", "Reporter One <one@example.org>", kind, usage, "never")
      const { stdout: key } = await gpg("--armor", "--export", "one@example.org")
      await subscribe("one", { openpgp: key })
      const schedule = parseSchedule("07:30", "UTC")
      const said: string[] = []
      for (let shift = 0; shift < 4; shift++) {
        const [day, tick] = [addDays(today, shift), instant(addDays(today, shift), "07:30")]
        if (shift % 2 === 1) await tip(day, tick)
        await deliver(schedule, tick)
        const { text } = await simpleParser(post.mails.at(-1)?.raw ?? "")
        await writeFile(join(home, "mail.asc"), text ?? "")
        said.push((await gpg("--decrypt", join(home, "mail.asc"))).stdout)
      }
      expect(said.map((text) => text.split("\n")[0])).toEqual([
        "Nothing has come since the last of these mails.",
        "Something has come since the last of these mails.",
        "Nothing has come since the last of these mails.",
        "Something has come since the last of these mails.",
      ])
      expect(new Set(post.mails.map(({ raw }) => raw.length)).size).toBe(1)
      expect(
        new Set(post.mails.map(({ raw }) => raw.replace(/-----BEGIN[\s\S]*-----/, "").replace(/^(Date|Message-ID): .*$/gim, ""))).size,
      ).toBe(1)
    },
    60_000,
  )
})
