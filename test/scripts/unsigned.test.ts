/** Tips made by hand, through the server and as files: shown apart, saved as quarantine, never answered. SPEC.md §3.10. */

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { recipientOf } from "../../envelope/keys.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { openFile } from "../../scripts/reporter/open.ts"
import { read } from "../../scripts/reporter/read.ts"
import { reply } from "../../scripts/reporter/reply.ts"
import { save } from "../../scripts/reporter/save.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { readSeed } from "../../scripts/vault/seeds.ts"
import { openVault, ourselvesIn } from "../../scripts/vault/vault.ts"
import { sealByHand } from "../support/by-hand.ts"
import { folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

let line: Line
let one: TestDesk
let bo: TestDesk
beforeAll(async () => {
  line = await makeLine(["one", "bo"])
  ;[one, bo] = line.reporters as [TestDesk, TestDesk]
})
afterAll(async () => {
  await line.stop()
  await removeFolders()
})

/** By hand, to the reporters whose desks are given. */
async function byHand(to: readonly TestDesk[], files: Readonly<Record<string, string>>): Promise<Bytes> {
  const slots = Array.from({ length: 9 }, (): Awaited<ReturnType<typeof recipientOf>> | undefined => undefined)
  for (const desk of to) {
    const { chain, secrets } = await openVault(desk)
    const current = chain.at(-1)
    const seed = await readSeed(desk, secrets, TODAY)
    const ourselves = current && ourselvesIn(current, secrets)
    if (seed === undefined || ourselves === undefined) throw new Error("cannot be reached")
    slots[ourselves.slot] = await recipientOf(seed)
  }
  return sealByHand(files, slots)
}
async function file(envelope: Uint8Array): Promise<string> {
  const path = join(await folder(), "tip.age")
  await writeFile(path, envelope)
  return path
}

describe("a tip that was made by hand and came by the server", () => {
  let envelope: Bytes
  let number: number
  beforeAll(async () => {
    envelope = await byHand([one], { "message.txt": "From a shell.\r\n\u001b[2J", "-rf list.txt": "secret list\n" })
    expect(envelope).toHaveLength(32_768)
    expect(await line.post(envelope)).toBe(201)
    const { kept, broken } = await sync(one)
    expect([kept.length, broken]).toEqual([1, 0])
    number = kept[0]?.tip ?? 0
  })

  test("is taken in by whom it is for and by nobody else", async () => {
    expect((await sync(bo)).kept).toEqual([])
    expect((await inbox(one)).find(({ tip }) => tip === number)).toMatchObject({ day: TODAY, state: "new", files: 1, unsigned: "yes" })
  })

  test("stands apart in the inbox, under a heading that says what it is", async () => {
    await line.send({ message: "from the page" })
    await sync(one)
    one.said.clear()
    await inbox(one)
    const lines = one.said.out().split("\n")
    const heading = lines.findIndex((text) => text.startsWith("made by hand, unsigned"))
    expect(heading).toBeGreaterThan(0)
    expect(lines.slice(heading + 1).filter((text) => text !== "")).toEqual([`${number}  ${TODAY}  UNSIGNED  1 file  new  -`])
    expect(lines.slice(0, heading).join("\n")).not.toContain("UNSIGNED")
  })

  test("is read with a warning first, and behind bars", async () => {
    one.said.clear()
    const opened = await read(one, { number })
    expect(opened.message).toBe("From a shell.\n\u001b[2J")
    const said = one.said.out()
    expect(said).toContain(`tip ${number}, unsigned, kept for ${TODAY}`)
    expect(said.indexOf("warning: UNSIGNED")).toBeLessThan(said.indexOf("│ From a shell."))
    expect(said).not.toContain("\u001b")
    expect(said).toContain("│ 1  12 bytes  -  -rf list.txt")
    expect((await inbox(one)).find(({ tip }) => tip === number)?.state).toBe("read")
  })

  test("for a program says that it is unsigned", async () => {
    one.said.clear()
    await read(one, { number, json: true })
    expect(JSON.parse(one.said.out())).toMatchObject({ v: 1, tip: number, unsigned: true, files: [{ name: "-rf list.txt", bytes: 12 }] })
  })

  test("has its files saved as quarantine, under names of ours", async () => {
    const out = join(await folder(), "quarantine")
    const saved = await save(one, { number, out })
    expect(saved).toMatchObject([{ saved: `${number}-1.txt.untrusted`, name: "-rf list.txt", bytes: 12 }])
    expect(await readFile(join(out, `${number}-1.txt.untrusted`), "utf8")).toBe("secret list\n")
    expect((await readdir(out)).sort()).toEqual([`${number}-1.txt.untrusted`, `${number}-files.json`])
  })

  test("cannot be answered, and it is said why", async () => {
    await expect(reply(one, { number, file: "-", delay: 0 })).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("unsigned"),
    })
  })

  test("sent once more is a copy; by another hand the same words are another tip", async () => {
    await line.post(envelope)
    expect(await sync(one)).toMatchObject({ kept: [], replays: 1 })
    await line.post(await byHand([one], { "message.txt": "From a shell.\r\n\u001b[2J", "-rf list.txt": "secret list\n" }))
    expect((await sync(one)).kept).toHaveLength(1)
  })
})

describe("an archive that no reader takes", () => {
  test("is kept as broken, and said to be", async () => {
    await line.post(await byHand([one], { "sotto.json": "{}", "message.txt": "a letter that is none" }))
    const { kept, broken } = await sync(one)
    expect([kept[0]?.state, kept[0]?.fault, broken]).toEqual(["broken", "bad-json", 1])
  })
})

describe("open FILE", () => {
  test("takes in what came by hand, with the key of its day, and reads like any other", async () => {
    const path = await file(await byHand([one, bo], { "message.txt": "By post." }))
    const record = await openFile(bo, { file: path })
    expect(record).toMatchObject({ day: TODAY, unsigned: "yes", state: "new" })
    expect("envelope" in record).toBe(false)
    expect(bo.said.err()).toContain("next: sotto read")
    expect((await read(bo, { number: "tip" in record ? record.tip : 0 })).message).toBe("By post.")
  })

  test("takes in a tip that the page sealed, and knows it again when it comes by the server too", async () => {
    const envelope = await line.seal({ message: "twice", files: [{ name: "a.txt", content: new TextEncoder().encode("x") }] })
    const record = await openFile(one, { file: await file(envelope) })
    expect(record).toMatchObject({ state: "new", files: 1 })
    expect("unsigned" in record).toBe(false)
    await expect(openFile(one, { file: await file(envelope) })).rejects.toMatchObject({ message: expect.stringContaining("a copy of tip") })
    await line.post(envelope)
    expect(await sync(one)).toMatchObject({ kept: [], replays: 1 })
  })

  test("says so when it is a colleague's, when it is no envelope, and when it is not there; and keeps nothing", async () => {
    const before = (await inbox(bo)).length
    const whole = await byHand([one], { "message.txt": "not for bo" })
    await expect(openFile(bo, { file: await file(whole) })).rejects.toMatchObject({ message: "no key in this vault opens this file" })
    await expect(openFile(bo, { file: await file(whole.subarray(1)) })).rejects.toMatchObject({
      message: expect.stringContaining("wrong-class"),
    })
    await expect(openFile(bo, { file: await file(new Uint8Array(32_768)) })).rejects.toMatchObject({
      message: expect.stringContaining("bad-header"),
    })
    await expect(openFile(bo, { file: join(await folder(), "nothing.age") })).rejects.toMatchObject({
      message: expect.stringContaining("cannot be read"),
    })
    whole[20_000] = (whole[20_000] ?? 0) ^ 1
    await expect(openFile(one, { file: await file(whole) })).rejects.toMatchObject({ message: expect.stringContaining("bad-payload") })
    expect(await inbox(bo)).toHaveLength(before)
  })
})
