/** The page to save, opened from a disk without a network: one file, in every language, for everybody. That what it makes is read: test/journey/plain.test.ts. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import type { BrowserContextOptions, Page } from "playwright-core"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { OFFLINE } from "../../client/words/offline-catalogues.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { makeDesk } from "./newsroom.ts"

const FILE = join(__dirname, "../../dist/page/offline.html")
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const OTHERS = LANGUAGES.filter((language) => language !== "en")
let folder: string
let launched: LaunchedBrowser
let axe: string
let line: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-offline-"))
  const desk = await makeDesk()
  line = newsroomIdText(desk.newsroom.id)
  await writeFile(join(folder, "keys.json"), await desk.answer())
  await writeFile(join(folder, "not-keys.json"), "{}")
  launched = await launchBrowser()
  axe = await readFile(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8")
})
afterAll(async () => {
  await launched.close()
  await rm(folder, { recursive: true, force: true })
})

async function opened(options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const context = await launched.browser.newContext({ viewport: { width: 390, height: 844 }, offline: true, ...options })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => complaints.push(message.text()))
  await page.goto(`file://${FILE}`)
  await look(page)
  await context.close()
  expect(complaints).toEqual([])
}
const give = async (page: Page, file: string) => {
  await page.fill("#line", line)
  await page.setInputFiles("#keys-file", join(folder, file))
  await page.click("#keys button")
}
/** Goes through the page's states, stopping at each. */
async function everyState(page: Page, at: (state: string) => Promise<void>): Promise<void> {
  await at("before the keys")
  await give(page, "not-keys.json")
  await page.waitForSelector("#keys-error:not([hidden])")
  await at("keys that it does not believe")
  await give(page, "keys.json")
  await page.waitForSelector("#tip:not([hidden])")
  await at("writing")
  await page.click("#tip button")
  await page.waitForSelector("#tip-error:not([hidden])")
  await at("nobody chosen")
  await page.check("#reader-0")
  await page.fill("#message", `A long line without a break: ${"x".repeat(200)}`)
  await page.click("#tip button")
  await page.waitForSelector("#done:not([hidden])")
  await at("locked")
}
const speak = (page: Page, language: Language) => page.click(`#languages button[lang=${language}]`)
const places = (text: string) => new Set(text.match(/\{\w+\}/g) ?? [])

describe("the page to save", () => {
  test("is one file that names no other, and smaller than what a first visit may cost", async () => {
    const html = await readFile(FILE, "utf8")
    expect(Buffer.byteLength(html)).toBeLessThan(200_000)
    const markup = html.replace(/(<script>).*(<\/script>)/s, "$1$2").replace(/(<style>).*(<\/style>)/s, "$1$2")
    expect(markup).not.toMatch(/\b(src|href)="(?!#)|url\(/)
    expect(html).toMatch(/content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; form-action 'none'/)
  })

  test.each(OTHERS)("says every sentence in %s, with the same values, and none in English", (language) => {
    expect(Object.keys(OFFLINE[language])).toEqual(Object.keys(OFFLINE.en))
    for (const [key, text] of Object.entries(OFFLINE[language])) {
      const english = OFFLINE.en[key as keyof typeof OFFLINE.en]
      expect([key, places(text)]).toEqual([key, places(english)])
      if (key !== "dir" && key !== "title") expect([key, text === english]).toEqual([key, false])
    }
  })

  test.each([
    ["de-AT", "de"],
    ["fr-CA", "fr"],
    ["es-MX", "es"],
    ["ar-EG", "ar"],
    ["fi-FI", "en"],
  ] as const)("speaks for a browser that asks for %s %s, and says whether a native speaker has read it", async (locale, language) => {
    await opened({ locale }, async (page) => {
      expect(await page.locator("h1:visible").allTextContents()).toEqual([OFFLINE[language].heading])
      expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
        language,
        OFFLINE[language].dir,
      ])
      expect(await page.locator("#unreviewed:visible").allTextContents()).toEqual(language === "en" ? [] : [OFFLINE[language].unreviewed])
    })
  })

  test("is switched by a button wherever somebody is, and what was written and chosen stays", async () => {
    await opened({}, async (page) => {
      await give(page, "keys.json")
      await page.check("#reader-1")
      await page.fill("#message", "Words that stay.")
      for (const language of [...OTHERS, "en"] as const) {
        await speak(page, language)
        expect(await page.locator("#languages [aria-current]").allTextContents()).toEqual([OFFLINE[language].name])
        expect(await page.inputValue("#message")).toBe("Words that stay.")
        expect(await page.inputValue("#line")).toBe(line)
        expect(await page.isChecked("#reader-1")).toBe(true)
      }
    })
  })

  test("keeps what was locked, and the words, until somebody goes away and says so", async () => {
    await opened({}, async (page) => {
      await give(page, "keys.json")
      await page.check("#reader-0")
      await page.fill("#message", "Locked, and not saved yet.")
      await page.click("#tip button")
      await page.waitForSelector("#done:not([hidden])")
      // Asked for over it, the keys would take the file and the words away.
      expect(await page.isVisible("#keys")).toBe(false)
      expect(await page.locator("#words li").count()).toBe(8)
      const asked = page.waitForEvent("dialog")
      await page.close({ runBeforeUnload: true })
      const dialog = await asked
      expect(dialog.type()).toBe("beforeunload")
      await dialog.dismiss()
      expect(await page.locator("#words li").count()).toBe(8)
    })
  })

  test("leaves no sentence in another language, in any state", async () => {
    const foreign = (language: Language) =>
      LANGUAGES.filter((other) => other !== language).flatMap((other) =>
        Object.values(OFFLINE[other]).filter((text) => /^[^{}]{25,}$/.test(text)),
      )
    await opened({}, (page) =>
      everyState(page, async (state) => {
        for (const language of LANGUAGES) {
          await speak(page, language)
          const text = await page.evaluate(() => document.querySelector("main")?.textContent ?? "")
          expect([state, language, foreign(language).filter((sentence) => text.includes(sentence))]).toEqual([state, language, []])
        }
      }),
    )
  })

  test.each(["light", "dark"] as const)(
    "has nothing that axe finds in any state and language, %s, and scrolls one way at 320 pixels",
    async (colorScheme) => {
      await opened({ colorScheme, bypassCSP: true, viewport: { width: 320, height: 640 } }, async (page) => {
        await page.evaluate(axe)
        await everyState(page, async (state) => {
          for (const language of LANGUAGES) {
            await speak(page, language)
            const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
            expect([state, language, violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), wide]).toEqual([
              state,
              language,
              [],
              0,
            ])
          }
        })
      })
    },
    120_000,
  )

  test("without scripts says in every language that it is to be saved, and marks what no native speaker has read", async () => {
    await opened({ javaScriptEnabled: false }, async (page) => {
      for (const language of LANGUAGES) {
        const part = page.locator(`#save section[lang=${language}]`)
        expect(await part.getByRole("heading").textContent()).toBe(OFFLINE[language].saveTitle)
        expect(await part.getAttribute("dir")).toBe(OFFLINE[language].dir)
        expect(await part.locator(".hint").allTextContents()).toEqual(language === "en" ? [] : [OFFLINE[language].unreviewed])
      }
      expect(await page.locator("h1:visible").count()).toBe(1)
      expect(await page.locator("textarea:visible, input:visible").count()).toBe(0)
    })
  })
})
