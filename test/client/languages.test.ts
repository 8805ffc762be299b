/** The page in each of its languages: chosen by the browser or by a button, whole, without a request, and without losing what was written. */

import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { en } from "../../client/words/en.ts"
import type { LaunchedBrowser } from "../support/browser.ts"
import { onStage } from "./on-stage.ts"
import { problem, type Stage, visit } from "./stage.ts"

const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const OTHERS = LANGUAGES.filter((language) => language !== "en")
let launched: LaunchedBrowser
let stage: Stage
let page: Page

/** Every sentence of a catalogue by its place, `stop.title`. */
function sentences(of: object, at = ""): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(of)) {
    if (typeof value === "string") found.set(at + key, value)
    else for (const [path, text] of sentences(value as object, `${at}${key}.`)) found.set(path, text)
  }
  return found
}
const places = (text: string) => new Set(text.match(/\{\w+\}/g) ?? [])

onStage(
  async (given) => {
    ;({ stage, launched, page } = given)
    await page.waitForSelector("#check:enabled")
  },
  { hash: "#amazon-layoffs" },
)

const speak = (language: Language) => page.locator(`#languages button[lang=${language}]`).click()

describe.each(OTHERS)("the catalogue %s", (language) => {
  const [english, other] = [sentences(en), sentences(CATALOGUES[language])]

  test("says every sentence, with the same values in it, and leaves none in English", () => {
    expect([...other.keys()]).toEqual([...english.keys()])
    for (const [path, text] of other) {
      if (path !== "unreviewed") expect([path, places(text)]).toEqual([path, places(english.get(path) ?? "")])
      const isSame = text === english.get(path) && /[a-z]{5}/i.test(text.replace(/\{\w+\}/g, "")) && path !== "title"
      expect([path, isSame]).toEqual([path, false])
    }
  })

  test("says of itself that no native speaker has read it", () => {
    expect(CATALOGUES[language].unreviewed).not.toBe("")
  })
})

describe("the language", () => {
  test.each([
    ["de-AT", "de"],
    ["fr-CA", "fr"],
    ["es-MX", "es"],
    ["ar-EG", "ar"],
    ["en-GB", "en"],
    ["fi-FI", "en"],
  ] as const)("of a browser that asks for %s is %s, and nothing is asked of the server for it", async (locale, language) => {
    const other = await visit(launched.browser, stage.url, { locale })
    await other.page.waitForSelector("#check:enabled")
    expect(await other.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, document.title])).toEqual([
      language,
      CATALOGUES[language].dir,
      CATALOGUES[language].title,
    ])
    expect(await other.page.locator("h1").textContent()).toBe(CATALOGUES[language].heading)
    expect(await other.page.locator("#unreviewed").isVisible()).toBe(language !== "en")
    await other.context.close()
  })

  test("is switched by a button without a request, and what was written, chosen and added stays", async () => {
    await page.getByLabel("Reporter One").check()
    await page.getByLabel("1 to 9").check()
    await page.getByLabel("In which country?").selectOption("IE")
    await page.locator("#message").fill("Words that stay.")
    await page.setInputFiles("#files", [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }])
    await page.locator("#file-0").fill("renamed.txt")
    await page.locator("#check").click()
    await page.locator("#checking").waitFor()
    await page.locator("#back").click()
    const before = stage.requests.length
    for (const language of [...OTHERS, "en"] as const) {
      await speak(language)
      expect(await page.locator("#languages [aria-current]").textContent()).toBe(CATALOGUES[language].name)
      expect(await page.locator("#reader-0").isChecked()).toBe(true)
      expect(await page.locator("#question-0-1").isChecked()).toBe(true)
      expect(await page.locator("#question-3").inputValue()).toBe("IE")
      expect(await page.locator("#message").inputValue()).toBe("Words that stay.")
      expect(await page.locator("#file-0").inputValue()).toBe("renamed.txt")
    }
    expect(stage.requests).toHaveLength(before)
    expect(page.url()).toBe(stage.url)
  })

  test("leaves the newsroom's own words in theirs, and says so to a screen reader", async () => {
    await speak("ar")
    const title = page.locator("#callout-title")
    expect([await title.textContent(), await title.getAttribute("lang"), await title.getAttribute("dir")]).toEqual([
      "Affected by the layoffs?",
      "en",
      "auto",
    ])
    for (const legend of await page.locator("#callout legend, #callout .field > label").all())
      expect(await legend.getAttribute("lang")).toBe("en")
    expect(await page.locator("#question-0-help").textContent()).toContain(CATALOGUES.ar.questions.skip)
    expect(await page.locator("#question-3 option").nth(1).textContent()).toMatch(/\p{Script=Arabic}/u)
  })

  test("is the page's everywhere after a switch: no English sentence is left in any state", async () => {
    const english = [...sentences(en)].filter(([path, text]) => path !== "title" && path !== "name" && /^[A-Z][a-z]+ [^{}]{8,}$/.test(text))
    const left = async () => {
      // With the hidden parts, without what only a browser without scripts shows.
      const text = await page.evaluate(() => {
        const copy = document.body.cloneNode(true) as HTMLElement
        copy.querySelector("noscript")?.remove()
        return copy.textContent
      })
      return english.filter(([, sentence]) => text.includes(sentence)).map(([path]) => path)
    }
    await page.locator("#check").click()
    await page.setInputFiles("#files", [{ name: "large", mimeType: "", buffer: Buffer.alloc(1_100_000) }])
    await speak("fr")
    expect(await left()).toEqual([])
    await speak("en")
    await page.locator("#reader-0").check()
    await page.locator("#message").fill("x")
    await page.locator("#check").click()
    await page.locator("#checking").waitFor()
    await speak("de")
    expect(await left()).toEqual([])
    stage.post = () => problem("not-ready", { "retry-after": "7" })
    await speak("en")
    await page.locator("#send").click()
    await page.locator("#failed").waitFor()
    await speak("es")
    expect(await left()).toEqual([])
    stage.post = () => ({ status: 201 })
    await speak("en")
    await page.locator("#retry").click()
    await page.locator("#sent").waitFor()
    await speak("ar")
    expect(await left()).toEqual([])
    await page.locator("#words-done").click()
    expect(await left()).toEqual([])
    stage.today = () => problem("broken")
    await page.goto(stage.url)
    await page.locator("#refused").waitFor()
    await speak("ar")
    expect(await left()).toEqual([])
  })

  test("changes nothing that jumps while the page loads in it", async () => {
    const context = await launched.browser.newContext({ viewport: { width: 390, height: 844 }, locale: "de" })
    const other = await context.newPage()
    await other.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(globalThis, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
      }).observe({ type: "layout-shift", buffered: true })
    })
    await other.goto(stage.url)
    await other.waitForSelector("#check:enabled")
    await other.waitForTimeout(200)
    expect(
      await other.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, one) => sum + one, 0)),
    ).toBeLessThan(0.01)
    await context.close()
  })
})
