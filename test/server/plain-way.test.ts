/** Without scripts: today's list as text, the form that takes a locked file and nothing else, and an answer page for everything. SPEC.md §8.4. */

import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals"
import { CATALOGUES, type Language } from "../../client/words/catalogues.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newIdentity, recipientOf } from "../../envelope/keys.ts"
import { unlock } from "../../envelope/open.ts"
import { readLetterOrUnsigned } from "../../envelope/unsigned.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { commonHeaders } from "../../server/headers.ts"
import { loadPage } from "../../server/page.ts"
import { ANSWERS, answerPath, dayIn } from "../../server/sealed.ts"
import { en } from "../../server/words/en.ts"
import { listWords } from "../../server/words/languages.ts"
import { agePeer, sealByHand } from "../support/by-hand.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, signedHeaders, startServer, type TestServer } from "../support/server.ts"

// A shell starts nineteen processes: on a machine with other work that takes a while.
jest.setTimeout(120_000)
const run = promisify(execFile)
const today = "2026-11-22" as Day
const DIST = join(__dirname, "../../dist/page")
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
let newsroom: TestNewsroom
let server: TestServer
let folder: string
beforeAll(async () => {
  newsroom = await makeNewsroom({ today, reporters: ["one", "two", "three"] })
  server = await startServer(newsroom, today, await loadPage(DIST, newsroom.pinned))
  folder = await mkdtemp(join(tmpdir(), "sotto-plain-way-"))
  // The first two can be reached today.
  for (const reporter of newsroom.reporters.slice(0, 2)) {
    const body = new TextEncoder().encode(JSON.stringify({ notes: [await newsroom.dayNote(reporter, today)] }))
    const signed = await signedHeaders(newsroom, reporter.signer, server.clock.ms / 1_000, { method: "PUT", target: "/api/days", body })
    const { status } = await ask(server.base, "PUT", "/api/days", { headers: { ...signed, "content-type": "application/json" }, body })
    expect(status).toBe(204)
  }
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const nameOf = (id: string) => newsroom.chain.at(-1)?.reporters.find((reporter) => reporter.id === id)?.name
const textAt = async (path: string) => (await ask(server.base, "GET", path)).body.toString("utf8")
const list = (language?: Language) => textAt(language === undefined ? "/api/recipients" : `/api/recipients/${language}`)
const stored = async () =>
  (await server.database.query<{ day: string; bytes: Buffer }>("select day::text, bytes from envelopes order by day")).rows

/** A form as a browser sends it. */
interface Part {
  readonly name?: string
  readonly file?: string
  readonly content: Uint8Array | string
}
async function handIn(parts: readonly Part[], headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  const form = new FormData()
  for (const { name = "tip", file, content } of parts) {
    if (file === undefined) form.append(name, String(content))
    else form.append(name, new Blob([content as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }), file)
  }
  const request = new Response(form)
  const body = new Uint8Array(await request.arrayBuffer())
  return ask(server.base, "POST", "/sealed", {
    headers: { "content-type": request.headers.get("content-type") ?? "", connection: "close", ...headers },
    body,
  })
}
const byHand = async (files: Readonly<Record<string, string>>) => {
  const slots = Array.from({ length: 9 }, (): Awaited<ReturnType<typeof recipientOf>> | undefined => undefined)
  slots[2] = await recipientOf(await newIdentity())
  return sealByHand(files, slots)
}
async function expectPage(answer: Answered, which: (typeof ANSWERS)[number], status: number): Promise<void> {
  expect([answer.status, answer.headers["content-type"]]).toEqual([status, "text/html; charset=utf-8"])
  expect(answer.body.equals(await readFile(join(DIST, answerPath(which))))).toBe(true)
  for (const [name, value] of Object.entries(commonHeaders(newsroom.url))) expect(answer.headers[name.toLowerCase()]).toBe(value)
}

describe("today's list", () => {
  test("names who reads and who is away, in slot order, and is text", async () => {
    const { status, headers, body } = await ask(server.base, "GET", "/api/recipients")
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"])
    const text = body.toString("utf8")
    expect([...text.matchAll(/^slot(\d+)=(age1pq1\w{1,2000}) # (.*)$/gm)].map(([, slot, key, who]) => [slot, key?.length, who])).toEqual(
      newsroom.reporters.slice(0, 2).map(({ slot, id }) => [String(slot), 1_959, nameOf(id)]),
    )
    expect(text).toContain(`# cannot be reached today: ${nameOf(newsroom.reporters[2]?.id ?? "")}`)
    expect(text).toContain("tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0600")
  })

  test("what is asked is text too, all of it at once", async () => {
    const { status, headers, body } = await ask(server.base, "GET", "/api/questions")
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"])
    expect(body.toString("utf8")).toMatch(/^What .* asks\n/)
  })

  // Debian's age is older than these stanzas: another implementation stands in for it, under its names.
  test("is a script that a shell runs: what it makes with stock tools is taken, and opens for whom it was left for and nobody else", async () => {
    const bin = await agePeer(await mkdtemp(join(folder, "bin-")))
    const at = await mkdtemp(join(folder, "work-"))
    const [one, two] = newsroom.reporters
    if (one === undefined || two === undefined) throw new Error("two reporters")
    const script = (await list())
      .replace(`\nslot${two.slot}=`, `\n# slot${two.slot}=`)
      .replace(" -cf tip.tar message.txt", " -cf tip.tar message.txt list.csv")
    await writeFile(join(at, "script.sh"), script)
    await writeFile(join(at, "message.txt"), "From a shell.\n")
    await writeFile(join(at, "list.csv"), "a,b\n")
    const { stdout } = await run("sh", ["script.sh"], { cwd: at, env: { PATH: `${bin}:/usr/bin:/bin` } })
    expect(stdout).toBe("")
    const envelope = new Uint8Array(await readFile(join(at, `tip-${today}.age`)))
    expect(envelope).toHaveLength(32_768)
    await expectPage(await handIn([{ file: `tip-${today}.age`, content: envelope }]), "kept", 201)
    const open = async (reporter: typeof one) => unlock([envelope], { identity: await reporter.seed(today), slot: reporter.slot, slots: 8 })
    expect(await open(two)).toBeUndefined()
    const unlocked = await open(one)
    expect(unlocked && (await readLetterOrUnsigned(unlocked, () => undefined, nodeAead))).toEqual({
      kind: "unsigned",
      message: "From a shell.\n",
      files: [{ name: "list.csv", bytes: 4 }],
      passedOver: 0,
    })
  })

  test.each(LANGUAGES)(
    "says in %s what it says in English, marked where no native speaker has read it, around the very same commands",
    async (language) => {
      const { unreviewed } = CATALOGUES[language]
      const words = listWords(language)
      expect(words?.unreviewed).toBe(unreviewed)
      const [here, english, questions] = await Promise.all([list(language), list("en"), textAt(`/api/questions/${language}`)])
      const said = here.replace(/\n# /g, " ").replace(/[\u2066-\u2069]/g, "")
      expect(said).toContain(unreviewed)
      expect(questions).toContain(unreviewed)
      const commands = (text: string) =>
        text
          .split("\n")
          .filter((line) => !line.startsWith("#"))
          .join("\n")
          .replace(/echo "[^"$`\\]*"/g, "echo")
      expect(commands(here)).toBe(commands(english))
      // What turns a line around is in comments only, and ends with them.
      expect(commands(here)).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
      for (const line of here.split("\n")) expect((line.match(/[\u2066-\u2068]/g) ?? []).length).toBe((line.match(/\u2069/g) ?? []).length)
      if (language !== "en")
        for (const [key, sentence] of Object.entries(words ?? {}))
          if (key !== "dir") expect([key, sentence]).not.toEqual([key, en[key as keyof typeof en]])
    },
  )

  test("has an address in each of the page's languages and no other", async () => {
    for (const path of ["/api/recipients", "/api/questions"]) {
      expect(await textAt(path)).toBe(await textAt(`${path}/en`))
      expect((await ask(server.base, "GET", `${path}/xx`)).status).toBe(404)
    }
  })

  test("as a script makes nothing where everything is too large, and says so in its language", async () => {
    const at = await mkdtemp(join(folder, "large-"))
    await writeFile(join(at, "script.sh"), await list("ar"))
    await writeFile(join(at, "message.txt"), Buffer.alloc(1_100_000, "x"))
    const { stdout } = await run("sh", ["script.sh"], { cwd: at, env: { PATH: "/usr/bin:/bin" } })
    expect(stdout).toContain(listWords("ar")?.notMade)
    await expect(readFile(join(at, `tip-${today}.age`))).rejects.toThrow()
  })
})

describe("the form", () => {
  test("keeps a locked file for the day in its name, and its name nowhere", async () => {
    const before = (await stored()).length
    const yesterday = addDays(today, -1)
    const envelope = await byHand({ "message.txt": "x" })
    await expectPage(await handIn([{ file: `tip-${yesterday} (1).age`, content: envelope }]), "kept", 201)
    await expectPage(await handIn([{ file: "zebra-name.age", content: await byHand({ "message.txt": "y" }) }]), "kept", 201)
    const rows = await stored()
    expect(rows).toHaveLength(before + 2)
    expect(rows.filter(({ bytes }) => bytes.equals(Buffer.from(envelope))).map(({ day }) => day)).toEqual([yesterday])
    expect(JSON.stringify(server.events)).not.toContain("zebra")
  })

  test.each<readonly [string, () => Promise<Answered>, (typeof ANSWERS)[number], number]>([
    ["a file that is not locked", () => handIn([{ file: "message.txt", content: "my boss is stealing" }]), "not-locked", 422],
    ["an armored file", () => handIn([{ file: "a.age", content: "-----BEGIN AGE ENCRYPTED FILE-----\n" }]), "not-locked", 422],
    ["nothing chosen", () => handIn([{ file: "", content: "" }]), "not-locked", 400],
    ["text in the place of a file", () => handIn([{ content: "my boss is stealing" }]), "not-locked", 400],
    [
      "text beside a file",
      async () =>
        handIn([
          { file: "a.age", content: await byHand({ "message.txt": "x" }) },
          { name: "message", content: "hello" },
        ]),
      "not-locked",
      400,
    ],
    [
      "two files",
      async () =>
        handIn([
          { file: "a.age", content: await byHand({ "message.txt": "x" }) },
          { file: "b.age", content: await byHand({ "message.txt": "x" }) },
        ]),
      "not-locked",
      400,
    ],
    [
      "a file by another name",
      async () => handIn([{ name: "other", file: "a.age", content: await byHand({ "message.txt": "x" }) }]),
      "not-locked",
      400,
    ],
    [
      "no form at all",
      () => ask(server.base, "POST", "/sealed", { headers: { "content-type": "text/plain" }, body: new Uint8Array(3) }),
      "not-locked",
      415,
    ],
    [
      "a form without its boundary",
      () => ask(server.base, "POST", "/sealed", { headers: { "content-type": "multipart/form-data" }, body: new Uint8Array(3) }),
      "not-locked",
      415,
    ],
    [
      "a form that is cut",
      () =>
        ask(server.base, "POST", "/sealed", {
          headers: { "content-type": "multipart/form-data; boundary=x" },
          body: new TextEncoder().encode("--x\r\nConte"),
        }),
      "not-locked",
      400,
    ],
    [
      "a length that is no class",
      async () => handIn([{ file: "a.age", content: (await byHand({ "message.txt": "x" })).subarray(0, 32_000) }]),
      "wrong-shape",
      422,
    ],
    [
      "another newsroom's slots",
      async () =>
        handIn([
          {
            file: "a.age",
            content: await sealByHand(
              { "message.txt": "x" },
              Array.from({ length: 5 }, () => undefined),
            ),
          },
        ]),
      "wrong-shape",
      422,
    ],
    [
      "a day that is over",
      async () => handIn([{ file: "tip-2026-11-01.age", content: await byHand({ "message.txt": "x" }) }]),
      "closed",
      422,
    ],
    ["more than it takes", () => handIn([{ file: "a.age", content: new Uint8Array(1_100_000) }]), "too-large", 413],
  ])("answers %s with a page that says what to do, and keeps nothing", async (_what, send, which, status) => {
    const before = await stored()
    await expectPage(await send(), which, status)
    expect(await stored()).toHaveLength(before.length)
  })

  test("answers what fails on our side with a page too", async () => {
    await server.database.query("alter table envelopes rename to gone")
    try {
      await expectPage(await handIn([{ file: "a.age", content: await byHand({ "message.txt": "x" }) }]), "later", 500)
    } finally {
      await server.database.query("alter table gone rename to envelopes")
    }
  })

  test("shows the page to whoever only looks", async () => {
    const [form, front] = await Promise.all([ask(server.base, "GET", "/sealed"), ask(server.base, "GET", "/")])
    expect(form.status).toBe(200)
    expect(form.body.equals(front.body)).toBe(true)
    expect((await ask(server.base, "PUT", "/sealed")).status).toBe(405)
  })

  test.each([
    ["tip-2026-11-22.age", "2026-11-22"],
    ["tip-2026-11-22 (2).age", "2026-11-22"],
    ["2026-11-22", "2026-11-22"],
    ["12026-11-22.age", undefined],
    ["2026-11-31.age", undefined],
    ["tip.age", undefined],
    ["", undefined],
  ])("takes from the name %j the day %s", (name, expected) => expect(dayIn(name)).toBe(expected))
})

describe("the built page", () => {
  test("has one form that a browser without scripts can send, and in it a file and nothing that takes text", async () => {
    const html = await readFile(join(DIST, "index.html"), "utf8")
    const forms = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([text]) => text)
    const sent = forms.filter((form) => /\baction=|\bmethod=/.test(form))
    expect(sent).toHaveLength(1)
    const [form = ""] = sent
    expect(form).toContain('action="/sealed" method="post" enctype="multipart/form-data"')
    const fields = [...form.matchAll(/<(input|textarea|select|button|object|output|fieldset)\b[^>]*>/g)].map(([tag]) => tag)
    expect(fields.filter((tag) => !tag.startsWith("<button"))).toEqual([
      expect.stringMatching(/^<input id="sealed-file" name="tip" type="file"/),
    ])
    expect(fields.filter((tag) => tag.startsWith("<button"))).toEqual(['<button type="submit">'])
    expect(form).not.toContain("contenteditable")
    // Nothing elsewhere joins itself to that form. Choices in the other forms have a name to be one group, and those forms have nowhere to go.
    expect(html).not.toMatch(/\bform=/)
    expect(html).not.toMatch(/<textarea\b[^>]*\bname=/)
    expect(html.match(/<noscript>[\s\S]*?<\/noscript>/)?.[0]).not.toContain("<textarea")
  })

  test("has an answer page for every outcome, in words of its own, with a way back", async () => {
    const pages = await Promise.all(ANSWERS.map((answer) => readFile(join(DIST, answerPath(answer)), "utf8")))
    expect(new Set(pages.map((page) => /<h1>(.*)<\/h1>/.exec(page)?.[1])).size).toBe(ANSWERS.length)
    for (const page of pages) {
      expect(page).toContain('<a href="/">')
      expect(page).not.toMatch(/\{\{|<script|<form|<input|<textarea|style=/)
    }
  })
})
