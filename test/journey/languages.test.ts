/** The source's whole way, by keyboard alone on a screen of 320 pixels, in every language, in two browsers, and in each of them as it comes, without
 *  WebAssembly, and without a compiler too; against the real server. Then at the reporter's desk: every tip is there, and an answer goes back. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { CHROMIUM_ENGINES, type Engine, engineOf, FIREFOX_ENGINES, type LaunchedEngine, workersOf } from "../support/engines.ts"
import { FIREFOX } from "../support/firefox.ts"
import { type AnyPage, comeBackByKeyboard, sendByKeyboard, type Way } from "../support/journey.ts"
import { describeWhere } from "../support/needs.ts"
import { freePort } from "../support/port.ts"

const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const PATIENCE = 600_000
const THANKS = "Thank you. شكرًا."
let folder: string
let line: DemoLine

const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-languages-"))
  line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
}, PATIENCE)
afterAll(async () => {
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

/** What the reporter has, as `sotto` numbers it: one tip for each message. */
async function numbersByMessage(): Promise<ReadonlyMap<string, number>> {
  await as("sync")
  const file = join(await mkdtemp(join(folder, "desk-")), "tips.json")
  await as("export", "--all", "--format", "json", "--out", file)
  const told = JSON.parse(await readFile(file, "utf8")) as { letters: readonly { number: number; message: string }[] }
  return new Map(told.letters.map(({ number, message }) => [message, number]))
}

function goesTheWholeWay(browser: string, engine: Engine, isSwitched: boolean): void {
  describe(`${browser}, ${engine.name}`, () => {
    let launched: LaunchedEngine
    /** By language. */
    const words = new Map<Language, string>()
    const messageOf = (language: Language) => `${browser}, ${engine.name}, ${language}`
    beforeAll(async () => {
      launched = await engine.launch()
    }, PATIENCE)
    afterAll(async () => {
      await launched.close()
    })
    async function inPage(language: Language, go: (way: Way) => Promise<void>): Promise<void> {
      const page = await launched.newPage(language)
      const from = performance.now()
      await go({ page, url: line.url, language, isSwitched, at: lookAt(page, language), patienceMs: PATIENCE })
      expect(await workersOf(page)).toEqual([engine.hasWasm ? "/worker.js" : "/worker-plain.js"])
      process.stderr.write(`${messageOf(language)}: ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)
      await page.close()
    }

    test("is what it says it is", async () => {
      const page = await launched.newPage("en")
      await page.goto(line.url)
      expect(await engineOf(page)).toEqual({ hasWasm: engine.hasWasm, hasCompiler: engine.hasCompiler })
      await page.close()
    }, 60_000)

    test.each(LANGUAGES)(
      "%s: written, checked, sent",
      (language) =>
        inPage(language, async (way) => {
          const eight = await sendByKeyboard(way, messageOf(language))
          expect(eight.split(" ")).toHaveLength(8)
          words.set(language, eight)
        }),
      PATIENCE,
    )

    test(
      "every tip is at the reporter's desk; one is answered",
      async () => {
        const numbers = await numbersByMessage()
        for (const language of LANGUAGES) expect([language, numbers.get(messageOf(language))]).toEqual([language, expect.any(Number)])
        const file = join(folder, "reply.txt")
        await writeFile(file, THANKS)
        await as("reply", String(numbers.get(messageOf("ar"))), "--file", file, "--delay", "0")
      },
      PATIENCE,
    )

    test.each(LANGUAGES)(
      "%s: come back with the words, as somebody may have noted them",
      (language) =>
        inPage(language, async (way) => {
          const noted = (words.get(language) ?? "").toUpperCase().replaceAll(" ", ", ")
          expect(await comeBackByKeyboard(way, noted)).toContain(language === "ar" ? THANKS : CATALOGUES[language].answers.none)
        }),
      PATIENCE,
    )
  })
}

describe("in the language that the browser asks for", () => {
  for (const engine of CHROMIUM_ENGINES) goesTheWholeWay("Chromium", engine, false)

  test("what seals where there is no WebAssembly never asks for it", async () => {
    expect(await readFile(join(DIST, "page/worker-plain.js"), "utf8")).not.toContain("WebAssembly")
  })
})

describeWhere(FIREFOX, "in a language that is chosen by its button", () => {
  for (const engine of FIREFOX_ENGINES) goesTheWholeWay("Firefox", engine, true)
})
