/** Desk letters against a reader's vault: a colleague, or whoever has a colleague's key, may write anything that a letter can hold,
 *  and must not be able to shut the vault, fill it, or steer it after their time. SPEC.md §3.8. */

import { describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import type { Change, MarkValue } from "../../envelope/desk-letter.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import { sealDesk } from "../../envelope/seal.ts"
import { reachableOn } from "../../keyring/days.ts"
import { publishKeyrings } from "../../scripts/admin/keyring.ts"
import { revoke } from "../../scripts/admin/revoke.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { spam, tag } from "../../scripts/reporter/mark.ts"
import { read } from "../../scripts/reporter/read.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { currentOf, readChain } from "../../scripts/vault/chain.ts"
import { keepRecords, readRecords } from "../../scripts/vault/index-files.ts"
import { withTip } from "../../scripts/vault/records.ts"
import { openVault } from "../../scripts/vault/vault.ts"
import { ask } from "../support/server.ts"
import { type TestDesk, TODAY } from "./bench.ts"
import { freshLines, type Line } from "./line.ts"

const line = freshLines()

const name = (at: number) => Buffer.from(`hash ${at}`.padEnd(32, ".")).toString("base64url") as Hash
const change = (tip: Hash, set: Record<string, MarkValue>, counter = 1, day: Day = TODAY): Change => ({
  tip,
  day,
  counter,
  set: new Map(Object.entries(set)),
})

/** Posts a letter that `from` signs with the key of its own folder, under the newest keyring that it knows. */
async function say(at: Line, from: TestDesk, to: string, changes: readonly Change[], day: Day = at.clock.today()): Promise<void> {
  const { chain, pin, secrets } = await openVault(from)
  const { days } = JSON.parse((await ask(at.server.base, "GET", `/api/days/${day}`)).body.toString()) as { days: string[] }
  const shown = await readChain(at.admin, pin)
  const key = (await reachableOn(days, { chain: shown, newsroom: pin.id, on: day, today: day })).get(to as Id)
  if (key === undefined) throw new Error(`${to} cannot be reached`)
  const current = currentOf(chain)
  const slots = Array.from({ length: current.policy.slots + 1 }, (_, slot) => (slot === key.slot ? key.recipient : undefined))
  const own = secrets.signer.verifier.name.split("/").at(-1) as Id
  const desk = { newsroom: pin.id, keyring: current.hash, day, from: own, to: [to as Id], changes }
  expect(await at.post(await sealDesk({ desk, sign: secrets.signer.key, slots }), day)).toBe(201)
}
const marksOf = async (desk: TestDesk, number: number) => (await openVault(desk)).records.tips.get(number)?.marks ?? {}
const reOf = async (desk: TestDesk, number = 1) => (await openVault(desk)).records.tips.get(number)?.re as Hash

describe("a letter of a colleague", () => {
  test("with the greatest counter there is leaves the reader a vault, and a word of their own on the same day", async () => {
    const at = await line()
    const { one, bo, send } = at
    await send({ message: "for both" })
    await sync(bo)
    const re = await reOf(bo)
    await say(at, one, "bo", [change(re, { spam: true }, 1_000_000), change(name(1), { spam: true }, 1_000_000)])
    await sync(bo)
    await read(bo, { number: 1 })
    expect((await tag(bo, { number: 1, tags: ["mine"] })).tags).toEqual(["mine"])
    // What the counter was made for, to have the last word today, is answered with the next day's.
    expect((await spam(bo, { number: 1, off: true })).spam).toBe(false)
    expect(await marksOf(bo, 1)).toMatchObject({ "tag:mine": [true, TODAY, expect.any(Number), "bo"] })
    expect((await marksOf(bo, 1)).spam).toEqual([false, addDays(TODAY, 1), 1, "bo"])
    await at.goTo(addDays(TODAY, 1))
    await sync(bo)
    await read(bo, { number: 1 })
    expect(await inbox(bo)).toHaveLength(1)
  })

  test("fills neither a tip nor what waits so that the vault is not read again, and takes no room from others", async () => {
    const at = await line()
    const { one, bo, send } = at
    await send({ message: "for both" })
    await sync(bo)
    const re = await reOf(bo)
    // 30 changes of 20 tags are what a letter holds; 17 of them were one register too many to be read again.
    const tags = (tip: Hash, letter: number) =>
      Array.from({ length: 30 }, (_, part) =>
        change(
          tip,
          Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`tag:${((letter * 30 + part) * 20 + at).toString(36)}`, true])),
        ),
      )
    for (let letter = 0; letter < 17; letter++) await say(at, one, "bo", tags(name(0), letter))
    for (let letter = 0; letter < 2; letter++) await say(at, one, "bo", tags(re, letter))
    for (let letter = 0; letter < 21; letter++)
      await say(
        at,
        one,
        "bo",
        Array.from({ length: 100 }, (_, tip) => change(name(1 + letter * 100 + tip), { spam: true })),
      )
    await sync(bo)
    const { records } = await openVault(bo)
    expect(Object.keys(records.tips.get(1)?.marks ?? {})).toHaveLength(1_000)
    expect(Object.keys(records.waiting.get(name(0)) ?? {})).toHaveLength(1_000)
    expect(records.waiting.size).toBe(2_000)
    expect((await tag(bo, { number: 1, tags: ["mine"] })).tags).toContain("mine")
  })
})

describe("a letter of somebody who has left", () => {
  test("counts on the day of leaving and before it, and from the next day on it does not", async () => {
    const at = await line()
    const { admin, one, bo, send } = at
    await send({ message: "for both" })
    await sync(bo)
    const re = await reOf(bo)
    await revoke(admin, { id: "one", lost: true, yes: true })
    await publishKeyrings(admin)
    await say(at, one, "bo", [change(re, { "tag:that-day": true })])
    await sync(bo)
    expect(await marksOf(bo, 1)).toHaveProperty("tag:that-day")
    await at.goTo(addDays(TODAY, 1))
    await sync(bo)
    await say(at, one, "bo", [change(re, { spam: true }, 1, addDays(TODAY, 1))])
    expect(await sync(bo)).toMatchObject({ broken: 1 })
    expect(await marksOf(bo, 1)).not.toHaveProperty("spam")
  })
})

describe("the index", () => {
  test("is not written with what it could not read again, and stays as it was", async () => {
    const { one, send } = await line(["one"])
    await send({})
    await sync(one)
    const vault = await openVault(one)
    const before = await readRecords(one, vault.secrets)
    const tip = before.tips.get(1)
    if (tip === undefined) throw new Error("there is a tip")
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`tag:${at}`, [true, TODAY, 1, "one" as Id] as const]))
    for (const bad of [
      { ...before, stamp: { day: TODAY, counter: 1_000_001 } },
      { ...before, waiting: new Map([[name(1), many]]) },
      withTip(before, { ...tip, marks: many }),
    ])
      await expect(keepRecords(one, vault.secrets, bad)).rejects.toMatchObject({ code: "bad-json" })
    expect(await readRecords(one, vault.secrets)).toEqual(before)
    const tags = Array.from({ length: 21 }, (_, at) => `t${at}`)
    await expect(tag(one, { number: 1, tags })).rejects.toMatchObject({ code: "usage" })
    await expect(tag(one, { number: 1, tags: ["𝒳".repeat(32)] })).rejects.toMatchObject({ code: "usage" })
    expect((await inbox(one)).map(({ tip: number }) => number)).toEqual([1])
  })
})
