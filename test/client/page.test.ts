/** The source's way through the built page in a real browser: writing, checking, sending, what goes wrong on the way, and leaving. */

import { beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { type OpenedTip, readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { CALLOUT, todayAnswer } from "./newsroom.ts"
import { onStage } from "./on-stage.ts"
import { KEPT, problem, type Stage, said, type Visit, visit } from "./stage.ts"

const today = dayOf(Date.now())
const WORDS = "They told us on a call.\nNobody could ask. Grüße."
let launched: LaunchedBrowser
let stage: Stage
let newsroom: TestNewsroom
let answer: string
let here: Visit
let page: Page

onStage(
  (given) => {
    ;({ stage, newsroom, answer, launched, here, page } = given)
  },
  { hash: "#amazon-layoffs" },
)

async function fillIn(on: Page = page): Promise<void> {
  await on.waitForSelector("#check:enabled")
  await on.getByLabel("Reporter One").check()
  await on.getByLabel("1 to 9").check()
  await on.getByLabel("What should we know?").fill(WORDS)
}
/** Everything else that a source can write, and all of it as text to copy. */
async function fillInMore(): Promise<void> {
  await page.getByLabel("AWS").check()
  await page.getByLabel("Stores").check()
  await page.getByLabel("What kind of work does the team do?").fill("Support")
  await page.getByLabel("Another way, which I write here").check()
  await page.getByLabel("How can we reach you?").fill("source@example.org")
  await page.setInputFiles("#files", [
    { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") },
    { name: "IMG_20261122.txt", mimeType: "text/plain", buffer: Buffer.from("b") },
  ])
  await page.getByLabel("Name of file 2 (you can change it)").fill("letter.txt")
}
const labelOf = (id: string) => CALLOUT.questions.find((question) => question.id === id)?.label
const ALL = [
  `${labelOf("team")}\n1 to 9`,
  `${labelOf("organisation")}\nAWS, Stores`,
  `${labelOf("role")}\nSupport`,
  WORDS,
  "How to reach me: source@example.org",
  "Your files\na.txt\nletter.txt",
].join("\n\n")
async function seal(on: Page = page): Promise<void> {
  await on.getByRole("button", { name: "Check before sending" }).click()
  await on.getByRole("button", { name: "Seal and send" }).click()
}
async function open(envelope: Uint8Array | undefined, reporter = 0): Promise<OpenedTip | undefined> {
  const by = newsroom.reporters[reporter]
  if (by === undefined || envelope === undefined) throw new Error("nothing to open")
  const unlocked = await unlock([envelope], { identity: await by.seed(today), slot: by.slot, slots: 8 })
  return unlocked && readTip(unlocked)
}
const apiRequests = () => stage.requests.filter((request) => request.includes("/api/"))

describe("a tip", () => {
  test("opens with the answers, words and files that were put in, for those who were chosen", async () => {
    await fillIn()
    await page.getByLabel("Reporter Two").check()
    await page.getByLabel("AWS").check()
    await page.getByLabel("Stores").check()
    await page.getByLabel("In which country?").selectOption({ label: "Ireland" })
    await page.getByLabel("What kind of work does the team do?").fill("Support")
    await page.getByLabel("What reason were you given?").fill("Two\nlines")
    // The other way round: the page puts them in order.
    await page.getByLabel("First month").selectOption({ label: "March 2026" })
    await page.getByLabel("Last month").selectOption({ label: "November 2025" })
    await page.setInputFiles("#files", [
      { name: "IMG_20261122.jpg", mimeType: "image/jpeg", buffer: Buffer.from("a photo") },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.alloc(90_000, 7) },
      { name: "wrong.txt", mimeType: "text/plain", buffer: Buffer.from("not this one") },
    ])
    await page.getByRole("button", { name: "Remove file 3" }).click()
    await page.getByLabel("Name of file 1 (you can change it)").fill("letter.jpg")
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.locator("#checking").waitFor() // shown only once it is filled
    const summary = await page.locator("#summary").textContent()
    for (const shown of [
      "Reporter One and Reporter Two",
      "Affected by the layoffs?",
      "1 to 9",
      "AWS, Stores",
      "Ireland",
      "Support",
      "November 2025 to March 2026",
      WORDS,
      "letter.jpg",
      "notes.txt",
      "128 KB",
    ])
      expect(summary).toContain(shown)
    expect(summary).not.toContain("wrong.txt")
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.getByRole("heading", { name: "Sent", exact: true }).waitFor()

    expect(apiRequests()).toEqual(["GET /api/today", `POST /api/envelopes?day=${today}`])
    const [posted] = stage.posted
    expect(posted?.headers["content-type"]).toBe("application/age")
    expect(posted?.headers).not.toHaveProperty("cookie")
    expect(posted?.headers).not.toHaveProperty("referer")
    expect(posted?.body).toHaveLength(131_072)
    for (const reporter of [0, 1]) {
      const opened = await open(posted?.body, reporter)
      expect(opened?.message).toBe(WORDS)
      expect(opened?.tip).toMatchObject({
        to: ["one", "two"],
        reachable: ["one", "two"],
        callout: CALLOUT.id,
        keyring: newsroom.chain[2]?.hash,
      })
      expect(Object.fromEntries(opened?.tip.answers ?? [])).toEqual({
        team: "few",
        organisation: ["aws", "stores"],
        where: "IE",
        role: "Support",
        reason: "Two\nlines",
        when: "2025-11/2026-03",
      })
      expect(opened?.tip.files).toEqual([
        { name: "letter.jpg", type: "image/jpeg", bytes: 7 },
        { name: "notes.txt", type: "text/plain", bytes: 90_000 },
      ])
      const bodies: Buffer[] = []
      if (opened) for await (const { bytes } of opened.files()) bodies.push(Buffer.from(await collect(bytes)))
      expect(bodies).toEqual([Buffer.from("a photo"), Buffer.alloc(90_000, 7)])
    }
    expect(await open(posted?.body, 2)).toBeUndefined()
  })

  test("is called sent only after 201", async () => {
    let release: () => void = () => undefined
    stage.post = () =>
      new Promise((resolve) => {
        release = () => resolve(KEPT)
      })
    await fillIn()
    await seal()
    await page.getByText("Sending it, and waiting until our server confirms").waitFor()
    await page.waitForTimeout(300)
    expect(stage.posted).toHaveLength(1)
    expect(await page.locator("#sent").isVisible()).toBe(false)
    release()
    await page.locator("#sent").waitFor()
  })

  test.each([200, 202, 204, 302])("is not called sent after %i", async (status) => {
    stage.post = () => ({ status, headers: { location: "/" } })
    await fillIn()
    await seal()
    await page.locator("#failed").waitFor()
    expect(await page.locator("#sent").isVisible()).toBe(false)
  })

  test("needs nothing between loading and sending but the six files of the page", async () => {
    await fillIn()
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.locator("#checking").waitFor()
    expect(new Set(stage.requests.filter((request) => request !== "GET /icon.svg"))).toEqual(
      new Set(["GET /", "GET /api/today", "GET /page.js", "GET /style.css", "GET /worker.js"]),
    )
    expect(stage.requests.length).toBeLessThanOrEqual(6)
  })

  test("has the size of every other short tip, whoever was chosen and whatever was answered", async () => {
    await fillIn()
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.getByText("32 KB, locked. Every short tip without files has this size.").waitFor()
  })
})

describe("before sending, the page asks", () => {
  test("for a reader, and goes to the first one", async () => {
    await page.waitForSelector("#check:enabled")
    await page.getByLabel("What should we know?").fill(WORDS)
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.getByText("Choose at least one person who may read this.").waitFor()
    expect(await page.getByLabel("Reporter One").evaluate((box) => box === document.activeElement)).toBe(true)
  })

  test("for something to send", async () => {
    await page.waitForSelector("#check:enabled")
    await page.getByLabel("Reporter One").check()
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.getByText("There is nothing to send yet.").waitFor()
  })

  test("for smaller files, at once, and keeps the others", async () => {
    await fillIn()
    await page.setInputFiles("#files", [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.alloc(1_000) }])
    await page.setInputFiles("#files", [{ name: "b.txt", mimeType: "text/plain", buffer: Buffer.alloc(1_100_000) }])
    await page.locator("#files-error").getByText("Not added: your words and files would come to more than 1 MB.").waitFor()
    expect(await page.getByRole("button", { name: /^Remove file/ }).count()).toBe(1)
  })

  test("never for one who is away", async () => {
    await page.waitForSelector("#check:enabled")
    expect(await page.getByLabel("Reporter Three").isDisabled()).toBe(true)
    await page.getByText("Reporter Three cannot be reached today. Reporter One and Reporter Two can.").waitFor()
  })

  test("nothing that cannot be taken back: a choice can be cleared", async () => {
    await fillIn()
    await page.getByRole("button", { name: "Clear this answer: How many people in your team were let go?" }).click()
    await page.getByRole("button", { name: "Check before sending" }).click()
    expect(await page.locator("#summary").textContent()).not.toContain("1 to 9")
    await page.getByRole("button", { name: "Go back and change it" }).click()
    expect(await page.getByLabel("What should we know?").inputValue()).toBe(WORDS)
  })
})

describe("how to answer", () => {
  test("is by eight words, unless the source wants it otherwise", async () => {
    await fillIn()
    expect(await page.getByLabel("With eight words (best)").isChecked()).toBe(true)
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.getByText("With eight words, which you get after sending").waitFor()
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.locator("#words").waitFor()
    expect((await open(stage.posted[0]?.body))?.message).toBe(WORDS)
  })

  test("is what the source writes down: it stands in the message, and no words are shown", async () => {
    await fillIn()
    await page.getByLabel("Another way, which I write here").check()
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.getByText("Write how we can reach you, or choose another answer.").waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("contact")
    await page.getByLabel("How can we reach you?").fill("source@example.org")
    await page.getByRole("button", { name: "Check before sending" }).click()
    await page.locator("#checking").waitFor()
    expect(await page.locator("#summary").textContent()).toContain("How to reach me: source@example.org")
    await page.getByRole("button", { name: "Seal and send" }).click()
    await page.getByText("You wrote down how we can reach you.").waitFor()
    expect(await page.locator("#words").isVisible()).toBe(false)
    expect((await open(stage.posted[0]?.body))?.message).toBe(`${WORDS}\n\nHow to reach me: source@example.org`)
    expect(await page.locator("#contact").inputValue()).toBe("")
  })

  test("is not at all, where no answer is needed", async () => {
    await fillIn()
    await page.getByLabel("I need no answer").check()
    await seal()
    await page.getByText("You need no answer, so there is nothing to keep.").waitFor()
    expect(await page.locator("#words").isVisible()).toBe(false)
    expect((await open(stage.posted[0]?.body))?.message).toBe(`${WORDS}\n\nI need no answer.`)
  })
})

describe("when sending fails", () => {
  test("a busy server is named, and the same bytes are sent again", async () => {
    stage.post = () => problem("not-ready", { "retry-after": "7" })
    await fillIn()
    await seal()
    await page.getByText("Wait 7 seconds, then try again.").waitFor()
    stage.post = () => KEPT
    await page.getByRole("button", { name: "Try again" }).click()
    await page.locator("#sent").waitFor()
    expect(stage.posted).toHaveLength(2)
    expect(stage.posted[1]?.body).toEqual(stage.posted[0]?.body)
  })

  test("a dropped connection loses nothing", async () => {
    stage.post = () => undefined
    await fillIn()
    await seal()
    await page.getByText("The connection failed before our server confirmed.").waitFor()
    await page.getByRole("button", { name: "Go back and change it" }).click()
    expect(await page.getByLabel("What should we know?").inputValue()).toBe(WORDS)
    expect(await page.getByLabel("1 to 9").isChecked()).toBe(true)
    stage.post = () => KEPT
    await seal()
    await page.locator("#sent").waitFor()
    expect((await open(stage.posted.at(-1)?.body))?.message).toBe(WORDS)
  })

  test("a refusal is final, and shows the other ways; nothing of the answer is shown", async () => {
    stage.post = () => ({ status: 422, body: JSON.stringify({ type: "urn:sotto:problem:bad-envelope", title: "<b>call 555</b>" }) })
    await fillIn()
    await seal()
    await page.getByText("Our server did not take your tip").waitFor()
    expect(await page.locator("#retry").isVisible()).toBe(false)
    const text = await page.locator("#failed").textContent()
    expect(text).toContain("dailytest.01")
    expect(text).not.toContain("555")
  })

  test("a day that has closed is followed by fresh keys and a new seal", async () => {
    stage.post = ({ target }) => (stage.posted.length === 1 ? problem("day-closed") : target.includes(today) ? KEPT : undefined)
    await fillIn()
    await seal()
    await page.locator("#sent").waitFor()
    expect(apiRequests()).toEqual([
      "GET /api/today",
      `POST /api/envelopes?day=${today}`,
      "GET /api/today",
      `POST /api/envelopes?day=${today}`,
    ])
    expect(stage.posted[1]?.body).not.toEqual(stage.posted[0]?.body)
    expect((await open(stage.posted[1]?.body))?.message).toBe(WORDS)
  })

  test("a reader who has gone meanwhile is not replaced: the source chooses again", async () => {
    stage.post = () => problem("day-closed")
    await fillIn()
    const second = newsroom.reporters[1] as (typeof newsroom.reporters)[number]
    const without = todayAnswer(
      today,
      newsroom.chain.map(({ source }) => source),
      [await newsroom.dayNote(second, today)],
    )
    stage.today = () => said(without)
    await seal()
    await page.getByText("The list of people who can be reached has changed.").waitFor()
    expect(await page.getByLabel("Reporter One").isDisabled()).toBe(true)
    expect(await page.getByLabel("What should we know?").inputValue()).toBe(WORDS)
    expect(await page.getByLabel("1 to 9").isChecked()).toBe(true)
    expect(stage.posted).toHaveLength(1)
  })

  test("where nobody can be reached any more, it ends, all that was written can be copied, and an answer can still be read", async () => {
    stage.post = () => problem("day-closed")
    await fillIn()
    const nobody = todayAnswer(
      today,
      newsroom.chain.map(({ source }) => source),
      [],
    )
    stage.today = () => said(nobody)
    await fillInMore()
    await seal()
    await page.getByRole("heading", { name: "Nobody can be reached today" }).waitFor()
    expect(await page.getByLabel("Your words are still here.").inputValue()).toBe(ALL)
    expect(await page.locator("#message").inputValue()).toBe("")
    expect(await page.getByRole("button", { name: "I have eight words" }).isVisible()).toBe(true)
    expect(await page.locator("#tip").isVisible()).toBe(false)
    expect(stage.posted).toHaveLength(1)
  })

  test("keys that no longer hold end it, and all that was written can still be copied", async () => {
    stage.post = () => problem("day-closed")
    await fillIn()
    stage.today = () => said("{}")
    await fillInMore()
    await seal()
    await page.getByText("We cannot prove who would read this").waitFor()
    expect(await page.getByLabel("Your words are still here.").inputValue()).toBe(ALL)
    expect(await page.locator("#contact, #message").evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))).toEqual([
      "",
      "",
    ])
    expect(await page.locator("#tip").isVisible()).toBe(false)
    await page.waitForTimeout(50)
    expect(stage.posted).toHaveLength(1)
  })
})

describe("traces", () => {
  test("nothing is stored, and no field keeps anything after sending", async () => {
    await fillIn()
    await page.setInputFiles("#files", [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }])
    await seal()
    await page.locator("#sent").waitFor()
    expect(await here.context.cookies()).toEqual([])
    const left = await page.evaluate(async () => ({
      storage: localStorage.length + sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      fields: [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")].filter(
        ({ value, checked }) => value !== "" || checked,
      ).length,
      text: document.body.textContent.includes("They told us"),
      hash: location.hash,
    }))
    expect(left).toEqual({ storage: 0, databases: 0, caches: 0, workers: 0, fields: 0, text: false, hash: "" })
    expect(page.workers()).toEqual([])
  })

  test("coming back to the page by the browser's Back finds every field empty, also where the browser had kept the page", async () => {
    const keeping = await launchBrowser({ args: ["--enable-features=CacheControlNoStoreEnterBackForwardCache"], keepsPages: true })
    try {
      const other = await visit(keeping.browser, `${stage.url}#amazon-layoffs`)
      await fillIn(other.page)
      await other.context.route("https://www.example.org/**", (route) =>
        route.fulfill({ contentType: "text/html", body: "<title>News</title>" }),
      )
      await other.page.goto("https://www.example.org/")
      await other.page.goBack()
      await other.page.waitForSelector("#check:enabled")
      expect(await other.page.locator("#message").inputValue()).toBe("")
      expect(await other.page.locator("input:checked:not(#answer-words)").count()).toBe(0)
      await other.context.close()
    } finally {
      await keeping.close()
    }
  })

  test("the callout's name leaves the address as soon as it has been read", async () => {
    expect(page.url()).toBe(stage.url)
    await page.getByRole("heading", { name: "Affected by the layoffs?" }).waitFor()
  })

  test("hiding the page empties it, and bringing it back begins anew", async () => {
    await fillIn()
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })))
    expect(await page.locator("#message").inputValue()).toBe("")
    expect(await page.getByLabel("Reporter One").isChecked()).toBe(false)
    // That it has ended reaches the test a moment later than the page.
    for (const worker of page.workers()) await worker.waitForEvent("close")
    expect(page.workers()).toEqual([])
    const reloaded = page.waitForEvent("load")
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })))
    await reloaded
    await page.waitForSelector("#check:enabled")
    expect(await page.locator("#message").inputValue()).toBe("")
  })

  test("no field is corrected, completed or translated, and none in the form has a name", async () => {
    await page.waitForSelector("#check:enabled")
    await page.setInputFiles("#files", [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }])
    const fields = await page
      .locator("textarea, input[type=text]")
      .evaluateAll((all) =>
        all.map((field) =>
          ["spellcheck", "autocomplete", "autocorrect", "autocapitalize", "translate", "data-gramm"].map((name) =>
            field.getAttribute(name),
          ),
        ),
      )
    expect(fields.length).toBeGreaterThan(4)
    for (const field of fields) expect(field).toEqual(["false", "off", "off", "off", "no", "false"])
    expect(await page.locator("form [name]").count()).toBe(0)
    expect(
      await page
        .locator("[name]:not(meta)")
        .evaluateAll((all) => all.filter((field) => field instanceof HTMLInputElement && field.form !== null).length),
    ).toBe(0)
  })
})

describe("leaving", () => {
  const FRONT = "https://www.example.org/"
  const elsewhere: string[] = []
  const away = () => page.waitForURL(FRONT)

  beforeEach(async () => {
    elsewhere.length = 0
    await here.context.route(`${FRONT}**`, (route) => {
      elsewhere.push(route.request().url())
      return route.fulfill({ contentType: "text/html", body: "<title>News</title>" })
    })
    page.on("dialog", () => elsewhere.push("a question was asked"))
  })

  test.each<[string, () => Promise<unknown>]>([
    ["a click", () => page.getByRole("link", { name: "Leave this page" }).click()],
    ["Enter", () => page.getByRole("link", { name: "Leave this page" }).press("Enter")],
    [
      "Shift three times, also while typing",
      async () => {
        await page.locator("#message").focus()
        for (let i = 0; i < 3; i++) await page.keyboard.press("Shift")
      },
    ],
  ])("by %s asks nothing of anybody here, and cannot be gone back from", async (_how, leave) => {
    await fillIn()
    const before = stage.requests.length
    await leave()
    await away()
    expect(stage.requests).toHaveLength(before)
    expect(elsewhere).toEqual([FRONT])
    await page.goBack()
    expect(page.url()).not.toContain("localhost")
  })

  test("works while a tip is being sent, without a question", async () => {
    stage.post = () => new Promise(() => undefined)
    await fillIn()
    await seal()
    await page.locator("#sending").waitFor()
    await page.getByRole("link", { name: "Leave this page" }).click()
    await away()
    expect(elsewhere).toEqual([FRONT])
  })

  test("does not happen by capital letters", async () => {
    await fillIn()
    await page.locator("#message").focus()
    for (const key of ["Shift+A", "Shift+B", "Shift+C"]) await page.keyboard.press(key)
    await page.waitForTimeout(50)
    expect(page.url()).toBe(stage.url)
  })

  test("is first in the tab order and 44 pixels high", async () => {
    await page.keyboard.press("Tab")
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("leave")
    expect((await page.locator("#leave").boundingBox())?.height).toBeGreaterThanOrEqual(44)
  })
})

describe("other browsers", () => {
  test("without WebAssembly and a JIT compiler the plain build seals the same tips", async () => {
    const jitless = await launchBrowser({ args: ["--js-flags=--jitless"] })
    try {
      const slow = await visit(jitless.browser, stage.url)
      expect(await slow.page.evaluate(() => typeof WebAssembly)).toBe("undefined")
      await fillIn(slow.page)
      await seal(slow.page)
      await slow.page.locator("#sent").waitFor()
      expect(stage.requests).toContain("GET /worker-plain.js")
      expect((await open(stage.posted[0]?.body))?.message).toBe(WORDS)
      expect(slow.complaints).toEqual([])
    } finally {
      await jitless.close()
    }
  })

  test("where the first worker does not start, the plain one is tried", async () => {
    await here.context.route("**/worker.js", (route) => route.fulfill({ status: 500, body: "" }))
    await page.reload()
    await fillIn()
    await seal()
    await page.locator("#sent").waitFor()
    expect(stage.requests).toContain("GET /worker-plain.js")
  })

  test("with scripts off there is no field to type into, and it is said why", async () => {
    const off = await visit(launched.browser, stage.url, { javaScriptEnabled: false })
    await off.page.getByRole("heading", { name: "Scripts are off" }).waitFor()
    // Nothing but the form for a file that is locked already.
    expect(await off.page.locator("textarea:visible, select:visible, [contenteditable]:visible").count()).toBe(0)
    const shown = await off.page.locator("input:visible, button:visible").evaluateAll((all) => all.map((one) => one.id || one.textContent))
    expect(shown).toEqual(["sealed-file", "Hand it in"])
    expect(await off.page.getByText("Checking who can read this").isVisible()).toBe(false)
    expect(await off.page.getByRole("link", { name: "Leave this page" }).getAttribute("href")).toBe("https://www.wikipedia.org/")
    await off.context.close()
  })

  test.each([
    ["FBAN", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/500.0]"],
    ["Instagram", "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 Chrome/147.0 Mobile Safari/537.36 Instagram 400.0"],
    ["LinkedIn", "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 [LinkedInApp]/9.30"],
    ["TikTok", "Mozilla/5.0 (Linux; Android 15; wv) Chrome/147.0 TikTok 40.0"],
    ["X", "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Twitter for iPhone/11.0"],
  ])("the inside of %s gets the address and no field, and nothing is fetched", async (_app, userAgent) => {
    // The page that each test begins with may still be asking.
    await page.close()
    stage.reset()
    stage.today = () => said(answer)
    const inside = await visit(launched.browser, `${stage.url}#amazon-layoffs`, { userAgent })
    await inside.page.getByRole("heading", { name: "Open this in your own browser" }).waitFor()
    expect(await inside.page.locator("#in-app-address").textContent()).toBe(`${stage.url}#amazon-layoffs`)
    expect(await inside.page.locator("textarea:visible, input:visible, select:visible").count()).toBe(0)
    expect(apiRequests()).toEqual([])
    expect(stage.requests).not.toContain("GET /worker.js")
    await inside.context.close()
  })

  test("what only looks like the inside of an app is warned and let go on", async () => {
    const userAgent = "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 Chrome/147.0 Mobile Safari/537.36"
    const inside = await visit(launched.browser, stage.url, { userAgent })
    await inside.page.waitForSelector("#check:enabled")
    expect(await inside.page.locator("#maybe-in-app").isVisible()).toBe(true)
    expect(await page.locator("#maybe-in-app").isVisible()).toBe(false)
    await inside.context.close()
  })

  test("nothing can be typed before it is proven who would read it, and a form that is sent by hand sends nothing", async () => {
    let release: () => void = () => undefined
    const waiting = new Promise<void>((resolve) => {
      release = resolve
    })
    await here.context.route("**/api/today", async (route) => {
      await waiting
      await route.continue()
    })
    await page.reload()
    await page.getByText("Checking who can read this").waitFor()
    expect(await page.locator("textarea:visible, input:visible, select:visible").count()).toBe(0)
    await page.locator("#tip").evaluate((form: HTMLFormElement) => form.requestSubmit())
    release()
    await page.waitForSelector("#check:enabled")
    expect(stage.posted).toEqual([])
    await page.getByLabel("What should we know?").fill(WORDS)
    expect(await page.getByText("Checking who can read this").isVisible()).toBe(false)
  })
})
