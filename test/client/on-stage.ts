/** What most tests of the page share: a newsroom, a stage and a browser for the file, and for each test a visit of which the browser complains of nothing. */

import { afterAll, afterEach, beforeAll, beforeEach, expect } from "@jest/globals"
import type { BrowserContextOptions, Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { makeDesk } from "./newsroom.ts"
import { openStage, type Stage, said, type Visit, visit } from "./stage.ts"

export interface Given {
  readonly newsroom: TestNewsroom
  /** What `/api/today` says: that is also what the stage says when a test begins. */
  readonly answer: string
  readonly stage: Stage
  readonly launched: LaunchedBrowser
  readonly here: Visit
  readonly page: Page
}
interface Options {
  readonly policy?: typeof POLICY
  /** What follows the address, as `#callout`. */
  readonly hash?: string
  readonly context?: BrowserContextOptions
}

/** @param given - gets what is there before each test, once the page was opened */
export function onStage(given: (given: Given) => Promise<void> | void, { policy = POLICY, hash = "", context = {} }: Options = {}): void {
  let shared: Omit<Given, "here" | "page">
  let here: Visit

  beforeAll(async () => {
    const { newsroom, answer } = await makeDesk(dayOf(Date.now()), policy)
    shared = { newsroom, answer: await answer(), stage: await openStage(newsroom.pinned), launched: await launchBrowser() }
  })
  afterAll(async () => {
    await shared.launched.close()
    await shared.stage.close()
  })
  beforeEach(async () => {
    shared.stage.reset()
    shared.stage.today = () => said(shared.answer)
    here = await visit(shared.launched.browser, `${shared.stage.url}${hash}`, context)
    await given({ ...shared, here, page: here.page })
  })
  afterEach(async () => {
    await here.context.close()
    // Violations of the CSP and of Trusted Types are errors of the page.
    expect(here.complaints).toEqual([])
  })
}
