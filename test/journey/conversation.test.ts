/** A whole conversation with a real browser, the real server, its database and the built command: tip, words, reply, follow-up, second reply,
 *  delete. Then a search for what must be nowhere: the words, and the keys that come from them. */

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import type { BrowserContext, Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { verifyKeyOf } from "../../envelope/keys.ts"
import { parsePinned } from "../../keyring/newsroom.ts"
import { deriveSource, newWords, parseWords, type SourceSecrets } from "../../keyring/words.ts"
import { launchProfile } from "../../scripts/browser.ts"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { dumpSql } from "../../scripts/operator/schema.ts"
import { openDatabase } from "../../server/database.ts"
import { look } from "../support/mailbox.ts"
import { formsOf, searchMemory } from "../support/memory.ts"
import { freePort } from "../support/port.ts"
import type { Answered } from "../support/server.ts"

const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
let folder: string
let profile: string
let line: DemoLine
let context: BrowserContext
let page: Page
let words = ""
let source: SourceSecrets
const requests: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-conversation-"))
  profile = await mkdtemp(join(tmpdir(), "sotto-profile-"))
  line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
  context = await launchProfile(profile)
  page = await context.newPage()
  context.on("request", (request) => requests.push(`${request.method()} ${request.url().slice(line.url.length)}`))
}, 120_000)
afterAll(async () => {
  await context.close()
  await line.stop()
  for (const one of [folder, profile]) await rm(one, { recursive: true, force: true })
})

const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)
async function answer(number: number, text: string): Promise<void> {
  const file = join(folder, "reply.txt")
  await writeFile(file, text)
  await as("reply", String(number), "--file", file, "--delay", "0")
}
async function write(message: string): Promise<void> {
  await page.locator("#check:enabled").waitFor()
  await page.locator("#readers input[type=checkbox]").first().check()
  await page.locator("#message").fill(message)
  await page.locator("#check").click()
  await page.locator("#send").click()
  await page.locator("#sent").waitFor()
}
async function comeBack(typed: string): Promise<string> {
  await page.goto(line.url)
  await page.locator("#have-words:enabled").click()
  await page.locator("#typed").fill(typed)
  await page.locator("#look").click()
  await page.locator("#answers").waitFor()
  return (await page.locator("#answers").textContent()) ?? ""
}
const openMailbox = async ({ mailbox }: SourceSecrets): Promise<Answered> =>
  look(line.url, { key: mailbox, day: dayOf(Date.now()), url: (await pinned()).url })
const pinned = async () => parsePinned((await readFile(join(line.admin.home, "newsroom.json"), "utf8")).trim())

describe("a conversation", () => {
  test("begins with a tip, and eight words for who wrote it", async () => {
    await page.goto(line.url)
    await write("They told us on Monday.")
    const eight = await page.locator("#words-list li").allTextContents()
    expect(eight).toHaveLength(8)
    words = eight.join(" ")
    source = await deriveSource(parseWords(words), (await pinned()).id)
    await page.locator("#words-done").click()
  }, 60_000)

  test("has nothing to show before there is an answer, exactly as for other words", async () => {
    const mine = await comeBack(words)
    const others = await comeBack(await newWords())
    expect(mine).toContain("Nothing found under these words so far.")
    expect(mine).toBe(others)
  }, 60_000)

  test("goes on with a reply, which is read with the words as somebody writes them down", async () => {
    await as("sync")
    expect(await as("inbox")).toMatch(/^1 {2}\S+ {2}amazon-layoffs {2}0 files {2}new {2}acknowledge in 7 days\n$/)
    expect(await as("read", "1", "--plaintext")).toContain("They told us on Monday.")
    await answer(1, "Thank you. How many were told?")
    expect(await as("inbox")).toContain("say more in 92 days\n")
    const seen = await comeBack(words.toUpperCase().replaceAll(" ", ", "))
    expect(seen).toContain("From Desk One")
    expect(seen).toContain("Thank you. How many were told?")
  }, 60_000)

  test("with a follow-up that the reporter sees to be by the same source, and a second reply", async () => {
    await page.locator("#follow-up").click()
    await write("Eleven of us.")
    expect(await page.locator("#words-list li").count()).toBe(0)
    await as("sync")
    expect(await as("inbox")).toMatch(/\n3 .* new, follows 1 {2}acknowledge in 7 days\n$/)
    expect(await as("read", "3", "--plaintext")).toMatch(
      /by the same source as tip 1\n.*Eleven of us\..*thread\n {2}1 .*\n {2}2 .* you\n {2}3 /s,
    )
    await answer(3, "We will write about it.")
    const seen = await comeBack(words)
    expect(seen).toContain("Thank you. How many were told?")
    expect(seen).toContain("We will write about it.")
  }, 60_000)

  test("is the same on the wire with two replies as with none: status, header set and length", async () => {
    const [mine, none] = [await openMailbox(source), await openMailbox(await deriveSource(await newWords(), (await pinned()).id))]
    const seen = ({ status, headers, body }: Answered) => ({ status, headers: { ...headers, date: "" }, bytes: body.length })
    expect(seen(mine)).toEqual(seen(none))
    expect(mine.body).toHaveLength(4 * 32_768)
    const took = async (of: SourceSecrets) => {
      const started = performance.now()
      await openMailbox(of)
      return performance.now() - started
    }
    const [withReplies, without]: [number[], number[]] = [[], []]
    const other = await deriveSource(await newWords(), (await pinned()).id)
    for (let round = 0; round < 41; round++) {
      withReplies.push(await took(source))
      without.push(await took(other))
    }
    const median = (of: number[]) => of.sort((a, b) => a - b)[20] ?? 0
    process.stderr.write(
      `the mailbox took ${median(withReplies).toFixed(1)} ms with two replies, ${median(without).toFixed(1)} ms with none\n`,
    )
  }, 60_000)

  test("made the page ask for its files and today's keys, post tips, and open the mailbox: nothing else, nothing in an address", () => {
    const shapes = requests.map((request) => request.replace(/day=\d{4}-\d\d-\d\d$/, "day=D"))
    expect(new Set(shapes.filter((shape) => !/^GET \/((page|worker)\.js|style\.css|icon\.svg)?$/.test(shape)))).toEqual(
      new Set(["GET /api/today", "POST /api/envelopes?day=D", "POST /api/mailbox"]),
    )
  })

  test("ends when the source deletes: nothing under the words, nothing left of the replies in the database", async () => {
    await comeBack(words)
    await page.locator("#empty").click()
    await page.locator("#empty-yes").click()
    await page.getByText("Our server has confirmed that it deleted what you were shown.").waitFor()
    expect(await comeBack(words)).toContain("Nothing found under these words so far.")
    const database = openDatabase(line.databaseUrl, () => undefined)
    const { rows } = await database.query<{ n: number }>(
      "select (select count(*)::int from replies) + (select count(*)::int from envelopes) as n",
    )
    await database.close()
    // The two tips: the server cannot tell whose they are.
    expect(rows).toEqual([{ n: 2 }])
    await as("sync")
    expect(await as("inbox")).toContain("by desk-one to 3")
  }, 60_000)
})

describe("what must be nowhere", () => {
  const needles = () =>
    new Map([
      ["words", formsOf(words)],
      ["typed words", formsOf(words.toUpperCase().replaceAll(" ", ", "))],
      ["recipient key", formsOf(source.identity)],
      ["sign key", formsOf(source.sign)],
      ["mailbox key", formsOf(source.mailbox)],
    ])
  const heldBy = (bytes: Buffer, of = needles()) =>
    [...of].filter(([, forms]) => forms.some((form) => bytes.includes(form))).map(([name]) => name)
  async function heldBelow(path: string, of = needles()): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        for (const name of heldBy(await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0)), of)) found.add(name)
    return found
  }

  test("in the database, its files and log, the server's log and the mail: neither words nor keys", async () => {
    const database = openDatabase(line.databaseUrl, () => undefined)
    await database.query("checkpoint")
    const dump = await dumpSql(database)
    await database.close()
    expect(heldBy(Buffer.from(dump))).toEqual([])
    expect(heldBy(Buffer.from(line.server.log() + line.catcher.traffic()))).toEqual([])
    const control = new Map([["control", formsOf("sotto-keyring/1")]])
    expect(await heldBelow(line.postgres.data, control)).toEqual(new Set(["control"]))
    expect(await heldBelow(line.postgres.data)).toEqual(new Set())
  }, 60_000)

  test("in the server's memory, right after a look and while one is answered: neither words nor any key", async () => {
    const shown = await verifyKeyOf(source.mailbox)
    // What the search would find of a secret that came in a header or a body: the public half did, the name of the newsroom is in every answer.
    const controls = new Map([
      ["public half", formsOf(shown)],
      ["newsroom", formsOf("The Demo Newsroom")],
    ])
    const looking = Promise.all(Array.from({ length: 8 }, () => openMailbox(source)))
    const during = searchMemory(line.server.pid, new Map([...needles(), ...controls]))
    await looking
    const after = searchMemory(line.server.pid, new Map([...needles(), ...controls]))
    process.stderr.write(
      `searched ${Math.round(after.bytes / 1_048_576)} MiB of the server's memory: found ${[...after.found].join(", ")}\n`,
    )
    for (const { found } of [during, after]) expect([...found].filter((name) => !controls.has(name))).toEqual([])
    expect(after.found).toEqual(new Set(controls.keys()))
  }, 60_000)

  test("in the browser's profile on disk, history, cache and session included", async () => {
    const left = await page.evaluate(async () => ({
      stores: localStorage.length + sessionStorage.length + (await indexedDB.databases()).length + (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      state: history.state as unknown,
    }))
    expect(left).toEqual({ stores: 0, workers: 0, state: null })
    expect(await context.cookies()).toEqual([])
    await page.goto("about:blank")
    await context.close()
    // That the search sees what a browser keeps: the page's address is in the history.
    const control = new Map([["control", formsOf(line.url.replace("http://", ""))]])
    expect(await heldBelow(profile, control)).toEqual(new Set(["control"]))
    expect(await heldBelow(profile)).toEqual(new Set())
    const replies = new Map([
      ["reply", formsOf("Thank you. How many were told?")],
      ["message", formsOf("They told us on Monday.")],
    ])
    expect(await heldBelow(profile, replies)).toEqual(new Set())
  }, 60_000)
})
