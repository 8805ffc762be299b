/** The eight words in the built page, in a real browser: shown once and only after 201, kept nowhere, checked by hand; and coming back with them. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { type Day, dayOf } from "../../envelope/day.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { mailboxAddress, verifyMailboxRequest } from "../../keyring/mailbox.ts"
import { WORDS } from "../../keyring/wordlist.ts"
import { deriveSource, newWords, parseWords } from "../../keyring/words.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { hashOfBody, lookBody } from "../support/mailbox.ts"
import { formsOf } from "../support/memory.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { mailboxBodies } from "./mailbox.ts"
import { makeDesk, todayAnswer } from "./newsroom.ts"
import { KEPT, openStage, type Posted, problem, type Stage, said, type Visit, visit } from "./stage.ts"

const today = dayOf(Date.now())
const FLOOR = floorBytes(8)
let launched: LaunchedBrowser
let stage: Stage
let newsroom: TestNewsroom
let answer: string
let here: Visit
let page: Page

beforeAll(async () => {
  const desk = await makeDesk(today)
  newsroom = desk.newsroom
  answer = await desk.answer()
  stage = await openStage(newsroom.pinned)
  launched = await launchBrowser()
})
afterAll(async () => {
  await launched.close()
  await stage.close()
})
beforeEach(async () => {
  stage.reset()
  stage.today = () => said(answer)
  here = await visit(launched.browser, stage.url, { permissions: ["clipboard-write"] })
  page = here.page
})
afterEach(async () => {
  await here.context.close()
  expect(here.complaints).toEqual([])
})

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

describe("coming back", () => {
  const mail = async (words: Awaited<ReturnType<typeof newWords>>, messages: readonly string[]) => {
    const body = await mailboxBodies(newsroom, words, messages)
    stage.post = () => ({ status: 200, body, headers: { "content-type": "application/octet-stream" } })
    return body
  }
  const namesOf = (body: Uint8Array) => [0, 1, 2, 3].map((at) => hashOfBody(body.slice(at * FLOOR, (at + 1) * FLOOR)))
  /** The address of the mailbox whose key signed: only if the signature holds, for this page and this day. */
  async function mailboxOf(asked: Posted | undefined, day: Day): Promise<string> {
    if (asked === undefined) throw new Error("nothing was asked")
    const { headers, body } = asked
    const parts = { method: "POST", authority: new URL(stage.url).host, path: asked.target, query: "?", body }
    const field = (name: string) => String(headers[name])
    const signed = { "content-digest": field("content-digest"), "signature-input": field("signature-input"), signature: field("signature") }
    return Buffer.from(await mailboxAddress(await verifyMailboxRequest(parts, signed, day))).toString("base64url")
  }
  async function look(typed: string): Promise<void> {
    await page.locator("#have-words:enabled").click()
    await page.getByRole("textbox", { name: "Your eight words" }).fill(typed)
    await page.getByRole("button", { name: "Look for an answer" }).click()
  }
  const posted = () => stage.requests.filter((request) => !request.startsWith("GET"))

  test("shows what was answered, by whom, who else has it and until when it is kept", async () => {
    const words = await newWords()
    await mail(words, ["Can you <b>say</b> more?\n\nThank you."])
    await look(words.toUpperCase().replaceAll(" ", ",\n"))
    await page.getByRole("heading", { name: "From Reporter One" }).waitFor()
    const seen = await page.locator("#answers-list").textContent()
    expect(seen).toContain("Can you <b>say</b> more?\n\nThank you.")
    expect(seen).toContain("Also sent to: Reporter Two.")
    expect(seen).toContain("Our server keeps this until")
    expect(await page.locator("#older").isVisible()).toBe(false)
    expect(posted()).toEqual(["POST /api/mailbox"])
    const [asked] = stage.posted
    expect(await mailboxOf(asked, today)).toBe((await deriveSource(words, newsroom.id)).keys.mailbox)
    expect([asked?.headers.cookie, asked?.headers.referer, asked?.headers.authorization]).toEqual([undefined, undefined, undefined])
    expect(asked?.body).toEqual(lookBody(0))
  })

  test("looks the same, word for word and request for request, for words that are wrong and an answer that has not come", async () => {
    const words = await newWords()
    const views: string[] = []
    for (const typed of [words, await newWords()]) {
      await mail(words, typed === words ? [] : ["not for these words"])
      await page.goto(stage.url)
      await look(typed)
      await page.getByText("Nothing under these words so far.").waitFor()
      views.push((await page.locator("#answers").textContent()) ?? "")
    }
    expect(views[0]).toBe(views[1])
    expect(posted()).toEqual(["POST /api/mailbox", "POST /api/mailbox"])
    const [one, two] = stage.posted
    expect(Object.keys(one?.headers ?? {})).toEqual(Object.keys(two?.headers ?? {}))
    expect(one?.headers["content-length"]).toBe(two?.headers["content-length"])
  })

  test("names the word that is not in the list, offers near ones, and puts none in by itself; nothing is sent", async () => {
    const words = (await newWords()).replace(/^(\S+ \S+) \S+/, "$1 aplpe")
    await look(words)
    await page.getByText("Word 3, “aplpe”, is not in the list").waitFor()
    expect(await page.getByRole("textbox", { name: "Your eight words" }).inputValue()).toBe(words)
    await page.locator("#typed-near").getByRole("button", { name: "apple", exact: true }).click()
    expect(await page.getByRole("textbox", { name: "Your eight words" }).inputValue()).toBe(words.replace("aplpe", "apple"))
    await page.getByRole("textbox", { name: "Your eight words" }).fill("apple apple")
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("There are eight words. You typed 2.").waitFor()
    expect(posted()).toEqual([])
  })

  test("says when the server is away, and keeps the words in the field for another try", async () => {
    const words = await newWords()
    stage.post = () => problem("not-ready")
    await look(words)
    await page.getByText("Our server cannot answer right now.").waitFor()
    stage.post = () => undefined
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("The connection failed.").waitFor()
    stage.post = () => ({ status: 200, body: "short" })
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("Something failed, here or on our server.").waitFor()
    await mail(words, ["Here."])
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByRole("heading", { name: "From Reporter One" }).waitFor()
  })

  test("warns before it asks for older answers, and asks for one page at a time", async () => {
    const words = await newWords()
    await mail(words, ["one", "two", "three", "four"])
    await look(words)
    await page.getByText("There may be older answers. Asking for them shows").waitFor()
    await mail(words, ["five"])
    await page.getByRole("button", { name: "Show older answers" }).click()
    await page.getByText("five").waitFor()
    expect(await page.locator("#answers-list > li").count()).toBe(5)
    expect(stage.posted.map(({ body }) => body)).toEqual([lookBody(0), lookBody(1)])
    expect(await page.locator("#older").isVisible()).toBe(false)
  })

  test("writes again by the same keys, and shows no new words", async () => {
    const words = await newWords()
    await mail(words, ["Can you say more?"])
    await look(words)
    await page.getByRole("button", { name: "Write again with these words" }).click()
    await page.getByText("You are writing again with your eight words.").waitFor()
    stage.post = () => KEPT
    await send("More.")
    await page.locator("#sent").waitFor()
    expect(await shown()).toEqual([])
    await page.getByText("with the same eight words as before").waitFor()
    expect(await sourceOf(stage.posted.at(-1)?.body)).toEqual((await deriveSource(words, newsroom.id)).keys.verify)
  })

  test("and going back to write seals by new words: whoever only looked is not joined to what they write", async () => {
    const words = await newWords()
    await page.locator("#have-words:enabled").click()
    await page.getByRole("textbox", { name: "Your eight words" }).fill(words)
    await page.getByRole("button", { name: "Go back" }).click()
    stage.post = () => KEPT
    await send("Another matter.")
    await page.locator("#sent").waitFor()
    expect(await sourceOf(stage.posted[0]?.body)).not.toEqual((await deriveSource(words, newsroom.id)).keys.verify)
    expect(await page.locator("#typed").inputValue()).toBe("")
  })

  test("can delete what it was shown, after one more question, and leaves nothing on the page when it is hidden", async () => {
    const words = await newWords()
    const first = await mail(words, ["To be deleted."])
    await look(words)
    await page.getByRole("button", { name: "Delete the answers" }).click()
    expect(posted()).toEqual(["POST /api/mailbox"])
    await mail(words, [])
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("Deleted. Our server has nothing under these words now.").waitFor()
    expect(stage.posted.map(({ body }) => body)).toEqual([lookBody(0), lookBody(0, namesOf(first))])
    // On the wire, a deletion is a look.
    const [looked, deleted] = stage.posted
    expect(Object.keys(deleted?.headers ?? {})).toEqual(Object.keys(looked?.headers ?? {}))
    const lengths = (of: typeof looked) => Object.entries(of?.headers ?? {}).map(([name, value]) => [name, String(value).length])
    expect(lengths(deleted)).toEqual(lengths(looked))
    expect(await page.locator("#answers-list > li").count()).toBe(0)
    await mail(words, ["Secret answer."])
    await page.goto(stage.url)
    await look(words)
    await page.getByText("Secret answer.").waitFor()
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })))
    expect(await text()).not.toContain("Secret answer.")
    expect(page.workers()).toEqual([])
  })

  test("deletes nothing that it has not shown: an answer that came in between is shown, and can be deleted next", async () => {
    const words = await newWords()
    const bodies = [await mail(words, ["one", "two", "three", "four"])]
    await look(words)
    await page.getByText("four", { exact: true }).waitFor()
    bodies.push(await mail(words, ["five"]))
    await page.getByRole("button", { name: "Show older answers" }).click()
    await page.getByText("five").waitFor()
    const [first, older] = bodies.map(namesOf)
    bodies.push(await mail(words, ["A new one."]))
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("What you were shown before is deleted.").waitFor()
    expect(await page.locator("#answers-list > li").allTextContents()).toEqual([expect.stringContaining("A new one.")])
    expect(stage.posted.slice(2).map(({ body }) => body)).toEqual([lookBody(0, older), lookBody(0, first)])
    const last = await mail(words, [])
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("Deleted. Our server has nothing under these words now.").waitFor()
    expect(stage.posted.at(-1)?.body).toEqual(lookBody(0, namesOf(bodies[2] ?? last)))
  })

  test("is possible on a day on which nobody can be reached, and nothing else is: no form, no writing again", async () => {
    const away = todayAnswer(
      today,
      newsroom.chain.map(({ source }) => source),
      [],
    )
    stage.today = () => said(away)
    await page.goto(stage.url)
    await page.getByRole("heading", { name: "Nobody can be reached today" }).waitFor()
    const words = await newWords()
    const shownBodies = await mail(words, ["We are back on Monday."])
    await page.getByRole("button", { name: "I have eight words" }).click()
    await page.getByRole("textbox", { name: "Your eight words" }).fill(words)
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("We are back on Monday.").waitFor()
    expect(await page.locator("#follow-up").isVisible()).toBe(false)
    await page.locator("#follow-up").dispatchEvent("click")
    expect(await page.locator("#writing").isVisible()).toBe(false)
    await page.getByRole("button", { name: "Delete the answers" }).click()
    await mail(words, [])
    await page.getByRole("button", { name: "Delete them for good" }).click()
    await page.getByText("Deleted. Our server has nothing under these words now.").waitFor()
    expect(stage.posted.map(({ target, body }) => [target, body])).toEqual([
      ["/api/mailbox", lookBody(0)],
      ["/api/mailbox", lookBody(0, namesOf(shownBodies))],
    ])
  })

  test("leads back to where it began on such a day, and says the same of wrong words and of a server that is away", async () => {
    const away = todayAnswer(
      today,
      newsroom.chain.map(({ source }) => source),
      [],
    )
    stage.today = () => said(away)
    await page.goto(stage.url)
    await page.locator("#read-only").click()
    await page.getByRole("textbox", { name: "Your eight words" }).fill("apple apple")
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("There are eight words. You typed 2.").waitFor()
    stage.post = () => problem("not-ready")
    await page.getByRole("textbox", { name: "Your eight words" }).fill(await newWords())
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.getByText("Our server cannot answer right now.").waitFor()
    await page.getByRole("button", { name: "Go back" }).click()
    await page.getByRole("heading", { name: "Nobody can be reached today" }).waitFor()
    expect(await page.locator("#typed").inputValue()).toBe("")
    expect(await page.locator("#writing").isVisible()).toBe(false)
  })

  test("never has words or keys in an address, a header, a title, a store or the browser's history", async () => {
    const words = await newWords()
    await mail(words, ["Here."])
    await look(words)
    await page.getByRole("heading", { name: "From Reporter One" }).waitFor()
    const { identity, sign, mailbox } = await deriveSource(words, newsroom.id)
    const left = await page.evaluate(async () => ({
      title: document.title,
      url: location.href,
      state: JSON.stringify(history.state),
      entries: performance.getEntries().map(({ name }) => name),
      stores: localStorage.length + sessionStorage.length + (await indexedDB.databases()).length + (await caches.keys()).length,
      html: document.documentElement.outerHTML,
    }))
    expect(left.stores).toBe(0)
    expect(await here.context.cookies()).toEqual([])
    for (const found of [JSON.stringify(left), stage.requests.join(" "), JSON.stringify(stage.posted.map(({ headers }) => headers))]) {
      for (const key of [identity, sign, mailbox]) expect(formsOf(key).filter((form) => Buffer.from(found).includes(form))).toEqual([])
      expect(found.toLowerCase()).not.toContain(words)
    }
  })
})
