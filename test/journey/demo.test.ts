/** The whole way, as a stranger sees it: the demo is run as a program, and what it leaves behind is checked by other means than its own. */

import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import { simpleParser } from "mailparser"
import pg from "pg"
import { holdsAny } from "../../scripts/demo/plaintext.ts"
import { freshDatabase } from "../support/database.ts"

const run = promisify(execFile)
const DEMO = join(__dirname, "../../dist/demo.js")
let keep: string
let report: {
  readonly browser: string
  readonly held: boolean
  readonly sealed: { readonly day: string }
  readonly stored: unknown
  readonly read: unknown
  readonly requests: readonly string[]
}
let code = 0
const left = (name: string) => readFile(join(keep, name))
const words = async (): Promise<string[]> => JSON.parse((await left("words.json")).toString("utf8"))

beforeAll(async () => {
  keep = await mkdtemp(join(tmpdir(), "sotto-kept-"))
  const { stdout } = await run(process.execPath, [DEMO, "--once", "--json", "--keep", keep]).catch(
    (error: { code: number; stdout: string; stderr: string }) => {
      code = error.code
      process.stderr.write(error.stderr)
      return error
    },
  )
  report = JSON.parse(stdout)
}, 120_000)
afterAll(() => rm(keep, { recursive: true, force: true }))

describe("a tip travels from a real browser to the reporter's screen", () => {
  test("and the demo says that every part held, naming the browser", () => {
    process.stderr.write(`the journey went through ${report.browser}\n`)
    expect([code, report.held]).toEqual([0, true])
    expect(report.browser).toMatch(/^Chromium \d+/)
    expect(report.stored).toEqual({ plaintextFound: false, controlFound: true, sameBytes: true })
    expect(report.read).toMatchObject({ callout: "amazon-layoffs", answers: { "how-many": "10-49", organisation: "aws", where: "DE" } })
  })

  test("its envelope opens with another implementation of age and the day's identity, and GNU tar lists and unpacks it", async () => {
    const decrypter = new Decrypter()
    decrypter.addIdentity((await left("identity.txt")).toString("utf8").trim())
    const { writeFile } = await import("node:fs/promises")
    await writeFile(join(keep, "tip.tar"), await decrypter.decrypt(new Uint8Array(await left("envelope.age"))))
    const { stdout } = await run("tar", ["tf", join(keep, "tip.tar")])
    expect(stdout.trim().split("\n")).toEqual(["sotto.json", "message.txt", "signature", "files/1.txt", "files/signature"])
    const message = await run("tar", ["xOf", join(keep, "tip.tar"), "message.txt"])
    expect(message.stdout).toContain((await words())[0])
  })

  test("no word of it is in the dump, the log, the mail or the traffic of the page, in any form", async () => {
    const needles = await words()
    for (const file of ["database.sql", "server.log", "mail.eml", "page.har", "requests.json", "envelope.age"])
      expect([file, holdsAny(await left(file), needles)]).toEqual([file, false])
    // The search itself: it finds each word where it is known to be, in the archive that was opened above.
    for (const needle of needles) expect(holdsAny(await left("tip.tar"), [needle])).toBe(true)
  })

  test("the dump goes into an empty PostgreSQL, and holds the envelope, no address of a source and no time of a tip", async () => {
    const dump = (await left("database.sql")).toString("utf8")
    const fresh = await freshDatabase()
    const client = new pg.Client({ ...fresh.connection })
    await client.connect()
    await client.query(dump)
    const { rows } = await client.query<{ bytes: Buffer; day: string }>("select day::text, bytes from envelopes")
    await client.end()
    await fresh.drop()
    expect(rows.map(({ day }) => day)).toEqual([report.sealed.day])
    expect(rows[0]?.bytes.equals(await left("envelope.age"))).toBe(true)
    const plain = dump.replaceAll(/'\\x[0-9a-f]+'/g, "")
    // One time there is: that of the schedule's last turn, which comes for everybody whether or not there was a tip.
    const [turn, ...others] = plain.match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g) ?? []
    expect(others).toEqual([])
    expect(plain).toMatch(new RegExp(`^insert into subscriptions values \\(.*'${turn}\\+00'\\);$`, "m"))
    expect(plain).not.toMatch(/127\.0\.0\.1|::1'|Mozilla|Chrome/)
  })

  test("the log holds no address, no user agent, no path and no size", async () => {
    const log = (await left("server.log")).toString("utf8")
    for (const line of log.trim().split("\n"))
      expect(Object.keys(JSON.parse(line)).filter((key) => !["event", "migration", "day", "port"].includes(key))).toEqual([])
    expect(log).not.toMatch(/127\.0\.0\.1|::1|Mozilla|\/api|32768/)
  })

  test("the mail says nothing about it", async () => {
    const { subject, text, to } = await simpleParser(await left("mail.eml"))
    expect([subject, text?.trim()]).toEqual(["Desk note", "Scheduled desk note. It is sent at fixed times and says nothing else."])
    expect(Array.isArray(to) ? [] : to?.value.map(({ address }) => address)).toEqual(["desk-one@demo.invalid"])
  })

  test("the page asks for its five files and the icon at most, and sends one thing", async () => {
    const requests = report.requests.filter((request) => request !== "GET /icon.svg")
    const files = ["GET /", "GET /style.css", "GET /page.js", "GET /worker.js", "GET /api/today"]
    expect(requests).toHaveLength(files.length + 1)
    expect(new Set(requests.slice(0, -1))).toEqual(new Set(files))
    expect(requests.at(-1)).toMatch(/^POST \/api\/envelopes\?day=\d{4}-\d\d-\d\d$/)
  })
})
