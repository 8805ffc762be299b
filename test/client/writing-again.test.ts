/** By which words a tip is locked when a source has looked into a mailbox, in the built page and a real browser: by the old ones only where the source
 *  said so, and never by words that nobody has. SPEC.md §5. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { deriveSource, newWords, type Words } from "../../keyring/words.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { mailboxBodies } from "./mailbox.ts"
import { makeDesk } from "./newsroom.ts"
import { type Answer, KEPT, openStage, type Stage, said, type Visit, visit } from "./stage.ts"

const today = dayOf(Date.now())
let launched: LaunchedBrowser
let stage: Stage
let newsroom: TestNewsroom
let answer: string
let here: Visit
let page: Page

beforeAll(async () => {
  const desk = await makeDesk(today)
  newsroom = desk.newsroom
  answer = await desk.answer()
  stage = await openStage(newsroom.pinned)
  launched = await launchBrowser()
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})
beforeEach(async () => {
  stage.reset()
  stage.today = () => said(answer)
  here = await visit(launched.browser, stage.url)
  page = here.page
})
afterEach(async () => {
  await here.context.close()
  expect(here.complaints).toEqual([])
})

const found = async (words: Words, ...messages: readonly string[]): Promise<Answer> => ({
  status: 200,
  body: await mailboxBodies(newsroom, words, messages),
  headers: { "content-type": "application/octet-stream" },
})
async function look(words: Words): Promise<void> {
  await page.locator("#have-words:enabled").click()
  await page.locator("#typed").fill(words)
  await page.locator("#look").click()
}
async function send(): Promise<void> {
  await page.waitForSelector("#check:enabled")
  await page.getByLabel("Reporter One").check()
  await page.locator("#message").fill("Hello.")
  await page.locator("#check").click()
  await page.locator("#send").click()
  await page.locator("#sent").waitFor()
}
/** Whose tip it was that was sent last. */
async function sender(): Promise<Uint8Array | undefined> {
  const envelope = [...stage.posted].reverse().find(({ target }) => target.startsWith("/api/envelopes"))?.body
  const [one] = newsroom.reporters
  if (one === undefined || envelope === undefined) throw new Error("nothing to open")
  const unlocked = await unlock([envelope], { identity: await one.seed(today), slot: one.slot, slots: 8 })
  return unlocked && (await readTip(unlocked)).tip.source.verify
}
const keyOf = async (words: string) => (await deriveSource(words as Words, newsroom.id)).keys.verify
const shown = () => page.locator("#words-list li").allTextContents()

describe("whoever goes back while the page looks", () => {
  test("is not brought to the answers when they come, and what they write is joined to nobody", async () => {
    const words = await newWords()
    const late = await found(words, "An answer that came late.")
    let release: () => void = () => undefined
    stage.post = () => new Promise((resolve) => (release = () => resolve(late)))
    await look(words)
    await page.waitForFunction(() => document.getElementById("status")?.textContent === "Looking for an answer")
    await page.getByRole("button", { name: "Go back" }).click()
    await page.locator("#message").fill("I begin to write.")
    const answered = page.waitForResponse(/mailbox/)
    release()
    await (await answered).finished()
    await page.waitForTimeout(500)
    expect(await page.locator("#writing").isVisible()).toBe(true)
    expect(await page.locator("#answers").isVisible()).toBe(false)
    expect(await page.content()).not.toContain("An answer that came late.")
    stage.post = () => KEPT
    await send()
    expect(await sender()).toEqual(await keyOf((await shown()).join(" ")))
    expect(await sender()).not.toEqual(await keyOf(words))
  })

  test("can look again at once, under other words, and is shown what is under those", async () => {
    const [first, second] = [await newWords(), await newWords()]
    const answers = [await found(first, "For the first."), await found(second, "For the second.")]
    const release: (() => void)[] = []
    stage.post = () => new Promise((resolve) => release.push(resolve.bind(undefined, answers[release.length])))
    await look(first)
    await page.waitForFunction(() => document.getElementById("status")?.textContent === "Looking for an answer")
    await page.getByRole("button", { name: "Go back" }).click()
    await look(second)
    while (release.length < 2) await page.waitForTimeout(20)
    const answered = page.waitForResponse(/mailbox/)
    release[0]?.()
    await (await answered).finished()
    await page.waitForTimeout(500)
    expect(await page.locator("#answers").isVisible()).toBe(false)
    release[1]?.()
    await page.locator("#answers:not([hidden])").waitFor()
    expect(await page.locator("#answers-list .reply").allTextContents()).toEqual(["For the second."])
  })
})

test("from the answers a way leads back to writing without the words, joined to nobody", async () => {
  const words = await newWords()
  const answered = await found(words, "Can you say more?")
  stage.post = () => answered
  await look(words)
  await page.getByRole("button", { name: "Go back and write without these words" }).click()
  expect(await page.locator("#following").isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("message")
  expect(await page.content()).not.toContain("Can you say more?")
  stage.post = () => KEPT
  await send()
  expect(await sender()).toEqual(await keyOf((await shown()).join(" ")))
  expect(await sender()).not.toEqual(await keyOf(words))
})

describe("writing again", () => {
  test("under words that nothing was found by says so, and shows after sending the very words of the tip", async () => {
    const mistyped = await newWords()
    const nothing = await found(await newWords())
    stage.post = () => nothing
    await look(mistyped)
    await page.getByRole("button", { name: "Write again with these words" }).click()
    await page.getByText("Nothing was found under them, so this page cannot tell whether they are right.").waitFor()
    expect(await page.getByText("can see that both tips come from you").isVisible()).toBe(false)
    stage.post = () => KEPT
    await send()
    await page.getByText("Your tip was locked with these very words.").waitFor()
    expect((await shown()).join(" ")).toBe(mistyped)
    expect(await sender()).toEqual(await keyOf(mistyped))
    expect(await page.getByText("with the same eight words as before").isVisible()).toBe(false)
    await page.getByRole("button", { name: "I have written them down" }).click()
    await page.getByText("you can read it on this page with your eight words").waitFor()
  })

  test("under words that something opened by shows none: they are the source's own", async () => {
    const words = await newWords()
    const answers = [await found(await newWords(), "Noise."), await found(words, "Can you say more?")]
    stage.post = ({ body }) => answers[body[0] ?? 0]
    await look(words)
    await page.getByRole("button", { name: "Look further back" }).click()
    await page.getByText("Can you say more?").waitFor()
    await page.getByRole("button", { name: "Write again with these words" }).click()
    await page.getByText("can see that both tips come from you").waitFor()
    stage.post = () => KEPT
    await send()
    await page.getByText("with the same eight words as before").waitFor()
    expect(await shown()).toEqual([])
  })

  test("a new tip has new words, and says nothing of words that were typed", async () => {
    stage.post = () => KEPT
    await send()
    expect(await shown()).toHaveLength(8)
    expect(await page.locator("#words-used").isVisible()).toBe(false)
  })
})
