/** Files in the page, in a real browser: chosen, pasted, dropped; what is hidden in photos; one that changes meanwhile; an upload that is held, and one that is given up. */

import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { bigEndian, concat, utf8 } from "../../envelope/bytes.ts"
import { dayOf } from "../../envelope/day.ts"
import { type OpenedTip, readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { exif, findable } from "../support/photos.ts"
import { makeDesk } from "./newsroom.ts"
import { onStage } from "./on-stage.ts"
import { type Answer, openStage, type Posted, type Stage, said, type Visit } from "./stage.ts"

const today = dayOf(Date.now())
const PATH = `/api/uploads/${"A".repeat(43)}`
let folder: string
let stage: Stage
let newsroom: TestNewsroom
let here: Visit
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-files-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
onStage(
  async (given) => {
    ;({ stage, newsroom, here, page } = given)
    await page.waitForSelector("#check:enabled")
    await page.getByLabel("Reporter One").check()
  },
  { policy: { ...POLICY, maxTipBytes: 2 ** 24 } },
)

const choose = (name: string, bytes: Uint8Array, mimeType = "text/plain") =>
  page.setInputFiles("#files", [{ name, mimeType, buffer: Buffer.from(bytes) }])
const names = () => page.locator("#file-list input[type=text]").evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))
async function check(): Promise<void> {
  await page.getByRole("button", { name: "Check before sending" }).click()
  await page.getByRole("button", { name: "Seal and send" }).waitFor()
}
const send = () => page.getByRole("button", { name: "Seal and send" }).click()

async function arrived(): Promise<{ tip: OpenedTip["tip"]; contents: readonly Uint8Array[] }> {
  await page.locator("#sent").waitFor()
  const [reporter] = newsroom.reporters
  const body = stage.posted.at(-1)?.body
  if (reporter === undefined || body === undefined) throw new Error("nothing came")
  const unlocked = await unlock([body], { identity: await reporter.seed(today), slot: reporter.slot, slots: 8 })
  if (unlocked === undefined) throw new Error("it was not for this reporter")
  const { tip, files } = await readTip(unlocked)
  const contents: Uint8Array[] = []
  for await (const { bytes } of files()) contents.push(await collect(bytes))
  return { tip, contents }
}

describe("files are added", () => {
  test("several at once, by pasting and by dropping, and arrive in order", async () => {
    await page.setInputFiles("#files", [
      { name: "one.txt", mimeType: "text/plain", buffer: Buffer.from("1") },
      { name: "two.txt", mimeType: "text/plain", buffer: Buffer.from("2") },
    ])
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File(["3"], "three.txt", { type: "text/plain" }))
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }))
    })
    expect(await names()).toEqual(["one.txt", "two.txt", "three.txt"])

    // A real drop, by the browser's own events: the field takes it, not a script.
    await writeFile(join(folder, "four.txt"), "4")
    await page.locator("#files").scrollIntoViewIfNeeded()
    const box = await page.locator("#files").boundingBox()
    if (box === null) throw new Error("there is no field")
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const input = await here.context.newCDPSession(page)
    const data = { items: [], files: [join(folder, "four.txt")], dragOperationsMask: 1 }
    for (const type of ["dragEnter", "dragOver", "drop"] as const) await input.send("Input.dispatchDragEvent", { type, ...at, data })
    await page.waitForFunction(() => document.querySelectorAll("#file-list input[type=text]").length === 4)

    await check()
    await send()
    const { tip, contents } = await arrived()
    expect(tip.files.map(({ name }) => name)).toEqual(["one.txt", "two.txt", "three.txt", "four.txt"])
    expect(contents.map((one) => Buffer.from(one).toString())).toEqual(["1", "2", "3", "4"])
  })

  test("one that has changed since is named, and nothing is sent", async () => {
    const path = join(folder, "notes.txt")
    await writeFile(path, "as it was chosen")
    await page.setInputFiles("#files", path)
    await check()
    await writeFile(path, "and as it is now")
    await send()
    await page.getByText("notes.txt").first().waitFor()
    expect(await page.locator("#files-error").textContent()).toContain("notes.txt")
    expect(stage.posted).toEqual([])
    // It is still there to be taken out, and the rest can be sent.
    expect(await names()).toEqual(["notes.txt"])
  })
})

/** A real picture by the browser's encoder, with what a telephone writes into one. */
async function photo(): Promise<Uint8Array> {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 })
    canvas.getContext("2d")?.fillRect(5, 5, 20, 10)
    return canvas.toDataURL("image/jpeg")
  })
  const plain = new Uint8Array(Buffer.from(url.split(",")[1] ?? "", "base64"))
  const marks = concat(utf8("Exif\0\0"), exif(1))
  return concat(plain.subarray(0, 2), Uint8Array.of(0xff, 0xe1), bigEndian(marks.length + 2, 2), marks, plain.subarray(2))
}

describe("a photo", () => {
  test("is cleaned unless the source says otherwise, and the letter says which one was", async () => {
    const jpeg = await photo()
    await choose("clean.jpg", jpeg, "image/jpeg")
    await choose("kept.jpg", jpeg, "image/jpeg")
    await page.locator("#file-1-clean").waitFor()
    expect(await page.locator("#file-0-marks").textContent()).toContain("Hidden in this photo")
    await page.locator("#file-1-clean").uncheck()
    await choose("notes.pdf", utf8("%PDF-1.7"), "application/pdf")
    await page.locator("#file-2-marks").getByText("It goes as it is").waitFor()
    await check()
    await send()
    const { tip, contents } = await arrived()
    expect(tip.files.map(({ cleaned }) => cleaned)).toEqual([true, undefined, undefined])
    expect(findable(contents[0] ?? new Uint8Array())).toEqual([])
    expect(findable(contents[1] ?? new Uint8Array()).length).toBeGreaterThan(0)
    expect(Buffer.compare(contents[1] ?? new Uint8Array(), jpeg)).toBe(0)
  })
})

describe("the last look", () => {
  const sentence = "This is larger than 1 MB. So our server can see who fetches the files"
  const shown = async () => (await page.locator("#summary").textContent()) ?? ""

  test("says that fetching shows who can open it just above what all reporters fetch, and not up to there", async () => {
    // 32 KiB below 1 MiB there is room for the header, the letter and the tags of the chunks; at 1 MiB there is not.
    await choose("fits.bin", new Uint8Array(1_048_576 - 32_768), "")
    await check()
    expect(await shown()).toContain("1 MB, locked.")
    expect(await shown()).not.toContain("who fetches the files")
    await page.getByRole("button", { name: "Go back and change it" }).first().click()
    await page.getByRole("button", { name: "Remove file 1" }).click()
    await choose("more.bin", new Uint8Array(1_048_576), "")
    await check()
    expect(await shown()).toContain("1.3 MB, locked.")
    expect(await shown()).toContain(sentence)
    await page.getByRole("button", { name: "Deutsch" }).click()
    await page.getByText("Darum kann unser Server sehen, wer die Dateien abholt").waitFor()
  })
})

test("what stands in the last look begins at the page's side, a Latin name in an Arabic page too", async () => {
  await choose("notes.txt", utf8("Notes."))
  await check()
  await page.getByRole("button", { name: "العربية" }).click()
  await page.waitForFunction(() => document.documentElement.dir === "rtl")
  const ends = await page.locator("#summary dd").evaluateAll((all) =>
    all.map((one) => {
      const words = document.createRange()
      words.selectNodeContents(one)
      return one.getBoundingClientRect().right - words.getBoundingClientRect().right
    }),
  )
  expect(ends.length).toBeGreaterThan(3)
  for (const gap of ends) expect(gap).toBeLessThan(2)
})

describe("a large one, on its way", () => {
  const BYTES = 6_000_000
  const large = new Uint8Array(BYTES).fill(7)
  const pieces: Uint8Array[] = []
  /** What the server would say, by the book. */
  function tus({ target, headers, body }: Posted): Answer {
    if (target.startsWith("/api/uploads?")) return { status: 201, headers: { location: PATH } }
    if (headers["upload-offset"] === undefined) return { status: 204 }
    pieces.push(body)
    return { status: 204, headers: { "upload-offset": String(Number(headers["upload-offset"]) + body.length) } }
  }
  beforeEach(async () => {
    pieces.length = 0
    await choose("list.bin", large, "")
    await check()
  })
  const sentBytes = () => pieces.reduce((sum, { length }) => sum + length, 0)

  test("is held while the source wants it, goes on, and is whole", async () => {
    const held: (() => void)[] = []
    stage.post = async (one) => {
      if (pieces.length === 1) await new Promise<void>((goOn) => held.push(goOn))
      return tus(one)
    }
    await send()
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0)
    await page.getByRole("button", { name: "Pause" }).click()
    await page.getByText("Paused. Nothing is lost").first().waitFor()
    stage.post = tus
    for (const goOn of held) goOn()
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 300_000)
    const before = pieces.length
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(pieces.length).toBe(before)
    expect(await page.locator("#upload-left").textContent()).toContain("Paused")
    await page.getByRole("button", { name: "Go on" }).click()
    await page.locator("#sent").waitFor()
    const [reporter] = newsroom.reporters
    if (reporter === undefined) throw new Error("no reporter")
    const unlocked = await unlock([concat(...pieces)], { identity: await reporter.seed(today), slot: reporter.slot, slots: 8 })
    const contents: Uint8Array[] = []
    if (unlocked) for await (const { bytes } of (await readTip(unlocked)).files()) contents.push(await collect(bytes))
    expect(Buffer.compare(contents[0] ?? new Uint8Array(), large)).toBe(0)
  })

  test("is taken back when the source stops it, and the tip is still there", async () => {
    stage.post = (one) => (pieces.length >= 2 ? new Promise<Answer>(() => undefined) : tus(one))
    await send()
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0)
    await page.getByRole("button", { name: "Stop, and go back" }).click()
    await page.waitForSelector("#check:enabled")
    await page.waitForFunction((path) => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(path)), PATH)
    expect(stage.requests).toContain(`DELETE ${PATH}`)
    expect(sentBytes()).toBeLessThan(BYTES)
    expect(await names()).toEqual(["list.bin"])
    expect(await page.locator("#sent").isVisible()).toBe(false)
  })
})

describe("before locking begins", () => {
  const LARGEST = 2 ** 32

  test("the page says how long it will take where that is more than ten seconds, and nothing of it for a small file", async () => {
    const desk = await makeDesk(today, { ...POLICY, maxTipBytes: LARGEST })
    const roomy = await openStage(desk.newsroom.pinned)
    const text = await desk.answer()
    roomy.today = () => said(text)
    /** What the page says of a file of so many zeros, which take no room on the disk. It tries four chunks and reckons: nobody waits here. */
    const saidOf = async (bytes: number): Promise<string> => {
      const file = join(folder, `${bytes}.bin`)
      await writeFile(file, "")
      await truncate(file, bytes)
      await page.goto(roomy.url)
      await page.waitForSelector("#check:enabled")
      await page.getByLabel("Reporter One").check()
      await page.setInputFiles("#files", file)
      await check()
      const shown = (await page.locator("#summary").textContent()) ?? ""
      expect(shown).toContain(`${bytes}.bin`)
      return shown
    }
    try {
      const sentence = /In this browser, locking all of this takes about (\d+) (seconds|minutes)\. Keep this page open/
      // In ten seconds that would be more than any engine in a browser does: 375 MB a second, read, hashed and sealed on one thread.
      const large = await saidOf(3.5 * 2 ** 30)
      expect(large).toMatch(sentence)
      const [, count, unit] = sentence.exec(large) ?? []
      expect(Number(count) * (unit === "minutes" ? 60 : 1)).toBeGreaterThanOrEqual(10)
      // A large envelope too, one that is tried as the other is.
      expect(await saidOf(6_000_000)).not.toMatch(/locking all of this/)
      expect(await saidOf(1_000)).not.toMatch(/locking all of this/)
      expect(roomy.posted).toEqual([])
    } finally {
      await roomy.close()
    }
  })
})
