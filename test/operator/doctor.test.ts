/** The doctor: each check with a good and a bad case, over facts alone; and one real look at a real server. */

import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { doctor, rangesIn } from "../../scripts/operator/doctor/doctor.ts"
import {
  type Answer,
  type Check,
  examine,
  type LaptopFacts,
  type LineFacts,
  type ServerFacts,
} from "../../scripts/operator/doctor/facts.ts"
import { MARK } from "../../scripts/operator/doctor/gather.ts"
import { parseSettings, syncedBy } from "../../scripts/operator/doctor/inside.ts"
import { LAPTOP_CHECKS } from "../../scripts/operator/doctor/laptop.ts"
import { LINE_CHECKS } from "../../scripts/operator/doctor/line.ts"
import { QUIET, SERVER_CHECKS } from "../../scripts/operator/doctor/server.ts"
import { SETTINGS } from "../../scripts/operator/postgres.ts"
import { commonHeaders } from "../../server/headers.ts"
import { deskAt } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { openPostOffice, type PostOffice } from "../support/mail.ts"

const TODAY = "2026-11-22" as Day
const URL_OF_LINE = "https://forms.example.org"
const headers = Object.fromEntries(Object.entries(commonHeaders(URL_OF_LINE)).map(([name, value]) => [name.toLowerCase(), value]))
const page: Answer = { status: 200, headers, body: '<!doctype html><script src="/page.js"></script>' }
const GOOD_LINE: LineFacts = {
  url: URL_OF_LINE,
  today: TODAY,
  page,
  unknown: page,
  missing: { status: 404, headers, body: "{}" },
  skewSeconds: 2,
  certificate: { names: ["forms.example.org"], daysLeft: 60 },
  dns: {
    addresses: ["192.0.2.7"],
    names: ["ns1.example.net"],
    caa: ["letsencrypt.org; accounturi=https://ca.example/1; validationmethods=http-01"],
  },
  subjects: ["amazon.com"],
  ranges: ["198.51.100.0/24", "2001:db8::/32"],
  keyring: { version: 3, issued: addDays(TODAY, -10), expires: addDays(TODAY, 80), roots: 3, threshold: 2, onion: "http://x.onion" },
  seenVersion: 3,
  reporters: [
    { name: "Reporter One", until: addDays(TODAY, 13) },
    { name: "Reporter Two", until: addDays(TODAY, 13) },
  ],
  onion: { reached: true, samePage: true },
  articleHosts: [],
}
const GOOD_SERVER: ServerFacts = {
  today: TODAY,
  settings: { SOTTO_SOCKET: "/run/sotto/web.sock", SOTTO_SMTP: "smtps://mail.example.org", SOTTO_MAIL_AT: "07:30 16:30" },
  settingsMode: 0o600,
  database: { ...Object.fromEntries(QUIET.map((name) => [name, SETTINGS[name] ?? ""])), archive_mode: "off" },
  waiting: { mailFailing: false, mailOldestDays: 0 },
  marked: [],
  backups: { newest: addDays(TODAY, -1), count: 14, verified: addDays(TODAY, -8) },
  disk: { freeBytes: 50, allBytes: 100 },
  mail: { reached: true, encrypted: true },
}
const GOOD_LAPTOP: LaptopFacts = {
  today: TODAY,
  home: "/home/one/.sotto",
  encrypted: true,
  open: [],
  skewSeconds: 1,
  oldestSeed: addDays(TODAY, -2),
  seedDays: 60,
  unacknowledged: 0,
  hasDangerzone: true,
}

const with_ = (change: Readonly<Record<string, string>>): Answer => ({ ...page, headers: { ...headers, ...change } })
type Bad<Facts> = readonly [check: string, verdict: "warn" | "fail", change: Partial<Facts>, says: RegExp]
const BAD_LINE: readonly Bad<LineFacts>[] = [
  ["answers", "fail", { page: { ...page, status: 502 } }, /502/],
  ["https", "fail", { url: "http://forms.example.org" }, /no HTTPS/],
  ["https", "warn", { url: "http://localhost:8080" }, /this machine only/],
  ["certificate days", "warn", { certificate: { names: ["forms.example.org"], daysLeft: 10 } }, /10 days/],
  ["certificate days", "fail", { certificate: { names: ["forms.example.org"], daysLeft: 1 } }, /1 days/],
  ["certificate names", "fail", { certificate: { names: ["forms.example.org", "tips.example.org"], daysLeft: 60 } }, /tips\.example\.org/],
  ["certificate names", "warn", { certificate: { names: ["forms.example.org", "www.example.org"], daysLeft: 60 } }, /www\.example\.org/],
  ["host name", "fail", { url: "https://securedrop.example.org" }, /host name tells/],
  ["headers", "fail", { missing: { ...with_({ "referrer-policy": "origin" }), status: 404 } }, /Referrer-Policy/],
  ["one policy", "fail", { unknown: with_({ "content-security-policy": "default-src *" }) }, /differ/],
  ["silent headers", "fail", { page: with_({ server: "nginx", "set-cookie": "a=b" }) }, /server, set-cookie/],
  ["unknown addresses", "fail", { unknown: { ...page, status: 404, body: "Not Found" } }, /does not exist/],
  ["third parties", "fail", { page: { ...page, body: '<script src="https://cdn.example.net/x.js"></script>' } }, /cdn\.example\.net/],
  ["third parties", "fail", { page: { ...page, body: '<img alt="" src="//count.example.net/1.gif">' } }, /count\.example\.net/],
  ["article", "warn", { articleHosts: ["ads.example.net"] }, /ads\.example\.net/],
  ["clock", "warn", { skewSeconds: 90 }, /90 seconds/],
  ["clock", "fail", { skewSeconds: -600 }, /10 minutes/],
  ["keyring", "fail", { keyringProblem: "rolled-back" }, /put back from a backup, or lies/],
  ["keyring", "fail", { keyringProblem: "too-few-roots" }, /do not hold/],
  [
    "keyring",
    "warn",
    { keyring: { version: 3, issued: addDays(TODAY, -60), expires: addDays(TODAY, 30), roots: 3, threshold: 2 } },
    /half of its life/,
  ],
  [
    "keyring",
    "fail",
    { keyring: { version: 3, issued: addDays(TODAY, -91), expires: addDays(TODAY, -1), roots: 3, threshold: 2 } },
    /expired/,
  ],
  ["known keyring", "fail", { seenVersion: 4 }, /shows keyring 3, and 4 is known/],
  ["roots", "warn", { keyring: { version: 3, issued: TODAY, expires: addDays(TODAY, 90), roots: 1, threshold: 1 } }, /one root alone/],
  ["roots", "warn", { keyring: { version: 3, issued: TODAY, expires: addDays(TODAY, 90), roots: 2, threshold: 2 } }, /all 2 roots/],
  ["reachable", "fail", { reporters: [{ name: "Reporter One" }] }, /no reporter/],
  [
    "reachable",
    "warn",
    { reporters: [{ name: "Reporter One", until: addDays(TODAY, 13) }, { name: "Reporter Two" }] },
    /only Reporter One/,
  ],
  [
    "reachable",
    "warn",
    {
      reporters: [
        { name: "Reporter One", until: addDays(TODAY, 13) },
        { name: "Reporter Two", until: TODAY },
      ],
    },
    /run out.*Reporter Two/,
  ],
  ["subject", "fail", { dns: { addresses: ["192.0.2.7"], names: ["ns-1.awsdns-01.org"], caa: [] } }, /awsdns/],
  ["subject", "fail", { dns: { addresses: ["198.51.100.9"], names: [], caa: [] } }, /198\.51\.100\.9/],
  ["subject", "fail", { dns: { addresses: ["2001:db8::9"], names: [], caa: [] } }, /2001:db8::9/],
  ["certificate authority", "warn", { dns: { addresses: ["192.0.2.7"], names: [], caa: [] } }, /any authority/],
  [
    "certificate authority",
    "warn",
    { dns: { addresses: ["192.0.2.7"], names: [], caa: ["letsencrypt.org"] } },
    /network before the server/,
  ],
  ["onion", "fail", { onion: { reached: false, samePage: false } }, /cannot be reached/],
  ["onion", "fail", { onion: { reached: true, samePage: false } }, /another page/],
  ["onion", "warn", { keyring: { version: 3, issued: TODAY, expires: addDays(TODAY, 90), roots: 3, threshold: 2 } }, /no onion address/],
]
const BAD_SERVER: readonly Bad<ServerFacts>[] = [
  ["settings", "fail", { settingsMode: 0o644 }, /can read/],
  ["settings", "fail", { settings: { SOTTO_HOST: "0.0.0.0" } }, /world/],
  ["mail settings", "warn", { settings: { SOTTO_SOCKET: "/run/x" } }, /no mail/],
  ["mail settings", "fail", { settings: { SOTTO_SOCKET: "/run/x", SOTTO_SMTP: "smtp://x", SOTTO_MAIL_AT: "every 5s" } }, /tell/],
  ["mail relay", "warn", { mail: { reached: true, encrypted: false } }, /unencrypted/],
  ["mail relay", "fail", { mail: { reached: false, encrypted: false } }, /does not answer/],
  ["mails waiting", "warn", { waiting: { mailFailing: true, mailOldestDays: 0 } }, /did not take/],
  ["mails waiting", "fail", { waiting: { mailFailing: true, mailOldestDays: 2 } }, /2 days/],
  ["archived log", "warn", { database: { ...GOOD_SERVER.database, archive_mode: "on" } }, /archived/],
  ["silence", "fail", { marked: ["/var/log/caddy.log"] }, /caddy\.log/],
  ["backup", "fail", { backups: { count: 0 } }, /no backup/],
  ["backup", "warn", { backups: { newest: addDays(TODAY, -4), count: 3 } }, /4 days/],
  ["backup", "fail", { backups: { newest: addDays(TODAY, -9), count: 3 } }, /9 days/],
  ["backup tried", "warn", { backups: { newest: TODAY, count: 3 } }, /ever tried/],
  ["backup tried", "warn", { backups: { newest: TODAY, count: 3, verified: addDays(TODAY, -50) } }, /last tried/],
  ["disk", "warn", { disk: { freeBytes: 10, allBytes: 100 } }, /10 %/],
  ["disk", "fail", { disk: { freeBytes: 2, allBytes: 100 } }, /2 %/],
]
const BAD_LAPTOP: readonly Bad<LaptopFacts>[] = [
  ["disk encryption", "warn", { encrypted: false }, /not encrypted/],
  ["synced folder", "fail", { syncedBy: "Dropbox" }, /Dropbox/],
  ["permissions", "fail", { open: ["/home/one/.sotto/secrets.age"] }, /secrets\.age/],
  ["this clock", "fail", { skewSeconds: 400 }, /clock/],
  ["old day keys", "warn", { oldestSeed: addDays(TODAY, -20) }, /could open/],
  ["old day keys", "fail", { oldestSeed: addDays(TODAY, -70) }, /should be gone/],
  ["acknowledged", "warn", { unacknowledged: 1 }, /not said/],
  ["safe viewer", "warn", { hasDangerzone: false }, /Dangerzone/],
]

function describeChecks<Facts>(what: string, checks: readonly Check<Facts>[], good: Facts, bad: readonly Bad<Facts>[]): void {
  describe(what, () => {
    test("finds everything fine where it is, and has looked at everything", () => {
      const found = examine(checks, good)
      expect(found.filter(({ verdict }) => verdict !== "fine")).toEqual([])
      expect(found.map(({ check }) => check)).toEqual(checks.map(({ name }) => name))
    })

    test.each(bad.map(([check, verdict, change, says]) => [check, String(says), verdict, change, says] as const))(
      "%s: %s",
      (check, _says, verdict, change, says) => {
        const found = examine(checks, { ...good, ...change }).find((one) => one.check === check)
        expect(found).toMatchObject({ verdict, sentence: expect.stringMatching(says), mend: expect.stringMatching(/.{5}/) })
      },
    )

    test("every check has a bad case here", () => {
      expect(checks.map(({ name }) => name).filter((name) => !bad.some(([check]) => check === name) && name !== "database log")).toEqual([])
    })

    test("says one sentence each, without a full stop, and how to mend it", () => {
      for (const [, , change] of bad)
        for (const { sentence, mend } of examine(checks, { ...good, ...change })) {
          expect(sentence).not.toMatch(/\.$|\n/)
          if (mend !== undefined) expect(mend).not.toMatch(/\n/)
        }
    })
  })
}
describeChecks("a line from outside", LINE_CHECKS, GOOD_LINE, BAD_LINE)
describeChecks("a server from inside", SERVER_CHECKS, GOOD_SERVER, BAD_SERVER)
describeChecks("a laptop", LAPTOP_CHECKS, GOOD_LAPTOP, BAD_LAPTOP)

test.each(QUIET.map((name) => [name]))("a database with another %s is found", (name) => {
  const database = { ...GOOD_SERVER.database, [name]: "anything else" }
  expect(examine(SERVER_CHECKS, { ...GOOD_SERVER, database }).find(({ check }) => check === "database log")).toMatchObject({
    verdict: "fail",
    sentence: expect.stringContaining(name),
    mend: expect.stringContaining(`alter system set ${name}`),
  })
})

test.each([
  ["/home/one/Dropbox/keys", "Dropbox"],
  ["/Users/one/Library/Mobile Documents/com~apple~CloudDocs", "iCloud"],
  ["C:/Users/one/OneDrive - Paper/.sotto", "OneDrive"],
  ["/home/one/.sotto", undefined],
  ["/home/boxer/.sotto", undefined],
])("%s is copied away by %s", (path, by) => expect(syncedBy(path)).toBe(by))

test("a company's list of ranges is read whatever its shape", () => {
  const list = JSON.stringify({
    prefixes: [{ ip_prefix: "198.51.100.0/24", region: "x" }, { ipv6Prefix: "2001:db8::/32" }],
    values: [{ properties: { addressPrefixes: ["203.0.113.0/25"] } }],
  })
  expect(rangesIn(list)).toEqual(["198.51.100.0/24", "2001:db8::/32", "203.0.113.0/25"])
})

test("settings are read as docker reads them", () =>
  expect(parseSettings("# no\nSOTTO_SMTP=smtp://u:p=1@x\n#SOTTO_HOST=x\nSOTTO_PORT=\n")).toEqual({ SOTTO_SMTP: "smtp://u:p=1@x" }))

describe("a real server, really looked at", () => {
  let database: TestDatabase
  let line: Line
  let folder: string
  let post: PostOffice
  let pin: string
  beforeAll(async () => {
    database = await freshDatabase()
    line = await startLine(database.url, {})
    post = await openPostOffice()
    folder = await mkdtemp(join(tmpdir(), "sotto-doctor-"))
    pin = join(folder, "newsroom.json")
    await writeFile(pin, pinnedText(line.newsroom.pinned))
    const notes = await Promise.all(line.newsroom.reporters.slice(0, 1).map((reporter) => line.newsroom.dayNote(reporter, line.today)))
    expect(await line.put("/api/days", { notes })).toBe(204)
    await mkdir(join(folder, "backups"))
    await writeFile(join(folder, "backups", `sotto-${line.today}.age`), "")
    await writeFile(join(folder, ".env"), `SOTTO_HOST=127.0.0.1\nSOTTO_SMTP=${post.url}\nSOTTO_MAIL_FROM=notes@example.org\n`, {
      mode: 0o600,
    })
    await writeFile(join(folder, "silent.log"), "nothing\n")
    await writeFile(join(folder, "access.log"), `GET /${MARK}\n`)
  }, 60_000)
  afterAll(async () => {
    await line.remove()
    await post.stop()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })
  const desk = () => deskAt(join(folder, "home"), { clock: { today: () => line.today, seconds: () => Math.floor(Date.now() / 1_000) } })
  interface Said {
    readonly failed: number
    readonly findings: readonly { readonly check: string; readonly verdict: string; readonly sentence: string }[]
  }

  test("finds what holds and what does not, and ends with 1 because something fails", async () => {
    const at = desk()
    const code = await doctor(at, {
      url: line.newsroom.url,
      pin,
      env: join(folder, ".env"),
      databaseUrl: database.url,
      log: [join(folder, "silent.log"), join(folder, "access.log")],
      backups: join(folder, "backups"),
      subject: ["amazon.com"],
      json: true,
    })
    const { findings, failed } = JSON.parse(at.said.out()) as Said
    const verdict = Object.fromEntries(findings.map((one) => [one.check, one.verdict]))
    expect(verdict).toMatchObject({
      ...{ answers: "fine", https: "warn", headers: "fine", "one policy": "fine", "silent headers": "fine", "unknown addresses": "fine" },
      ...{ "third parties": "fine", clock: "fine", keyring: "fine", roots: "warn", reachable: "warn", onion: "warn" },
      ...{
        settings: "fine",
        "mail relay": "warn",
        "database log": "fine",
        "archived log": "fine",
        silence: "fail",
        backup: "fine",
        "backup tried": "warn",
      },
    })
    expect([failed, code]).toEqual([1, 1])
    expect(findings.find(({ check }) => check === "silence")?.sentence).toContain("access.log")
  })

  test("says it in lines that fit, ends with 0 when nothing fails, and with 1 for warnings where that is asked for", async () => {
    const at = desk()
    expect(await doctor(at, { url: line.newsroom.url, pin, databaseUrl: database.url })).toBe(0)
    expect(at.said.out()).toMatch(/^fine {2}answers: the page is there$/m)
    expect(at.said.out()).toMatch(/^warn {2}roots: .*\n {6}sotto root new/m)
    expect(at.said.err()).toMatch(/\d+ things looked at/)
    expect(await doctor(desk(), { url: line.newsroom.url, pin, strict: true })).toBe(1)
  })

  test("notices a server that shows an older keyring than the one that is pinned", async () => {
    const newer = join(folder, "newer.json")
    await writeFile(newer, pinnedText({ ...line.newsroom.pinned, version: 3 }))
    const at = desk()
    expect(await doctor(at, { url: line.newsroom.url, pin: newer })).toBe(1)
    expect(at.said.out()).toMatch(/fail {2}keyring: the server shows an older keyring than is known/)
  })

  test("notices that nobody is there", async () => {
    const at = desk()
    expect(await doctor(at, { url: "http://127.0.0.1:9" })).toBe(1)
    expect(at.said.out()).toMatch(/^fail {2}answers: the page cannot be reached/m)
  })

  test("looks at the keys of a machine where it is told to", async () => {
    const home = join(folder, "home-open")
    await mkdir(join(home, "days"), { recursive: true })
    await writeFile(join(home, "newsroom.json"), pinnedText(line.newsroom.pinned))
    await chmod(home, 0o755)
    const at = deskAt(home, { clock: { today: () => line.today, seconds: () => Math.floor(Date.now() / 1_000) } })
    expect(await doctor(at, { laptop: true })).toBe(1)
    expect(at.said.out()).toMatch(/^fail {2}permissions: others on this machine can read/m)
    expect(at.said.out()).toMatch(/^fine {2}synced folder/m)
    await chmod(home, 0o700)
    const again = deskAt(home, { clock: { today: () => line.today, seconds: () => Math.floor(Date.now() / 1_000) } })
    await doctor(again, { laptop: true })
    expect(again.said.out()).toMatch(/^fine {2}permissions/m)
  })
})
