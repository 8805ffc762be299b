/** The page that says what a court could get: all that is stored and nothing else, made from the list that the schema is held to. */

import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { COURT, TRANSLATED } from "../../client/words/court-catalogues.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { makeDesk } from "./newsroom.ts"
import { openStage, type Stage, said } from "./stage.ts"

const read = (path: string) => readFileSync(join(__dirname, "../..", path), "utf8")
let launched: LaunchedBrowser
let stage: Stage
beforeAll(async () => {
  const desk = await makeDesk()
  const answer = await desk.answer()
  stage = await openStage(desk.newsroom.pinned)
  stage.today = () => said(answer)
  launched = await launchBrowser()
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})

/** The columns of the schema itself, partitions aside. */
function columns(): string[] {
  const names: string[] = []
  let table = ""
  for (const line of read("db/schema.sql").split("\n")) {
    table = /^create table (\w+)/.exec(line)?.[1] ?? table
    const column = /^ {2}(\w+) /.exec(line)?.[1]
    if (column !== undefined && !["primary", "unique", "check", "constraint", "foreign"].includes(column)) names.push(`${table}.${column}`)
  }
  return names
}

const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const pathOf = (language: Language) => (language === "en" ? "/court.html" : `/court-${language}.html`)

/** The rows of the ledger: `table.column`, why, how long. */
const rows = [...read("db/README.md").matchAll(/^\| `(\w+\.\w+)` \| (.+?) \| (.+?) \|$/gm)].map(
  ([, name = "", why = "", howLong = ""]) => ({
    name,
    why,
    howLong,
  }),
)
/** What is no word of any language, in whatever order: names between backticks, and numbers with what they count. */
const names = (text: string) =>
  [...text.matchAll(/`\w[\w.]*`|SHA-256|UTC|1 MiB|Message-ID/g)].map(([name]) => name).sort((a, b) => a.localeCompare(b))

/** Every sentence that is not a row's, by its path. */
function sentences(words: object, path = ""): readonly (readonly [string, string])[] {
  return Object.entries(words)
    .filter(([key]) => key !== "columns" && key !== "howLong")
    .flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value] as const] : sentences(value as object, `${path}${key}.`),
    )
}

/** Each row as it stands on a page: `table.column`, and the whole of its text. */
async function shown(language: Language): Promise<readonly (readonly [string, string])[]> {
  const context = await launched.browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(new URL(pathOf(language), stage.url).href)
  const found: (readonly [string, string])[] = []
  for (const heading of await page.locator("h3").all()) {
    const table = await heading.locator("code").textContent()
    for (const row of await heading.locator("xpath=following-sibling::ul[1]/li").all())
      found.push([`${table}.${await row.locator("code").first().textContent()}`, (await row.textContent()) ?? ""])
  }
  await context.close()
  return found
}

describe.each(LANGUAGES)("what a court could get, in %s", (language) => {
  test("names every column of the schema once, and no other, with the ledger's reason and time", async () => {
    const found = await shown(language)
    expect(found.length).toBeGreaterThan(40)
    expect(found).toHaveLength(columns().length)
    expect(new Set(found.map(([name]) => name))).toEqual(new Set(columns()))
    const words = language === "en" ? undefined : TRANSLATED[language]
    for (const [name, text] of found) {
      const row = rows.find((one) => one.name === name)
      if (row === undefined) throw new Error(`the ledger has no ${name}`)
      const [why, howLong] = words === undefined ? [row.why, row.howLong] : [words.columns[name], words.howLong[row.howLong]]
      const column = name.slice(name.indexOf(".") + 1)
      expect(text).toBe(`${column}: ${why}. ${COURT[language].kept} ${howLong}.`.replaceAll("`", ""))
    }
  })

  test("is reached from the page, beside what we can hide, without leaving what was written, and from the page without scripts", async () => {
    const page = await launched.browser.newPage()
    await page.goto(stage.url)
    await page.waitForSelector("#check:enabled")
    await page.locator(`button[lang="${language}"]`).click()
    const link = page.getByRole("link", { name: CATALOGUES[language].limits.court, exact: true })
    expect([await link.getAttribute("href"), await link.getAttribute("target")]).toEqual([pathOf(language), "_blank"])
    await page.close()
    const context = await launched.browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto(new URL(language === "en" ? "/" : `/plain-${language}.html`, stage.url).href)
    const plainLink = plain.getByRole("link", { name: CATALOGUES[language].limits.court, exact: true })
    await plain.goto(new URL((await plainLink.getAttribute("href")) ?? "", stage.url).href)
    await plain.getByRole("heading", { level: 1, name: COURT[language].title, exact: true }).waitFor()
    expect(new URL(plain.url()).pathname).toBe(pathOf(language))
    expect(await plain.locator("html").getAttribute("dir")).toBe(CATALOGUES[language].dir)
    expect(await plain.getByText(CATALOGUES[language].unreviewed || "only in others", { exact: true }).count()).toBe(
      language === "en" ? 0 : 1,
    )
    // And from each to each other.
    for (const other of LANGUAGES.filter((one) => one !== language))
      expect(await plain.getByRole("link", { name: CATALOGUES[other].name, exact: true }).getAttribute("href")).toBe(pathOf(other))
    await context.close()
  })

  test("has nothing that axe finds, light or dark, and scrolls one way at 320 pixels", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await launched.browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme, bypassCSP: true })
      const page = await context.newPage()
      await page.goto(new URL(pathOf(language), stage.url).href)
      await page.evaluate(readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8"))
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
      await context.close()
    }
  })
})

describe.each(LANGUAGES.filter((one) => one !== "en"))("the words for it in %s", (language) => {
  const words = TRANSLATED[language as keyof typeof TRANSLATED]

  test("are there for every row of the ledger, for nothing that is no row, and keep its names and numbers", () => {
    expect(new Set(Object.keys(words.columns))).toEqual(new Set(rows.map(({ name }) => name)))
    expect(new Set(Object.keys(words.howLong))).toEqual(new Set(rows.map(({ howLong }) => howLong)))
    for (const { name, why, howLong } of rows) {
      expect([name, names(words.columns[name] ?? "")]).toEqual([name, names(why)])
      expect([name, names(words.howLong[howLong] ?? "")]).toEqual([name, names(howLong)])
    }
  })

  test("are no English, and say every sentence that the English page says", () => {
    const english = new Map(sentences(COURT.en))
    expect(sentences(words).map(([path]) => path)).toEqual([...english.keys()])
    for (const [path, text] of sentences(words)) expect([path, text === english.get(path)]).toEqual([path, false])
    for (const { name, why } of rows) expect([name, words.columns[name] === why]).toEqual([name, false])
    for (const [howLong, text] of Object.entries(words.howLong)) expect([howLong, text === howLong]).toEqual([howLong, false])
  })
})
