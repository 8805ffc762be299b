/** `sync` against the real server: what comes, what does not, what is refused, and what is left after a cut anywhere. SPEC.md §5. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { identityText } from "../../envelope/keys.ts"
import type { Hash, Id, NewsroomId } from "../../envelope/names.ts"
import { invite } from "../../scripts/admin/invite.ts"
import { publishKeyrings, renewKeyring } from "../../scripts/admin/keyring.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { setNotify } from "../../scripts/reporter/notify.ts"
import { read } from "../../scripts/reporter/read.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { namesIn } from "../../scripts/vault/disk.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { ceremony, type TestDesk, TODAY } from "./bench.ts"
import { freshLines, newSource } from "./line.ts"

const line = freshLines()

const later = (days: number): Day => addDays(TODAY, days)
const seeds = async ({ home }: TestDesk) => (await namesIn(homePaths(home).days)).map((name) => name.slice(0, -4))

describe("a first sync", () => {
  test("prints every change of the keyring, publishes day keys, and says what comes next", async () => {
    const { one, requests } = await line(["one"])
    expect(one.said.err()).toContain('keyring 3: slot 1 added, "Reporter one" (one), signed by root 1, 2026-11-22\n')
    expect(one.said.err()).toContain("published 15 day keys, 2026-11-22 to 2026-12-06\n")
    expect(await status(one)).toMatchObject({ keyring: { version: 3 }, reporter: { id: "one", slot: 1 }, reachableUntil: later(14) })
    expect(await seeds(one)).toHaveLength(15)
    requests()
  })

  test("is refused to somebody who was not admitted", async () => {
    const { admin, one, again, carried } = await line(["one"])
    const { reporters } = await ceremony(["eve"])
    const eve = reporters[0] as TestDesk
    await expect(sync({ ...eve, base: one.base ?? "" })).rejects.toMatchObject({ code: "forked" })
    // Of the same newsroom, invited and not admitted yet.
    await invite(admin, { name: "Cy", id: "cy", out: join(carried, "i.json") })
    const cy = again({ home: join(carried, "cy") } as TestDesk)
    await joinNewsroom(cy, { file: join(carried, "i.json"), out: join(carried, "j.note") })
    await expect(sync(cy)).rejects.toMatchObject({ code: "not-set-up", message: "keyring 3 does not name you" })
  })
})

describe("a tip", () => {
  test("is kept by whom it was sealed to, and by nobody else", async () => {
    const { one, bo, send } = await line()
    await send({ to: ["bo"], message: "for bo" })
    await send({ to: ["one", "bo"], message: "for both" })
    expect((await sync(one)).kept).toHaveLength(1)
    expect((await sync(bo)).kept).toHaveLength(2)
    expect((await read(one, { number: 1 })).message).toBe("for both")
    one.said.clear()
    expect(await inbox(one)).toMatchObject([{ tip: 1, day: TODAY, state: "read" }])
    expect(one.said.out()).toBe("1  2026-11-22  -  0 files  read  acknowledge in 7 days\n")
  })

  test("is asked for once: a sync with nothing new costs one request to the feed", async () => {
    const { one, send, requests } = await line()
    await send({ to: ["bo"] })
    await send({ to: ["one"] })
    await sync(one)
    requests()
    expect((await sync(one)).kept).toEqual([])
    expect(requests()).toEqual(["GET /api/keyrings?from=4", "GET /api/feed"])
    await send({ to: ["one"] })
    requests()
    expect((await sync(one)).kept).toMatchObject([{ tip: 2 }])
    expect(requests()).toEqual(["GET /api/keyrings?from=4", "GET /api/feed", "GET /api/feed/2026-11-22", "POST /api/feed/fetch"])
  })

  test("in the vault opens with stock age and the vault's key, and has the envelope's very payload", async () => {
    const { one, send } = await line()
    const envelope = await send({ message: "for anybody with age" })
    await sync(one)
    const kept = await readFile(homePaths(one.home).tip(1))
    const decrypter = new Decrypter()
    decrypter.addIdentity(identityText((await readSecrets(one)).vault))
    expect(Buffer.from(await decrypter.decrypt(kept)).toString()).toContain("for anybody with age")
    expect(Buffer.from(envelope).subarray(-1_000)).toEqual(kept.subarray(-1_000))
  })

  test("that comes in hundreds comes whole, in number order without a gap", async () => {
    const { one, seal, post, requests } = await line(["one"])
    for (let sent = 0; sent < 70; sent++) expect(await post(await seal({ message: `tip ${sent}` }))).toBe(201)
    requests()
    const { kept } = await sync(one)
    expect(requests().filter((one) => one === "POST /api/feed/fetch")).toHaveLength(2)
    expect(kept.map(({ tip }) => tip)).toEqual(Array.from({ length: 70 }, (_, at) => at + 1))
    expect(new Set(kept.map(({ re }) => re)).size).toBe(70)
  })
})

describe("what is not a tip to us", () => {
  test("does not stop the rest: broken and replayed envelopes are counted, said and asked for no more", async () => {
    const { one, bo, seal, post, send, requests } = await line()
    const good = await seal({ to: ["one"] })
    await post(good)
    await post(good)
    const cut = good.slice()
    cut[cut.length - 1_000] = (cut[cut.length - 1_000] ?? 0) ^ 1
    await post(cut)
    const header = await seal({ to: ["one"] })
    // Slot 2 of another envelope: ours still opens, the header is not the one that was sealed.
    header.set((await seal({ to: ["bo"] })).subarray(22 + 2 * 1_557, 22 + 3 * 1_557), 22 + 2 * 1_557)
    await post(header)
    await send({ to: ["one"], message: "the rest" })
    const { kept, broken, replays } = await sync(one)
    expect(kept).toHaveLength(2)
    expect([broken, replays]).toEqual([2, 1])
    expect(one.said.err()).toMatch(/is broken \(bad-mac\)/)
    expect(one.said.err()).toMatch(/is broken \(bad-payload\)/)
    expect(one.said.err()).toMatch(/is a copy of tip \d and was not kept again/)
    requests()
    expect(await sync(one)).toMatchObject({ kept: [], broken: 0, replays: 0 })
    expect(requests()).toHaveLength(2)
    expect((await sync(bo)).kept).toEqual([])
  })

  const other = new Uint8Array(32) as Bytes as NewsroomId
  test.each([
    ["to another newsroom", { newsroom: other }, "wrong-newsroom"],
    ["of another day", { day: addDays(TODAY, -1) }, "wrong-day"],
    ["to somebody else, passed on", { to: ["bo"] as Id[] }, "not-addressed"],
  ])("is refused %s", async (_what, change, code) => {
    const { one, send } = await line()
    await send({ to: ["one"], change })
    expect(await sync(one)).toMatchObject({ kept: [], broken: 1 })
    expect(one.said.err()).toContain(`(${code})`)
    expect(await namesIn(homePaths(one.home).tips)).toEqual([])
  })
})

describe("a tip that makes a reader careful", () => {
  test("was written under a keyring that is not ours", async () => {
    const { one, send } = await line()
    await send({ change: { keyring: Buffer.alloc(32, 9).toString("base64url") as Hash } })
    await sync(one)
    one.said.clear()
    await read(one, { number: 1 })
    expect(one.said.out().replaceAll("\n", " ")).toContain("warning: THE PAGE SHOWED A KEYRING THAT IS NOT ON YOUR CHAIN")
  })

  test("was written under one that had been replaced noteDays before", async () => {
    const { admin, one, send, goTo } = await line()
    const old = (await renewKeyring(admin, {})).keyring.previous
    await publishKeyrings(admin)
    await sync(one)
    for (const [days, isLate] of [
      [13, false],
      [14, true],
    ] as const) {
      await goTo(later(days))
      await sync(one)
      await send({ change: { keyring: old as Hash } })
      const { kept } = await sync(one)
      one.said.clear()
      await read(one, { number: kept[0]?.tip ?? 0 })
      expect(one.said.out().replaceAll("\n", " ").includes(`WHICH HAD BEEN REPLACED ${days} DAYS BEFORE`)).toBe(isLate)
    }
  })

  test("was told that a colleague cannot be reached", async () => {
    const { one, send } = await line()
    await send({ to: ["one"] })
    await send({ to: ["one"], change: { reachable: ["one"] as Id[] } })
    await sync(one)
    one.said.clear()
    await read(one, { number: 1 })
    await read(one, { number: 2 })
    expect(one.said.out().match(/warning: the page said it could not reach: "Reporter bo" \(bo\)/g)).toHaveLength(1)
    expect(one.said.out()).toContain("warning: it could reach: one\n")
  })

  test("is by the same source as another", async () => {
    const made = await line()
    const source = await newSource(made)
    await made.send({ source, message: "first" })
    await made.send({})
    await made.send({ source, message: "second" })
    await sync(made.one)
    for (const number of [1, 2, 3]) await read(made.one, { number })
    expect(made.one.said.out().match(/by the same source as tip/g)).toHaveLength(1)
  })
})

describe("a server that lies", () => {
  test("is caught when it shows another newsroom's history, and nothing of that is kept", async () => {
    const { one } = await line()
    const other = await line()
    await renewKeyring(other.admin, {})
    await publishKeyrings(other.admin)
    await expect(sync({ ...one, base: other.server.base })).rejects.toMatchObject({ code: "forked" })
    expect(await namesIn(homePaths(one.home).keyrings)).toHaveLength(4)
    expect((await sync(one)).kept).toEqual([])
  })
})

describe("notify set", () => {
  test("tells the server where the mail goes, and what each choice costs", async () => {
    const { one, server } = await line()
    await setNotify(one, { address: "one@example.org", mode: "news" })
    expect(one.said.err()).toContain("this tells your mail provider on which days something came")
    const { rows } = await server.database.query<{ reporter: string; mode: string }>("select reporter, mode from subscriptions")
    expect(rows).toEqual([{ reporter: "one", mode: "news" }])
    await expect(setNotify(one, { address: "two@example.org, three@example.org", mode: "always" })).rejects.toMatchObject({ code: "usage" })
  })
})

describe("for programs", () => {
  test("sync, inbox, read and status answer in one line of JSON each, with its version", async () => {
    const { one, send, again } = await line()
    await send({ message: "\u001b[31m\u009b" })
    for (const command of [sync, inbox, (desk: TestDesk) => read(desk, { number: 1, json: true }), status] as readonly ((
      desk: TestDesk,
      options: { json: boolean },
    ) => Promise<unknown>)[]) {
      const desk = again(one, { isScreen: false })
      await command(desk, { json: true })
      expect(desk.said.out()).toMatch(/^[ -~]+\n$/)
      expect(JSON.parse(desk.said.out())).toMatchObject({ v: 1 })
    }
    await expect(read(again(one, { isScreen: false }), { number: 1 })).rejects.toMatchObject({ code: "usage" })
  })
})
