/** Day keys and their seeds over time, and commands that were cut at any write and run again. SPEC.md §4.4, §7. */

import { describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { publishKeyrings, renewKeyring } from "../../scripts/admin/keyring.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { publishKeys } from "../../scripts/reporter/keys.ts"
import { read } from "../../scripts/reporter/read.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { namesIn } from "../../scripts/vault/disk.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { keepRecords } from "../../scripts/vault/index-files.ts"
import { openVault } from "../../scripts/vault/vault.ts"
import { type TestDesk, TODAY } from "./bench.ts"
import { freshLines } from "./line.ts"

const line = freshLines()

const later = (days: number): Day => addDays(TODAY, days)
const seeds = async ({ home }: TestDesk) => (await namesIn(homePaths(home).days)).map((name) => name.slice(0, -4))

describe("seeds", () => {
  test("stay while the server takes envelopes for their day, and go with the first sync after", async () => {
    const { one, send, goTo } = await line()
    await send({ message: "the first day" })
    await sync(one)
    await goTo(later(2))
    expect((await sync(one)).destroyed).toEqual([])
    await goTo(later(3))
    expect((await sync(one)).destroyed).toEqual([TODAY])
    expect(await seeds(one)).not.toContain(TODAY)
    // What came is not lost with them.
    expect((await read(one, { number: 1 })).message).toBe("the first day")
  })

  test("stay when only one of the two clocks says that the day is over", async () => {
    const { one, clock, server } = await line()
    clock.day = later(3)
    await expect(sync(one)).rejects.toMatchObject({ type: "bad-signature" })
    expect(await seeds(one)).toContain(TODAY)
    server.clock.ms = Date.parse(`${later(3)}T12:00:00Z`)
    clock.day = TODAY
    await expect(sync(one)).rejects.toMatchObject({ type: "bad-signature" })
    expect(await seeds(one)).toContain(TODAY)
  })

  test("stay until all of their day was fetched, in whatever order things came", async () => {
    const { one, send, goTo, again } = await line()
    await send({})
    await send({})
    await goTo(later(3))
    const cut = again(one, {
      before(step, path) {
        if (step === "rename" && path.endsWith("2.age")) throw new Error("power cut")
      },
    })
    await expect(sync(cut)).rejects.toThrow("power cut")
    expect(await seeds(one)).toContain(TODAY)
    expect(await sync(one)).toMatchObject({ destroyed: [TODAY], kept: [{ tip: 1 }, { tip: 2 }] })
  })

  test("go after seedDays even if the server cannot be reached", async () => {
    const { one, clock, again, server } = await line()
    const alone = again(one, { base: "http://127.0.0.1:9" })
    for (const week of [1, 2, 3, 4, 5, 6, 7, 8]) {
      clock.day = later(7 * week)
      await expect(sync(alone)).rejects.toMatchObject({ message: "the server cannot be reached" })
    }
    clock.day = later(60)
    await expect(sync(alone)).rejects.toMatchObject({ message: "the server cannot be reached" })
    expect(await seeds(one)).toContain(TODAY)
    expect(alone.said.err()).toContain("warning: the key of 2026-11-22 will be destroyed in 1 days")
    clock.day = later(61)
    await expect(sync(alone)).rejects.toThrow()
    expect(await seeds(one)).not.toContain(TODAY)
    expect(server.base).toBeDefined()
  })
})

describe("seeds, when this machine's clock is wrong and nobody can be asked,", () => {
  test("stay, however far it jumped, to and fro, and how often it was tried; with the right date nothing is lost", async () => {
    const { one, clock, again, send } = await line(["one"])
    await send({ message: "sealed before the clock went wrong" })
    const alone = again(one, { base: "http://127.0.0.1:9" })
    const held = await seeds(one)
    expect(held).toHaveLength(15)
    for (const days of [366, 366, 367, 0, 366, -900, 3]) {
      clock.day = later(days)
      await expect(sync(alone)).rejects.toMatchObject({ message: "the server cannot be reached" })
      expect(await seeds(one)).toEqual(held)
    }
    expect(alone.said.err().replaceAll("\n", " ")).toContain(
      `this machine's clock says ${later(366)}, and at the last sync it said ${TODAY}; the server last agreed with it on ${TODAY}`,
    )
    clock.day = TODAY
    expect((await sync(one)).kept).toHaveLength(1)
    await send({ message: "and after" })
    expect((await sync(one)).kept).toHaveLength(1)
  })

  test("stay also in a vault that no earlier version wrote a clock into", async () => {
    const { one, clock, again } = await line(["one"])
    const { secrets, records } = await openVault(one)
    const { clock: _, ...without } = records
    await keepRecords(one, secrets, without)
    clock.day = later(366)
    await expect(sync(again(one, { base: "http://127.0.0.1:9" }))).rejects.toThrow()
    expect(await seeds(one)).toHaveLength(15)
  })

  test("go with the days that were counted, also when the host calls our clock wrong each time", async () => {
    const { one, clock } = await line(["one"])
    for (const days of [7, 14, 21, 28, 35, 42, 49, 56, 60]) {
      clock.day = later(days)
      await expect(sync(one)).rejects.toMatchObject({ type: "bad-signature" })
    }
    expect(await seeds(one)).toContain(TODAY)
    clock.day = later(61)
    await expect(sync(one)).rejects.toMatchObject({ type: "bad-signature" })
    expect((await seeds(one))[0]).toBe(later(1))
    // Months without a look count for a fortnight.
    clock.day = later(200)
    await expect(sync(one)).rejects.toThrow()
    expect((await seeds(one))[0]).toBeUndefined()
  })
})

describe("a reporter who was away", () => {
  test("loses nothing that was promised", async () => {
    const { one, send, goTo } = await line()
    for (const day of [0, 5, 14]) {
      await goTo(later(day))
      await send({ message: `day ${day}` })
    }
    await goTo(later(50))
    const { kept, destroyed } = await sync(one)
    const messages = []
    for (const { tip } of kept) messages.push((await read(one, { number: tip })).message)
    expect(messages).toEqual(["day 0", "day 5", "day 14"])
    expect(destroyed).toContain(TODAY)
  })
})

describe("day keys", () => {
  test("are signed again under a newer keyring, to the same recipients", async () => {
    const { admin, one, send } = await line()
    await renewKeyring(admin, {})
    await publishKeyrings(admin)
    expect(await publishKeys(one)).toHaveLength(15)
    expect(await publishKeys(one)).toEqual([])
    await send({ message: "after" })
    expect((await sync(one)).kept).toHaveLength(1)
  })

  test("are on disk before anybody can seal to them, wherever the publishing was cut", async () => {
    const { admin, one, again, send, goTo } = await line()
    for (let cut = 0; ; cut++) {
      await renewKeyring(admin, {})
      await publishKeyrings(admin)
      let left = cut * 3
      const cutting = again(one, {
        before: () => {
          if (left-- === 0) throw new Error("power cut")
        },
      })
      const done = await publishKeys(cutting).then(
        () => true,
        () => false,
      )
      await send({ to: ["one"], message: `cut ${cut}` })
      if (done) break
      await goTo(later(Math.min(cut + 1, 10)))
      await sync(one)
    }
    await sync(one)
    const tips = await inbox(one)
    const read1 = await Promise.all(tips.map(async ({ tip }) => (await read(one, { number: tip })).message))
    expect(read1).toEqual(tips.map((_, at) => `cut ${at}`))
  })
})

describe("a sync that is cut at any write, and run again,", () => {
  test("comes out as if it had not been cut", async () => {
    const { one, send, again, goTo } = await line(["one"])
    let sent = 0
    let day = 0
    for (let cut = 0; ; cut++) {
      await send({ message: `message ${sent++}` })
      await send({ message: `message ${sent++}` })
      // A day on: a new key to publish, and every fourth time a seed that is due.
      if (cut % 2 === 1) await goTo(later(++day))
      let left = cut
      const cutting = again(one, {
        before: () => {
          if (left-- <= 0) throw new Error("power cut")
        },
      })
      const done = await sync(cutting).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe("power cut")
          return false
        },
      )
      await sync(one)
      const tips = await inbox(one)
      expect(tips.map(({ tip }) => tip)).toEqual(Array.from({ length: sent }, (_, at) => at + 1))
      if (done) break
    }
    const found = new Set<string>()
    for (const { tip } of await inbox(one)) found.add((await read(one, { number: tip })).message)
    expect(found).toEqual(new Set(Array.from({ length: sent }, (_, at) => `message ${at}`)))
    expect(sent).toBeGreaterThan(20)
    expect(await seeds(one)).not.toContain(TODAY)
    expect((await namesIn(homePaths(one.home).tips)).filter((name) => name.endsWith(".age"))).toHaveLength(sent)
  })
})
