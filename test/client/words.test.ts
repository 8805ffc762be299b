/** The eight words in the built page, in a real browser: shown once and only after 201, kept nowhere, checked by hand. */

import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { WORDS } from "../../keyring/wordlist.ts"
import { deriveSource, parseWords } from "../../keyring/words.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { onStage } from "./on-stage.ts"
import { KEPT, type Stage, type Visit } from "./stage.ts"

const today = dayOf(Date.now())
let stage: Stage
let newsroom: TestNewsroom
let here: Visit
let page: Page

onStage(
  (given) => {
    ;({ stage, newsroom, here, page } = given)
  },
  { context: { permissions: ["clipboard-write"] } },
)

async function send(message = "Hello."): Promise<void> {
  await page.waitForSelector("#check:enabled")
  await page.getByLabel("Reporter One").check()
  await page.locator("#message").fill(message)
  await page.locator("#check").click()
  await page.locator("#send").click()
}
const shown = () => page.locator("#words-list li").allTextContents()
const text = () => page.evaluate(() => document.documentElement.outerHTML)
async function sourceOf(envelope: Uint8Array | undefined): Promise<Uint8Array | undefined> {
  const [one] = newsroom.reporters
  if (one === undefined || envelope === undefined) throw new Error("nothing to open")
  const unlocked = await unlock([envelope], { identity: await one.seed(today), slot: one.slot, slots: 8 })
  return unlocked && (await readTip(unlocked)).tip.source.verify
}

describe("the eight words", () => {
  test("are shown after 201 and not before, as eight words of the list, and are the ones of the tip", async () => {
    let release: () => void = () => undefined
    stage.post = () =>
      new Promise((resolve) => {
        release = () => resolve(KEPT)
      })
    await send()
    await page.locator("#step-sending[aria-current]").waitFor()
    await page.waitForTimeout(200)
    expect(await shown()).toEqual([])
    release()
    await page.locator("#sent").waitFor()
    const words = await shown()
    expect(words).toHaveLength(8)
    for (const word of words) expect(WORDS).toContain(word)
    const { keys } = await deriveSource(parseWords(words.join(" ")), newsroom.id)
    expect(await sourceOf(stage.posted[0]?.body)).toEqual(keys.verify)
    expect(page.workers()).toEqual([])
  })

  test("stand in two rows of four where there is room, numbered, as text that can be selected", async () => {
    await page.setViewportSize({ width: 1_000, height: 900 })
    await send()
    await page.locator("#sent").waitFor()
    const tops = await page.locator("#words-list li").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
    expect(new Set(tops.slice(0, 4)).size).toBe(1)
    expect(new Set(tops.slice(4)).size).toBe(1)
    expect(tops[4]).toBeGreaterThan(tops[0] ?? 0)
    expect(await page.locator("#words-list").evaluate((list) => [list.tagName, getComputedStyle(list).userSelect])).toEqual(["OL", "auto"])
  })

  test("are hidden, shown and copied by a button only; no timer takes them away", async () => {
    await send()
    await page.locator("#sent").waitFor()
    const words = await shown()
    // By hand, as a person would find out: the page itself may not read the clipboard.
    const pasted = async () => {
      await page.locator("#words-again").fill("")
      await page.locator("#words-again").press("Control+V")
      return page.locator("#words-again").inputValue()
    }
    expect(await pasted()).not.toContain(words.join(" "))
    await page.getByRole("button", { name: "Hide the words" }).click()
    expect(await page.locator("#words-list").isVisible()).toBe(false)
    await page.getByRole("button", { name: "Show the words" }).click()
    expect(await page.locator("#words-list").isVisible()).toBe(true)
    expect(await pasted()).not.toContain(words.join(" "))
    await page.getByRole("button", { name: "Copy the words" }).click()
    await page.getByText("Copied. Other programs").waitFor()
    expect(await pasted()).toBe(words.join(" "))
  })

  test("can be checked, all eight at once, however they are typed; what differs is named by place", async () => {
    await send()
    await page.locator("#sent").waitFor()
    const words = await shown()
    const check = async (typed: string) => {
      await page.getByLabel("Check what you wrote down").fill(typed)
      await page.getByRole("button", { name: "Check my words" }).click()
      return page.locator("#words-checked").textContent()
    }
    expect(await check(words.join(",\n").toUpperCase())).toBe("All eight are right.")
    expect(await check(words.map((word, at) => `${at + 1}. ${word}`).join(" "))).toBe("All eight are right.")
    expect(await check(words.map((word, at) => (at === 2 || at === 4 ? "wrong" : word)).join(" "))).toContain("Not the same at: 3 and 5.")
    expect(await check(words.slice(1).join(" "))).toBe("There are eight words. You typed 7.")
  })

  test("are gone from the page once they are written down, and when the page is left or hidden", async () => {
    await send()
    await page.locator("#sent").waitFor()
    const words = await shown()
    await page.getByLabel("Check what you wrote down").fill(words.join(" "))
    await page.getByRole("button", { name: "I have written them down" }).click()
    await page.getByRole("heading", { name: "What happens next" }).waitFor()
    for (const word of words.filter((one) => one.length > 6)) expect(await text()).not.toContain(`>${word}<`)
    expect(await page.locator("#words-again").inputValue()).toBe("")
    await page.goto(stage.url)
    await send("Second.")
    await page.locator("#sent").waitFor()
    expect(await shown()).toHaveLength(8)
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })))
    expect(await shown()).toEqual([])
  })

  test("are not lost by one Back or reload: the browser asks until they are written down; Leave asks nothing", async () => {
    const asked: string[] = []
    page.on("dialog", (dialog) => {
      asked.push(dialog.type())
      return dialog.dismiss()
    })
    await send()
    await page.locator("#words").waitFor()
    const words = await shown()
    for (const [times, go] of [() => location.reload(), () => history.back()].entries()) {
      await page.evaluate(`(${go})()`).catch(() => undefined)
      while (asked.length <= times) await page.waitForTimeout(20)
      expect(await shown()).toEqual(words)
    }
    expect(asked).toEqual(["beforeunload", "beforeunload"])
    await page.getByRole("button", { name: "I have written them down" }).click()
    await page.reload()
    await send("Second.")
    await page.locator("#words").waitFor()
    await here.context.route("https://**", (route) => route.fulfill({ contentType: "text/html", body: "<title>News</title>" }))
    await page.getByRole("link", { name: "Leave this page" }).click()
    await page.waitForURL("https://**")
    expect(asked).toHaveLength(2)
  })

  test("are the same for what is sent twice by mistake: one set to write down", async () => {
    stage.post = () => undefined
    await send()
    await page.getByRole("button", { name: "Go back and change it" }).click()
    stage.post = () => KEPT
    await page.locator("#message").fill("Hello again.")
    await page.locator("#check").click()
    await page.locator("#send").click()
    await page.locator("#sent").waitFor()
    expect(await sourceOf(stage.posted[1]?.body)).toEqual(await sourceOf(stage.posted[0]?.body))
    expect(await shown()).toHaveLength(8)
  })
})
