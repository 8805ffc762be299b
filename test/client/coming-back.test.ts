/** Coming back with eight words, in the built page and a real browser: what is asked, what is shown of an answer, writing again, deleting. SPEC.md §8.1. */

import { describe, expect, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { concat } from "../../envelope/bytes.ts"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { sealReply } from "../../envelope/seal.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { mailboxAddress, verifyMailboxRequest } from "../../keyring/mailbox.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import { filler } from "../../server/filler.ts"
import { hashOfBody, lookBody } from "../support/mailbox.ts"
import { formsOf } from "../support/memory.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { HASH } from "../support/tips.ts"
import { mailboxBodies } from "./mailbox.ts"
import { makeDesk, todayAnswer } from "./newsroom.ts"
import { onStage } from "./on-stage.ts"
import { KEPT, openStage, type Posted, problem, type Stage, said, type Visit } from "./stage.ts"

const today = dayOf(Date.now())
const FLOOR = floorBytes(8)
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
      await page.getByText("Nothing found under these words so far.").waitFor()
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
    await page.getByText("There may be older answers.").waitFor()
    await mail(words, ["five"])
    await page.getByRole("button", { name: "Look further back" }).click()
    await page.getByText("five").waitFor()
    expect(await page.locator("#answers-list > li").count()).toBe(5)
    expect(stage.posted.map(({ body }) => body)).toEqual([lookBody(0), lookBody(1)])
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
    await page.getByText("Our server has confirmed that it deleted what you were shown.").waitFor()
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
    await page.getByRole("button", { name: "Look further back" }).click()
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
    await page.getByText("Our server has confirmed that it deleted what you were shown.").waitFor()
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
    await page.getByText("Our server has confirmed that it deleted what you were shown.").waitFor()
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

/** Reporter two wrote, and left today; the rest is said by a day that is later, and by a key that is another's. */
test("who has left, when they wrote, and what failed a check is said on the page in words", async () => {
  const desk = await makeDesk(today)
  const { id, reporters } = desk.newsroom
  const [one, two] = reporters as [(typeof reporters)[number], (typeof reporters)[number]]
  const before = desk.newsroom.chain.at(-1)
  if (before === undefined) throw new Error("no keyring")
  const named = await desk.newsroom.next({ reporters: before.reporters.filter((reporter) => reporter.id !== two.id) })
  const words = await newWords()
  const { keys } = await deriveSource(words, id)
  const made = (from: typeof two, day: Day, message: string, sign = from.signer.key) =>
    sealReply({
      reply: { newsroom: id, keyring: before.hash, day, from: from.id, for: keys.verify, re: HASH, to: [one.id] },
      message,
      sign,
      slots: [keys.recipient, ...Array.from({ length: 8 }, () => undefined)],
    })
  const bodies = await Promise.all([
    made(two, today, "Before I left."),
    made(two, addDays(today, 1), "After I left."),
    made(one, today, "In another's name.", two.signer.key),
  ])
  const filled = concat(...bodies, await filler(new Uint8Array(32), new Uint8Array(32), "0 3", 8))
  const own = await openStage(desk.newsroom.pinned)
  try {
    const told = todayAnswer(
      today,
      desk.newsroom.chain.map(({ source }) => source),
      [await desk.newsroom.dayNote(one, today, { keyring: { version: named.version, hash: named.hash } })],
    )
    own.today = () => said(told)
    own.post = () => ({ status: 200, body: filled, headers: { "content-type": "application/octet-stream" } })
    await page.goto(own.url)
    await page.locator("#have-words:enabled").click()
    await page.getByRole("textbox", { name: "Your eight words" }).fill(words)
    await page.getByRole("button", { name: "Look for an answer" }).click()
    await page.locator("#answers").waitFor()
    expect(await page.locator("#answers-list > li").allTextContents()).toEqual([
      expect.stringMatching(/was no longer with us when this was written.*Do not trust it\..*After I left\./s),
      expect.stringMatching(/is no longer with us since.*They wrote this before they left.*Before I left\./s),
    ])
    expect(await page.locator("#answers-refused").textContent()).toContain(
      "did not pass the checks of this page and is not shown. How often: 1.",
    )
    expect(await page.locator("#answers").textContent()).not.toContain("In another's name.")
  } finally {
    await own.close()
  }
})
