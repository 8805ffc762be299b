/** That everybody can use the page: axe in every state, keyboard and focus, narrow screens, nothing that jumps. WCAG 2.2 AA. */

import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { AxeResults } from "axe-core"
import type { BrowserContextOptions, Page } from "playwright-core"
import { contrast, PAPER } from "../../client/colour.ts"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { dayOf } from "../../envelope/day.ts"
import { newWords } from "../../keyring/words.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { mailboxBodies } from "./mailbox.ts"
import { makeDesk, todayAnswer } from "./newsroom.ts"
import { KEPT, openStage, problem, type Stage, said, visit } from "./stage.ts"

let launched: LaunchedBrowser
let stage: Stage
let newsroom: TestNewsroom
let answer: string
let nobody: string
let axe: string

beforeAll(async () => {
  const desk = await makeDesk()
  newsroom = desk.newsroom
  answer = await desk.answer()
  nobody = todayAnswer(
    dayOf(Date.now()),
    newsroom.chain.map(({ source }) => source),
    [],
  )
  stage = await openStage(newsroom.pinned)
  launched = await launchBrowser()
  axe = await readFile(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8")
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})

/** Whole journeys, several times over, on a machine that may be busy with others. */
const PATIENCE = 300_000
const LANGUAGES = Object.keys(CATALOGUES) as Language[]

/** As its button does, and without taking the focus from where it is. */
async function speak(page: Page, language: Language): Promise<void> {
  await page.evaluate((language) => document.querySelector<HTMLButtonElement>(`#languages button[lang=${language}]`)?.click(), language)
}

/** Contrast takes the longest and is the same in every language: it is measured in English, in each scheme. */
async function violations(page: Page, language: Language): Promise<readonly string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe)
  const found = await page.evaluate(
    (contrast) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        rules: { "color-contrast": { enabled: contrast } },
        resultTypes: ["violations"],
      }),
    language === "en",
  )
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
}

/** Goes through the page's states, stopping at each. */
async function everyState(options: BrowserContextOptions, at: (state: string, page: Page) => Promise<void>): Promise<void> {
  stage.reset()
  stage.today = () => said(answer)
  const { page, context } = await visit(launched.browser, `${stage.url}#amazon-layoffs`, options)
  await page.waitForSelector("#check:enabled")
  await at("writing", page)
  await page.click("#check")
  await at("nobody chosen", page)
  await page.getByLabel("Reporter One").check()
  await page.click("#check")
  await at("nothing to send", page)
  await page.getByLabel("1 to 9").check()
  await page.fill("#message", `A long line without a break: ${"x".repeat(200)}`)
  await page.setInputFiles("#files", [{ name: `${"name".repeat(40)}.txt`, mimeType: "text/plain", buffer: Buffer.from("a") }])
  await page.setInputFiles("#files", [{ name: "large", mimeType: "", buffer: Buffer.alloc(1_100_000) }])
  await at("with files", page)
  await page.locator("#answer-contact").check()
  await page.click("#check")
  await page.waitForSelector("#contact-error:not([hidden])")
  await at("no contact given", page)
  await page.locator("#answer-words").check()
  await page.click("#check")
  await page.waitForSelector("#checking:not([hidden])")
  await at("checking", page)
  let release: () => void = () => undefined
  stage.post = () =>
    new Promise((resolve) => {
      release = () => resolve(problem("not-ready"))
    })
  await page.click("#send")
  await page.waitForSelector("#step-sending[aria-current]")
  await page.waitForTimeout(50)
  await at("sending", page)
  release()
  await page.waitForSelector("#failed:not([hidden])")
  await at("failed", page)
  stage.post = () => KEPT
  await page.click("#retry")
  await page.waitForSelector("#sent:not([hidden])")
  await at("sent", page)
  await page.fill("#words-again", "eight words that are surely not the right ones")
  await page.click("#words-check button")
  await page.waitForSelector("#words-checked:not([hidden])")
  await at("words checked", page)
  await page.click("#words-done")
  await at("after the words", page)
  await comingBack(page, at)
  stage.today = () => problem("broken")
  await page.goto(stage.url)
  await page.waitForSelector("#refused:not([hidden])")
  await at("refused", page)
  stage.today = () => said(nobody)
  await page.goto(stage.url)
  await page.waitForSelector("#refused-read:not([hidden])")
  await at("nobody can be reached", page)
  await context.close()
  const inApp = await visit(launched.browser, stage.url, { ...options, userAgent: "Instagram" })
  await at("inside another app", inApp.page)
  await inApp.context.close()
}

async function comingBack(page: Page, at: (state: string, page: Page) => Promise<void>): Promise<void> {
  const words = await newWords()
  await page.goto(stage.url)
  await page.click("#have-words:enabled")
  await at("coming back", page)
  await page.fill("#typed", words.replace(/^\S+/, "aplpe"))
  await page.click("#look")
  await page.waitForSelector("#typed-near:not([hidden])")
  await at("an unknown word", page)
  for (const [state, messages] of [
    ["no answer", []],
    ["answers", ["Thank you.", "A long one.\n".repeat(30), "x".repeat(300), "Four."]],
  ] as const) {
    const body = await mailboxBodies(newsroom, words, messages)
    stage.post = () => ({ status: 200, body, headers: { "content-type": "application/octet-stream" } })
    await page.goto(stage.url)
    await page.click("#have-words:enabled")
    await page.fill("#typed", words)
    await page.click("#look")
    await page.waitForSelector("#answers:not([hidden])")
    await at(state, page)
  }
  await page.click("#empty")
  await at("before deleting", page)
  await page.click("#follow-up")
  await at("writing again", page)
}

describe("axe finds nothing", () => {
  test.each<[string, BrowserContextOptions, readonly Language[]]>([
    ["light, in every language", { colorScheme: "light" }, LANGUAGES],
    ["dark", { colorScheme: "dark" }, ["en"]],
    ["forced colours", { forcedColors: "active" }, ["en"]],
  ])(
    "in any state, %s",
    async (_scheme, options, languages) => {
      await everyState({ ...options, bypassCSP: true }, async (state, page) => {
        for (const language of languages) {
          await speak(page, language)
          expect([state, language, await violations(page, language)]).toEqual([state, language, []])
        }
        await speak(page, "en")
      })
    },
    PATIENCE,
  )
})

describe("narrow screens", () => {
  test(
    "nothing scrolls sideways at 320 pixels, in any state and language, nor with text twice as large and widely spaced",
    async () => {
      const sizes = {
        phone: { width: 390, height: 844 },
        small: { width: 320, height: 640 },
        "a desk at 400 %": { width: 320, height: 256 },
      }
      const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      await everyState({ viewport: sizes.phone }, async (state, page) => {
        for (const language of LANGUAGES) {
          await speak(page, language)
          for (const [name, size] of Object.entries(sizes)) {
            await page.setViewportSize(size)
            expect([state, name, language, await overflow(page)]).toEqual([state, name, language, 0])
          }
          await page.setViewportSize(sizes.phone)
          await page.evaluate(() => {
            const { style } = document.documentElement
            style.setProperty("font-size", "200%")
            style.setProperty("line-height", "1.5")
            style.setProperty("letter-spacing", "0.12em")
            style.setProperty("word-spacing", "0.16em")
          })
          expect([state, language, await overflow(page)]).toEqual([state, language, 0])
          await page.evaluate(() => {
            for (const name of ["font-size", "line-height", "letter-spacing", "word-spacing"])
              document.documentElement.style.removeProperty(name)
          })
        }
        await speak(page, "en")
      })
    },
    PATIENCE,
  )
})

describe("focus and voice", () => {
  test("each step begins at its heading, and nothing that has the focus lies under the bar", async () => {
    await everyState({ viewport: { width: 390, height: 500 } }, async (state, page) => {
      const heading = {
        checking: "checking-title",
        sending: "sending-title",
        failed: "failed-title",
        sent: "sent-title",
        "words checked": "words-again",
        "after the words": "sent-after-title",
        "coming back": "coming-back-title",
        "an unknown word": "typed",
        "no answer": "answers-title",
        answers: "answers-title",
        "writing again": "message",
        refused: "refused-title",
      }[state]
      const focus = await page.evaluate(() => {
        const bar = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0
        const active = document.activeElement
        return { id: active?.id, isClear: active === document.body || (active?.getBoundingClientRect().top ?? 0) >= bar }
      })
      if (heading !== undefined) expect([state, focus.id]).toEqual([state, heading])
      expect([state, focus.isClear]).toEqual([state, true])
    })
  }, 300_000)

  test("nothing moves where somebody asked for less of it, and nothing does by itself anywhere", async () => {
    const css = await readFile(`${__dirname}/../../client/style.css`, "utf8")
    expect(css).not.toMatch(/animation|transition|scroll-behavior|@keyframes/)
  })

  test("what a screen reader meets has its role, its name and what describes it, and what changes by itself is told politely", async () => {
    stage.reset()
    stage.today = () => said(answer)
    const { page, context } = await visit(launched.browser, `${stage.url}#amazon-layoffs`)
    await page.waitForSelector("#check:enabled")
    // Each field, by what it is called: a name that is missing or double fails here.
    for (const [role, name] of [
      ["link", "Leave this page"],
      ["navigation", "Language"],
      ["group", "Who may read this?"],
      ["checkbox", "Reporter One Labour and tech"],
      ["region", "Ten seconds first"],
      ["img", "QR code: the address of this page"],
      ["region", "What we can hide"],
      ["region", "What we cannot hide"],
      ["region", "Affected by the layoffs?"],
      ["group", "How many people in your team were let go?"],
      ["radio", "1 to 9"],
      ["group", "Which organisations are affected?"],
      ["combobox", "In which country?"],
      ["group", "When were people told?"],
      ["combobox", "First month"],
      ["combobox", "Last month"],
      ["textbox", "What should we know?"],
      ["group", "How may we answer?"],
      ["radio", "With eight words (best)"],
      ["button", "Check before sending"],
    ] as const)
      expect([role, name, await page.getByRole(role, { name, exact: true }).count()]).toEqual([role, name, 1])
    const described = await page.evaluate(() =>
      [...document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls]")].flatMap((element) =>
        ["aria-describedby", "aria-labelledby", "aria-controls"].flatMap((name) =>
          (element.getAttribute(name) ?? "").split(" ").filter((id) => id !== "" && document.getElementById(id) === null),
        ),
      ),
    )
    expect(described).toEqual([])
    const live = await page.evaluate(() =>
      [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")].map((one) => `${one.id} ${one.getAttribute("role")}`),
    )
    expect(live).toEqual(["status status", "in-app-copied status", "words-copied status", "answers-failed status"])
    // Headings go down one step at a time.
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll("h1, h2, h3")].filter((one) => one.checkVisibility()).map(({ tagName }) => Number(tagName.slice(1))),
    )
    expect(levels[0]).toBe(1)
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? level)).toBeLessThanOrEqual(1)
    await context.close()
  })

  test("the whole tip can be written and sent by keyboard alone, Leave first", async () => {
    stage.reset()
    stage.today = () => said(answer)
    const { page, context } = await visit(launched.browser, stage.url)
    await page.waitForSelector("#check:enabled")
    const order: string[] = []
    const tabTo = async (id: string) => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press("Tab")
        const at = await page.evaluate(() => document.activeElement?.id ?? "")
        order.push(at)
        if (at === id) return
      }
      throw new Error(`Tab does not reach ${id}: ${order.join(" ")}`)
    }
    await tabTo("reader-0")
    await page.keyboard.press("Space")
    await tabTo("message")
    await page.keyboard.type("By keyboard.")
    await tabTo("check")
    await page.keyboard.press("Enter")
    await page.waitForSelector("#checking:not([hidden])")
    await tabTo("send")
    await page.keyboard.press("Space")
    await page.waitForSelector("#sent:not([hidden])")
    expect(order[0]).toBe("leave")
    expect(order.indexOf("files")).toBeGreaterThan(order.indexOf("message"))
    await context.close()
  })

  test("progress is told by one polite region, one message in five seconds", async () => {
    stage.reset()
    stage.today = () => said(answer)
    const { page, context } = await visit(launched.browser, stage.url)
    await page.waitForSelector("#check:enabled")
    expect(await page.locator("#status").textContent()).toBe("Ready. You can choose who reads this.")
    await page.setInputFiles("#files", [{ name: "a", mimeType: "", buffer: Buffer.from("a") }])
    expect(await page.locator("#status").textContent()).toBe("Ready. You can choose who reads this.")
    await page.waitForFunction(() => document.getElementById("status")?.textContent?.startsWith("Files: 1."))
    await context.close()
  })
})

describe("nothing jumps", () => {
  const NAMES = ["one", "two", "three", "four", "five", "six", "seven"]
  test.each([
    ["a phone", { width: 390, height: 844 }, 3],
    ["a desk", { width: 1280, height: 800 }, 3],
    // So high that all of the page is in sight, for only what is seen counts.
    ["a phone that shows everything, with one reader", { width: 390, height: 6_000 }, 1],
    ["a phone that shows everything, with seven readers", { width: 390, height: 6_000 }, 7],
  ])("while it loads, on %s", async (_what, viewport, readers) => {
    const day = dayOf(Date.now())
    const own = await makeNewsroom({ today: day, reporters: NAMES.slice(0, readers) })
    const notes = await Promise.all(own.reporters.map((reporter) => own.dayNote(reporter, day)))
    const keyrings = own.chain.map(({ source }) => source)
    const theirs = await openStage(own.pinned)
    theirs.today = () => said(todayAnswer(day, keyrings, notes))
    const context = await launched.browser.newContext({ viewport })
    const page = await context.newPage()
    await page.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(globalThis, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
      }).observe({ type: "layout-shift", buffered: true })
    })
    await context.route("**/api/today", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.continue()
    })
    await page.goto(theirs.url)
    await page.waitForSelector("#check:enabled")
    expect(await page.locator("#readers input").count()).toBe(readers)
    await page.waitForTimeout(200)
    const sum = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.reduce((total, value) => total + value, 0))
    expect(sum).toBeLessThan(0.01)
    await context.close()
    await theirs.close()
  })
})

describe("the newsroom's colour", () => {
  test("is used where it can be read, and nowhere else", async () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21)
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2)
    stage.reset()
    const today = new Date().toISOString().slice(0, 10)
    for (const [colour, light, dark] of [
      ["#0a5c7a", "#0a5c7a", ""],
      ["#ffd400", "", "#ffd400"],
      ["#808080", "", "#808080"],
    ] as const) {
      const last = newsroom.chain.at(-1)
      const next = await newsroom.draft({
        newsroom: { ...(last?.newsroom ?? newsroom.chain[0]?.newsroom), colour } as NonNullable<typeof last>["newsroom"],
      })
      const note = await newsroom.dayNote(newsroom.reporters[0] as (typeof newsroom.reporters)[number], today as never)
      stage.today = () => said(todayAnswer(today, [...newsroom.chain.map(({ source }) => source), next], [note]))
      const { page, context } = await visit(launched.browser, stage.url)
      await page.waitForSelector("#check:enabled")
      const set = await page.evaluate(() =>
        ["light", "dark"].map((scheme) => document.documentElement.style.getPropertyValue(`--accent-${scheme}`)),
      )
      expect([colour, ...set]).toEqual([colour, light, dark])
      await context.close()
    }
  })

  test("is measured against the papers that the style sheet has", async () => {
    const css = await readFile(`${__dirname}/../../client/style.css`, "utf8")
    expect([...css.matchAll(/--paper: (#[0-9a-f]{6})/g)].map(([, paper]) => paper)).toEqual([PAPER.light, PAPER.dark])
  })
})
