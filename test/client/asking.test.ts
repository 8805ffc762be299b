/** The page and its worker, in a real browser: several questions at once, a button that is pressed many times, a worker that dies. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { newWords } from "../../keyring/words.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { POLICY } from "../support/newsroom.ts"
import { makeDesk } from "./newsroom.ts"
import { type Answer, KEPT, openStage, type Stage, said, type Visit, visit } from "./stage.ts"

const today = dayOf(Date.now())
let launched: LaunchedBrowser
let stage: Stage
let answer: string
let here: Visit
let page: Page

beforeAll(async () => {
  const desk = await makeDesk(today, { ...POLICY, maxTipBytes: 2 ** 24 })
  answer = await desk.answer()
  stage = await openStage(desk.newsroom.pinned)
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
  await page.waitForSelector("#check:enabled")
  await page.getByLabel("Reporter One").check()
  await page.locator("#message").fill("Words that stay.")
})
afterEach(async () => {
  await here.context.close()
})

const check = () => page.getByRole("button", { name: "Check before sending" }).click()
const attach = (bytes: number) => page.setInputFiles("#files", [{ name: "list.bin", mimeType: "", buffer: Buffer.alloc(bytes, 7) }])
/** By the page's own event, as often as somebody presses who sees nothing happen. */
const pressOften = (id: string, times: number) =>
  page.evaluate(
    ([id, times]) => {
      for (let time = 0; time < times; time++) document.getElementById(id)?.click()
    },
    [id, times] as const,
  )

describe("while the server has not answered a look into the mailbox", () => {
  test("what was written can be checked, and sent", async () => {
    let letGo: () => void = () => undefined
    const held = new Promise<Answer>((resolve) => {
      letGo = () => resolve({ status: 503 })
    })
    stage.post = ({ target }) => (target === "/api/mailbox" ? held : KEPT)
    await page.getByRole("button", { name: "I have eight words" }).click()
    await page.locator("#typed").fill(await newWords())
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.waitForFunction(() => document.querySelector<HTMLButtonElement>("#look")?.disabled)
    await page.waitForTimeout(300)
    expect(stage.requests).toContain("POST /api/mailbox")
    await page.locator("#words-back").click()
    await check()
    await page.getByText("Words that stay.").waitFor()
    letGo()
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.locator("#sent").waitFor()
    expect(stage.posted.filter(({ target }) => target.startsWith("/api/envelopes"))).toHaveLength(1)
    expect(here.complaints).toEqual([])
  })
})

describe("the button that checks", () => {
  test("asks once, however often it is pressed, and what is sent then arrives", async () => {
    await page.addInitScript(() => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      const Real = Worker
      globalThis.Worker = class extends Real {
        override postMessage(...given: unknown[]) {
          asked.push(JSON.stringify(given[0]).match(/"kind":"([\w-]+)"/)?.[1] ?? "")
          super.postMessage(...(given as [unknown]))
        }
      }
    })
    await page.reload()
    await page.waitForSelector("#check:enabled")
    await page.getByLabel("Reporter One").check()
    await attach(900_000)
    await pressOften("check", 8)
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.locator("#sent").waitFor()
    const asked = await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
    expect(asked.filter((kind) => kind === "weigh")).toHaveLength(1)
    expect(here.complaints).toEqual([])
  })
})

describe("more files than a tip can have", () => {
  test("are not added, and the page says how many it can have; what was there can be sent", async () => {
    await attach(10)
    await page.setInputFiles(
      "#files",
      Array.from({ length: 1_000 }, (_, at) => ({ name: `${at}.txt`, mimeType: "text/plain", buffer: Buffer.from("x") })),
    )
    await page.locator("#files-error").getByText("Not added: there can be at most 1,000 files.").waitFor()
    expect(await page.locator("#file-list li").count()).toBe(1)
    await check()
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.locator("#sent").waitFor()
    expect(here.complaints).toEqual([])
  })
})

describe("a worker that dies", () => {
  test.each([
    ["while it is asked", true],
    ["before it is asked", false],
  ])("%s: the page says so, keeps what was written, and can be asked again", async (_when, isAsked) => {
    await page.evaluate((isAsked) => {
      const { postMessage } = Worker.prototype
      Worker.prototype.postMessage = function (this: Worker, ...given: unknown[]) {
        // What no worker of this page understands: its listener throws, as it would by a fault of ours.
        postMessage.call(this, "nonsense")
        if (isAsked) postMessage.apply(this, given as [unknown])
      }
    }, isAsked)
    for (const _press of [1, 2]) {
      await check()
      await page.locator("#tip-error").getByText("Something in this page failed. Nothing readable has been sent.").waitFor()
      await page.waitForSelector("#check:enabled")
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("check")
    }
    expect(await page.locator("#message").inputValue()).toBe("Words that stay.")
    expect(stage.posted).toEqual([])
  })
})
