/** `read` and `inbox`: what a source wrote behind a bar, what we say beside it, and letters that cannot be read. */

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { Answer } from "../../envelope/contents.ts"
import type { FileKey } from "../../envelope/header.ts"
import { writeHeader } from "../../envelope/header.ts"
import { randomBytes, recipientOf } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { collect } from "../../envelope/reader.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { sealPayload } from "../../envelope/stream.ts"
import { inbox } from "../../scripts/reporter/inbox.ts"
import { read } from "../../scripts/reporter/read.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import { readSeed } from "../../scripts/vault/seeds.ts"
import { removeFolders, type TestDesk, TODAY } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

let line: Line
let one: TestDesk
beforeAll(async () => {
  line = await makeLine(["one"])
  one = line.reporters[0] as TestDesk
})
afterAll(async () => {
  await line.stop()
  await removeFolders()
})

/** Takes in what was sent and reads it. @returns what stood on stdout */
async function shown(options: { columns?: number } = {}): Promise<string> {
  const { kept } = await sync(one)
  const desk = line.again(one, options)
  await read(desk, { number: kept[0]?.tip ?? 0 })
  return desk.said.out()
}
const answers = (of: Record<string, Answer>) => ({
  callout: "amazon-layoffs" as Id,
  answers: new Map(Object.entries(of)) as unknown as Map<Id, Answer>,
})

describe("a tip on the screen", () => {
  test("has the newsroom's questions beside the answers in words, then the message and the files", async () => {
    await line.send({
      message: "They told us on Monday.\n\nAll of us.",
      change: answers({ team: "10", org: ["aws", "devices"], where: "DE" }),
      files: [{ name: "memo.pdf", content: new TextEncoder().encode("%PDF-") }],
    })
    expect(await shown()).toBe(
      [
        "tip 1, sealed for 2026-11-22, to one",
        'callout amazon-layoffs, "Affected by the layoffs?"',
        "",
        "How many in your team?",
        "│ 10 or more",
        "",
        "Which organisations?",
        "│ AWS, Devices",
        "",
        "In which country?",
        "│ Germany",
        "",
        "message",
        "│ They told us on Monday.",
        "│ ",
        "│ All of us.",
        "",
        "1 file",
        "│ 1  5 bytes  -  memo.pdf",
        "",
      ].join("\n"),
    )
  })

  test("marks answers that their question cannot have, and shows them as they are", async () => {
    await line.send({ message: "two", change: answers({ team: "a thousand", org: "aws", where: "Germany", staff: "4711" }) })
    const out = await shown()
    for (const heading of ["How many in your team?", "Which organisations?", "In which country?", "question staff, which is not ours"])
      expect(out).toContain(`${heading}  (it cannot have this answer)\n│ `)
    expect(out).toContain("│ a thousand\n")
    expect(out).toContain("│ 4711\n")
  })

  test("cannot look like something that we say, nor move a cursor, whatever it holds", async () => {
    const hostile = "\u001b[2J\u001b]0;x\u0007\u202egnp\u2028\r\nsotto: error: the passphrase is wrong\npassphrase of secrets.age: "
    await line.send({
      message: hostile,
      change: answers({ where: "a\nsotto: hint: b\t\t\u202e" }),
      files: [{ name: `\u202e${"x".repeat(100)}.pdf`, content: new Uint8Array(1) }],
    })
    const out = await shown({ columns: 60 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/)
    for (const one of out.split("\n")) if (/sotto: |passphrase|gnp|xxx/.test(one)) expect(one).toMatch(/^│ /)
    for (const one of out.split("\n")) expect(one.length).toBeLessThanOrEqual(60)
  })
})

describe("a letter that opens for us and cannot be read", () => {
  test("is kept for a later version, shown for what it is, and stops nothing", async () => {
    const seed = await readSeed(one, await readSecrets(one), TODAY)
    if (seed === undefined) throw new Error("today has a key")
    const fileKey = (await randomBytes(16)) as FileKey
    const slots = Array.from({ length: 9 }, () => undefined as Awaited<ReturnType<typeof recipientOf>> | undefined)
    slots[1] = await recipientOf(seed)
    const archive = new Uint8Array(18_653).fill(0x41) // what a floor envelope holds, and no archive
    const parts = [await writeHeader(await sealSlots(fileKey, slots), fileKey), await collect(sealPayload(fileKey, [archive]))]
    expect(await line.post(new Uint8Array(Buffer.concat(parts)))).toBe(201)
    await line.send({ message: "the rest" })
    const { kept, broken } = await sync(one)
    expect(broken).toBe(1)
    expect(kept.map(({ state }) => state).sort((a, b) => a.localeCompare(b))).toEqual(["broken", "new"])
    const number = kept.find(({ state }) => state === "broken")?.tip ?? 0
    await expect(read(one, { number })).rejects.toMatchObject({ message: `tip ${number} cannot be read (bad-archive)` })
    one.said.clear()
    await inbox(one)
    expect(one.said.out()).toContain(`${number}  2026-11-22  -  0 files  broken  -\n`)
  })
})
