/** A server that takes a request and says nothing, and a real browser: the page waits neither for ever nor without a way out. The page's clock is
 *  put forward; everything else goes as it does. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { makeDesk } from "./newsroom.ts"
import { type Answer, KEPT, openStage, problem, type Stage, said, type Visit, visit } from "./stage.ts"

const UNKNOWN = "We do not know whether your tip has arrived."
let launched: LaunchedBrowser
let stage: Stage
let answer: string
let here: Visit
let page: Page

beforeAll(async () => {
  const desk = await makeDesk(dayOf(Date.now()))
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
  await page.clock.install()
  await page.reload()
  await page.waitForSelector("#check:enabled")
})
afterEach(async () => {
  await here.context.close()
  expect(here.complaints).toEqual([])
})

const silence = () => new Promise<Answer>(() => undefined)
const stopWaiting = () => page.getByRole("button", { name: "Stop waiting" })
async function send(): Promise<void> {
  await page.getByLabel("Reporter One").check()
  await page.locator("#message").fill("Words that stay.")
  await page.getByRole("button", { name: "Check before sending" }).click()
  await page.getByRole("button", { name: "Seal and send" }).click()
}
async function asked(request: RegExp, times = 1): Promise<void> {
  while (stage.requests.filter((one) => request.test(one)).length < times) await new Promise((resolve) => setTimeout(resolve, 50))
}

describe("a tip of which the server says nothing", () => {
  test("can be waited for no longer, after twenty seconds, and is sent again as the same bytes", async () => {
    stage.post = silence
    await send()
    await asked(/POST/)
    await page.clock.fastForward(15_000)
    expect(await stopWaiting().isVisible()).toBe(false)
    await page.clock.fastForward(6_000)
    await page.getByText("This takes longer than usual.").first().waitFor()
    await stopWaiting().press("Enter")
    await page.getByText(UNKNOWN).waitFor()
    stage.post = () => KEPT
    await page.getByRole("button", { name: "Try again" }).click()
    await page.locator("#sent").waitFor()
    expect(stage.posted).toHaveLength(2)
    expect(stage.posted[1]?.body).toEqual(stage.posted[0]?.body)
  })

  test("is given up after ten minutes without anybody's doing", async () => {
    stage.post = silence
    await send()
    await asked(/POST/)
    await page.clock.fastForward(601_000)
    await page.getByText(UNKNOWN).waitFor()
    expect(await page.getByRole("button", { name: "Try again" }).isVisible()).toBe(true)
  })

  test("can be left too while the page asks once more who can read it", async () => {
    stage.post = () => {
      stage.today = silence
      return problem("day-closed")
    }
    await send()
    await asked(/today/, 3)
    await page.clock.fastForward(21_000)
    await stopWaiting().click()
    await page.getByText("It is still here while this page stays open.").first().waitFor()
    stage.today = () => said(answer)
    stage.post = ({ target }) => (target.startsWith("/api/envelopes") && stage.posted.length === 2 ? problem("day-closed") : KEPT)
    await page.getByRole("button", { name: "Try again" }).click()
    await page.locator("#sent").waitFor()
  })
})

describe("a page whose first question is not answered", () => {
  test("says so after two minutes", async () => {
    stage.today = silence
    await page.reload()
    await asked(/today/, 3)
    await page.clock.fastForward(121_000)
    await page.getByText("Our server did not answer").waitFor()
  })
})
