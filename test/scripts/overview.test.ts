/** The lists at the beginning of the index's pages: they say what the records say, and forget what those forget. SPEC.md §7. */

import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { newIdentity, recipientOf } from "../../envelope/keys.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import { besides } from "../../scripts/reporter/inbox.ts"
import { threadsOf } from "../../scripts/reporter/threads.ts"
import { makeDisk } from "../../scripts/vault/disk.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { keepRecords, readRecords } from "../../scripts/vault/index-files.ts"
import { readOverview } from "../../scripts/vault/overview.ts"
import { NO_RECORDS, type Records, type ReplyRecord, type TipRecord, withReply, withTip } from "../../scripts/vault/records.ts"
import { openFromVault, sealToVault } from "../../scripts/vault/sealed.ts"
import { folder, removeFolders, TODAY } from "./bench.ts"

const hash = () => randomBytes(32).toString("base64url") as Hash
const DESK = "desk-one" as Id
const at = async () => ({ home: await folder(), disk: makeDisk() })
let keys: { readonly vault: Awaited<ReturnType<typeof newIdentity>>; readonly older: readonly never[] }
let recipient: Awaited<ReturnType<typeof recipientOf>>
beforeAll(async () => {
  keys = { vault: await newIdentity(), older: [] }
  recipient = await recipientOf(keys.vault)
})
afterAll(removeFolders)

/** Tips over three pages: sources that come back much later, another hand that wants a stranger's answers, replies, some of them to nobody known, marks, and what has no source. */
function many(): Records {
  let records = NO_RECORDS
  const sources = Array.from({ length: 40 }, () => ({ source: hash(), recipient: hash(), mailbox: hash() }))
  const names: Hash[] = []
  for (let number = 990; number < 2_120; number++) {
    const from = sources[(number * 7) % 97]
    const base = { tip: number, day: TODAY, files: 0, to: [DESK] }
    if (number % 10 === 3) {
      const reply: ReplyRecord = {
        reply: number,
        day: TODAY,
        state: number % 20 === 3 ? "new" : "read",
        from: DESK,
        source: sources[number % 40]?.source ?? hash(),
        re: number % 30 === 3 ? hash() : (names[number % names.length] ?? hash()),
        signature: randomBytes(64).toString("base64url"),
      }
      records = withReply(records, reply)
      continue
    }
    const re = hash()
    names.push(re)
    let tip: TipRecord = {
      ...base,
      state: number % 50 === 0 ? "new" : "read",
      re,
      ...(from ?? { source: hash(), recipient: hash(), mailbox: hash() }),
    }
    if (number % 101 === 0) tip = { ...tip, source: hash() } // another hand
    if (number % 103 === 0) tip = { ...base, state: "broken", fault: "bad-json" }
    if (number % 13 === 0) tip = { ...tip, callout: "pay" as Id }
    if (number % 17 === 0 && tip.re !== undefined)
      tip = { ...tip, marks: { "tag:checked": [true, TODAY, 1, DESK], ...(number % 34 === 0 ? { spam: [true, TODAY, 2, DESK] } : {}) } }
    records = withTip(records, tip)
  }
  return records
}

describe("an overview", () => {
  test("says of every thread what all the records say", async () => {
    const desk = await at()
    const records = many()
    await keepRecords(desk, { recipient }, records)
    const overview = await readOverview(desk, keys)
    const [all, rows] = [threadsOf(records), overview.rows()]
    const listed = [...records.tips.values(), ...records.replies.values()]
    expect(rows.flatMap(({ tips, replies }) => [...tips, ...replies])).toHaveLength(listed.length)
    // Whoever wrote once is like any other who did: some of those will do.
    for (const row of rows.filter(
      ({ tips, replies, newest }) => tips.length + replies.length > 1 || newest % 101 === 0 || newest % 10 === 0,
    )) {
      const known = await overview.records([...row.tips, ...row.replies])
      const threads = threadsOf(known)
      for (const number of row.tips) {
        const tip = records.tips.get(number)
        if (tip === undefined) throw new Error(`${number} is not there`)
        expect(known.tips.get(number)).toEqual(tip)
        expect(besides(threads, tip, TODAY)).toEqual(besides(all, tip, TODAY))
      }
      for (const number of row.replies) {
        const re = records.replies.get(number)?.re ?? hash()
        expect(threads.named(re)).toBe(all.named(re))
      }
      const letters = [...row.tips.map((number) => records.tips.get(number)), ...row.replies.map((number) => records.replies.get(number))]
      expect(row.isUnread).toBe(letters.some((letter) => letter?.state === "new"))
    }
    const numbers = (column: (tip: TipRecord) => boolean) => new Set([...records.tips.values()].filter(column).map(({ tip }) => tip))
    expect(overview.having("callouts", "pay")).toEqual(numbers(({ callout }) => callout === "pay"))
    expect(overview.having("tags", "checked")).toEqual(numbers(({ marks }) => marks?.["tag:checked"] !== undefined))
    expect(overview.spam()).toEqual(numbers(({ marks }) => marks?.spam !== undefined))
  })

  test("gives the whole thread of a tip, of one and of many, and nothing that only looks alike across two places", async () => {
    const desk = await at()
    const alike = ["B".padEnd(43, "A"), "A".repeat(43), "A".padEnd(43, "B")] as Hash[]
    let records = many()
    for (const [index, source] of [...alike, ...alike.slice(1, 2)].entries())
      records = withTip(records, { tip: 2_200 + index, day: TODAY, files: 0, to: [DESK], state: "read", source, re: hash() })
    await keepRecords(desk, { recipient }, records)
    const overview = await readOverview(desk, keys)
    expect(overview.threadsOf(new Set([2_201]))).toEqual(new Set([2_201, 2_203]))
    const wrote = overview.rows().filter(({ tips }) => tips.length > 0)
    const whole = ({ tips, replies }: (typeof wrote)[number]) => [...tips, ...replies]
    for (const row of wrote.filter((_, index) => index % 7 === 0))
      expect(overview.threadsOf(new Set(row.tips.slice(-1)))).toEqual(new Set(whole(row)))
    expect(overview.threadsOf(new Set(wrote.map(({ tips }) => tips[0] ?? 0)))).toEqual(new Set(wrote.flatMap(whole)))
  })

  test("is the same of pages from before there were lists, which the next change writes anew", async () => {
    const desk = await at()
    await keepRecords(desk, { recipient }, many())
    const before = await readOverview(desk, keys)
    const rewrite = async (path: string, change: (text: string) => string) => {
      const plain = await openFromVault(new Uint8Array(await readFile(path)), keys, path)
      await desk.disk.replace(path, await sealToVault(utf8(change(fromUtf8(plain))), recipient))
    }
    for (const page of before.pages.keys()) await rewrite(homePaths(desk.home).page(page), (text) => text.slice(text.indexOf("\n") + 1))
    await rewrite(homePaths(desk.home).index, (text) => text.replace("sotto-index/3", "sotto-index/2"))
    const old = await readOverview(desk, keys)
    expect([...before.pages.values()]).toMatchObject([...old.pages.values()])
    expect((await old.records([1_001])).tips).toEqual((await before.records([1_001])).tips)
    await keepRecords(desk, { recipient }, await readRecords(desk, keys))
    for (const page of before.pages.keys()) {
      const plain = await openFromVault(new Uint8Array(await readFile(homePaths(desk.home).page(page))), keys, "a page")
      expect(fromUtf8(plain).startsWith('{"list":')).toBe(true)
    }
  })

  test("keeps nothing of a tip that was purged but its number, and does not count what a cut run left", async () => {
    const desk = await at()
    const number = 1_001
    const records = withTip(many(), {
      ...{ tip: number, day: TODAY, files: 0, state: "read", source: hash(), mailbox: hash(), recipient: hash(), re: hash() },
      marks: { "tag:zwiebel": [true, TODAY, 9, DESK] },
    })
    const { source = "", re } = records.tips.get(number) ?? {}
    await keepRecords(desk, { recipient }, records)
    const page = async () => fromUtf8(await openFromVault(new Uint8Array(await readFile(homePaths(desk.home).page(1))), keys, "a page"))
    expect(await page()).toContain("zwiebel")
    expect(await page()).toContain(source.slice(0, 16))
    const purged = withTip(records, { tip: number, day: TODAY, state: "purged", files: 0, ...(re === undefined ? {} : { re }) })
    await keepRecords(desk, { recipient }, { ...purged, next: 2_100 })
    expect(await page()).not.toContain("zwiebel")
    expect(await page()).not.toContain(source.slice(0, 16))
    const numbers = (await readOverview(desk, keys)).rows().flatMap(({ tips, replies }) => [...tips, ...replies])
    expect(numbers).not.toContain(number)
    expect(Math.max(...numbers)).toBe(2_099)
  })
})
