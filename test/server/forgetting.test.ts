/** What the server must not know any more: in which order tips came, once their day is closed; and anything of a day past retention. */

import { randomBytes, randomUUID } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { dumpSql } from "../../scripts/operator/schema.ts"
import { closeDays, tidyDays } from "../../server/closing.ts"
import { type Database, migrate, openDatabase } from "../../server/database.ts"
import { type EnvelopeStore, envelopeStore } from "../../server/envelopes.ts"
import { largeStore } from "../../server/large.ts"
import { mailboxStore } from "../../server/mailbox.ts"
import { keepPartitions, partitionOf } from "../../server/partitions.ts"
import { checkPostgres } from "../../server/postgres-settings.ts"
import { PIECE_BYTES } from "../../server/uploads.ts"
import { forgetLog } from "../../server/write-ahead.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { POLICY } from "../support/newsroom.ts"
import { MIGRATIONS } from "../support/server.ts"

const today = "2026-11-22" as Day
const past = addDays(today, -3)
const SLOT = Date.parse("2026-11-22T16:30:00Z")
const quiet = () => undefined
let fresh: TestDatabase
let database: Database
let envelopes: EnvelopeStore
beforeEach(async () => {
  fresh = await freshDatabase()
  database = openDatabase(fresh.url, quiet)
  await migrate(database, MIGRATIONS, quiet)
  await keepPartitions(database, today, undefined, quiet)
  envelopes = envelopeStore(database)
})
afterEach(async () => {
  await database.close()
  await fresh.drop()
})

/** Each begins with its number, so that the order of sending is known to the test, and to nobody else. */
function body(index: number): Bytes {
  const bytes = new Uint8Array(randomBytes(32_768))
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}
async function send(count: number, day: Day, mailbox?: () => Bytes): Promise<void> {
  for (let index = 0; index < count; index++) await envelopes.keep(day, body(index), SLOT, mailbox?.())
}
/** Envelopes as they lie on the disk: id, the number at their beginning, the transaction that wrote them. */
async function asTheyLie(day: Day) {
  const { rows } = await database.query<{ id: string; first: string; xmin: string }>(
    "select id, encode(substring(bytes from 1 for 4), 'hex') as first, xmin::text from envelopes where day = $1::date order by ctid",
    [day],
  )
  return {
    ids: rows.map(({ id }) => id),
    sent: rows.map(({ first }) => Number.parseInt(first, 16)),
    writers: new Set(rows.map(({ xmin }) => xmin)),
  }
}
const ascending = <Value extends string | number>(values: readonly Value[]): boolean =>
  values.every((value, index) => index === 0 || (values[index - 1] as Value) < value)

describe("after 30 sends and a closed day", () => {
  test("neither where a row lies nor which transaction wrote it follows the order of sending; every byte is there", async () => {
    await send(30, past)
    const open = await asTheyLie(past)
    // While the day is open it does: so this test can fail.
    expect(ascending(open.sent)).toBe(true)
    expect(open.writers.size).toBe(30)
    const before = await envelopes.fetch(past, open.ids)
    await closeDays(database, past, past)
    await tidyDays(database, quiet)
    const closed = await asTheyLie(past)
    expect(ascending(closed.ids)).toBe(true)
    expect(ascending(closed.sent)).toBe(false)
    expect(closed.writers.size).toBe(1)
    expect(await envelopes.fetch(past, open.ids)).toEqual(before)
    const { rows } = await database.query("select from pg_class where relkind = 'r' and relname ~ 'sorted'")
    expect(rows).toEqual([])
    // The new table is like the old one: stored apart and plain, with its index, and it takes part in its parent's.
    const { rows: columns } = await database.query<{ storage: string }>(
      "select attstorage as storage from pg_attribute where attrelid = 'envelopes_2026_11_19'::regclass and attname = 'bytes'",
    )
    expect(columns).toEqual([{ storage: "e" }])
    const { rows: indexes } = await database.query(
      "select from pg_index i join pg_inherits h on h.inhrelid = i.indexrelid where i.indrelid = 'envelopes_2026_11_19'::regclass",
    )
    expect(indexes).toHaveLength(1)
  })

  test("the same for replies, and those of an open day stay as they are", async () => {
    const mailbox = () => new Uint8Array(randomBytes(32))
    await send(20, past, mailbox)
    await send(5, today, mailbox)
    await closeDays(database, past, past)
    await tidyDays(database, quiet)
    const { rows } = await database.query<{ day: Day; mailbox: Buffer; xmin: string }>(
      "select day::text, mailbox, xmin::text from replies order by day, ctid",
    )
    const closed = rows.filter(({ day }) => day === past)
    expect([rows.length, closed.length]).toEqual([25, 20])
    expect(ascending(closed.map(({ mailbox }) => mailbox.toString("hex")))).toBe(true)
    expect(new Set(closed.map(({ xmin }) => xmin)).size).toBe(1)
  })

  test("looks, lists and sending go on while it is written, and a deletion that comes meanwhile is done", async () => {
    const mailbox = new Uint8Array(randomBytes(32))
    await send(30, past, () => mailbox)
    await closeDays(database, past, past)
    const { rows } = await database.query<{ hash: Buffer }>("select sha256(bytes) as hash from envelopes where day = $1::date limit 5", [
      past,
    ])
    const over = new AbortController()
    const slowest = { look: 0, send: 0 }
    const timed = async (what: keyof typeof slowest, work: () => Promise<unknown>) => {
      const began = performance.now()
      await work()
      slowest[what] = Math.max(slowest[what], performance.now() - began)
    }
    const fillers = Array.from({ length: 4 }, () => new Uint8Array(32_768))
    const going = Promise.all([
      (async () => {
        while (!over.signal.aborted) await timed("look", () => mailboxStore(database).page(new Uint8Array(32), 0, fillers))
      })(),
      (async () => {
        while (!over.signal.aborted) await timed("send", () => envelopes.keep(today, body(0), SLOT, mailbox))
      })(),
    ])
    // As long as the copying of a large day: the partition is locked as it is then.
    const tidying = (async () => {
      for (let round = 0; round < 20; round++) {
        await database.query("update closed_days set tidy = false")
        await tidyDays(database, quiet)
      }
    })()
    for (const { hash } of rows) await mailboxStore(database).drop(mailbox, [new Uint8Array(hash)])
    await tidying
    over.abort()
    await going
    expect((await envelopes.list(past)).length).toBe(25)
    expect(Math.max(slowest.look, slowest.send)).toBeLessThan(3_000)
  }, 60_000)

  test("a large envelope that is asked for at the moment of the exchange is whole", async () => {
    const id = randomUUID()
    const bytes = randomBytes(2 * PIECE_BYTES)
    for (const at of [0, PIECE_BYTES]) {
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      await database.query("insert into chunks (day, envelope, at, bytes) values ($1::date, $2::uuid, $3::bigint, $4::bytea)", [
        past,
        id,
        at,
        piece,
      ])
    }
    const table = partitionOf("chunks", past)
    const parts: Buffer[] = []
    let reading: Promise<void> = Promise.resolve()
    await database.transaction(async ({ query }) => {
      await query(`create table ${table}_sorted (like ${table} including all)`)
      await query(`insert into ${table}_sorted select * from ${table}`)
      await query("lock table chunks in access exclusive mode")
      reading = (async () => {
        for await (const part of largeStore(database).read(past, id, { from: 0, to: bytes.length })) parts.push(part)
      })()
      reading.catch(() => undefined) // heard of below
      await new Promise((resolve) => setTimeout(resolve, 300))
      await query(`alter table chunks detach partition ${table}`)
      await query(`drop table ${table}`)
      await query(`alter table ${table}_sorted rename to ${table}`)
      await query(`alter table chunks attach partition ${table} for values from ('${past}') to ('${addDays(past, 1)}')`)
    })
    await reading
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  test("a list that is read meanwhile is whole each time", async () => {
    await send(40, past)
    await closeDays(database, past, past)
    const over = new AbortController()
    const lengths = new Set<number>()
    const reading = Promise.all(
      [1, 2, 3].map(async () => {
        while (!over.signal.aborted) lengths.add((await envelopes.list(past)).length)
      }),
    )
    for (let round = 0; round < 5; round++) {
      await database.query("update closed_days set tidy = false")
      await Promise.all([tidyDays(database, quiet), tidyDays(database, quiet)])
    }
    over.abort()
    await reading
    expect([...lengths]).toEqual([40])
  })

  test("no time of day is in a dump but those of the mail schedule", async () => {
    await database.query("insert into subscriptions values ('one', 'desk@example.org', 'news')")
    await send(3, past)
    await closeDays(database, past, past)
    await tidyDays(database, quiet)
    const dump = await dumpSql(database)
    const timed = dump.split("\n").filter((line) => /\d\d:\d\d/.test(line))
    expect(timed).toHaveLength(1)
    expect(timed[0]).toMatch(/^insert into mails values \('one', '2026-11-22 16:30:00\+00', /)
  })
})

describe("the write-ahead log", () => {
  test("of a day is gone once it was begun anew: no segment from before is there, under its name or another", async () => {
    await send(3, today)
    const segment = async () =>
      (await database.query<{ name: string }>("select pg_walfile_name(pg_current_wal_lsn()) as name")).rows[0]?.name ?? ""
    const before = await segment()
    expect(await forgetLog(database)).toBe(true)
    await send(1, today)
    expect((await segment()) > before).toBe(true)
    const { rows } = await database.query<{ name: string }>("select name from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'")
    expect(rows.map(({ name }) => name).filter((name) => name <= before)).toEqual([])
  })

  test("stays as it is for a database user who may not, and that is told at start", async () => {
    await database.query("create role plain")
    try {
      const events: string[] = []
      const said = await database.transaction(async (queries) => {
        await queries.query("set local role plain")
        await checkPostgres(queries, (event) => events.push(JSON.stringify(event)))
        return forgetLog(queries)
      })
      expect([said, events]).toEqual([false, ['{"event":"postgres setting","setting":"pg_checkpoint"}']])
    } finally {
      await database.query("drop role plain")
    }
  })
})

describe("the feed", () => {
  test("counts a closed day once, and again after something of it was deleted", async () => {
    const mailbox = new Uint8Array(randomBytes(32))
    await send(3, past, () => mailbox)
    await send(2, today)
    await closeDays(database, past, past)
    const first = await envelopes.feed(addDays(past, 1))
    expect(first.map(({ day, state, envelopes }) => [day, state, envelopes])).toEqual([
      [past, "closed", 3],
      [today, "open", 2],
    ])
    // What is remembered is what is answered: the envelopes themselves are not looked at.
    await database.query("update closed_days set envelopes = 77")
    expect((await envelopes.feed(addDays(past, 1)))[0]?.envelopes).toBe(77)
    const { rows } = await database.query<{ hash: Buffer }>("select sha256(bytes) as hash from envelopes where day = $1::date limit 1", [
      past,
    ])
    await mailboxStore(database).drop(mailbox, [new Uint8Array(rows[0]?.hash ?? [])])
    const [after] = await envelopes.feed(addDays(past, 1))
    expect(after?.envelopes).toBe(2)
    expect(after?.digest).not.toBe(first[0]?.digest)
  })

  test("has a closed day without envelopes with the digest of nothing", async () => {
    await closeDays(database, past, past)
    expect(await envelopes.feed(addDays(past, 1))).toEqual([
      { day: past, state: "closed", envelopes: 0, digest: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" },
    ])
  })
})

describe("retention", () => {
  const partitions = async () =>
    (
      await database.query<{ relname: string }>(
        "select relname from pg_class where relkind = 'r' and relname like 'envelopes%' order by relname",
      )
    ).rows.map(({ relname }) => relname)

  test("drops a day with all that was on it while others are written to", async () => {
    await send(5, past)
    await closeDays(database, past, past)
    const later = addDays(past, POLICY.retentionDays + 1)
    await keepPartitions(database, later, undefined, quiet)
    const writing = send(30, later)
    await keepPartitions(database, later, POLICY, quiet)
    await writing
    expect((await partitions()).filter((name) => name <= "envelopes_2026_11_19")).toEqual([])
    expect((await database.query("select from envelopes where day = $1::date", [later])).rowCount).toBe(30)
    expect((await database.query("select from closed_days")).rowCount).toBe(0)
  })

  test("finishes what was cut short after a partition had been taken out and before it was dropped", async () => {
    await send(2, past)
    await database.query("alter table envelopes detach partition envelopes_2026_11_19 concurrently")
    const logged: string[] = []
    await keepPartitions(database, addDays(past, POLICY.retentionDays + 1), POLICY, (event) => logged.push(JSON.stringify(event)))
    expect((await partitions()).filter((name) => name <= "envelopes_2026_11_19")).toEqual([])
    expect(logged).toContain('{"event":"partition dropped","day":"2026-11-19"}')
  })

  test("may be kept by several processes at once", async () => {
    await send(2, past)
    const later = addDays(past, POLICY.retentionDays + 1)
    await Promise.all([1, 2, 3, 4].map(() => keepPartitions(database, later, POLICY, quiet)))
    // Ten around the later day, and of the ten around the earlier one the five that are not past yet.
    expect((await partitions()).length).toBe(15)
  })
})
