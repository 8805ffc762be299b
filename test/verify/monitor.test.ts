/** The watch over a page: what is remembered between checks, the log, the mail, the exit code; through a SOCKS proxy; and with a real browser's
 *  own header fields to compare ours with. SPEC.md §14.4. */

import { readFile, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { newIdentity, recipientOf } from "../../envelope/keys.ts"
import type { Hash } from "../../envelope/names.ts"
import { verifyDayNote } from "../../keyring/days.ts"
import { EXIT } from "../../scripts/failure.ts"
import { run } from "../../scripts/program.ts"
import { parseProxy, throughProxy } from "../../scripts/socks.ts"
import { monitorSite, parseEvery } from "../../scripts/verify/monitor.ts"
import { verifySite } from "../../scripts/verify/verify.ts"
import { dayNoteStore } from "../../server/day-notes.ts"
import { keyringStore } from "../../server/keyrings.ts"
import { deskAt, folder, listener, removeFolders, TestClock, type TestDesk } from "../scripts/bench.ts"
import { openPostOffice, type PostOffice } from "../support/mail.ts"
import { type Alter, rewrite, rewriteJson } from "./altering.ts"
import { makeSite, type Site } from "./site.ts"

jest.setTimeout(120_000)
const today = "2026-11-22" as Day
let site: Site
let desk: TestDesk
let carried: string
beforeAll(async () => {
  site = await makeSite(today)
  carried = await folder()
  desk = deskAt(join(carried, "nobody"), { base: site.proxy.base, clock: new TestClock(today) })
}, 120_000)
afterAll(async () => {
  await site.stop()
  await removeFolders()
})
afterEach(() => site.proxy.alter(undefined))

const altered: Alter = (passing) => passing.path === "/page.js" && rewrite(passing, (text) => `${text} `)
const about = () => ({ url: site.newsroom.url, newsroom: site.name })
const code = (expected: string) => expect.objectContaining({ code: expected })

describe("a monitor", () => {
  let post: PostOffice
  beforeAll(async () => {
    post = await openPostOffice()
    await writeFile(join(carried, "smtp"), `${post.url}\n`)
  })
  afterAll(() => post.stop())
  const mail = () => ({ mailTo: "ally@example.org", smtpFile: join(carried, "smtp") })
  const texts = () => post.mails.map(({ raw }) => raw.replaceAll("=\r\n", "").replaceAll("=3D", "="))

  test("waits at random around the time that was given, logs every check, mails what differs, and ends with 13", async () => {
    const log = join(carried, "log.jsonl")
    const waited: number[] = []
    const wait = async (ms: number) => {
      waited.push(ms)
      if (waited.length === 30) site.proxy.alter(altered)
    }
    expect(await monitorSite(desk, { ...about(), ...mail(), every: "2h", log }, { wait })).toBe(13)
    expect(waited).toHaveLength(30)
    expect(waited.every((ms) => ms >= 3_600_000 && ms <= 10_800_001)).toBe(true)
    expect(new Set(waited).size).toBeGreaterThan(20)
    const lines = (await readFile(log, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toHaveLength(31)
    expect(lines[0]).toMatchObject({
      v: 1,
      at: "2026-11-22T12:00:00.000Z",
      url: site.newsroom.url,
      way: "direct",
      result: "same",
      release: "0.1.0",
      keyring: 3,
    })
    expect(lines[30]).toMatchObject({
      result: "differs",
      differences: expect.arrayContaining([expect.objectContaining({ kind: "bytes", at: "/page.js" })]),
    })
    expect(post.mails).toHaveLength(1)
    expect(post.mails[0]?.to).toEqual(["ally@example.org"])
    expect(texts()[0]).toMatch(/Subject: http:\/\/localhost:8080 differs from its release/)
    expect(texts()[0]).toMatch(/- \/page\.js: is not the file of the release/)
  })

  test("that goes on says once that it differs, and once that it is right again", async () => {
    let checks = 0
    const wait = async () => {
      checks += 1
      site.proxy.alter(checks >= 2 && checks < 5 ? altered : undefined)
    }
    const before = post.mails.length
    expect(await monitorSite(desk, { ...about(), ...mail(), every: "30m", keepGoing: true }, { wait, visits: 8 })).toBe(13)
    const subjects = texts()
      .slice(before)
      .map((text) => /Subject: (.*)\r/.exec(text)?.[1])
    expect(subjects).toEqual([`${site.newsroom.url} differs from its release`, `${site.newsroom.url} is as it should be`])
  })

  test("that finds nobody three times says so, and is no alarm about the page; and a relay that is away ends nothing", async () => {
    const nobody = deskAt(desk.home, { base: "http://127.0.0.1:1", clock: new TestClock(today) })
    const before = post.mails.length
    expect(await monitorSite(nobody, { ...about(), ...mail(), every: "1h" }, { wait: async () => undefined, visits: 4 })).toBe(EXIT.failed)
    expect(texts().slice(before)[0]).toContain("cannot be reached")
    expect(post.mails).toHaveLength(before + 1)
    post.behave("reject", 550)
    expect(await monitorSite(nobody, { ...about(), ...mail(), every: "1h" }, { wait: async () => undefined, visits: 3 })).toBe(EXIT.failed)
    expect(nobody.said.err()).toContain("could not be handed over to the relay")
    post.behave("accept")
  })

  test.each(["0h", "2", "soon", "400d", "-1h"])("refuses %s as a time", (every) => expect(() => parseEvery(every)).toThrow(code("usage")))

  test.each([
    ["an address without a relay", { mailTo: "a@example.org" }],
    ["a relay without an address", { smtpFile: "x" }],
    ["two addresses", { mailTo: "a@example.org, b@example.org", smtpFile: "x" }],
  ])("refuses %s", async (_what, settings) => {
    await expect(monitorSite(desk, { ...about(), ...settings, every: "1h" }, { visits: 1 })).rejects.toThrow(code("usage"))
  })
})

describe("what was seen before", () => {
  const check = (seen: string) => verifySite(desk, { ...about(), visits: 1, seen })
  const says = (verdict: Awaited<ReturnType<typeof check>>) => verdict.differences.map(({ kind, says }) => `${kind}: ${says}`)

  test("is remembered in a file: an older keyring, a day note that is older, doubled or gone is named", async () => {
    const seen = join(carried, "seen.json")
    const own = await makeSite(today)
    const there = { ...desk, base: own.proxy.base }
    const look = () => verifySite(there, { url: own.newsroom.url, newsroom: own.name, visits: 1, seen })
    try {
      const [one] = own.newsroom.reporters
      if (one === undefined) throw new Error("there is a reporter")
      const first = await own.newsroom.dayNote(one, today)
      const newer = await own.newsroom.dayNote(one, today, { seq: 1 })
      const { key } = await verifyDayNote(newer, own.newsroom.chain, own.newsroom.id)
      await dayNoteStore(own.server.database).put([{ key, source: newer }])
      expect(says(await look())).toEqual([])
      const show =
        (change: (days: readonly string[]) => readonly string[]): Alter =>
        (passing) => {
          if (passing.path !== "/api/today") return
          rewriteJson<{ days: string[] }>(passing, (said) => ({ ...said, days: change(said.days) }), 32_768)
        }
      const instead = (note: string) => show((days) => days.map((one) => (one === newer ? note : one)))
      own.proxy.alter(instead(first))
      expect(says(await look())).toEqual(["day-note: the note of one for 2026-11-22 is older than the one that was shown before"])
      const twin = await own.newsroom.dayNote(one, today, { seq: 1, recipient: await recipientOf(await newIdentity()) })
      own.proxy.alter(instead(twin))
      expect(says(await look())).toEqual([expect.stringContaining("there are two notes of one for 2026-11-22")])
      own.proxy.alter(show((days) => days.filter((note) => note !== newer)))
      expect(says(await look())).toEqual(["day-note: no longer shows the note of one for 2026-11-22, which was there before"])

      own.proxy.alter((passing) => {
        if (passing.path.startsWith("/api/keyrings")) rewriteJson<{ keyrings: string[] }>(passing, () => ({ keyrings: [] }))
        if (passing.path === "/api/today")
          rewriteJson<{ keyrings: string[] }>(passing, (said) => ({ ...said, keyrings: said.keyrings.slice(0, -1) }))
      })
      const back = await look()
      expect(back.differences.map(({ kind }) => kind)).toContain("keyring")
      expect(says(back).join()).toMatch(/another history/)
    } finally {
      own.proxy.alter(undefined)
      await own.stop()
    }
  })

  test("by somebody else: a version that was named to them is the least that is taken", async () => {
    const verdict = await verifySite(desk, { ...about(), visits: 1, atLeast: 4 })
    expect(says(verdict)).toEqual(["keyring: this keyring is older than one that was seen before (rolled-back)"])
  })

  test("an expired keyring is named, and a release that was just replaced is not", async () => {
    const late = { ...desk, clock: new TestClock(addDays(today, 91)) }
    expect(says(await verifySite(late, { ...about(), visits: 1 })).join()).toContain("(expired)")
    await site.newsroom.next({ release: { version: "0.1.1", hash: "A".repeat(43) as Hash } })
    await keyringStore(site.server.database, site.newsroom.id).add(site.newsroom.chain.at(-1)?.source ?? "")
    const verdict = await verifySite(desk, { ...about(), visits: 1 })
    expect(says(verdict)).toEqual([expect.stringMatching(/^release: the server has no note of the release that the keyring names/)])
    expect(verdict.keyring).toBe(4)
  })
})

describe("through a SOCKS proxy", () => {
  let proxy: Server
  const asked: { user: string; host: string; port: number }[] = []
  beforeAll(async () => {
    proxy = createServer((socket: Socket) => {
      let step = 0
      socket.on("error", () => undefined)
      socket.on("data", (data) => {
        if (step === 0) socket.write(Buffer.of(5, data.includes(2) ? 2 : 255))
        else if (step === 1) {
          asked.push({ user: data.subarray(2, 2 + (data[1] ?? 0)).toString(), host: "", port: 0 })
          socket.write(Buffer.of(1, 0))
        } else if (step === 2) {
          const host = data.subarray(5, 5 + (data[4] ?? 0)).toString()
          const last = asked.at(-1)
          if (last !== undefined) Object.assign(last, { host, port: data.readUInt16BE(data.length - 2) })
          if (host !== "127.0.0.1") return void socket.end(Buffer.of(5, 4, 0, 1, 0, 0, 0, 0, 0, 0))
          const onward = connect(data.readUInt16BE(data.length - 2), host)
          onward.on("error", () => socket.destroy())
          onward.once("connect", () => {
            socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
            socket.pipe(onward).pipe(socket)
          })
        }
        step += 1
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  })
  afterAll(() => new Promise((resolve) => proxy.close(resolve)))
  const at = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`

  test("each visit has a name of its own, and so a circuit of its own", async () => {
    const verdict = await verifySite(desk, { ...about(), visits: 2, socks: at() })
    expect(verdict.visits).toBe(2)
    expect(asked.length).toBeGreaterThanOrEqual(4)
    expect(new Set(asked.map(({ user }) => user)).size).toBeGreaterThanOrEqual(4)
  })

  test("that was set for every command holds for this one, and for its mail: nothing goes around it", async () => {
    const post = await openPostOffice()
    const smtpFile = join(carried, "relay")
    await writeFile(smtpFile, `${post.url}\n`)
    const log = join(carried, "through.jsonl")
    try {
      asked.length = 0
      site.proxy.alter(altered)
      const there = { ...desk, proxy: parseProxy(at()) }
      const options = { ...about(), mailTo: "ally@example.org", smtpFile, every: "1h", log }
      expect(await monitorSite(there, options, { visits: 1 })).toBe(EXIT["site-differs"])
      expect(post.mails).toHaveLength(1)
      expect(asked.map(({ port }) => port)).toContain(Number(new URL(post.url).port))
      expect(JSON.parse(await readFile(log, "utf8"))).toMatchObject({ way: "socks" })
      // Where the proxy is away, neither the page nor the relay is reached.
      const without = { ...desk, proxy: parseProxy("127.0.0.1:1") }
      expect(await monitorSite(without, options, { visits: 3, wait: async () => undefined })).toBe(EXIT.failed)
      expect(post.mails).toHaveLength(1)
    } finally {
      await post.stop()
    }
  })

  test("a host that it does not reach is said in our words", async () => {
    await expect(throughProxy(parseProxy(at()), { host: "nowhere.example", port: 80 }, 5_000)).rejects.toThrow(
      "the proxy does not reach that host",
    )
  })

  test.each(["", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "http://127.0.0.1:9050", "a b:1"])("%j is none", (text) =>
    expect(() => parseProxy(text)).toThrow(code("usage")),
  )

  test("an onion service is not asked for without one", async () => {
    const onion = `http://${"a".repeat(56)}.onion`
    const { base: _, ...plain } = desk
    await expect(verifySite(plain, { url: onion, newsroom: site.name })).rejects.toThrow(code("usage"))
  })
})

describe("the command", () => {
  const started = () => {
    const said = listener()
    return {
      said,
      options: {
        terminal: said.terminal,
        clock: new TestClock(today),
        home: join(carried, "none"),
        passphraseFile: undefined,
        workFactor: undefined,
      },
    }
  }
  test.each([
    [["verify", "http://localhost:1"], 2, "by which newsroom"],
    [["verify", "not an address", "--newsroom", "x"], 1, "bad-newsroom"],
    [["verify", "http://127.0.0.1:1", "--newsroom", "NAME", "--as", "netscape"], 2, "no such browser"],
    [["verify", "http://127.0.0.1:1", "--newsroom", "NAME", "--socks", "9050"], 2, "HOST:PORT"],
    [["verify", "http://127.0.0.1:1", "--newsroom", "NAME", "--visits", "0"], 2, "1 to"],
    [["verify", "ftp://example.org", "--newsroom", "NAME"], 2, "no address of a page"],
    [["verify", "http://127.0.0.1:1", "--newsroom", "NAME"], 1, "cannot be reached"],
  ])("%j ends with %i and a hint", async (args, exit, text) => {
    const { said, options } = started()
    expect(
      await run(
        args.map((one) => (one === "NAME" ? site.name : one)),
        options,
      ),
    ).toBe(exit)
    expect(said.err().replaceAll(/\s+/g, " ")).toContain(text)
    expect(said.err()).toContain("hint:")
  })
})
