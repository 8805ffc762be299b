/** A day's mixed traffic, captured on the wire: what the server says to PostgreSQL, to the mail relay and back to a source. Each statement fills
 *  columns of db/README.md and no other, each value is of a kind that is named here, and nothing of a request goes further than it must. */

import { readFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { newSignKey, verifyKeyOf } from "../../envelope/keys.ts"
import { mailboxAddress } from "../../keyring/mailbox.ts"
import { commonHeaders } from "../../server/headers.ts"
import { type Capture, noCapture, type Side, startCapture, TCPDUMP } from "../support/capture.ts"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { openPostOffice, type PostOffice } from "../support/mail.ts"
import { signedLook } from "../support/mailbox.ts"
import { describeUnless, describeWhere } from "../support/needs.ts"
import { POLICY } from "../support/newsroom.ts"
import { freePort } from "../support/port.ts"
import { type Asked, statementsIn } from "../support/postgres-wire.ts"
import { signedHeaders } from "../support/server.ts"

const MARKER = "zebra-7781"
/** The source's own, which nobody else here has. */
const SOURCE_ADDRESS = "127.0.0.77"
const MAIL_ADDRESS = "desk@example.org"
/** The schedule's times in this test: every two seconds. */
const SLOT_MS = 2_000

describeWhere(TCPDUMP, "on the wire", () =>
  describeUnless(noCapture(), "captured", () => {
    let postgres: OwnPostgres
    let post: PostOffice
    let line: Line
    let databasePort: number
    let sides: readonly Side[]
    const captures: Capture[] = []
    const known = { ciphertext: [] as Buffer[], notes: [] as string[] }

    beforeAll(async () => {
      databasePort = await freePort()
      postgres = await ownPostgres({ listen_addresses: "127.0.0.1", port: String(databasePort) })
      post = await openPostOffice()
      captures.push(await startCapture([databasePort, post.port]))
      const url = `postgresql://sotto@127.0.0.1:${databasePort}/postgres`
      const settings = { smtp: { url: post.url, from: "notes@example.org" }, mailAt: "every 2s" }
      line = await startLine(url, settings, { policy: { ...POLICY, maxTipBytes: 4_194_304 } })
      captures.push(await startCapture([line.server.port]))
      known.notes.push(...line.newsroom.chain.map(({ source }) => source))
      await traffic()
      await post.arrived(2)
      await line.server.kill("SIGTERM")
      sides = (await Promise.all(captures.map((capture) => capture.stop()))).flat()
    }, 120_000)
    afterAll(async () => {
      for (const capture of captures) capture.end()
      await line.remove()
      await post.stop()
      await postgres.remove()
    })

    interface Sent {
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: Uint8Array
    }
    /** As a browser with much to tell: from an address of its own, with a name, a referrer, a cookie, and what proxies add. */
    function ask(
      method: string,
      path: string,
      { headers = {}, body = new Uint8Array(0) }: Sent = {},
    ): Promise<{ status: number; location: string }> {
      const marked = {
        "user-agent": MARKER,
        referer: `https://${MARKER}.example/`,
        cookie: `id=${MARKER}`,
        "x-forwarded-for": "203.0.113.77",
      }
      const { port } = line.server
      return new Promise((resolve, reject) => {
        const all = { ...marked, "accept-language": `${MARKER},de`, "content-length": body.length, ...headers }
        const sent = request(
          { host: "127.0.0.1", port, method, path, headers: all, localAddress: SOURCE_ADDRESS, agent: false },
          (answer) => {
            answer.resume().once("end", () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "" }))
          },
        )
        sent.once("error", reject)
        sent.end(body)
      })
    }

    async function traffic(): Promise<void> {
      const { newsroom, today } = line
      const age = { "content-type": "application/age" }
      const seal = async (bytes: number) => {
        const files = bytes === 0 ? [] : [{ name: `${MARKER}.bin`, content: new Uint8Array(bytes) }]
        const envelope = await newsroom.tip(today, newsroom.reporters, `what ${MARKER} said`, files)
        known.ciphertext.push(Buffer.from(envelope))
        return envelope
      }
      const notes = await Promise.all(newsroom.reporters.map((reporter) => newsroom.dayNote(reporter, today)))
      known.notes.push(...notes)
      const [reporter] = newsroom.reporters
      if (reporter === undefined) throw new Error("no reporter")
      const signed = async (method: string, target: string, value?: unknown) => {
        const body = value === undefined ? new Uint8Array(0) : new TextEncoder().encode(JSON.stringify(value))
        const headers = await signedHeaders(newsroom, reporter.signer, Date.now() / 1_000, { method, target, body })
        return (await ask(method, target, { headers: { ...headers, "content-type": "application/json" }, body })).status
      }
      expect(await signed("PUT", "/api/days", { notes: notes.slice(0, 1) })).toBe(204)
      expect(await signed("PUT", "/api/notify", { address: MAIL_ADDRESS, mode: "always" })).toBe(204)
      for (const path of ["/", "/page.js", `/${MARKER}?${MARKER}=1`, "/api/today", "/api/challenge", "/api/keyrings?from=1"])
        await ask("GET", path)
      for (const bytes of [0, 0, 200_000])
        expect((await ask("POST", `/api/envelopes?day=${today}`, { headers: age, body: await seal(bytes) })).status).toBe(201)
      for (const body of [new TextEncoder().encode(MARKER), new Uint8Array(32_768).fill(65)])
        expect((await ask("POST", `/api/envelopes?day=${MARKER}`, { headers: age, body })).status).toBeGreaterThanOrEqual(400)
      // A large one in two pieces, one that is never finished, one that is refused.
      const tus = { "tus-resumable": "1.0.0" }
      const large = await seal(1_500_000)
      const begin = (more = {}) =>
        ask("POST", `/api/uploads?day=${today}`, { headers: { ...tus, "upload-length": String(large.length), ...more } })
      const { location } = await begin()
      for (const [from, to] of [
        [0, 1_100_000],
        [1_100_000, large.length],
      ] as const) {
        const headers = { ...tus, "content-type": "application/offset+octet-stream", "upload-offset": String(from) }
        expect((await ask("PATCH", location, { headers, body: large.subarray(from, to) })).status).toBe(204)
      }
      expect((await begin()).status).toBe(201)
      await begin({ "upload-metadata": `filename ${MARKER}` })
      // A reply, looks, a deletion that finds nothing.
      const key = await newSignKey()
      const body = Buffer.concat([await mailboxAddress(await verifyKeyOf(key)), await seal(0)])
      expect(
        (await ask("POST", `/api/replies?day=${today}`, { headers: { "content-type": "application/octet-stream" }, body })).status,
      ).toBe(201)
      for (const named of [[], [new Uint8Array(32).fill(9)]]) {
        const look = await signedLook({ key, day: today, url: newsroom.url, named })
        expect((await ask("POST", "/api/mailbox", look)).status).toBe(200)
      }
      expect(await signed("GET", "/api/feed")).toBe(200)
      expect(await signed("GET", `/api/feed/${today}`)).toBe(200)
      expect(await signed("GET", `/api/feed/${MARKER}`)).toBe(404)
    }

    const port = (place: string) => Number(place.split(":")[1])
    const between = (ours: number, direction: "to" | "from") => sides.filter((side) => port(side[direction]) === ours)
    const statements = (): readonly Asked[] =>
      between(databasePort, "to").flatMap(({ bytes }) => (bytes.length > 8 ? statementsIn(bytes) : []))
    const mails = () => between(post.port, "to").flatMap(({ bytes }) => (bytes.includes("\r\n.\r\n") ? [bytes.toString("latin1")] : []))
    const onward = () => [...between(databasePort, "to"), ...between(databasePort, "from"), ...between(post.port, "to")]

    test("there is what there should be: the source's own words to the server, the ciphertext to PostgreSQL, mails to the relay", () => {
      const fromSource = Buffer.concat(between(line.server.port, "to").map(({ bytes }) => bytes))
      expect(between(line.server.port, "to").some(({ from }) => from.startsWith(SOURCE_ADDRESS))).toBe(true)
      expect(fromSource.includes(MARKER)).toBe(true)
      const [small] = known.ciphertext
      const toDatabase = between(databasePort, "to")
      expect(toDatabase.some(({ bytes }) => bytes.includes(small ?? "nothing"))).toBe(true)
      expect(statements().length).toBeGreaterThan(100)
      expect(mails().length).toBeGreaterThanOrEqual(2)
    })

    test("nothing of a request goes on: no address, no name of a browser, no referrer, cookie, path or language, in any form", () => {
      const address = Buffer.from(SOURCE_ADDRESS.split(".").map(Number))
      const forms = [MARKER, "203.0.113", SOURCE_ADDRESS, "user-agent", "User-Agent", "/api/", "referer"]
      const secret = [...forms.map((form) => Buffer.from(form)), Buffer.from(Buffer.from(MARKER).toString("hex")), address]
      // In ciphertext four bytes of an address come up by chance; they stand in no other place.
      for (const { to, from, bytes } of onward())
        for (const form of secret.filter(({ length }) => length > 4))
          expect([to, from, form.toString(), bytes.includes(form)]).toEqual([to, from, form.toString(), false])
      for (const { values } of statements())
        for (const value of values) if (Buffer.isBuffer(value) && value.length < 1_000) expect(value.includes(address)).toBe(false)
    })

    test("every column that is filled stands in db/README.md", () => {
      const ledger = [...readFileSync(join(__dirname, "../../db/README.md"), "utf8").matchAll(/^\| `(\w+\.\w+)` \|/gm)].map(
        ([, name]) => name ?? "",
      )
      const filled = new Set<string>()
      for (const { sql } of statements()) {
        for (const [, table = "", columns = ""] of sql.matchAll(/insert into (\w+)(?: as \w+)? \(([^)]+)\)/g))
          for (const column of columns.split(",")) filled.add(`${table}.${column.trim()}`)
        for (const [, table = "", set = ""] of sql.matchAll(
          /(?:^|\s|\()update (\w+)(?: \w+)?\s+set ([\s\S]*?)(?=\s(?:where|from|returning)\s|$)/g,
        ))
          for (const [, column = ""] of set.matchAll(/(?:^|,)\s*(\w+) =/g)) filled.add(`${table}.${column}`)
      }
      expect([...filled].filter((column) => !ledger.includes(column))).toEqual([])
      for (const column of [
        "envelopes.bytes",
        "replies.mailbox",
        "chunks.bytes",
        "uploads.received",
        "nonces.nonce",
        "mails.slot",
        "subscriptions.address",
      ])
        expect([...filled]).toContain(column)
    })

    test("every value is of a kind that is known: days, random ids, hashes, lengths, ciphertext, signed notes, reporters, times of the schedule", () => {
      const words = new Set([
        "always",
        "news",
        "never",
        "each",
        "daily",
        "weekly",
        MAIL_ADDRESS,
        ...line.newsroom.reporters.map(({ id }) => String(id)),
      ])
      const tables = new Set(["envelopes", "large_envelopes", "chunks"])
      const isMail = (sql: string) => /\b(mails|subscriptions)\b|day_notes n where n.reporter/.test(sql)
      const isTime = (value: string, sql: string) => {
        if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/.test(value) || !isMail(sql)) return false
        // What is written together with a tip is a time of the schedule; when a mail is tried is the relay's business.
        return /retry_at/.test(sql) || Date.parse(value) % SLOT_MS === 0
      }
      const isBytes = (bytes: Buffer) => bytes.length === 32 || known.ciphertext.some((one) => one.includes(bytes))
      const isKnown = (value: string | Buffer | null, sql: string): boolean => {
        if (value === null) return true
        if (Buffer.isBuffer(value)) return isBytes(value) || (value.length === 16 && /\bnonces\b/.test(sql))
        if (/^-?\d+(\.\d+)?$|^\d{4}-\d\d-\d\d$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^(true|false)$/.test(value)) return true
        if (/^\\x[0-9a-f]*$/.test(value)) return isBytes(Buffer.from(value.slice(2), "hex"))
        // Lists: of hashes and made-up bodies, of ids and reporters.
        if (/^\{("?\\\\x[0-9a-f]*"?,?)+\}$/.test(value)) return /\b(unnest|any)\b/.test(sql)
        if (/^\{.*\}$/.test(value))
          return value
            .slice(1, -1)
            .split(",")
            .every((one) => one === "" || isKnown(one.replaceAll('"', ""), sql))
        if (isTime(value, sql) || words.has(value) || tables.has(value) || known.notes.includes(value)) return true
        return false
      }
      const atStart = (sql: string) => /migrations|pg_settings/.test(sql)
      const unknown = statements().flatMap(({ sql, values }) =>
        atStart(sql) ? [] : values.filter((value) => !isKnown(value, sql)).map((value) => [sql.slice(0, 80), String(value).slice(0, 80)]),
      )
      expect(unknown).toEqual([])
    })

    test("no time that comes back is finer than the schedule's", () => {
      const told = between(databasePort, "from").flatMap(({ bytes }) => [
        ...bytes.toString("latin1").matchAll(/\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d[.\d]*)/g),
      ])
      expect(told.length).toBeGreaterThan(0)
      expect(told.filter(([, time = ""]) => !/:\d[02468]$/.test(time)).map(([whole]) => whole)).toEqual([])
    })

    test("a mail has the same few lines each time, and the time of the schedule is its only time", () => {
      expect(mails().length).toBeGreaterThanOrEqual(2)
      const lines = (mail: string) =>
        mail
          .replace(/^Date: .*$/m, "Date:")
          .replace(/^(Message-ID: <)[0-9a-f-]{36}/m, "$1")
          .split("\r\n")
      for (const mail of mails()) {
        expect(lines(mail)).toEqual(lines(mails()[0] ?? ""))
        expect(Date.parse(/^Date: (.*)$/m.exec(mail)?.[1] ?? "") % SLOT_MS).toBe(0)
      }
      expect(
        lines(mails()[0] ?? "")
          .map((text) => text.split(/[ :]/)[0])
          .filter((word) => /^[A-Z]/.test(word ?? "")),
      ).toEqual([
        ...["EHLO", "MAIL", "RCPT", "DATA"],
        ...["From", "To", "Subject", "Message-ID", "Date", "Content-Transfer-Encoding", "MIME-Version", "Content-Type", "Scheduled"],
      ])
      // Not the machine's own name.
      expect(mails()[0]).toMatch(/^EHLO example\.org\r\n/)
    })

    test("what goes back to a source has the fixed headers and what HTTP and tus need, and echoes nothing", () => {
      const back = between(line.server.port, "from")
      const text = back.map(({ bytes }) => bytes.toString("latin1")).join("")
      const common = Object.keys(commonHeaders(line.newsroom.url)).map((name) => name.toLowerCase())
      const needed = [
        "date",
        "connection",
        "keep-alive",
        "content-length",
        "content-type",
        "content-encoding",
        "vary",
        "location",
        "tus-resumable",
        "upload-offset",
      ]
      const names = new Set(
        [...text.matchAll(/HTTP\/1\.1 \d{3} [A-Za-z ]+\r\n([\s\S]*?)\r\n\r\n/g)].flatMap(([, head = ""]) =>
          head.split("\r\n").map((one) => (one.split(":")[0] ?? "").toLowerCase()),
        ),
      )
      expect([...names].filter((name) => !common.includes(name) && !needed.includes(name))).toEqual([])
      expect(common.filter((name) => !names.has(name))).toEqual([])
      for (const form of [MARKER, "203.0.113", SOURCE_ADDRESS]) expect(text).not.toContain(form)
    })
  }),
)
