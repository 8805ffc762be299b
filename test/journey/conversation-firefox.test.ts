/** The same conversation in the second browser engine, with WebAssembly switched off: the other build of the worker makes the words, signs for the
 *  mailbox and opens what is in it. What the server and the browser keep of it is searched in conversation.test.ts. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import type { Page } from "puppeteer-core"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { FIREFOX, type LaunchedFirefox, launchFirefox, NO_WASM } from "../support/firefox.ts"
import { describeWhere } from "../support/needs.ts"
import { freePort } from "../support/port.ts"

const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
const WAIT_MS = 120_000

describeWhere(FIREFOX, "a conversation in Firefox without WebAssembly", () => {
  let folder: string
  let line: DemoLine
  let launched: LaunchedFirefox
  let page: Page
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sotto-conversation-"))
    line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
    launched = await launchFirefox({ prefs: NO_WASM })
    page = await launched.browser.newPage()
    page.setDefaultTimeout(WAIT_MS)
  }, WAIT_MS)
  afterAll(async () => {
    await launched.close()
    await line.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)
  const click = async (selector: string) => page.locator(`${selector}:enabled`).click()
  const shown = (selector: string) => page.waitForSelector(selector, { visible: true })
  const textOf = (selector: string) => page.$eval(selector, (element) => element.textContent ?? "")
  async function write(message: string): Promise<void> {
    await shown("#check:enabled")
    await click("#readers input[type=checkbox]")
    await page.locator("#message").fill(message)
    await click("#check")
    await click("#send")
    await shown("#sent")
  }
  async function comeBack(words: string): Promise<string> {
    await page.goto(line.url)
    await click("#have-words")
    await page.locator("#typed").fill(words)
    await click("#look")
    await shown("#answers")
    return textOf("#answers")
  }
  async function answer(number: number, text: string): Promise<void> {
    const file = join(folder, "reply.txt")
    await writeFile(file, text)
    await as("reply", String(number), "--file", file, "--delay", "0")
  }

  test("goes from a tip over a reply, a further tip and a second reply to deletion", async () => {
    await page.goto(line.url)
    await write("They told us on Monday.")
    expect(await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname))).toContain(
      "/worker-plain.js",
    )
    const words = await page.$$eval("#words-list li", (all) => all.map((one) => one.textContent).join(" "))
    expect(words.split(" ")).toHaveLength(8)
    await click("#words-done") // until then the browser asks before it goes away
    await as("sync")
    await answer(1, "How many were told?")
    expect(await comeBack(words)).toContain("How many were told?")
    await click("#follow-up")
    await write("Eleven of us.")
    await as("sync")
    expect(await as("read", "3", "--plaintext")).toMatch(/by the same source as tip 1\n.*Eleven of us\./s)
    await answer(3, "We will write about it.")
    const both = await comeBack(words)
    expect(both).toContain("How many were told?")
    expect(both).toContain("We will write about it.")
    await click("#empty")
    await click("#empty-yes")
    await page.waitForFunction(() => document.querySelector("#answers-failed")?.textContent?.includes("has confirmed that it deleted"))
    expect(await comeBack(words)).toContain("Nothing found under these words so far.")
  }, 300_000)
})
