/** What a monitor is told, and who can ask: docs/decisions/0023. A whole day's kinds of requests move no number of it; a relay that is broken does,
 *  and then the doctor and `operator status` say it too, while the source notices nothing. */

import { networkInterfaces } from "node:os"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import pg from "pg"
import { addDays } from "../../envelope/day.ts"
import { newSignKey, verifyKeyOf } from "../../envelope/keys.ts"
import { mailboxAddress } from "../../keyring/mailbox.ts"
import { examine } from "../../scripts/operator/doctor/facts.ts"
import { gatherServer } from "../../scripts/operator/doctor/inside.ts"
import { SERVER_CHECKS } from "../../scripts/operator/doctor/server.ts"
import { operatorStatus } from "../../scripts/operator/status.ts"
import { partitionOf } from "../../server/partitions.ts"
import { deskAt } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { openPostOffice, type PostOffice } from "../support/mail.ts"
import { look } from "../support/mailbox.ts"
import { POLICY } from "../support/newsroom.ts"
import { freePort } from "../support/port.ts"
import { ask, signedHeaders } from "../support/server.ts"
import { begun, patch } from "../support/uploads.ts"

let database: TestDatabase
let post: PostOffice
let line: Line
let port: number
beforeAll(async () => {
  database = await freshDatabase()
  post = await openPostOffice()
  port = await freePort()
  line = await startLine(
    database.url,
    { smtp: { url: post.url, from: "notes@example.org" }, mailAt: "every 2s", environment: { SOTTO_METRICS_PORT: String(port) } },
    { policy: { ...POLICY, maxTipBytes: 4_194_304 } },
  )
  const notes = await Promise.all(line.newsroom.reporters.slice(0, 1).map((reporter) => line.newsroom.dayNote(reporter, line.today)))
  expect(await line.put("/api/days", { notes })).toBe(204)
}, 60_000)
afterAll(async () => {
  await line.remove()
  await post.stop()
  await database.drop()
})

const metrics = async (): Promise<string> => (await ask(`http://127.0.0.1:${port}`, "GET", "/metrics")).body.toString()
const gauge = (text: string, name: string) => Number(new RegExp(`^${name} (-?[0-9.]+)$`, "m").exec(text)?.[1])
async function sql(statement: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ ...database.connection })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement, [...values])).rows
  } finally {
    await client.end()
  }
}
async function feed() {
  const by = line.newsroom.reporters[0]?.signer
  if (by === undefined) throw new Error("no reporter")
  return ask(line.base, "GET", "/api/feed", {
    headers: await signedHeaders(line.newsroom, by, Date.now() / 1_000, { target: "/api/feed" }),
  })
}
async function sendTip(bytes = 10) {
  const content = new Uint8Array(bytes)
  const body = await line.newsroom.tip(line.today, line.newsroom.reporters, "a tip", [{ name: "a.bin", content }])
  return ask(line.base, "POST", `/api/envelopes?day=${line.today}`, { headers: { "content-type": "application/age" }, body })
}

describe("metrics", () => {
  test("are in the text format, each with its help, all of them gauges", async () => {
    const { status, headers, body } = await ask(`http://127.0.0.1:${port}`, "GET", "/metrics")
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"])
    const blocks = body.toString().match(/# HELP (sotto_[a-z_]+) [^\n]+\n# TYPE \1 gauge\n\1 -?\d+(\.\d+)?\n/g) ?? []
    expect(blocks.join("")).toBe(body.toString())
    expect(blocks).toHaveLength(9)
    expect(["sotto_database_up", "sotto_reporters_reachable", "sotto_keyring_version"].map((name) => gauge(body.toString(), name))).toEqual(
      [1, 1, 2],
    )
  })

  test("do not change by a byte with tips, uploads, replies, looks, refused requests and a reporter's sync", async () => {
    // Such as a closed day is there too.
    const closed = addDays(line.today, -5)
    await sql("insert into envelopes (day, bytes) select $1::date, decode(repeat('00', 32768), 'hex') from generate_series(1, 50)", [
      closed,
    ])
    await sql("insert into closed_days (day, tidy) values ($1::date, true)", [closed])
    await sql(`vacuum ${partitionOf("envelopes", closed)}`)
    expect((await feed()).status).toBe(200) // closes the days that are over, as housekeeping does
    const before = await metrics()
    expect(gauge(before, "sotto_closed_days_bytes")).toBeGreaterThan(50 * 32_768)
    for (let index = 0; index < 30; index++) expect((await sendTip(index === 0 ? 200_000 : 10)).status).toBe(201)
    const large = await line.newsroom.tip(line.today, line.newsroom.reporters, "", [{ name: "b.bin", content: new Uint8Array(1_500_000) }])
    expect((await patch(line.base, await begun(line.base, line.today, large.length), 0, large)).status).toBe(204)
    const key = await newSignKey()
    const reply = await line.newsroom.tip(line.today, line.newsroom.reporters, "an answer")
    const headers = { "content-type": "application/octet-stream" }
    const body = Buffer.concat([await mailboxAddress(await verifyKeyOf(key)), reply])
    expect((await ask(line.base, "POST", `/api/replies?day=${line.today}`, { headers, body })).status).toBe(201)
    for (let index = 0; index < 3; index++)
      expect((await look(line.base, { key, day: line.today, url: line.newsroom.url })).status).toBe(200)
    for (const target of ["/", "/api/today", "/nowhere", "/api/nowhere", "/api/feed"]) await ask(line.base, "GET", target)
    expect((await feed()).status).toBe(200)
    expect(await metrics()).toBe(before)
  }, 60_000)

  test("are nowhere else: the page's listener shows the page there, this one has nothing else, and no other address of the machine leads to it", async () => {
    const page = (await ask(line.base, "GET", "/")).body
    expect((await ask(line.base, "GET", "/metrics")).body.equals(page)).toBe(true)
    for (const target of ["/", "/metrics?x=1", "/api/today"])
      expect((await ask(`http://127.0.0.1:${port}`, "GET", target)).status).toBe(404)
    expect((await ask(`http://127.0.0.1:${port}`, "POST", "/metrics")).status).toBe(404)
    const others = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).filter(({ family, internal }) => family === "IPv4" && !internal),
    )
    for (const address of ["127.0.0.2", ...others.map((one) => one.address)])
      await expect(ask(`http://${address}:${port}`, "GET", "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })
})

describe("a relay that takes no mail", () => {
  const doctor = async () => {
    const facts = await gatherServer({ today: line.today, now: Date.now(), databaseUrl: database.url, logs: [], isMarkSent: true })
    return examine(SERVER_CHECKS, facts).find(({ check }) => check === "mails waiting")
  }
  async function status(): Promise<{ code: number; said: string }> {
    const desk = deskAt("/nowhere", { clock: { today: () => line.today, seconds: () => Math.floor(Date.now() / 1_000) } })
    const code = await operatorStatus(desk, { databaseUrl: database.url })
    return { code, said: desk.said.out() }
  }

  test("is told to the operator in every way, and to no source; mended, it is not told any more", async () => {
    expect([gauge(await metrics(), "sotto_mail_failing"), (await doctor())?.verdict, (await status()).code]).toEqual([0, "fine", 0])
    post.behave("reject")
    expect(await line.put("/api/notify", { address: "desk@example.org", mode: "always" })).toBe(204)
    const hurry = () => sql("update mails set retry_at = now() where retry_at > now()")
    for (let failing = 0; failing === 0; failing = gauge(await metrics(), "sotto_mail_failing")) {
      await hurry()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const answer = await sendTip()
    expect([answer.status, answer.body.length]).toEqual([201, 0])
    expect((await ask(line.base, "GET", "/healthz")).status).toBe(204)
    expect(await doctor()).toMatchObject({ verdict: "warn", sentence: expect.stringContaining("did not take"), mend: expect.any(String) })
    expect(await status()).toMatchObject({ code: 1, said: expect.stringMatching(/^mail {9}the relay did not take a mail/) })
    expect(line.server.log()).toContain('{"event":"mail failed","reason":"refused"}')
    // As if it had been so for three days.
    await sql(
      "update mails set slot = slot - interval '3 days' where (reporter, slot) in (select reporter, min(slot) from mails group by reporter)",
    )
    expect(gauge(await metrics(), "sotto_mail_oldest_unsent_days")).toBe(3)
    expect(await doctor()).toMatchObject({ verdict: "fail", sentence: expect.stringContaining("3 days") })
    post.behave("accept")
    for (let failing = 1; failing === 1; failing = gauge(await metrics(), "sotto_mail_failing")) {
      await hurry()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(gauge(await metrics(), "sotto_mail_oldest_unsent_days")).toBe(0)
    expect([(await doctor())?.verdict, (await status()).code]).toEqual(["fine", 0])
  }, 60_000)
})

test("without its database the server says that, and nothing that it does not know", async () => {
  await line.server.kill("SIGTERM")
  const own = await freshDatabase()
  const gone = await startLine(own.url, { environment: { SOTTO_METRICS_PORT: String(port) } })
  await own.drop()
  expect(await metrics()).toBe(
    "# HELP sotto_database_up Whether the database answers.\n# TYPE sotto_database_up gauge\nsotto_database_up 0\n",
  )
  await gone.remove()
}, 60_000)
