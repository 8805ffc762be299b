/** A reporter's every day against the real server: tags and notes that travel, searching, purging, and the key that comes after reading. */

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { addDays } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { assign, hold, note, spam, tag } from "../../scripts/reporter/mark.ts"
import { purge } from "../../scripts/reporter/purge.ts"
import { read } from "../../scripts/reporter/read.ts"
import { reply } from "../../scripts/reporter/reply.ts"
import { search } from "../../scripts/reporter/search.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { tell } from "../../scripts/reporter/tell.ts"
import { walk } from "../../scripts/reporter/walk.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { readRecords } from "../../scripts/vault/index-files.ts"
import { saidOf } from "../../scripts/vault/marks.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { readTexts } from "../../scripts/vault/texts.ts"
import { openVault } from "../../scripts/vault/vault.ts"
import { FORBIDDEN, HOSTILE } from "../support/hostile.ts"
import { folder, removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine, newSource } from "./line.ts"

let line: Line
let [one, bo]: TestDesk[] = []
const desks = () => [one, bo] as [TestDesk, TestDesk]
beforeEach(async () => {
  line = await makeLine(["one", "bo"])
  ;[one, bo] = line.reporters
})
afterEach(async () => line.stop())
afterAll(removeFolders)

const said = async (desk: TestDesk, number: number) => {
  const tip = (await readRecords(desk, await readSecrets(desk))).tips.get(number)
  return saidOf(tip?.marks, tip?.to)
}
async function text(content: string): Promise<string> {
  const path = join(await folder(), "note.txt")
  await writeFile(path, content)
  return path
}

describe("what one says of a tip", () => {
  test("reaches the colleague who has it, by an envelope like any other, and is merged without conflict", async () => {
    const [a, b] = desks()
    await line.send({ message: "first" })
    await sync(a)
    await sync(b)
    await tag(a, { number: 1, tags: ["+checked", "urgent"] })
    await note(a, { number: 1, file: await text("called them\nat noon") })
    await assign(a, { number: 1, to: "bo" })
    await tag(b, { number: 1, tags: ["urgent"], remove: ["checked"] })
    line.requests()
    expect(await tell(a, { delay: 0 })).toBe(1)
    // Nothing is signed on the way, and what is posted has the shape of a tip.
    expect(line.requests()).toEqual([`GET /api/days/${TODAY}`, `POST /api/envelopes?day=${TODAY}`])
    expect(await tell(b, { delay: 0 })).toBe(1)
    const sizes = await line.server.database.query("select distinct octet_length(bytes) as n from envelopes")
    expect(sizes.rows).toEqual([{ n: 32_768 }])
    await sync(a)
    await sync(b)
    expect(await said(a, 1)).toEqual(await said(b, 1))
    expect(await said(b, 1)).toMatchObject({
      tags: ["checked", "urgent"],
      assignee: "bo",
      notes: [{ by: "one", day: TODAY, text: "called them\nat noon" }],
    })
    b.said.clear()
    await inbox(b)
    expect(b.said.out()).toBe(`1  ${TODAY}  -  0 files  new  acknowledge in 7 days\n      #checked #urgent @bo 1 note\n`)
    await read(line.again(b), { number: 1 })
    expect(await tell(a, { delay: 0 })).toBe(0)
    expect(await status(a)).toMatchObject({ toTell: 0 })
  })

  test("goes to nobody who does not have the tip, and what was merely read waits for the next day", async () => {
    const [a, b] = desks()
    await line.send({ to: ["one"], message: "for one alone" })
    await line.send({ message: "for both" })
    await sync(a)
    await sync(b)
    const alone = (await inbox(a)).find(({ to }) => to?.length === 1)?.tip ?? 0
    const both = 3 - alone
    await tag(a, { number: alone, tags: ["mine"] })
    expect(await tell(a, { delay: 0 })).toBe(0)
    await expect(assign(a, { number: alone, to: "bo" })).rejects.toMatchObject({
      message: "the source did not choose bo, who cannot read it",
    })
    await read(a, { number: both })
    expect(await tell(a, { delay: 0 })).toBe(0)
    await line.goTo(addDays(TODAY, 1))
    await sync(b)
    expect(await tell(a, { delay: 0 })).toBe(1)
    await sync(b)
    expect((await said(b, 1)).readBy).toEqual(["one"])
  })

  test("comes before the tip itself and waits for it", async () => {
    const [a, b] = desks()
    await line.send({ message: "first" })
    await sync(a)
    await tag(a, { number: 1, tags: ["early"] })
    await tell(a, { delay: 0 })
    // Both envelopes come in one sync, in the order of their random ids.
    await sync(b)
    expect((await said(b, 1)).tags).toEqual(["early"])
  })

  test("is refused where it cannot be meant", async () => {
    const [a] = desks()
    await line.send()
    await sync(a)
    await expect(tag(a, { number: 1, tags: ["two words"] })).rejects.toMatchObject({ code: "usage" })
    await expect(tag(a, { number: 9, tags: ["x"] })).rejects.toMatchObject({ message: "no tip 9 in your vault" })
    await expect(assign(a, { number: 1, to: "nobody-known" })).rejects.toMatchObject({ code: "failed" })
    await expect(hold(a, { number: 1 })).rejects.toMatchObject({ code: "usage" })
    await expect(note(a, { number: 1, remove: 2 })).rejects.toMatchObject({ message: "tip 1 has no note 2" })
  })
})

describe("searching", () => {
  test("finds all words in any order, without case, accents and marks, in messages, answers, names of files, notes and replies", async () => {
    const [a] = desks()
    await line.send({ message: "Die GRÖSSE des Büros in São Paulo" })
    await line.send({ message: "nothing", change: { callout: "amazon-layoffs" as Id, answers: new Map([["where" as Id, "Elbonia"]]) } })
    await line.send({ message: "see attached", files: [{ name: "Kündigung.pdf", content: new Uint8Array(1) }] })
    await sync(a)
    const find = async (...words: string[]) => (await search(a, { words })).map(({ day }) => day).length
    expect(await find("sao", "buros")).toBe(1)
    expect(await find("elbonia")).toBe(1)
    expect(await find("kundigung")).toBe(1)
    expect(await find("grösse", "elbonia")).toBe(0)
    const [found] = await search(a, { words: ["attached"] })
    await note(a, { number: found?.tip ?? 0, file: await text("Zwiebel") })
    expect((await search(a, { words: ["ZWIEBEL"] })).map(({ tip }) => tip)).toEqual([found?.tip])
    expect(line.requests().filter((request) => request.includes("search"))).toEqual([])
    await expect(search(a, { words: [" "] })).rejects.toMatchObject({ code: "usage" })
  })

  test("makes again what was lost of its index, and finds in a message of any length", async () => {
    const [a] = desks()
    await line.send({ message: `${"filler ".repeat(12_000)} needle` })
    await line.send({ message: "short" })
    await sync(a)
    expect(await search(a, { words: ["needle"] })).toHaveLength(1)
    await writeFile(homePaths(a.home).text(0), await readFile(homePaths(a.home).text(0)))
    const { rm } = await import("node:fs/promises")
    await rm(homePaths(a.home).texts, { recursive: true })
    expect(await search(a, { words: ["short"] })).toHaveLength(1)
    expect(await readdir(homePaths(a.home).texts)).toEqual(["0.age"])
    expect(await search(a, { words: ["needle"] })).toHaveLength(1)
  })
})

describe("purging", () => {
  test("takes tip, words, notes and answers away for good, says what stays, and takes nothing that is held", async () => {
    const [a] = desks()
    const source = await newSource(line)
    await line.send({ source, message: "onetwothree" })
    await line.send({ message: "stays" })
    await sync(a)
    const [tip] = await search(a, { words: ["onetwothree"] })
    const number = tip?.tip ?? 0
    await hold(a, { number, reason: "a court may ask" })
    await expect(purge(a, { numbers: [number], yes: true })).rejects.toMatchObject({ message: `tip ${number} is held` })
    await hold(a, { number, off: true })
    await expect(purge(a, { numbers: [number] })).rejects.toMatchObject({ code: "needs-terminal" })
    a.said.clear()
    expect(await purge(a, { numbers: [number], yes: true })).toEqual([number])
    expect(a.said.err()).toContain("not deleted: what bo may have of them")
    expect(a.said.err()).toContain(`the server keeps the sealed envelopes until ${addDays(TODAY, 90)}`.slice(0, 40))
    expect(await readdir(homePaths(a.home).tips)).toEqual([`${3 - number}.age`])
    expect(await search(a, { words: ["onetwothree"] })).toEqual([])
    await expect(read(a, { number })).rejects.toMatchObject({ message: `tip ${number} was purged` })
    expect((await inbox(a)).map(({ tip }) => tip)).toEqual([3 - number])
    // Its number stays taken, and the tip is not fetched again.
    await line.send({ message: "later" })
    expect((await sync(a)).kept.map(({ tip }) => tip)).toEqual([3])
  })

  test("that was cut is taken up by the next one, answers included", async () => {
    const [a] = desks()
    await line.send({ message: "onetwothree" })
    await sync(a)
    const message = join(line.carried, "answer.txt")
    await writeFile(message, "fourfivesix")
    await reply(a, { number: 1, file: message, delay: 0 })
    const paths = homePaths(a.home)
    expect(await readdir(paths.tips)).toEqual(["1.age", "2.age"])
    let removals = 0
    const cut = line.again(a, {
      before: (step) => {
        if (step === "remove" && removals++ === 0) throw new Error("power cut")
      },
    })
    await expect(purge(cut, { numbers: [1], yes: true })).rejects.toThrow("power cut")
    expect(await readdir(paths.tips)).toEqual(["1.age", "2.age"])
    expect(await purge(a, { numbers: [], due: true, yes: true })).toEqual([])
    expect(await readdir(paths.tips)).toEqual([])
    const { secrets } = await openVault(a)
    expect((await readTexts(a, secrets, 0)).bytes.toString()).toBe("")
  })

  test("of what is due takes spam after a week and the rest after half a year", async () => {
    const [a] = desks()
    await line.send({ message: "noise" })
    await line.send({ message: "tip" })
    await sync(a)
    const number = (await search(a, { words: ["noise"] }))[0]?.tip ?? 0
    await spam(a, { number })
    expect((await inbox(a)).map(({ tip }) => tip)).toEqual([3 - number])
    expect((await inbox(a, { spam: true })).map(({ tip }) => tip)).toEqual([number])
    expect(await purge(a, { numbers: [], due: true, yes: true })).toEqual([])
    line.clock.day = addDays(TODAY, 8)
    expect(await purge(a, { numbers: [], due: true, dryRun: true })).toEqual([number])
    expect(await purge(a, { numbers: [], due: true, yes: true })).toEqual([number])
    line.clock.day = addDays(TODAY, 181)
    expect(await purge(a, { numbers: [], due: true, yes: true })).toEqual([3 - number])
  })
})

describe("after reading, one key", () => {
  test("tags, assigns, goes on to what is unread, and says what it could not do", async () => {
    const [a] = desks()
    await line.send({ message: "first" })
    await line.send({ message: "second" })
    await sync(a)
    const desk = line.again(a, { typed: ["t", "checked, -x", "a", "nobody-known", "a", "me", "n", "n"] })
    await walk(desk, { number: 1 })
    expect(await said(a, 1)).toMatchObject({ tags: ["checked"], assignee: "one" })
    expect(desk.said.err()).toContain("sotto: error: there is no such reporter in the keyring\n")
    expect(desk.said.out()).toContain("tip 2, sealed for")
    expect(desk.said.err()).toContain("nothing else is unread\n")
  })

  test("asks nothing where nobody can answer", async () => {
    const [a] = desks()
    await line.send()
    await sync(a)
    await walk(a, { number: 1 })
    expect(a.said.out()).toContain("tip 1, sealed for")
  })
})

test("what a program gets has the members that docs/commands.md names", async () => {
  const [a] = desks()
  await line.send({ message: "for a program" })
  await sync(a)
  const told = await readFile(join(__dirname, "../../docs/commands.md"), "utf8")
  const said = /\*\*SAID\*\* stands for `([^`]*)`/.exec(told)?.[1] ?? ""
  const membersOf = (row: string) => {
    const [, text = ""] = new RegExp(`^\\| ${row} \\| \`\\{(.*?)\\}\`(?:;.*)? \\|$`, "m").exec(told) ?? []
    const flat = text.replace("SAID", said).replaceAll(/:(\[\{.*?\}\]|\{.*?\}|\[.*?\])/g, "")
    return flat.split(", ").map((member) => member.replace(/[?:].*$/, ""))
  }
  const screen = line.again(a)
  for (const [row, command] of [
    ["`inbox`", () => inbox(screen, { json: true })],
    ["`search WORDS`", () => search(screen, { words: ["program"], json: true })],
    ["`read N`, a tip", () => read(screen, { number: 1, json: true })],
    ["`status`", () => status(screen, { json: true })],
  ] as const) {
    screen.said.clear()
    await command()
    const members = Object.keys(JSON.parse(screen.said.out())).filter((member) => member !== "notes")
    expect([row, membersOf(row)]).toEqual([row, expect.arrayContaining(members.filter((member) => !["assignee", "hold"].includes(member)))])
  }
})

test("no command that prints lets through what a source, or a colleague, wrote against the screen", async () => {
  const [a, b] = desks()
  const hostile = HOSTILE.map(([, text]) => text).filter((text) => text.isWellFormed())
  await line.send({ message: hostile.join("\n"), files: [{ name: "\u202egnp.exe", content: new Uint8Array(1) }] })
  await sync(a)
  await sync(b)
  await note(b, { number: 1, file: await text("\u202ebidi and \u200b nothing") })
  await tell(b, { delay: 0 })
  const screen = line.again(a)
  await sync(screen)
  for (const command of [
    () => inbox(screen),
    () => read(screen, { number: 1 }),
    () => search(screen, { words: ["fake"] }),
    () => status(screen),
    () => inbox(screen, { json: true }),
    () => search(screen, { words: ["fake"], json: true }),
  ])
    await command()
  for (const shown of [screen.said.out(), screen.said.err()]) expect(shown).not.toMatch(FORBIDDEN)
  expect(screen.said.out()).toContain("│ ‹U+202E›bidi and ‹U+200B› nothing")
})
