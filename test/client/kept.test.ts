/** Nothing that somebody wrote is lost, and no sentence is untrue, where something unforeseen comes between: a file that is dropped beside its
 *  field, questions that change, a sum that came too late, a server that is full, words typed wrongly, a deletion that is none. */

import { rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { newWords, type Words } from "../../keyring/words.ts"
import { POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { mailboxBodies } from "./mailbox.ts"
import { CALLOUT, todayAnswer } from "./newsroom.ts"
import { onStage } from "./on-stage.ts"
import { KEPT, problem, type Stage, said, type Visit } from "./stage.ts"

const today = dayOf(Date.now())
let stage: Stage
let newsroom: TestNewsroom
let here: Visit
let page: Page
onStage(
  (given) => {
    ;({ stage, newsroom, here, page } = given)
  },
  { hash: "#amazon-layoffs", policy: { ...POLICY, maxTipBytes: 2 ** 24 } },
)

const TEXT = "My long tip."
async function fillIn(): Promise<void> {
  await page.waitForSelector("#check:enabled")
  await page.getByLabel("Reporter One").check()
  await page.getByLabel("What should we know?").fill(TEXT)
}
async function seal(): Promise<void> {
  await page.locator("#check").click()
  await page.locator("#send").click()
}
const bodies = async (words: Words, messages: readonly string[]) => ({
  status: 200,
  body: await mailboxBodies(newsroom, words, messages),
  headers: { "content-type": "application/octet-stream" },
})
async function lookFor(typed: string): Promise<void> {
  await page.locator("#have-words:enabled, #read-only:visible").first().click()
  await page.locator("#typed").fill(typed)
  await page.locator("#look").click()
}

/** Looks, and finds this answer. */
async function find(words: Words, message: string): Promise<void> {
  await lookFor(words)
  await page.getByText(message, { exact: true }).waitFor()
}

describe("a file that is dropped", () => {
  test.each(["h1", "#message"])("on %s goes into the tip, and the page stays", async (place) => {
    await fillIn()
    const file = join(tmpdir(), `sotto-drop-${process.pid}.txt`)
    await writeFile(file, "dropped")
    const input = await here.context.newCDPSession(page)
    await page.locator(place).scrollIntoViewIfNeeded()
    const box = await page.locator(place).boundingBox()
    const at = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 10 }
    const data = { items: [], files: [file], dragOperationsMask: 1 }
    for (const type of ["dragEnter", "dragOver", "drop"] as const) await input.send("Input.dispatchDragEvent", { type, ...at, data })
    await page.getByText("Files: 1.").waitFor()
    await rm(file)
    expect(here.context.pages()).toHaveLength(1)
    expect(await page.locator("#message").inputValue()).toBe(TEXT)
  })

  test("where there is no form goes nowhere", async () => {
    await fillIn()
    await page.locator("#check").click()
    await page.locator("#checking").waitFor()
    const prevented = await page.evaluate(() =>
      ["dragover", "drop"].map((kind) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(["x"], "x.txt"))
        const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer })
        document.querySelector("#checking")?.dispatchEvent(event)
        return event.defaultPrevented
      }),
    )
    expect(prevented).toEqual([true, true])
    await page.locator("#back").click()
    expect(await page.locator("#file-list input").count()).toBe(0)
  })
})

test("questions that changed while it was sent: it is said, and an answer that fits no more stands with the source's own words", async () => {
  stage.post = () => (stage.posted.length === 1 ? problem("day-closed") : KEPT)
  await fillIn()
  await page.getByLabel("What reason were you given?").fill("A reason that took me long.")
  const next = await newsroom.draft({ callouts: [{ ...CALLOUT, questions: CALLOUT.questions.filter(({ id }) => id !== "reason") }] })
  const notes = await Promise.all(newsroom.reporters.slice(0, 2).map((reporter) => newsroom.dayNote(reporter, today)))
  stage.today = () => said(todayAnswer(today, [...newsroom.chain.map(({ source }) => source), next], notes))
  await seal()
  await page.getByText("The questions changed while you were sending.").waitFor()
  expect(await page.locator("#message").inputValue()).toBe(`What reason were you given?\nA reason that took me long.\n\n${TEXT}`)
  expect(await page.locator("#readers-error").isVisible()).toBe(false)
  await seal()
  await page.getByRole("heading", { name: "Sent" }).waitFor()
})

test("what is typed while it is weighed is in what is looked at, and sent", async () => {
  await fillIn()
  await page.evaluate(() => {
    document.getElementById("check")?.click()
    const message = document.getElementById("message")
    if (message instanceof HTMLTextAreaElement) message.value += " And one more thing."
  })
  await page.locator("#checking").waitFor()
  expect(await page.locator("#summary").textContent()).toContain("My long tip. And one more thing.")
})

describe("a sum that was not enough", () => {
  const challenge = () =>
    JSON.stringify({ challenge: `sotto-work/1 ${"A".repeat(22)} 1 ${Math.floor(Date.now() / 1_000) + 60} ${"A".repeat(43)}` })

  test("is no last word: it can be tried again", async () => {
    await fillIn()
    let posts = 0
    stage.post = ({ target }) =>
      target === "/api/challenge"
        ? { status: 200, body: challenge() }
        : ([problem("work-wanted"), problem("bad-work"), KEPT][Math.min(posts++, 2)] ?? KEPT)
    await seal()
    await page.getByText("Our server cannot keep anything right now.").waitFor()
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByRole("heading", { name: "Sent" }).waitFor()
  })
})

test("a server that takes no more of a large tip is not called a line that broke", async () => {
  await fillIn()
  await page.setInputFiles("#files", [{ name: "x.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(2_000_000, 1) }])
  stage.post = () => problem("not-ready", { "retry-after": "30" })
  await seal()
  await page.getByText("Our server cannot take more right now.").first().waitFor()
  const asked = stage.requests.length
  // It said when to come again.
  await page.waitForTimeout(4_000)
  expect(stage.requests).toHaveLength(asked)
  expect(await page.getByText("The connection dropped.").count()).toBe(0)
})

describe("eight words", () => {
  test("typed wrongly where nobody can be reached: there is a way back to what was written", async () => {
    stage.post = () => problem("day-closed")
    await fillIn()
    const chain = newsroom.chain.map(({ source }) => source)
    stage.today = () => said(todayAnswer(today, chain, []))
    await seal()
    await page.getByRole("heading", { name: "Nobody can be reached today" }).waitFor()
    const nothing = await bodies(await newWords(), [])
    stage.post = () => nothing
    await lookFor(await newWords())
    await page.getByText("Nothing found under these words so far.").waitFor()
    await page.locator("#answers").getByRole("button", { name: "Go back", exact: true }).click()
    expect(await page.getByLabel("Your words are still here.").inputValue()).toBe(TEXT)
  })

  test("written again with by mistake: there is a way to write without them, and to type them anew", async () => {
    const nothing = await bodies(await newWords(), [])
    stage.post = () => nothing
    const typed = await newWords()
    await lookFor(typed)
    await page.getByRole("button", { name: "Write again with these words" }).click()
    await fillIn()
    await page.getByRole("button", { name: "Go back and write without these words" }).click()
    expect(await page.locator("#following").isVisible()).toBe(false)
    expect(await page.getByText("How may we answer?").isVisible()).toBe(true)
    expect(await page.locator("#message").inputValue()).toBe(TEXT)
    expect(await page.getByRole("button", { name: "I have eight words" }).isVisible()).toBe(true)
    stage.post = () => KEPT
    await seal()
    await page.getByRole("heading", { name: "Sent" }).waitFor()
    expect((await page.locator("#words-list li").allTextContents()).join(" ")).not.toBe(typed)
  })

  test("deleted under are proven all the same", async () => {
    const words = await newWords()
    let answer = await bodies(words, ["Hi."])
    stage.post = () => answer
    await find(words, "Hi.")
    answer = await bodies(words, [])
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("Our server has confirmed that it deleted").waitFor()
    await page.getByRole("button", { name: "Write again with these words" }).click()
    expect(await page.locator("#following").textContent()).toContain("The people you choose can see that both tips come from you.")
  })

  test("a suggestion goes to the place of the word that it was made for", async () => {
    await lookFor("acid : bananna abrasive、 abacus، abdomen ability ablaze able")
    await page.locator("#typed-near").getByRole("button", { name: "banana" }).click()
    expect(await page.locator("#typed").inputValue()).toBe("acid banana abrasive abacus abdomen ability ablaze able")
  })
})

describe("a deletion", () => {
  test("that the server did not do is not said to be one", async () => {
    const words = await newWords()
    const answer = await bodies(words, ["Only one."])
    stage.post = () => answer
    await find(words, "Only one.")
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("Our server still shows what it was to delete.").waitFor()
    expect(await page.locator(".reply").allTextContents()).toEqual(["Only one."])
  })

  test("that is pressed while older answers are asked for waits, and is asked about again", async () => {
    const words = await newWords()
    const answer = await bodies(words, ["Only one."])
    let goOn: () => void = () => undefined
    let looks = 0
    stage.post = async () => {
      if (looks++ === 1) await new Promise<void>((resolve) => (goOn = resolve))
      return answer
    }
    await find(words, "Only one.")
    await page.getByRole("button", { name: "Look further back" }).click()
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await page.getByRole("button", { name: "Delete them for good" }).click()
    goOn()
    await page.locator(".reply").nth(1).waitFor()
    expect(looks).toBe(2)
    expect(await page.getByRole("button", { name: "Delete them for good" }).isVisible()).toBe(true)
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.locator("#answers-failed:not([hidden])").waitFor()
    expect(looks).toBeGreaterThan(2)
  })
})
