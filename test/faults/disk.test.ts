/** The disk under PostgreSQL is full, really: a file system of its own that is made too small while tips come. Before that the watermarks refuse;
 *  then everything is refused with 503 and `Retry-After`, nothing that was answered with 201 is lost, and the line opens again when there is room. */

import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import pg from "pg"
import type { Bytes } from "../../envelope/bytes.ts"
import { type OwnPostgres, ownPostgres } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { describeUnless } from "../support/needs.ts"
import { POLICY } from "../support/newsroom.ts"
import { keptHashes, pause, sendTips, until } from "../support/senders.ts"
import { type Answered, ask } from "../support/server.ts"
import { noSmallDisk, type SmallDisk, smallDisk } from "../support/small-disk.ts"
import { begin, begun, offsetOf, patch } from "../support/uploads.ts"

const MB = 1_000_000
/** What the database may take, in the first half. */
const LIMIT_MB = 60
/** So long the server believes what it saw of the store. */
const LOOK_MS = 5_500

describeUnless(noSmallDisk(), "a disk that is full", () => {
  let disk: SmallDisk
  let postgres: OwnPostgres
  let line: Line
  beforeAll(async () => {
    disk = smallDisk(600 * MB)
    // Little write-ahead log in advance, so that it meets the end of the disk as the tables do.
    postgres = await ownPostgres({ min_wal_size: "32MB", max_wal_size: "64MB" }, { on: disk.path })
    const environment = { SOTTO_STORAGE_GB: String(LIMIT_MB / 1_000) }
    line = await startLine(postgres.url, { environment }, { policy: { ...POLICY, maxTipBytes: 8 * 2 ** 20 } })
  }, 120_000)
  afterAll(async () => {
    await line.remove()
    disk.leave(200 * MB)
    await postgres.remove()
    disk.remove()
  })

  async function sql(statement: string): Promise<void> {
    const client = new pg.Client({ ...postgres.connection })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  const grow = (megabytes: number) =>
    sql(
      `create table if not exists ballast (bytes bytea); alter table ballast alter bytes set storage external;
       insert into ballast select decode(repeat(md5(n::text), 31250), 'hex') from generate_series(1, ${megabytes * 2}) n`,
    )
  async function tipOf(bytes: number): Promise<Bytes> {
    return line.newsroom.tip(line.today, line.newsroom.reporters, "files", [{ name: "a.bin", content: new Uint8Array(randomBytes(bytes)) }])
  }
  const send = (body: Bytes) =>
    ask(line.base, "POST", `/api/envelopes?day=${line.today}`, { headers: { "content-type": "application/age" }, body })
  const said = ({ status, headers, body }: Answered) => [
    status,
    status === 201 ? "" : JSON.parse(body.toString()).type,
    headers["retry-after"],
  ]
  const TAKEN = [201, "", undefined]
  const REFUSED = [503, "urn:sotto:problem:not-ready", "5"]

  test("is not reached: beyond four fifths of what the store may take only the smallest tips are, at the end none, and the log says each once", async () => {
    const [small, larger] = [await tipOf(10), await tipOf(200_000)]
    const upload = await tipOf(5_000_000)
    const path = await begun(line.base, line.today, upload.length)
    expect((await patch(line.base, path, 0, upload.subarray(0, 1_500_000))).status).toBe(204)
    expect([said(await send(small)), said(await send(larger))]).toEqual([TAKEN, TAKEN])
    await grow(LIMIT_MB * 0.75)
    await pause(LOOK_MS)
    expect([said(await send(larger)), said(await begin(line.base, line.today, 1_310_720)), said(await send(small))]).toEqual([
      REFUSED,
      REFUSED,
      TAKEN,
    ])
    // What was begun while there was room fills none of it: it stands where it stood.
    expect(said(await patch(line.base, path, 1_500_000, upload.subarray(1_500_000)))).toEqual(REFUSED)
    expect(await offsetOf(line.base, path)).toBe(1_500_000)
    await grow(LIMIT_MB * 0.25)
    await pause(LOOK_MS)
    expect([said(await send(larger)), said(await send(small))]).toEqual([REFUSED, REFUSED])
    expect(disk.free()).toBeGreaterThan(100 * MB)
    await sql("drop table ballast")
    await pause(LOOK_MS)
    expect([said(await send(larger)), said(await send(small))]).toEqual([TAKEN, TAKEN])
    expect((await patch(line.base, path, 1_500_000, upload.subarray(1_500_000))).status).toBe(204)
    expect(line.server.log().match(/storage \w+/g)).toEqual(["storage low", "storage full"])
  }, 60_000)

  test("refuses with 503 and loses nothing: every 201 is there, an upload goes on where it stood, and the line opens again by itself", async () => {
    await line.server.kill("SIGTERM")
    await line.start({})
    const upload = await tipOf(5_000_000)
    const path = await begun(line.base, line.today, upload.length)
    expect((await patch(line.base, path, 0, upload.subarray(0, 1_500_000))).status).toBe(204)

    disk.leave(6 * MB)
    const load = sendTips(line, 4)
    await until(() => load.refused.length >= 20)
    expect(load.refused.filter(({ status, retryAfter }) => status !== 503 || !(Number(retryAfter) > 0))).toEqual([])
    const cut = await patch(line.base, path, 1_500_000, upload.subarray(1_500_000)).catch(() => undefined)
    expect(cut === undefined || cut.status === 503).toBe(true)
    const before = load.acknowledged.length

    disk.leave(200 * MB)
    // Where the write-ahead log itself met the end, PostgreSQL has ended; whatever keeps it running starts it again.
    const ended = postgres.hasEnded
    if (ended) await postgres.start()
    await until(() => load.acknowledged.length >= before + 20)
    await load.stop()
    const kept = await keptHashes(postgres.connection)
    expect(load.acknowledged.filter((hash) => !kept.has(hash))).toEqual([])

    process.stdout.write(
      `disk: ${before} tips taken, ${load.refused.length} refused while it was full; PostgreSQL ${ended ? "ended by itself and was started again" : "went on"}\n`,
    )
    const at = (await offsetOf(line.base, path)) ?? 0
    expect(at).toBeGreaterThanOrEqual(1_500_000)
    expect((await patch(line.base, path, at, upload.subarray(at))).status).toBe(204)
    expect(await offsetOf(line.base, path)).toBe(upload.length)
    expect((await ask(line.base, "GET", "/healthz")).status).toBe(204)
    expect(line.server.log()).not.toContain('"broken"')
  }, 120_000)
})
