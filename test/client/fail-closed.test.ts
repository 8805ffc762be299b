/** Whatever is wrong with what a server shows: no form, the other ways instead, and not one request more. SPEC.md §5.
 *  Where all of it holds and nobody can be reached, one button is left: for reading. What it does is in coming-back.test.ts. */

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { BrowserContext, Page } from "playwright-core"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { type Fault, makeFaults } from "./faults.ts"
import { CHANNELS, makeDesk } from "./newsroom.ts"
import { openStage, type Stage, said } from "./stage.ts"

let launched: LaunchedBrowser
let context: BrowserContext
let stage: Stage
let faults: readonly Fault[]
let good: string
let newsroom: TestNewsroom

beforeAll(async () => {
  const desk = await makeDesk()
  faults = await makeFaults(desk)
  good = await desk.answer()
  newsroom = desk.newsroom
  stage = await openStage(desk.newsroom.pinned)
  launched = await launchBrowser()
  context = await launched.browser.newContext()
  context.setDefaultTimeout(60_000)
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})

/** Everything somebody could try who will not take no for an answer, the browser's tools at hand. */
async function tryToSend(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll<HTMLElement>("[hidden]")) element.hidden = false
    for (const field of document.querySelectorAll<HTMLInputElement>("button, input, textarea")) field.disabled = false
    const message = document.querySelector("textarea#message")
    if (message instanceof HTMLTextAreaElement) message.value = "Please take this."
    for (const id of ["check", "send", "retry", "back", "follow-up", "words-back", "check", "send"]) document.getElementById(id)?.click()
    for (const button of document.querySelectorAll<HTMLButtonElement>("#languages button")) button.click()
    document.querySelector("form")?.requestSubmit()
    dispatchEvent(new HashChangeEvent("hashchange"))
  })
  await page.waitForTimeout(30)
}

async function refusalOf(page: Page): Promise<{ usable: number; text: string }> {
  await page.waitForSelector("#refused:not([hidden])")
  const usable = await page
    .locator("#writing, #checking, #sending, input:visible, textarea:visible:not([readonly]), button:visible:not(#languages button)")
    .evaluateAll((elements) => elements.filter((element) => element.checkVisibility()).length)
  return { usable, text: (await page.locator("#refused").textContent()) ?? "" }
}

test("the answer that the faults are made from is taken", async () => {
  stage.today = () => said(good)
  const page = await context.newPage()
  await page.goto(stage.url)
  await page.waitForSelector("#check:enabled")
  await page.close()
})

describe("the page fails closed", () => {
  // Several at a time, each with a server of its own.
  const LANES = 4
  test("for every fault in the table", async () => {
    expect(faults.length).toBeGreaterThan(40)
    const waiting = [...faults]
    const lane = async (): Promise<void> => {
      const own = await openStage(newsroom.pinned)
      for (let fault = waiting.pop(); fault !== undefined; fault = waiting.pop()) await meet(own, fault)
      await own.close()
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }, 300_000)

  async function meet(own: Stage, { what, code, answer, pin }: Fault): Promise<void> {
    own.reset()
    own.pin(pin)
    own.today = () => answer
    const page = await context.newPage()
    const requests: string[] = []
    page.on("request", (request) => requests.push(request.url()))
    await page.goto(`${own.url}#amazon-layoffs`)
    const { usable, text } = await refusalOf(page)
    expect([what, usable]).toEqual([what, code === "nobody" ? 1 : 0])
    expect([what, await page.getByRole("button", { name: "I have eight words" }).isVisible()]).toEqual([what, code === "nobody"])
    // From the pin alone: where that cannot be read, there are none to show, and the page says so.
    if (code === "bad-newsroom") expect(text).toContain("This page knows of no other way.")
    for (const { name, address, drawback } of code === "bad-newsroom" ? [] : CHANNELS)
      expect([what, text]).toEqual([what, expect.stringMatching(new RegExp(`${name}[^]*${address}[^]*${drawback}`))])
    expect([what, text]).toEqual([what, expect.stringContaining("Nothing that you typed has left this page.")])
    const before = [own.requests.length, requests.length]
    expect([what, own.requests.filter((request) => request.includes("/api/"))]).toEqual([what, ["GET /api/today"]])
    await tryToSend(page)
    expect([what, own.requests.length, requests.length]).toEqual([what, ...before])
    expect([what, page.workers().length]).toEqual([what, code === "nobody" ? 1 : 0])
    await page.close()
  }

  test("when this device's clock is wrong, and says so", async () => {
    stage.reset()
    stage.today = () => said(good)
    const page = await context.newPage()
    await page.clock.install({ time: Date.now() + 3 * 86_400_000 })
    await page.goto(stage.url)
    expect((await refusalOf(page)).text).toContain("Check the date of your device")
    await page.close()
  })

  test("when no worker runs, whichever build", async () => {
    stage.reset()
    stage.today = () => said(good)
    const page = await context.newPage()
    await page.route("**/worker*.js", (route) =>
      route.fulfill({ status: 200, contentType: "text/javascript", body: "postMessage({ kind: 'not-ready' })" }),
    )
    await page.goto(stage.url)
    expect((await refusalOf(page)).text).toContain("This browser cannot lock your words")
    await page.close()
  })

  test("when a worker answers in another language than the page's", async () => {
    stage.reset()
    stage.today = () => said(good)
    const page = await context.newPage()
    const body = "postMessage({ kind: 'ready' }); onmessage = () => postMessage({ kind: 'view', view: { html: '<b>' } })"
    await page.route("**/worker*.js", (route) => route.fulfill({ status: 200, contentType: "text/javascript", body }))
    await page.goto(stage.url)
    expect((await refusalOf(page)).usable).toBe(0)
    await page.close()
  })
})

describe("inside another app", () => {
  test.each(["FBAN/FBIOS", "FBAV/400", "Instagram 300", "LinkedInApp", "TikTok 30", "Twitter for iPhone"])(
    "%s: no form, and nothing is asked of the server",
    async (name) => {
      stage.reset()
      stage.today = () => said(good)
      const inApp = await launched.browser.newContext({ userAgent: `Mozilla/5.0 (iPhone) AppleWebKit ${name}` })
      const page = await inApp.newPage()
      await page.goto(`${stage.url}#amazon-layoffs`)
      await page.waitForSelector("#in-app:not([hidden])")
      expect(await page.locator("#in-app").textContent()).toContain(`${stage.url}#amazon-layoffs`)
      await tryToSend(page)
      expect(stage.requests.filter((request) => request.includes("/api/") || request.includes("worker"))).toEqual([])
      await inApp.close()
    },
  )
})
