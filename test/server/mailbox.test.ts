/** The mailbox from outside: four bodies always, one shape of answer and of work, whoever asks and whatever is there. SPEC.md §8.1. */

import { createHash, randomBytes } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { parseHeader } from "../../envelope/header.ts"
import { newIdentity } from "../../envelope/keys.ts"
import { unlock } from "../../envelope/open.ts"
import { checkOutside, parseSlot } from "../../envelope/outside.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { sealSlots } from "../../envelope/slots.ts"
import type { Database } from "../../server/database.ts"
import { envelopeStore } from "../../server/envelopes.ts"
import { filler } from "../../server/filler.ts"
import { bearerSecret, mailboxStore, PAGE_BODIES } from "../../server/mailbox.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
const FLOOR = floorBytes(8)
let newsroom: TestNewsroom
let server: TestServer
let envelopes: Bytes[]
beforeAll(async () => {
  newsroom = await makeNewsroom({ today })
  server = await startServer(newsroom, today)
  envelopes = await Promise.all(Array.from({ length: 6 }, (_, at) => newsroom.tip(today, newsroom.reporters, `reply ${at}`)))
})
afterAll(() => server.stop())
let secret: Bytes
beforeEach(() => {
  secret = new Uint8Array(randomBytes(32))
})

const address = (of: Bytes) => createHash("sha256").update(of).digest()
const bearer = (of: Bytes) => ({ authorization: `Bearer ${Buffer.from(of).toString("base64url")}` })
function open(of: Bytes = secret, page = 0): Promise<Answered> {
  const body = new TextEncoder().encode(JSON.stringify({ page }))
  return ask(server.base, "POST", "/api/mailbox", { headers: { ...bearer(of), "content-type": "application/json" }, body })
}
async function reply(envelope: Bytes, to: Bytes = secret, day: Day = today): Promise<number> {
  const { status } = await ask(server.base, "POST", `/api/replies?day=${day}`, {
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.concat([address(to), envelope]),
  })
  return status
}
const bodies = ({ body }: Answered): Buffer[] => Array.from({ length: PAGE_BODIES }, (_, at) => body.subarray(at * FLOOR, (at + 1) * FLOOR))
const holds = (answer: Answered, envelope: Bytes | undefined) => bodies(answer).some((one) => one.equals(Buffer.from(envelope ?? [])))

describe("a mailbox", () => {
  test("gives a reply to whoever shows the secret, and to nobody who shows another", async () => {
    expect(await reply(envelopes[0] as Bytes)).toBe(201)
    expect(holds(await open(), envelopes[0])).toBe(true)
    expect(holds(await open(new Uint8Array(randomBytes(32))), envelopes[0])).toBe(false)
  })

  test("answers with the same status, header set and length with no reply, with one and with more than it shows", async () => {
    const seen: Answered[] = [await open()]
    for (const envelope of envelopes) {
      await reply(envelope)
      seen.push(await open())
    }
    seen.push(await open(secret, 1), await open(secret, 99))
    for (const { status, headers, body } of seen) {
      expect([status, body.length]).toEqual([200, 4 * FLOOR])
      const { date: _, ...rest } = headers
      const { date: __, ...first } = seen[0]?.headers ?? {}
      expect(rest).toEqual(first)
    }
  })

  test("has older replies on further pages, newest day first, each once", async () => {
    const days = [0, 1, 1, 2, 2, 2].map((age) => addDays(today, -age))
    for (const [at, envelope] of envelopes.entries()) expect(await reply(envelope, secret, days[at])).toBe(201)
    const [first, second] = [bodies(await open()), bodies(await open(secret, 1))]
    expect(first[0]?.equals(Buffer.from(envelopes[0] ?? []))).toBe(true)
    const all = [...first, ...second]
    for (const envelope of envelopes) expect(all.filter((one) => one.equals(Buffer.from(envelope)))).toHaveLength(1)
    for (const one of second.slice(2)) expect(envelopes.some((envelope) => one.equals(Buffer.from(envelope)))).toBe(false)
  })

  test("can be emptied, and then the feed has nothing of it either; another's stays", async () => {
    const other = new Uint8Array(randomBytes(32))
    await reply(envelopes[0] as Bytes)
    await reply(envelopes[1] as Bytes, other)
    const count = async () => (await server.database.query<{ n: number }>("select count(*)::int as n from envelopes")).rows[0]?.n ?? 0
    const before = await count()
    const emptied = await ask(server.base, "DELETE", "/api/mailbox", { headers: bearer(secret) })
    const again = await ask(server.base, "DELETE", "/api/mailbox", { headers: bearer(secret) })
    expect([emptied.status, emptied.body.length, again.status]).toEqual([204, 0, 204])
    expect(holds(await open(), envelopes[0])).toBe(false)
    expect(holds(await open(other), envelopes[1])).toBe(true)
    expect(await count()).toBe(before - 1)
  })

  test("takes a reply for the days that a tip is taken for, puts it into the feed, and tells who wants a mail", async () => {
    expect(await reply(envelopes[0] as Bytes, secret, addDays(today, -3))).toBe(422)
    expect(await reply(envelopes[0] as Bytes, secret, addDays(today, 2))).toBe(422)
    await server.database.query("insert into subscriptions values ('one', 'one@example.org', 'news')")
    expect(await reply(envelopes[0] as Bytes)).toBe(201)
    const { rows } = await server.database.query<{ found: boolean }>(
      "select exists (select from envelopes e join replies r on r.id = e.id and r.day = e.day where r.mailbox = $1::bytea) as found",
      [address(secret)],
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
      await envelopeStore(fresh.database).keep(today, envelopes[0] as Bytes, 0, new Uint8Array(address(secret)))
      await keepPartitions(fresh.database, addDays(today, POLICY.retentionDays + 1), POLICY, () => undefined)
      expect((await fresh.database.query("select 1 from replies")).rows).toEqual([])
      const blank = Array.from({ length: 4 }, () => new Uint8Array(FLOOR) as Bytes)
      expect(await store.page(new Uint8Array(address(secret)), 0, blank)).toEqual(Buffer.alloc(4 * FLOOR))
    } finally {
      await fresh.stop()
    }
  })
})

describe("the server's work", () => {
  /** Statements and how much went to the database and came back, as the store makes them. */
  async function work(of: Bytes): Promise<unknown> {
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
    for (let place = 0; place < PAGE_BODIES; place++) fillers.push(await filler(of, `0 ${place}`, 8))
    await mailboxStore(watched).page(new Uint8Array(address(of)), 0, fillers)
    return done
  }

  test("is one statement with the same lengths in and out, with no reply, one and five", async () => {
    const [none, one, five] = [0, 1, 5].map(() => new Uint8Array(randomBytes(32))) as [Bytes, Bytes, Bytes]
    await reply(envelopes[0] as Bytes, one)
    for (const envelope of envelopes.slice(0, 5)) await reply(envelope, five)
    const first = await work(none)
    expect(first).toEqual([[expect.stringContaining("replies"), 32 + 4 * FLOOR + 16, 4, [FLOOR, FLOOR, FLOOR, FLOOR]]])
    expect(await work(one)).toEqual(first)
    expect(await work(five)).toEqual(first)
  })

  test("takes as long with four replies as with none, as far as a neighbour on this machine could tell", async () => {
    const [none, four] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
    for (const envelope of envelopes.slice(0, 4)) await reply(envelope, four)
    const took = new Map<Bytes, number[]>([
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
    const median = (of: Bytes) => (took.get(of) ?? []).sort((a, b) => a - b)[20] ?? 0
    process.stderr.write(`a mailbox answers in ${median(none).toFixed(1)} ms without a reply, ${median(four).toFixed(1)} ms with four\n`)
    expect(Math.abs(median(none) - median(four))).toBeLessThan(Math.max(5, 0.3 * median(none)))
  })
})

describe("a filler", () => {
  test("passes every check that can be made from outside, opens for nobody, and is the same each time for one secret and place", async () => {
    for (const slots of [4, 8, 16, 32] as const) {
      const one = await filler(secret, "0 0", slots)
      expect(() => checkOutside(one, floorBytes(slots), slots)).not.toThrow()
      expect(one).toHaveLength(floorBytes(slots))
      expect(await unlock([one], { identity: await newIdentity(), slot: 0, slots })).toBeUndefined()
    }
    expect(await filler(secret, "0 0", 8)).toEqual(await filler(secret, "0 0", 8))
    expect(await filler(secret, "0 0", 8)).not.toEqual(await filler(secret, "0 1", 8))
    expect(await filler(secret, "0 0", 8)).not.toEqual(await filler(new Uint8Array(randomBytes(32)), "0 0", 8))
  })

  test("does not change from one look to the next, so that two looks tell no more than one", async () => {
    await reply(envelopes[0] as Bytes)
    expect((await open()).body.equals((await open()).body)).toBe(true)
  })

  /** The share of coefficients of 10 bits that have four preimages and not three: what rounding leaves for counting. */
  function rounded(encs: readonly Uint8Array[]): number {
    const preimages = new Map<number, number>()
    for (let value = 0; value < 3_329; value++) {
      const to = Math.floor((value * 1_024 + 1_664) / 3_329) % 1_024
      preimages.set(to, (preimages.get(to) ?? 0) + 1)
    }
    let [common, all] = [0, 0]
    for (const enc of encs)
      for (let at = 0; at < 768; at++) {
        const byte = Math.floor((at * 10) / 8)
        const value = (((enc[byte] ?? 0) | ((enc[byte + 1] ?? 0) << 8)) >> ((at * 10) % 8)) & 1_023
        all++
        if (preimages.get(value) === 4) common++
      }
    return common / all
  }

  test("has the numbers that the KEM has, where random bytes would be told apart by counting", async () => {
    const real = (
      await sealSlots(
        new Uint8Array(16) as never,
        Array.from({ length: 60 }, () => undefined),
      )
    ).map((stanza) => parseSlot(stanza).enc)
    const fillers = await Promise.all(Array.from({ length: 7 }, (_, at) => filler(secret, `0 ${at}`, 8)))
    const ours = fillers.flatMap((one) => parseHeader(one).stanzas.map((stanza) => parseSlot(stanza).enc))
    const random = Array.from({ length: 60 }, () => randomBytes(1_120))
    // 257 of 1,024 values have four preimages among 3,329: 0.309 of a ciphertext's numbers, 0.251 of random ones. 46,000 numbers each.
    expect(Math.abs(rounded(real) - 0.309)).toBeLessThan(0.015)
    expect(Math.abs(rounded(ours) - rounded(real))).toBeLessThan(0.015)
    expect(Math.abs(rounded(random) - rounded(real))).toBeGreaterThan(0.04)
    for (const enc of [...real, ...ours]) expect(isOnCurve(enc.subarray(1_088))).toBe(true)
    expect(random.every((enc) => isOnCurve(enc.subarray(1_088)))).toBe(false)
  })
})

/** Whether a share is the x of a point of Curve25519 and not of its twist. RFC 7748, §4.1. */
function isOnCurve(share: Uint8Array): boolean {
  const p = 2n ** 255n - 19n
  const u = share.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let [base, result] = [(((u * u + 486_662n * u + 1n) % p) * u) % p, 1n]
  for (let exponent = (p - 1n) / 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % p
    base = (base * base) % p
  }
  return u < p && result === 1n
}

test.each([
  ["", undefined],
  ["Bearer", undefined],
  [`bearer ${"A".repeat(43)}`, undefined],
  [`Bearer ${"A".repeat(42)}B`, undefined],
  [`Bearer ${"A".repeat(44)}`, undefined],
])("%j is no mailbox secret", (field, secret) => expect(bearerSecret(field)).toBe(secret))

test("the mailboxes live in the schema as an address, a day and a random id", async () => {
  const { rows } = await server.database.query<{ name: string }>(
    "select column_name || ' ' || data_type as name from information_schema.columns where table_name = 'replies' order by ordinal_position",
  )
  expect(rows.map(({ name }) => name)).toEqual(["mailbox bytea", "day date", "id uuid"])
})
