/** Uploads: an envelope above 1 MiB comes in pieces, at exact offsets, over whatever line, and exists once its last byte is committed. */

import { randomBytes } from "node:crypto"
import { request } from "node:http"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import { Upload } from "tus-js-client"
import { type Bytes, utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { openDatabase } from "../../server/database.ts"
import * as locks from "../../server/locks.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { uploadStore } from "../../server/uploads.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { type Answered, ask, signedHeaders, startServer, type TestServer } from "../support/server.ts"
import { begin, begun, cut, end, look, OFFSET_TYPE, offsetOf, patch } from "../support/uploads.ts"

const today = "2026-11-22" as Day
const MIB = 1_048_576
let newsroom: TestNewsroom
let server: TestServer
/** 3 MiB, a class: two rows of the server's and most of a third. */
let envelope: Bytes
beforeAll(async () => {
  newsroom = await makeNewsroom({ today, policy: { ...POLICY, maxTipBytes: 2_147_483_648 } })
  server = await startServer(newsroom, today)
  envelope = await newsroom.tip(today, [first()], "see the file", [{ name: "list.bin", content: new Uint8Array(randomBytes(2.9 * MIB)) }])
})
afterAll(() => server.stop())

function first() {
  const [reporter] = newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  return reporter
}
async function signed(method: string, target: string, { value, headers = {} }: { value?: unknown; headers?: Record<string, string> } = {}) {
  const body = value === undefined ? new Uint8Array(0) : utf8(JSON.stringify(value))
  const signature = await signedHeaders(newsroom, first().signer, server.clock.ms / 1_000, { method, target, body })
  const type: Record<string, string> = value === undefined ? {} : { "content-type": "application/json" }
  return ask(server.base, method, target, { headers: { ...signature, ...type, ...headers }, ...(value === undefined ? {} : { body }) })
}
async function listed(day = today): Promise<readonly (readonly [id: string, bytes: number])[]> {
  return JSON.parse((await signed("GET", `/api/feed/${day}`)).body.toString("utf8")).envelopes
}
const large = async (day = today) => (await listed(day)).filter(([, bytes]) => bytes > MIB).map(([id]) => id)
const problem = ({ body }: Answered) => JSON.parse(body.toString("utf8")).type
const count = async (table: string) =>
  (await server.database.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n ?? 0

/** Sends all of it, from where it stands. @returns the status of the last piece */
async function sendRest(path: string, bytes: Uint8Array, step = MIB): Promise<number> {
  let status = 0
  for (let at = (await offsetOf(server.base, path)) ?? 0; at < bytes.length; at += step)
    status = (await patch(server.base, path, at, bytes.subarray(at, at + step))).status
  return status
}
/** The one envelope that `work` makes. */
async function madeBy(work: () => Promise<unknown>): Promise<string> {
  const before = new Set(await large())
  await work()
  const made = (await large()).filter((id) => !before.has(id))
  expect(made).toHaveLength(1)
  return made[0] ?? ""
}
const whole = async (id: string) => (await signed("GET", `/api/envelopes/${today}/${id}`)).body

describe("an upload", () => {
  test("by tus-js-client becomes an envelope, byte for byte", async () => {
    const id = await madeBy(
      () =>
        new Promise<void>((resolve, reject) => {
          const upload = new Upload(Buffer.from(envelope), {
            endpoint: `${server.base}/api/uploads?day=${today}`,
            uploadSize: envelope.length,
            chunkSize: 700_000,
            onSuccess: () => resolve(),
            onError: reject,
          })
          upload.start()
        }),
    )
    expect((await whole(id)).equals(envelope)).toBe(true)
  })

  test("ended by tus-js-client leaves nothing behind", async () => {
    const before = [await count("uploads"), await count("chunks")]
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(Buffer.from(envelope), {
        endpoint: `${server.base}/api/uploads?day=${today}`,
        uploadSize: envelope.length,
        chunkSize: MIB,
        onChunkComplete: () => void upload.abort(true).then(resolve, reject),
        onError: reject,
      })
      upload.start()
    })
    expect([await count("uploads"), await count("chunks")]).toEqual(before)
  })

  test("says what it can, and its version in every answer", async () => {
    const options = await ask(server.base, "OPTIONS", "/api/uploads")
    expect([options.status, options.headers["tus-version"], options.headers["tus-extension"], options.headers["tus-max-size"]]).toEqual([
      204,
      "1.0.0",
      "creation,termination",
      "2147483648",
    ])
    const refused = await ask(server.base, "HEAD", `/api/uploads/${"A".repeat(43)}`)
    expect([refused.status, refused.headers["tus-resumable"], refused.headers["tus-version"]]).toEqual([412, "1.0.0", "1.0.0"])
  })

  test("is an envelope only with its last byte, and then a mail is due", async () => {
    await signed("PUT", "/api/notify", { value: { address: "desk@example.org", mode: "news" } })
    const path = await begun(server.base, today, envelope.length)
    expect(path).toMatch(/^\/api\/uploads\/[A-Za-z0-9_-]{43}$/)
    const before = await large()
    await patch(server.base, path, 0, envelope.subarray(0, -1))
    expect([await large(), await count("mails")]).toEqual([before, 0])
    expect((await patch(server.base, path, envelope.length - 1, envelope.subarray(-1))).status).toBe(204)
    expect([(await large()).length, await count("mails")]).toEqual([before.length + 1, 1])
    const state = await look(server.base, path)
    expect([state.headers["upload-offset"], state.headers["upload-length"]]).toEqual([String(envelope.length), String(envelope.length)])
    const feed = JSON.parse((await signed("GET", "/api/feed")).body.toString("utf8"))
    expect(feed.days.find(({ day }: { day: Day }) => day === today).envelopes).toBe(before.length + 1)
  })

  test("takes no piece at another offset than where it stands: repeated, overlapping, skipping", async () => {
    const path = await begun(server.base, today, envelope.length)
    const id = await madeBy(async () => {
      expect((await patch(server.base, path, 0, envelope.subarray(0, 100_000))).status).toBe(204)
      for (const at of [0, 50_000, 99_999, 100_001, 2 * MIB]) {
        const { status, body } = await patch(server.base, path, at, envelope.subarray(at, at + 100_000))
        expect([status, JSON.parse(body.toString("utf8")).type]).toEqual([409, "urn:sotto:problem:conflict"])
      }
      expect(await offsetOf(server.base, path)).toBe(100_000)
      expect(await sendRest(path, envelope)).toBe(204)
      expect((await patch(server.base, path, 100_000, envelope.subarray(100_000, 200_000))).status).toBe(409)
    })
    expect((await whole(id)).equals(envelope)).toBe(true)
  })

  test("by eight senders at once, each with the whole, arrives once and unmixed", async () => {
    const path = await begun(server.base, today, envelope.length)
    const id = await madeBy(async () => {
      for (let round = 0; (await offsetOf(server.base, path)) !== envelope.length; round++) {
        expect(round).toBeLessThan(50)
        const at = (await offsetOf(server.base, path)) ?? 0
        await Promise.all(Array.from({ length: 8 }, () => patch(server.base, path, at, envelope.subarray(at)).catch(() => undefined)))
      }
    })
    expect((await whole(id)).equals(envelope)).toBe(true)
  })

  test("keeps to the byte what a broken line brought, and goes on from there", async () => {
    const path = await begun(server.base, today, envelope.length)
    const id = await madeBy(async () => {
      let last = 0
      for (const sent of [1_000, 200_000, 1_500_000]) {
        const at = (await offsetOf(server.base, path)) ?? 0
        await cut(server.base, path, at, envelope.subarray(at), sent)
        // The server notices in its own time; what counts is settled when a piece is taken from there.
        last = (await offsetOf(server.base, path)) ?? 0
        expect(last === 0 || last >= 14_083).toBe(true)
      }
      while ((await offsetOf(server.base, path)) !== envelope.length) await sendRest(path, envelope).catch(() => undefined)
    })
    expect((await whole(id)).equals(envelope)).toBe(true)
  })

  test("of what is no envelope is refused at its header, before the rest was sent, and is gone", async () => {
    const path = await begun(server.base, today, envelope.length)
    const bad = Uint8Array.from(envelope)
    bad.fill(0x41, 30, 40_000)
    const { hostname, port } = new URL(server.base)
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { "tus-resumable": "1.0.0", "content-type": OFFSET_TYPE, "upload-offset": "0", "content-length": String(bad.length) }
      const asked = request({ hostname, port, method: "PATCH", path, headers, agent: false }, (answer) => resolve(answer.statusCode ?? 0))
      asked.on("error", reject)
      asked.write(bad.subarray(0, MIB)) // and no more
    })
    expect([status, await offsetOf(server.base, path)]).toEqual([422, undefined])
  })

  test("may be ended while it is not whole, and not after", async () => {
    const path = await begun(server.base, today, envelope.length)
    await patch(server.base, path, 0, envelope.subarray(0, 100_000))
    expect((await end(server.base, path)).status).toBe(204)
    expect([(await end(server.base, path)).status, (await patch(server.base, path, 100_000, envelope.subarray(100_000))).status]).toEqual([
      404, 404,
    ])
    const kept = await begun(server.base, today, envelope.length)
    const id = await madeBy(() => sendRest(kept, envelope))
    const refused = await end(server.base, kept)
    expect([refused.status, problem(refused)]).toEqual([409, "urn:sotto:problem:conflict"])
    expect((await whole(id)).length).toBe(envelope.length)
  })

  test("may be gone on with by POST where a line knows no PATCH", async () => {
    const path = await begun(server.base, today, envelope.length)
    const headers = { "tus-resumable": "1.0.0", "x-http-method-override": "PATCH", "content-type": OFFSET_TYPE, "upload-offset": "0" }
    expect((await ask(server.base, "POST", path, { headers, body: envelope.subarray(0, 100_000) })).status).toBe(204)
    expect((await ask(server.base, "POST", path, { headers: { ...headers, "x-http-method-override": "GET" } })).status).toBe(405)
    expect((await ask(server.base, "POST", "/api/envelopes", { headers: { "x-http-method-override": "GET" } })).status).not.toBe(405)
  })

  test("names itself to its sender alone: the database holds a hash of its name, and no time finer than the day", async () => {
    const path = await begun(server.base, today, envelope.length)
    const { rows } = await server.database.query<{ row: string }>("select to_jsonb(u)::text as row from uploads u")
    const name = Buffer.from(path.slice(path.lastIndexOf("/") + 1), "base64url").toString("hex")
    expect(rows.length).toBeGreaterThan(0)
    for (const { row } of rows) expect([row.includes(name), /\d\d:\d\d/.test(row)]).toEqual([false, false])
  })
})

describe("the day", () => {
  test("of an upload is checked when it begins and again at its last byte", async () => {
    expect((await begin(server.base, addDays(today, -3), envelope.length)).status).toBe(422)
    expect((await begin(server.base, addDays(today, 2), envelope.length)).status).toBe(422)
    const late = addDays(today, -2)
    const path = await begun(server.base, late, envelope.length)
    await patch(server.base, path, 0, envelope.subarray(0, -1000))
    server.clock.ms += 86_400_000
    const byClock = await patch(server.base, path, envelope.length - 1000, envelope.subarray(-1000))
    expect([byClock.status, problem(byClock)]).toEqual([422, "urn:sotto:problem:day-closed"])
    await signed("GET", "/api/feed") // closes the day
    server.clock.ms -= 86_400_000
    const closed = await patch(server.base, path, envelope.length - 1000, envelope.subarray(-1000))
    expect([closed.status, problem(closed), await large(late)]).toEqual([422, "urn:sotto:problem:day-closed", []])
  })

  test("after the next one, what nobody went on with is gone, and what is whole stays", async () => {
    const [open, done] = [await begun(server.base, today, envelope.length), await begun(server.base, today, envelope.length)]
    await patch(server.base, open, 0, envelope.subarray(0, 2 * MIB))
    const id = await madeBy(() => sendRest(done, envelope))
    const keep = (day: Day) => keepPartitions(server.database, day, undefined, () => undefined)
    await keep(addDays(today, 1))
    expect([await offsetOf(server.base, open), await offsetOf(server.base, done)]).toEqual([2 * MIB, envelope.length])
    await keep(addDays(today, 2))
    expect([await offsetOf(server.base, open), await offsetOf(server.base, done), await count("uploads")]).toEqual([
      undefined,
      undefined,
      0,
    ])
    expect((await whole(id)).equals(envelope)).toBe(true)
    const { rows } = await server.database.query<{ n: number }>(
      "select count(*)::int as n from chunks c where not exists (select from large_envelopes l where l.id = c.envelope)",
    )
    expect(rows[0]?.n).toBe(0)
  })
})

describe("what uploads may take", () => {
  test("is nothing that a backup holds up, and who waits for a lock waits for seconds, not with every connection there is", async () => {
    expect(new Set(Object.values(locks)).size).toBe(Object.keys(locks).length)
    const other = new pg.Client(server.url)
    await other.connect()
    try {
      await other.query("select pg_advisory_lock_shared($1)", [locks.BACKUP_LOCK])
      await end(server.base, await begun(server.base, today, envelope.length))
      await other.query("select pg_advisory_lock($1)", [locks.UPLOADS_LOCK])
      const waiting = Array.from({ length: 12 }, () => begin(server.base, today, envelope.length))
      for (const answer of await Promise.all(waiting))
        expect([answer.status, problem(answer)]).toEqual([503, "urn:sotto:problem:not-ready"])
      expect((await ask(server.base, "GET", "/healthz")).status).toBe(204)
    } finally {
      await other.end()
    }
    await end(server.base, await begun(server.base, today, envelope.length))
  })

  test("gives way by as much as is needed and no more, however PostgreSQL goes about it", async () => {
    const own = await startServer(newsroom, today)
    try {
      const { rows } = await own.database.query<{ name: string }>("select current_database() as name")
      // What a table without statistics, or with old ones, may get by itself.
      for (const plan of ["hashagg", "sort", "hashjoin", "mergejoin", "indexscan", "bitmapscan", "indexonlyscan", "material"])
        await own.database.query(`alter database "${rows[0]?.name}" set enable_${plan} = off`)
      const planned = openDatabase(own.url, () => undefined)
      const uploads = uploadStore(planned, { empty: 5, bytes: 2_000 })
      for (let begun = 0; begun < 5; begun++) await uploads.begin(new Uint8Array(randomBytes(32)), today, envelope.length, today)
      for (let more = 0; more < 20; more++) {
        expect(await uploads.begin(new Uint8Array(randomBytes(32)), today, envelope.length, today)).toBe(true)
        expect((await planned.query("select from uploads")).rowCount).toBe(5)
      }
      await planned.close()
    } finally {
      await own.stop()
    }
  })

  test("of empty ones gives way to new ones, of bytes to nobody", async () => {
    // Of what others left some would give way in their place.
    await server.database.query("delete from uploads where received = 0")
    const uploads = uploadStore(server.database, { empty: 3, bytes: 2_000 })
    const secrets = Array.from({ length: 6 }, () => new Uint8Array(randomBytes(32)))
    for (const secret of secrets) expect(await uploads.begin(secret, today, envelope.length, today)).toBe(true)
    const found = await Promise.all(secrets.map((secret) => uploads.find(secret)))
    expect([found.filter((one) => one !== undefined).length, found.at(-1)?.received]).toEqual([3, 0])
    const last = secrets.at(-1) ?? new Uint8Array(0)
    const upload = { day: today, bytes: envelope.length, received: 0 }
    expect(await uploads.append(last, { upload, at: 0, bytes: envelope.subarray(0, 2_000) }, today, 0)).toBe(true)
    expect(await uploads.begin(new Uint8Array(randomBytes(32)), today, envelope.length, today)).toBe(false)
    for (const secret of secrets) await uploads.end(secret)
  })
})

describe("a large envelope", () => {
  let id: string
  beforeAll(async () => {
    const path = await begun(server.base, today, envelope.length)
    id = await madeBy(() => sendRest(path, envelope, 333_333)) // rows of odd lengths
  })

  test.each<[string, number, number]>([
    ["bytes=0-0", 0, 1],
    ["bytes=0-", 0, 3 * MIB],
    ["bytes=333332-333334", 333_332, 333_335],
    ["bytes=1000000-2500000", 1_000_000, 2_500_001],
    ["bytes=3145727-", 3 * MIB - 1, 3 * MIB],
    ["bytes=3000000-9999999", 3_000_000, 3 * MIB],
  ])("gives the range %s", async (range, from, to) => {
    const answer = await signed("GET", `/api/envelopes/${today}/${id}`, { headers: { range } })
    expect([answer.status, answer.headers["content-range"], answer.body.length]).toEqual([
      206,
      `bytes ${from}-${to - 1}/${3 * MIB}`,
      to - from,
    ])
    expect(answer.body.equals(envelope.subarray(from, to))).toBe(true)
  })

  test.each(["bytes=3145728-", "bytes=5-4", "bytes=-5", "bytes=0-1,4-5", "lines=0-1", ""])("refuses the range %j", async (range) => {
    const answer = await signed("GET", `/api/envelopes/${today}/${id}`, { headers: { range } })
    expect([answer.status, problem(answer)]).toEqual([416, "urn:sotto:problem:bad-range"])
  })

  test("tells its length to who asks by HEAD, and reads nothing", async () => {
    const answer = await signed("HEAD", `/api/envelopes/${today}/${id}`)
    expect([answer.status, answer.headers["content-length"], answer.body.length]).toEqual([200, String(3 * MIB), 0])
  })

  test("shows everybody who asks for the day's envelopes the same first mebibyte", async () => {
    const answer = await signed("POST", "/api/feed/fetch", { value: { day: today, ids: [id] } })
    expect([answer.body.length, Number(answer.body.readBigUInt64BE(16))]).toEqual([24 + MIB, MIB])
    expect(answer.body.subarray(24).equals(envelope.subarray(0, MIB))).toBe(true)
  })

  test("that is small is given by range too", async () => {
    const small = await newsroom.tip(today, [first()], "small")
    await ask(server.base, "POST", `/api/envelopes?day=${today}`, { headers: { "content-type": "application/age" }, body: small })
    const [found] = (await listed()).find(([, bytes]) => bytes === small.length) ?? []
    const answer = await signed("GET", `/api/envelopes/${today}/${found}`, { headers: { range: "bytes=100-299" } })
    expect([answer.status, answer.body.equals(small.subarray(100, 300))]).toEqual([206, true])
  })

  test("is gone with its day", async () => {
    await keepPartitions(server.database, addDays(today, 91), newsroom.chain[1]?.policy, () => undefined)
    expect([await count("chunks"), await count("large_envelopes")]).toEqual([0, 0])
  })
})
