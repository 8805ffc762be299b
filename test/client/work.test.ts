/** A page that sends while many others do: it does the sum that the real server asks for, says so, and the tip is kept. SPEC.md §8.3. */

import type { IncomingMessage } from "node:http"
import { join } from "node:path"
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals"
import { type Day, dayOf } from "../../envelope/day.ts"
import { newSignKey, verifyKeyOf } from "../../envelope/keys.ts"
import { parseDayNote } from "../../keyring/days.ts"
import { mailboxAddress } from "../../keyring/mailbox.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import { dayNoteStore } from "../../server/day-notes.ts"
import { loadPage } from "../../server/page.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { look } from "../support/mailbox.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { ask, startServer, type TestServer } from "../support/server.ts"
import { mailboxBodies } from "./mailbox.ts"

const DIST = join(__dirname, "../../dist/page")
const today: Day = dayOf(Date.now())
let newsroom: TestNewsroom
let server: TestServer
let launched: LaunchedBrowser

beforeAll(async () => {
  newsroom = await makeNewsroom({ today, policy: { ...POLICY, maxTipBytes: 4_194_304 } })
}, 60_000)
afterEach(async () => {
  await launched.close()
  await server.stop()
})

/** One tip a minute is calm here, and one has come. */
async function flooded(): Promise<void> {
  server = await startServer(newsroom, today, await loadPage(DIST, newsroom.pinned), { calm: 1, lane: 0 })
  const notes = await Promise.all(newsroom.reporters.map((reporter) => newsroom.dayNote(reporter, today)))
  await dayNoteStore(server.database).put(notes.map((source) => ({ key: parseDayNote(source), source })))
  const [first] = newsroom.reporters
  if (first === undefined) throw new Error("no reporter")
  const body = await newsroom.tip(today, [first], "One of many.")
  const post = () => ask(server.base, "POST", `/api/envelopes?day=${today}`, { headers: { "content-type": "application/age" }, body })
  expect((await post()).status).toBe(201)
  expect((await post()).status).toBe(429)
  launched = await launchBrowser()
}

/** @returns what the page asked the server for, and every sentence of its note about sending */
async function sendFile(bytes: number): Promise<{ requests: readonly string[]; said: readonly string[] }> {
  const requests: string[] = []
  server.server.on("request", ({ method = "", url = "" }) => requests.push(`${method} ${url.replace(/[A-Za-z0-9_-]{43}$/, "…")}`))
  const context = await launched.browser.newContext()
  const page = await context.newPage()
  await page.goto(server.base)
  await page.locator("#check:enabled").waitFor()
  await page.locator("#readers input[type=checkbox]").first().check()
  await page.locator("#files").setInputFiles({ name: "list.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(bytes, 7) })
  await page.locator("#check").click()
  await page.locator("#send").waitFor()
  await page.evaluate(() => {
    const note = document.getElementById("sending-note")
    const said: string[] = []
    Object.assign(globalThis, { said })
    if (note)
      new MutationObserver(() => said.push(note.textContent ?? "")).observe(note, { childList: true, characterData: true, subtree: true })
  })
  await page.locator("#send").click()
  await page.locator("#sent").waitFor({ timeout: 60_000 })
  const said = await page.evaluate(() => (globalThis as { said?: readonly string[] }).said ?? [])
  await context.close()
  return { requests, said }
}

describe("while many look into mailboxes, the page", () => {
  test("does a small sum before it looks, asks in the same way whatever waits, and shows the answer", async () => {
    server = await startServer(newsroom, today, await loadPage(DIST, newsroom.pinned), { calm: 1, lane: 0 })
    const notes = await Promise.all(newsroom.reporters.map((reporter) => newsroom.dayNote(reporter, today)))
    await dayNoteStore(server.database).put(notes.map((source) => ({ key: parseDayNote(source), source })))
    const words = await newWords()
    const { mailbox } = await deriveSource(words, newsroom.id)
    const bodies = await mailboxBodies(newsroom, words, ["An answer that waited."])
    const reply = bodies.slice(0, bodies.length / 4)
    const stranger = { key: await newSignKey(), day: today, url: newsroom.url }
    const posted = await ask(server.base, "POST", `/api/replies?day=${today}`, {
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.concat([await mailboxAddress(await verifyKeyOf(mailbox)), reply]),
    })
    expect(posted.status).toBe(201)
    expect([(await look(server.base, stranger)).status, (await look(server.base, stranger)).status]).toEqual([200, 429])
    // The newsroom's own address, which every look is signed for, leads to the test's server.
    const { host } = new URL(server.base)
    launched = await launchBrowser({ args: [`--host-resolver-rules=MAP ${new URL(newsroom.url).host} ${host}`] })
    const seen: (readonly string[])[] = []
    for (const typed of [words, await newWords()]) {
      const requests: string[] = []
      const note = ({ method = "", url = "" }: IncomingMessage) => void requests.push(`${method} ${url}`)
      server.server.on("request", note)
      const context = await launched.browser.newContext()
      const page = await context.newPage()
      await page.goto(newsroom.url)
      await page.locator("#have-words:enabled").click()
      await page.locator("#typed").fill(typed)
      await page.locator("#look").click()
      await page.locator("#answers-title").waitFor({ timeout: 60_000 })
      seen.push(requests.filter((one) => /mailbox|challenge/.test(one)))
      if (typed === words) expect(await page.locator("#answers-list").textContent()).toContain("An answer that waited.")
      else expect(await page.locator("#answers-none").isVisible()).toBe(true)
      server.server.off("request", note)
      await context.close()
    }
    expect(seen[0]).toEqual(["POST /api/mailbox", "GET /api/challenge", "POST /api/mailbox"])
    expect(seen[1]).toEqual(seen[0])
  }, 120_000)
})

describe("while many send, the page", () => {
  test("does a small sum for a tip, says so, and the tip is kept", async () => {
    await flooded()
    const { requests, said } = await sendFile(100_000)
    expect(requests.filter((one) => one.startsWith("POST") || one.includes("challenge"))).toEqual([
      `POST /api/envelopes?day=${today}`,
      "GET /api/challenge",
      `POST /api/envelopes?day=${today}`,
    ])
    expect(said.join(" ")).toContain("small sum")
    expect((await server.database.query<{ n: number }>("select count(*)::int as n from envelopes")).rows[0]?.n).toBe(2)
  }, 120_000)

  test("does one before it begins a large upload, and none for its pieces", async () => {
    await flooded()
    const { requests, said } = await sendFile(1_500_000)
    expect(requests.filter((one) => one.startsWith("POST") || one.includes("challenge"))).toEqual([
      `POST /api/uploads?day=${today}`,
      "GET /api/challenge",
      `POST /api/uploads?day=${today}`,
    ])
    expect(requests.filter((one) => one.startsWith("PATCH")).length).toBeGreaterThan(1)
    expect(said.join(" ")).toContain("small sum")
  }, 120_000)
})
