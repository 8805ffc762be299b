/** The source's whole way, by keyboard alone on a screen of 320 pixels, in every language and in two browsers, against the real server; then at the
 *  reporter's desk: every tip is there, and one answer is read in each browser. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { FIREFOX, type LaunchedFirefox, launchFirefox } from "../support/firefox.ts"
import { type AnyPage, comeBackByKeyboard, sendByKeyboard, type Way } from "../support/journey.ts"
import { describeWhere } from "../support/needs.ts"

const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const SMALL = { width: 320, height: 640 }
const PATIENCE = 240_000
let folder: string
let line: DemoLine
let chromium: LaunchedBrowser
let firefox: LaunchedFirefox

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const address = listener.address()
      listener.close(() => found(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-languages-"))
  line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
  chromium = await launchBrowser()
}, PATIENCE)
afterAll(async () => {
  await chromium.close()
  await firefox?.close()
  await line.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Every state on the way speaks the language, in its direction, and scrolls in one direction only. */
function lookAt(page: AnyPage, language: Language): NonNullable<Way["at"]> {
  return async (state) => {
    const seen = await page.evaluate(
      "JSON.stringify([document.documentElement.lang, document.documentElement.dir, document.documentElement.scrollWidth - document.documentElement.clientWidth])",
    )
    expect([state, seen]).toEqual([state, JSON.stringify([language, CATALOGUES[language].dir, 0])])
  }
}

/** By the tip's message, for the last part. */
const words = new Map<string, string>()

async function go(page: AnyPage, name: string, language: Language, isSwitched: boolean): Promise<void> {
  const way = { page, url: line.url, language, isSwitched, at: lookAt(page, language) }
  const eight = await sendByKeyboard(way, name)
  expect(eight.split(" ")).toHaveLength(8)
  words.set(name, eight)
  // As somebody may have noted them.
  expect(await comeBackByKeyboard(way, eight.toUpperCase().replaceAll(" ", ", "))).toContain(CATALOGUES[language].answers.none)
}

describe("in Chromium, in the language that the browser asks for", () => {
  test.each(LANGUAGES)(
    "%s",
    async (language) => {
      const context = await chromium.browser.newContext({ viewport: SMALL, locale: language })
      await go(await context.newPage(), `Chromium ${language}`, language, false)
      await context.close()
    },
    PATIENCE,
  )
})

describeWhere(FIREFOX, "in Firefox, in a language that is chosen by its button", () => {
  beforeAll(async () => {
    firefox = await launchFirefox()
  }, PATIENCE)

  test.each(LANGUAGES)(
    "%s",
    async (language) => {
      const page = await firefox.browser.newPage()
      await page.setViewport(SMALL)
      await go(page, `Firefox ${language}`, language, true)
      await page.close()
    },
    PATIENCE,
  )
})

describe("at the reporter's desk", () => {
  test(
    "every tip is there, whichever the language and the browser; and what is answered is read with the words",
    async () => {
      await as("sync")
      const numbers = new Map<string, string>()
      for (const [, number = ""] of (await as("inbox")).matchAll(/^ *(\d+) /gm)) {
        const text = await as("read", number, "--plaintext")
        for (const name of words.keys()) if (text.includes(name)) numbers.set(name, number)
      }
      expect(new Set(numbers.keys())).toEqual(new Set(words.keys()))

      const file = join(folder, "reply.txt")
      await writeFile(file, "Thank you. شكرًا.")
      const context = await chromium.browser.newContext({ viewport: SMALL, locale: "ar" })
      const pages: readonly (readonly [string, AnyPage, boolean])[] = [
        ["Chromium ar", await context.newPage(), false],
        ...(words.has("Firefox ar") ? [["Firefox ar", await firefox.browser.newPage(), true] as const] : []),
      ]
      for (const [name, page, isSwitched] of pages) {
        await as("reply", numbers.get(name) ?? "", "--file", file, "--delay", "0")
        const way = { page, url: line.url, language: "ar", isSwitched, at: lookAt(page, "ar") }
        expect(await comeBackByKeyboard(way, words.get(name) ?? "")).toContain("Thank you. شكرًا.")
      }
    },
    PATIENCE,
  )
})
