/** The page that says what a court could get: all that is stored and nothing else, made from the list that the schema is held to. */

import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import { CATALOGUES } from "../../client/words/catalogues.ts"
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

describe("what a court could get", () => {
  test("names every column of the schema once, and no other", async () => {
    const page = await launched.browser.newPage()
    await page.goto(`${stage.url}court.html`)
    const said = await page.evaluate(() =>
      [...document.querySelectorAll("h3")].flatMap((heading) => {
        const table = heading.querySelector("code")?.textContent ?? ""
        return [...(heading.nextElementSibling?.children ?? [])].map((one) => `${table}.${one.querySelector("code")?.textContent}`)
      }),
    )
    expect(said.length).toBeGreaterThan(40)
    expect(said).toHaveLength(columns().length)
    expect(new Set(said)).toEqual(new Set(columns()))
    await page.close()
  })

  test("is reached from the page in every language, beside what we can hide, without leaving what was written", async () => {
    const page = await launched.browser.newPage()
    for (const { lang, limits } of Object.values(CATALOGUES)) {
      await page.goto("about:blank")
      await page.goto(stage.url)
      await page.waitForSelector("#check:enabled")
      const button = page.locator(`button[lang="${lang}"]`)
      if (await button.isVisible()) await button.click()
      const link = page.getByRole("link", { name: limits.court })
      await link.waitFor()
      expect([await link.getAttribute("href"), await link.getAttribute("target")]).toEqual(["/court.html", "_blank"])
    }
    await page.close()
  })

  test("has nothing that axe finds, light or dark, and scrolls one way at 320 pixels", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await launched.browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme, bypassCSP: true })
      const page = await context.newPage()
      await page.goto(`${stage.url}court.html`)
      await page.evaluate(readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8"))
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
      await context.close()
    }
  })
})
