/** The doctor: each check with a good and a bad case, over facts alone; and one real look at a real server. */

import { execFile } from "node:child_process"
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer as createHttp } from "node:http"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { addDays, type Day } from "../../envelope/day.ts"
import { type Hash, hashOf } from "../../envelope/names.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { signNote } from "../../keyring/note.ts"
import { releaseText } from "../../keyring/release.ts"
import { isSigned, parseResolver } from "../../scripts/operator/doctor/dnssec.ts"
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
import { gatherServer, onionWorkIn, parseSettings, syncedBy } from "../../scripts/operator/doctor/inside.ts"
import { LAPTOP_CHECKS } from "../../scripts/operator/doctor/laptop.ts"
import { LINE_CHECKS } from "../../scripts/operator/doctor/line.ts"
import { hostsNamed } from "../../scripts/operator/doctor/names.ts"
import { QUIET, SERVER_CHECKS } from "../../scripts/operator/doctor/server.ts"
import { loggedIn, logsOf } from "../../scripts/operator/doctor/transparency.ts"
import { SETTINGS } from "../../scripts/operator/postgres.ts"
import { VERSION } from "../../scripts/version.ts"
import { commonHeaders } from "../../server/headers.ts"
import { deskAt } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { openPostOffice, type PostOffice } from "../support/mail.ts"
import { describeWhere } from "../support/needs.ts"
import { startProxy } from "../support/proxy.ts"
import { ask } from "../support/server.ts"

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
  certificate: { names: ["forms.example.org"], daysLeft: 60, logs: 2, serial: "3ab", issuer: "O=Let's Encrypt" },
  logged: [
    { names: ["forms.example.org"], issuer: "C=US, O=Let's Encrypt, CN=R11", serial: "3ab", isOver: false },
    { names: ["forms.example.org"], issuer: "C=US, O=Another, CN=X", serial: "1", isOver: true },
  ],
  dnssec: "validated",
  release: { state: "holds", version: "0.1.0", ours: "0.1.0" },
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
  onionWork: true,
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
  canary: { waiting: null, arrived: TODAY, missing: [] },
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
  ["certificate logs", "warn", { certificate: { names: ["forms.example.org"], daysLeft: 60, logs: 0 } }, /no public log/],
  [
    "other certificates",
    "fail",
    { logged: [{ names: ["forms.example.org"], issuer: "C=XX, O=Another, CN=X", serial: "1", isOver: false }] },
    /another authority.*Another/,
  ],
  [
    "other certificates",
    "warn",
    { logged: [{ names: ["tips.example.org"], issuer: "C=US, O=Let's Encrypt, CN=R11", serial: "1", isOver: true }] },
    /for ever: tips\.example\.org/,
  ],
  [
    "other certificates",
    "warn",
    {
      certificate: { names: ["forms.example.org"], daysLeft: 60, serial: "2" },
      logged: [{ names: ["forms.example.org"], issuer: "C=US, O=Let's Encrypt, CN=R11", serial: "1", isOver: true }],
    },
    /not the one that is in use/,
  ],
  ["dnssec", "warn", { dnssec: "unsigned" }, /not signed/],
  ["dnssec", "warn", { dnssec: "unknown" }, /could not be found out/],
  ["release", "warn", { release: { state: "none", ours: "0.1.0" } }, /names no release/],
  ["release", "fail", { release: { state: "missing", ours: "0.1.0" } }, /does not show its note/],
  ["release", "fail", { release: { state: "unsigned", ours: "0.1.0" } }, /not signed by the roots/],
  ["release", "warn", { release: { state: "holds", version: "0.0.9", ours: "0.1.0" } }, /0\.0\.9, and this command is of 0\.1\.0/],
  ["host name", "fail", { url: "https://securedrop.example.org" }, /host name tells/],
  ["headers", "fail", { missing: { ...with_({ "referrer-policy": "origin" }), status: 404 } }, /Referrer-Policy/],
  ["one policy", "fail", { unknown: with_({ "content-security-policy": "default-src *" }) }, /differ/],
  ["silent headers", "fail", { page: with_({ server: "nginx", "set-cookie": "a=b" }) }, /server, set-cookie/],
  ["unknown addresses", "fail", { unknown: { ...page, status: 404, body: "Not Found" } }, /does not exist/],
  ["third parties", "fail", { page: { ...page, body: '<script src="https://cdn.example.net/x.js"></script>' } }, /cdn\.example\.net/],
  ["third parties", "fail", { page: { ...page, body: '<img alt="" src="//count.example.net/1.gif">' } }, /count\.example\.net/],
  ["third parties", "fail", { page: { ...page, body: "<script async src=https://cdn.example.net/x.js></script>" } }, /cdn\.example\.net/],
  ["third parties", "fail", { page: { ...page, body: "<script src = '//cdn.example.net/x.js'></script>" } }, /cdn\.example\.net/],
  ["article", "warn", { articleHosts: "unknown" }, /could not be read/],
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
  ["subject", "warn", { dns: "unknown" }, /could not be looked up/],
  ["subject", "warn", { dns: { addresses: ["192.0.2.7"], names: [], isPartial: true, caa: [] } }, /some names/],
  ["certificate authority", "warn", { dns: { addresses: ["192.0.2.7"], names: [], caa: [] } }, /any authority/],
  [
    "certificate authority",
    "warn",
    { dns: { addresses: ["192.0.2.7"], names: [], caa: ["letsencrypt.org"] } },
    /network before the server/,
  ],
  ["onion", "warn", { onion: "unknown" }, /was not tried/],
  ["onion", "fail", { onion: { reached: false, samePage: false } }, /cannot be reached/],
  ["onion", "fail", { onion: { reached: true, samePage: false } }, /another page/],
  ["onion", "warn", { keyring: { version: 3, issued: TODAY, expires: addDays(TODAY, 90), roots: 3, threshold: 2 } }, /no onion address/],
]
const BAD_SERVER: readonly Bad<ServerFacts>[] = [
  ["settings", "fail", { settingsMode: 0o644 }, /can read/],
  ["settings", "fail", { settingsMode: 0o660 }, /group can change/],
  ["settings", "fail", { settings: { SOTTO_HOST: "0.0.0.0" } }, /world/],
  ["mail settings", "warn", { settings: { SOTTO_SOCKET: "/run/x" } }, /no mail/],
  ["mail settings", "fail", { settings: { SOTTO_SOCKET: "/run/x", SOTTO_SMTP: "smtp://x", SOTTO_MAIL_AT: "every 5s" } }, /tell/],
  ["mail relay", "warn", { mail: { reached: true, encrypted: false } }, /unencrypted/],
  ["mail relay", "fail", { mail: { reached: false, encrypted: false } }, /does not answer/],
  ["onion work", "warn", { onionWork: false }, /asks nobody for work/],
  ["onion work", "warn", { onionWork: "unknown" }, /no onion service/],
  ["mails waiting", "warn", { waiting: { mailFailing: true, mailOldestDays: 0 } }, /did not take/],
  ["mails waiting", "fail", { waiting: { mailFailing: true, mailOldestDays: 2 } }, /2 days/],
  ["archived log", "warn", { database: { ...GOOD_SERVER.database, archive_mode: "on" } }, /archived/],
  ["silence", "warn", { marked: "unknown" }, /got no answer/],
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
  ["disk encryption", "warn", { encrypted: "unknown" }, /cannot be told/],
  ["synced folder", "fail", { syncedBy: "Dropbox" }, /Dropbox/],
  ["permissions", "fail", { open: ["/home/one/.sotto/secrets.age"] }, /secrets\.age/],
  ["this clock", "fail", { skewSeconds: 400 }, /clock/],
  ["old day keys", "warn", { oldestSeed: addDays(TODAY, -20) }, /could open/],
  ["old day keys", "fail", { oldestSeed: addDays(TODAY, -70) }, /should be gone/],
  ["acknowledged", "warn", { unacknowledged: 1 }, /not said/],
  ["last canary", "fail", { canary: { waiting: TODAY, arrived: addDays(TODAY, -3), missing: [addDays(TODAY, -1)] } }, /did not come back/],
  ["last canary", "warn", { canary: "unknown" }, /was not opened/],
  ["last canary", "warn", { canary: { waiting: null, arrived: null, missing: [] } }, /no test tip/],
  ["last canary", "warn", { canary: { waiting: null, arrived: addDays(TODAY, -9), missing: [] } }, /9 days old/],
  ["safe viewer", "warn", { hasDangerzone: false }, /Dangerzone/],
]

test.each([
  ["keyring", ["keyring", "reporters", "release", "onion"], /not looked at/],
  ["clock", ["skewSeconds"], /has no date/],
  ["unknown addresses", ["unknown"], /was not answered/],
  ["unknown addresses", ["missing"], /was not answered/],
] as const)("%s: what the line did not say is a warning (%s)", (check, left, says) => {
  const facts = Object.fromEntries(Object.entries(GOOD_LINE).filter(([name]) => !left.some((one) => one === name))) as unknown as LineFacts
  expect(examine(LINE_CHECKS, facts).find((one) => one.check === check)).toMatchObject({
    verdict: "warn",
    sentence: expect.stringMatching(says),
  })
})

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

test("whether every onion service in torrc asks for work is read as Tor reads it: by service, in any case, without comments", () => {
  const torrc = readFileSync(join(__dirname, "../../deploy/torrc"), "utf8")
  expect(onionWorkIn(torrc)).toEqual({ onionWork: true })
  expect(onionWorkIn(torrc.replace(/^HiddenServicePoWDefensesEnabled.*$/m, "# HiddenServicePoWDefensesEnabled 1"))).toEqual({
    onionWork: false,
  })
  expect(onionWorkIn(`${torrc}\nHiddenServiceDir /var/lib/tor/other\n`)).toEqual({ onionWork: false })
  expect(onionWorkIn("SocksPort 0\n")).toEqual({ onionWork: "unknown" })
})

test("the logs' list is read in the form in which search pages export it, and what is over is told from what holds", () => {
  const one = { name_value: "a.example\nb.example", issuer_name: "C=US, O=X", serial_number: "00:3A:0B", not_after: "2026-11-21T00:00:00" }
  const now = Date.parse(`${TODAY}T00:00:00Z`)
  expect(loggedIn(JSON.stringify([one, { ...one, not_after: "2027-01-01T00:00:00" }, { name_value: 3 }, null]), now)).toEqual([
    { names: ["a.example", "b.example"], issuer: "C=US, O=X", serial: "3a0b", isOver: true },
    { names: ["a.example", "b.example"], issuer: "C=US, O=X", serial: "3a0b", isOver: false },
  ])
})

test.each(['{"error":"too many"}', '[{"pem":"…","issuer":"Another"}]', '"nothing"'])("and what is no such list says nothing: %s", (text) =>
  expect(() => loggedIn(text, 0)).toThrow(SyntaxError),
)

test.each([
  ['<script src="https://a.example/x.js">', ["a.example"]],
  ["<SCRIPT async src=//a.example/x.js>", ["a.example"]],
  ["<script defer src = 'https://a.example/x.js'>", ["a.example"]],
  ['<script src="/own.js"></script><img src="https://b.example/1.gif">', []],
] as const)("an article names the hosts of its scripts however it is written: %s", (html, hosts) =>
  expect(hostsNamed(html, "script", "src")).toEqual(hosts),
)

test("settings that the server's own group may read are as deploy/install-debian.sh makes them", () => {
  const looked = SERVER_CHECKS.find(({ name }) => name === "settings")?.look({ ...GOOD_SERVER, settingsMode: 0o640 })
  expect(looked?.verdict).toBe("fine")
})

describe("a mail relay that", () => {
  test.each([
    ["closes the line without a word", ""],
    ["sends everybody away", "421 no more connections\r\n"],
  ])("%s does not answer, and the rest of the report is there", async (_, says) => {
    const relay = createServer((socket) => socket.on("error", () => undefined).end(says)).listen(0, "127.0.0.1")
    await once(relay, "listening")
    const folder = await mkdtemp(join(tmpdir(), "sotto-relay-"))
    const env = join(folder, "env")
    await writeFile(env, `SOTTO_SMTP=smtp://127.0.0.1:${(relay.address() as AddressInfo).port}\n`)
    const facts = await gatherServer({ today: TODAY, now: 0, env, logs: [], isMarkSent: false })
    expect(facts.mail).toEqual({ reached: false, encrypted: false })
    relay.close()
    await rm(folder, { recursive: true })
  })

  test.each(["env", "backups", "logs"] as const)("what is named with --%s and is not there is said by its option", async (name) => {
    const there = join(tmpdir(), "sotto-is-not-there")
    const named = { [name]: name === "logs" ? [there] : there }
    await expect(gatherServer({ today: TODAY, now: 0, logs: [], isMarkSent: false, ...named })).rejects.toThrow(
      /what --\w+ names cannot be read/,
    )
  })
})

describeWhere("/usr/bin/openssl", "a certificate", () => {
  test("is read for the logs that gave a receipt for it, each once", async () => {
    const receipt = (log: number) => Buffer.concat([Buffer.of(0, 47, 0), Buffer.alloc(32, log), Buffer.alloc(14)])
    const receipts = Buffer.concat([receipt(1), receipt(2), receipt(2)])
    const list = Buffer.concat([Buffer.of(0, receipts.length), receipts])
    const inner = Buffer.concat([Buffer.of(4, 0x81, list.length), list])
    const at = await mkdtemp(join(tmpdir(), "sotto-certificate-"))
    const make = async (...more: readonly string[]) => {
      const args = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/dev/null",
        "-subj",
        "/CN=x",
      ]
      await promisify(execFile)("openssl", [...args, "-outform", "DER", "-out", join(at, "x.der"), ...more])
      return readFileSync(join(at, "x.der"))
    }
    expect(logsOf(await make("-addext", `1.3.6.1.4.1.11129.2.4.2=DER:${inner.toString("hex")}`))).toBe(2)
    expect(logsOf(await make())).toBe(0)
    await rm(at, { recursive: true })
  })
})

describe("whether a zone is signed, asked of a resolver", () => {
  const SIGNED = 46
  /** A resolver on loopback: says for each name which types its answer has, whether it validated, and whether it is cut over UDP. */
  async function resolver(
    zone: Readonly<Record<string, { readonly types: readonly number[]; readonly checked?: boolean; readonly cut?: boolean }>>,
  ) {
    const answerTo = (asked: Buffer, isTcp: boolean): Buffer => {
      let [at, name] = [12, ""]
      for (; (asked[at] ?? 0) > 0; at += 1 + (asked[at] ?? 0)) name += `${asked.toString("latin1", at + 1, at + 1 + (asked[at] ?? 0))}.`
      const wantsSignatures = (asked.readUInt16BE(asked.length - 4) & 0x8000) !== 0
      const { types, checked = false, cut = false } = zone[name] ?? { types: [] }
      const isCut = cut && !isTcp
      const header = Buffer.alloc(12)
      header.writeUInt16BE(asked.readUInt16BE(0), 0)
      header.writeUInt16BE(0x8180 | (checked ? 0x20 : 0) | (isCut ? 0x200 : 0), 2)
      const given = isCut ? [] : types.filter((type) => type !== SIGNED || wantsSignatures)
      header.writeUInt16BE(1, 4)
      header.writeUInt16BE(given.length, 6)
      const records = given.map((type) => Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]))
      return Buffer.concat([header, asked.subarray(12, at + 5), ...records])
    }
    const udp = createSocket("udp4")
    udp.on("message", (asked, { port, address }) => udp.send(answerTo(asked, false), port, address))
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve))
    const { port } = udp.address()
    const tcp = createServer((socket) =>
      socket.on("data", (asked: Buffer) => {
        const answer = answerTo(asked.subarray(2), true)
        socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]))
      }),
    )
    await new Promise<void>((resolve) => tcp.listen(port, "127.0.0.1", resolve))
    return {
      at: parseResolver(`127.0.0.1:${port}`),
      close() {
        udp.close()
        tcp.close()
      },
    }
  }

  test("by its signatures, by what the resolver validated, over TCP where it does not fit, and not at all where even the root's do not come", async () => {
    const root = { "": { types: [6, SIGNED] } }
    const zone = {
      ...root,
      "signed.example.": { types: [1, SIGNED] },
      "checked.example.": { types: [1, SIGNED], checked: true },
      "plain.example.": { types: [1] },
      "long.example.": { types: [1, SIGNED], cut: true },
    }
    const [full, deaf] = [await resolver(zone), await resolver({ "plain.example.": { types: [1] }, "": { types: [6] } })]
    const asked = ["signed.example", "checked.example", "plain.example", "long.example"]
    expect(await Promise.all(asked.map((name) => isSigned(name, full.at)))).toEqual(["signed", "validated", "unsigned", "signed"])
    expect(await isSigned("plain.example", deaf.at)).toBeUndefined()
    full.close()
    deaf.close()
  })

  test("nobody who answers is nothing known", async () => {
    expect(await isSigned("x.example", { host: "127.0.0.1", port: 9 })).toBeUndefined()
    expect(parseResolver("[2001:db8::1]:5353")).toEqual({ host: "2001:db8::1", port: 5353 })
    expect([parseResolver("192.0.2.1"), parseResolver("2001:db8::1")]).toEqual([
      { host: "192.0.2.1", port: 53 },
      { host: "2001:db8::1", port: 53 },
    ])
  })
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
      ...{ "third parties": "fine", clock: "fine", keyring: "fine", release: "warn", roots: "warn", reachable: "warn", onion: "warn" },
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

  test("says of what it could not find out that it could not, and never that it is fine", async () => {
    const at = desk()
    const log = [join(folder, "silent.log")]
    await writeFile(join(folder, "torrc"), "SocksPort 9050\n")
    await doctor(at, { url: "http://127.0.0.1:9", article: "http://127.0.0.1:9/story", log, torrc: join(folder, "torrc"), json: true })
    const { findings } = JSON.parse(at.said.out()) as Said
    for (const check of ["keyring", "article", "silence", "onion work"])
      expect(findings.find((one) => one.check === check)).toMatchObject({ verdict: "warn" })
    const again = desk()
    await doctor(again, { url: line.newsroom.url, article: `${line.newsroom.url}/api/none`, json: true })
    expect((JSON.parse(again.said.out()) as Said).findings.find(({ check }) => check === "article")).toMatchObject({ verdict: "warn" })
  })

  test("holds the release that the keyring names to the roots: missing, then there and signed", async () => {
    const { newsroom } = line
    const part = { bytes: 1, sha256: newsroom.chain[0]?.hash ?? ("" as Hash) }
    const html = { path: "/", type: "text/html", file: "page/index.html", ...part, holes: [] }
    const headers = { always: [], https: [] }
    const text = releaseText({ version: VERSION, html, page: [], headers, wasm: [], programs: [{ file: "server.js", ...part }] })
    await newsroom.next({ release: { version: VERSION, hash: await hashOf(new TextEncoder().encode(text)) } })
    const publish = (path: string, note: string) =>
      ask(line.base, "POST", path, { headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(note) })
    expect((await publish("/api/keyring", newsroom.chain.at(-1)?.source ?? "")).status).toBe(201)
    const said = async () => {
      const at = desk()
      await doctor(at, { url: newsroom.url, pin })
      return at.said.out()
    }
    expect(await said()).toMatch(/^fail {2}release: the keyring names a release, and the server does not show its note/m)
    expect((await publish("/api/release", await signNote(text, newsroom.roots))).status).toBe(201)
    expect(await said()).toMatch(/^fine {2}release: release 0\.1\.0, signed/m)
  })

  test("fetches the onion address through the proxy, and everything else too: the same page, another, none", async () => {
    const { newsroom } = line
    const onion = `${"a".repeat(56)}.onion`
    const { name, url } = newsroom.chain.at(-1)?.newsroom ?? { name: "", url: "" }
    await newsroom.next({ newsroom: { name, url, onion: `http://${onion}` } })
    const body = Buffer.from(newsroom.chain.at(-1)?.source ?? "")
    expect((await ask(line.base, "POST", "/api/keyring", { headers: { "content-type": "text/plain; charset=utf-8" }, body })).status).toBe(
      201,
    )
    const other = createHttp((_, res) => res.end("<h1>Another page</h1>"))
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const address = other.address()
    const ours = Number(new URL(url).port)
    const otherPort = typeof address === "object" && address !== null ? address.port : 0
    for (const [leads, says] of [
      [ours, /^fine {2}onion: the onion address shows the same page$/m],
      [otherPort, /^fail {2}onion: the onion address shows another page/m],
      [9, /^fail {2}onion: the onion address cannot be reached/m],
    ] as const) {
      const proxy = await startProxy((host) => (host === onion ? leads : ours))
      const at = { ...desk(), proxy: { host: "127.0.0.1", port: proxy.port } }
      await doctor(at, { url, pin })
      expect(at.said.out()).toMatch(says)
      expect(at.said.out()).toMatch(/^fine {2}answers/m)
      expect(new Set(proxy.asked.map((asked) => asked.split(":")[0]))).toEqual(new Set(["localhost", onion]))
      proxy.server.close()
    }
    other.close()
  }, 60_000)

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
