/** The mailbox from outside: four bodies always, one shape of answer and of work, whoever asks and whatever is there. SPEC.md §8.1. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey, type SignKey, verifyKeyOf } from "../../envelope/keys.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { mailboxAddress } from "../../keyring/mailbox.ts"
import type { Database } from "../../server/database.ts"
import { envelopeStore } from "../../server/envelopes.ts"
import { filler } from "../../server/filler.ts"
import { mailboxStore, PAGE_BODIES } from "../../server/mailbox.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { hashOfBody, look, signedLook } from "../support/mailbox.ts"
import { formsOf } from "../support/memory.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
const FLOOR = floorBytes(8)
const SEED = new Uint8Array(32).fill(1)
let newsroom: TestNewsroom
let server: TestServer
let envelopes: Bytes[]
beforeAll(async () => {
  newsroom = await makeNewsroom({ today })
  server = await startServer(newsroom, today)
  envelopes = await Promise.all(Array.from({ length: 6 }, (_, at) => newsroom.tip(today, newsroom.reporters, `reply ${at}`)))
})
afterAll(() => server.stop())
let key: SignKey
beforeEach(async () => {
  key = await newSignKey()
})

const address = async (of: SignKey): Promise<Bytes> => mailboxAddress(await verifyKeyOf(of))
const open = (of: SignKey = key, page = 0, named: readonly Uint8Array[] = []): Promise<Answered> =>
  look(server.base, { key: of, day: today, url: newsroom.url, page, named })
async function reply(envelope: Bytes, to: SignKey = key, day: Day = today): Promise<number> {
  const { status } = await ask(server.base, "POST", `/api/replies?day=${day}`, {
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.concat([await address(to), envelope]),
  })
  return status
}
const bodies = ({ body }: Answered): Buffer[] => Array.from({ length: PAGE_BODIES }, (_, at) => body.subarray(at * FLOOR, (at + 1) * FLOOR))
const holds = (answer: Answered, envelope: Bytes | undefined) => bodies(answer).some((one) => one.equals(Buffer.from(envelope ?? [])))
/** What a network sees of an answer, but for the time. */
const outsideOf = ({ status, headers, body }: Answered) => ({ status, headers: { ...headers, date: "" }, bytes: body.length })

describe("a mailbox", () => {
  test("gives a reply to whoever signs with its key, and to nobody who signs with another", async () => {
    expect(await reply(envelopes[0] as Bytes)).toBe(201)
    expect(holds(await open(), envelopes[0])).toBe(true)
    expect(holds(await open(await newSignKey()), envelopes[0])).toBe(false)
  })

  test("answers with the same status, header set and length with no reply, with one and with more than it shows", async () => {
    const seen: Answered[] = [await open()]
    for (const envelope of envelopes) {
      await reply(envelope)
      seen.push(await open())
    }
    seen.push(await open(key, 1), await open(key, 99))
    expect([seen[0]?.status, seen[0]?.body.length]).toEqual([200, 4 * FLOOR])
    for (const one of seen) expect(outsideOf(one)).toEqual(outsideOf(seen[0] as Answered))
  })

  test("has older replies on further pages, newest day first, each once", async () => {
    const days = [0, 1, 1, 2, 2, 2].map((age) => addDays(today, -age))
    for (const [at, envelope] of envelopes.entries()) expect(await reply(envelope, key, days[at])).toBe(201)
    const [first, second] = [bodies(await open()), bodies(await open(key, 1))]
    expect(first[0]?.equals(Buffer.from(envelopes[0] ?? []))).toBe(true)
    const all = [...first, ...second]
    for (const envelope of envelopes) expect(all.filter((one) => one.equals(Buffer.from(envelope)))).toHaveLength(1)
    for (const one of second.slice(2)) expect(envelopes.some((envelope) => one.equals(Buffer.from(envelope)))).toBe(false)
  })

  test("takes away what a deletion names, from the feed too, and answers as to a look; another's stays", async () => {
    const other = await newSignKey()
    await reply(envelopes[0] as Bytes)
    await reply(envelopes[1] as Bytes, other)
    const count = async () => (await server.database.query<{ n: number }>("select count(*)::int as n from envelopes")).rows[0]?.n ?? 0
    const before = await count()
    const looked = await open()
    // A filler's hash, and that of a reply which waits for somebody else, are passed over.
    const named = [...bodies(looked).slice(0, 3), envelopes[1] as Bytes].map(hashOfBody)
    const emptied = await open(key, 0, named)
    expect(outsideOf(emptied)).toEqual(outsideOf(looked))
    expect(holds(emptied, envelopes[0])).toBe(false)
    expect(holds(await open(other), envelopes[1])).toBe(true)
    expect(await count()).toBe(before - 1)
    expect((await open(key, 0, named)).status).toBe(200)
  })

  test("deletes nothing that a deletion did not name: not what came in between, and not when somebody sends it again", async () => {
    await reply(envelopes[0] as Bytes)
    const deletion = await signedLook({ key, day: today, url: newsroom.url, named: bodies(await open()).map(hashOfBody) })
    const send = () => ask(server.base, "POST", "/api/mailbox", deletion)
    await reply(envelopes[1] as Bytes)
    const first = await send()
    expect([holds(first, envelopes[0]), holds(first, envelopes[1])]).toEqual([false, true])
    await reply(envelopes[2] as Bytes)
    const again = await send()
    expect([holds(again, envelopes[1]), holds(again, envelopes[2])]).toEqual([true, true])
  })

  test("takes a reply for the days that a tip is taken for, puts it into the feed, and tells who wants a mail", async () => {
    expect(await reply(envelopes[0] as Bytes, key, addDays(today, -3))).toBe(422)
    expect(await reply(envelopes[0] as Bytes, key, addDays(today, 2))).toBe(422)
    await server.database.query("insert into subscriptions values ('one', 'one@example.org', 'news')")
    expect(await reply(envelopes[0] as Bytes)).toBe(201)
    const { rows } = await server.database.query<{ found: boolean }>(
      "select exists (select from envelopes e join replies r on r.id = e.id and r.day = e.day where r.mailbox = $1::bytea) as found",
      [await address(key)],
    )
    expect(rows).toEqual([{ found: true }])
    expect((await server.database.query("select 1 from mails")).rows).toHaveLength(1)
  })

  test("forgets a reply with its day, at the end of retention", async () => {
    await reply(envelopes[0] as Bytes)
    await keepPartitions(server.database, addDays(today, POLICY.retentionDays), POLICY, () => undefined)
    expect(holds(await open(), envelopes[0])).toBe(true)
    const fresh = await startServer(newsroom, today)
    try {
      const store = mailboxStore(fresh.database)
      await envelopeStore(fresh.database).keep(today, envelopes[0] as Bytes, 0, await address(key))
      await keepPartitions(fresh.database, addDays(today, POLICY.retentionDays + 1), POLICY, () => undefined)
      expect((await fresh.database.query("select 1 from replies")).rows).toEqual([])
      const blank = Array.from({ length: 4 }, () => new Uint8Array(FLOOR) as Bytes)
      expect(await store.page(await address(key), 0, blank)).toEqual(Buffer.alloc(4 * FLOOR))
    } finally {
      await fresh.stop()
    }
  })
})

describe("the server's work", () => {
  /** Statements and how much went to the database and came back, as the store makes them. */
  async function work(of: SignKey): Promise<unknown> {
    const done: unknown[] = []
    const size = (value: unknown): number =>
      value instanceof Uint8Array ? value.length : Array.isArray(value) ? value.reduce<number>((sum, one) => sum + size(one), 0) : 8
    const watched = {
      ...server.database,
      async query(sql: string, values: readonly unknown[] = []) {
        const { rows, rowCount } = await server.database.query<Record<string, unknown>>(sql, values)
        done.push([sql, size(values), rowCount, rows.map((row) => size(Object.values(row)))])
        return { rows, rowCount }
      },
    } as Database
    const fillers: Bytes[] = []
    for (let place = 0; place < PAGE_BODIES; place++) fillers.push(await filler(SEED, await address(of), `0 ${place}`, 8))
    await mailboxStore(watched).page(await address(of), 0, fillers)
    return done
  }

  test("is one statement with the same lengths in and out, with no reply, one and five", async () => {
    const [none, one, five] = [await newSignKey(), await newSignKey(), await newSignKey()]
    await reply(envelopes[0] as Bytes, one)
    for (const envelope of envelopes.slice(0, 5)) await reply(envelope, five)
    const first = await work(none)
    expect(first).toEqual([[expect.stringContaining("replies"), 32 + 4 * FLOOR + 16, 4, [FLOOR, FLOOR, FLOOR, FLOOR]]])
    expect(await work(one)).toEqual(first)
    expect(await work(five)).toEqual(first)
  })

  test("takes as long with four replies as with none, as far as a neighbour on this machine could tell", async () => {
    const [none, four] = [await newSignKey(), await newSignKey()]
    for (const envelope of envelopes.slice(0, 4)) await reply(envelope, four)
    const took = new Map<SignKey, number[]>([
      [none, []],
      [four, []],
    ])
    for (let round = 0; round < 40; round++)
      // In turns, and the first one changing: a machine that is busy is busy for both.
      for (const one of round % 2 === 0 ? [none, four] : [four, none]) {
        const started = performance.now()
        await open(one)
        took.get(one)?.push(performance.now() - started)
      }
    const median = (of: SignKey) => (took.get(of) ?? []).sort((a, b) => a - b)[20] ?? 0
    process.stderr.write(`a mailbox answers in ${median(none).toFixed(1)} ms without a reply, ${median(four).toFixed(1)} ms with four\n`)
    expect(Math.abs(median(none) - median(four))).toBeLessThan(Math.max(5, 0.3 * median(none)))
  })
})

describe("a filler", () => {
  test("does not change from one look to the next, on another day or after a restart, so that two looks tell no more than one", async () => {
    await reply(envelopes[0] as Bytes)
    const { body } = await open()
    expect((await open()).body.equals(body)).toBe(true)
    const tomorrow = addDays(today, 1)
    expect((await look(server.base, { key, day: tomorrow, url: newsroom.url })).body.equals(body)).toBe(true)
    const [one, two] = [mailboxStore(server.database), mailboxStore(server.database)]
    expect(await one.fillerSeed()).toEqual(await two.fillerSeed())
  })

  test("is made from a seed that another server does not have, and that no request or answer shows", async () => {
    const fresh = await startServer(newsroom, today)
    try {
      const seed = await mailboxStore(server.database).fillerSeed()
      expect(await mailboxStore(fresh.database).fillerSeed()).not.toEqual(seed)
      // By everything that a proxy sees of a look, key and signature included, no filler comes out.
      const { signature: field } = (await signedLook({ key, day: today, url: newsroom.url })).headers
      const [first] = bodies(await open())
      const signature = new Uint8Array(Buffer.from(field.slice("sotto=:".length, -1), "base64"))
      for (const guess of [await verifyKeyOf(key), await address(key), signature, key])
        expect(first?.equals(Buffer.from(await filler(new Uint8Array(guess), await address(key), "0 0", 8)))).toBe(false)
      expect(first?.equals(Buffer.from(await filler(seed, await address(key), "0 0", 8)))).toBe(true)
    } finally {
      await fresh.stop()
    }
  })
})

describe("a look", () => {
  test("is taken for the server's day and the ones beside it, and is the same bytes each time: no clock of a source's, no counter", async () => {
    for (const days of [-1, 0, 1]) expect((await look(server.base, { key, day: addDays(today, days), url: newsroom.url })).status).toBe(200)
    for (const days of [-2, 2]) expect((await look(server.base, { key, day: addDays(today, days), url: newsroom.url })).status).toBe(401)
    const made = { key, day: today, url: newsroom.url }
    expect(await signedLook(made)).toEqual(await signedLook(made))
    expect((await signedLook(made)).headers["signature-input"]).toMatch(
      /;created=\d{10};keyid="[A-Za-z0-9_-]{43}";tag="sotto\/v1\/mailbox"$/,
    )
  })

  test("leaves nothing in the database: not that it was made, not how often", async () => {
    const rows = async () =>
      JSON.stringify(
        await Promise.all(
          ["nonces", "replies", "fillers", "mails"].map(async (name) => (await server.database.query(`select * from ${name}`)).rows),
        ),
      )
    const before = await rows()
    for (let round = 0; round < 3; round++) await open()
    expect(await rows()).toBe(before)
  })

  test("shows the server no secret: what arrives is the public half, whose hash is the address", async () => {
    const { headers, body } = await signedLook({ key, day: today, url: newsroom.url })
    const [, shown = ""] = /keyid="([^"]+)"/.exec(headers["signature-input"]) ?? []
    expect(hashOfBody(Buffer.from(shown, "base64url"))).toEqual(Buffer.from(await address(key)))
    const sent = Buffer.concat([Buffer.from(JSON.stringify(headers)), body])
    expect(formsOf(key).filter((form) => sent.includes(form))).toEqual([])
    expect(formsOf(await verifyKeyOf(key)).filter((form) => sent.includes(form))).toHaveLength(1)
  })
})

test("the mailboxes live in the schema as an address, a day and a random id", async () => {
  const { rows } = await server.database.query<{ name: string }>(
    "select column_name || ' ' || data_type as name from information_schema.columns where table_name = 'replies' order by ordinal_position",
  )
  expect(rows.map(({ name }) => name)).toEqual(["mailbox bytea", "day date", "id uuid"])
})
