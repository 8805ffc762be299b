/** What is said to whoever has scripts off, in every language: a page each with the same links and the same form, and answers that say it in all of them. */

import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import type { Page } from "playwright-core"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { PLAIN } from "../../client/words/plain-catalogues.ts"
import { ANSWERS } from "../../server/sealed.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { makeDesk } from "./newsroom.ts"
import { openStage, type Stage } from "./stage.ts"

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8")
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const OTHERS = LANGUAGES.filter((language) => language !== "en")
let launched: LaunchedBrowser
let stage: Stage
beforeAll(async () => {
  stage = await openStage((await makeDesk()).newsroom.pinned)
  launched = await launchBrowser()
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})

async function at<Value>(path: string, isScripted: boolean, look: (page: Page) => Promise<Value>): Promise<Value> {
  const context = await launched.browser.newContext({
    viewport: { width: 320, height: 640 },
    javaScriptEnabled: isScripted,
    bypassCSP: true,
  })
  const page = await context.newPage()
  await page.goto(new URL(path, stage.url).href)
  const value = await look(page)
  await context.close()
  return value
}
const violations = (path: string) =>
  at(path, true, async (page) => {
    await page.evaluate(AXE)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    return [violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), wide]
  })

/** Every text of a catalogue by its path. */
function sentences(words: object, path = ""): readonly (readonly [string, string])[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as const] : sentences(value as object, `${path}${key}.`),
  )
}

/** What whoever has scripts off can follow or hand in. */
function offered(name: string): readonly string[] {
  const html = readFileSync(join(__dirname, "../../dist/page", name), "utf8")
  const found = [
    ...html.matchAll(/<form id="sealed"[^>]*>|<input id="sealed-file"[^>]*>|href="\/(?:api\/[\w/]+|offline\.html)"[^>]*>/g),
  ].map(([all]) => all)
  if (found.length !== 6) throw new Error(`${name} offers ${found.length} things`)
  return found
}

describe.each(OTHERS)("in %s", (language) => {
  test("every sentence is said, and none in English", () => {
    const english = new Map(sentences(PLAIN.en))
    const other = sentences(PLAIN[language])
    expect(other.map(([path]) => path)).toEqual([...english.keys()])
    for (const [path, text] of other) expect([path, text === english.get(path)]).toEqual([path, false])
  })

  test("the page is reached from the page without scripts, links to what that links to, and hands in by the same form", async () => {
    const inThisLanguage = (tag: string) => tag.replace(/(?<=\/api\/(?:recipients|questions))(?=")/, `/${language}`)
    expect(offered(`plain-${language}.html`)).toEqual(offered("index.html").map(inThisLanguage))
    await at("/", false, async (page) => {
      await page.getByRole("link", { name: CATALOGUES[language].name }).click()
      await page.getByRole("heading", { name: PLAIN[language].title }).waitFor()
      expect(await page.getByText(CATALOGUES[language].unreviewed).isVisible()).toBe(true)
      expect(await page.locator("html").getAttribute("dir")).toBe(CATALOGUES[language].dir)
    })
  })

  test("axe finds nothing, and it scrolls one way at 320 pixels", async () => {
    expect(await violations(`/plain-${language}.html`)).toEqual([[], 0])
  })
})

test("each answer to the form is given in every language, and axe finds nothing in it", async () => {
  for (const name of ANSWERS) {
    const path = `/sealed-${name}.html`
    expect([name, await violations(path)]).toEqual([name, [[], 0]])
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as "kept"
    await at(path, false, async (page) => {
      for (const language of LANGUAGES) {
        const part = page.locator(`section[lang=${language}]`)
        expect(await part.getByRole("heading").textContent()).toBe(PLAIN[language][key].title)
        expect(await part.getAttribute("dir")).toBe(CATALOGUES[language].dir)
      }
    })
  }
})
