/** What the server does with an envelope: keeps it durably, gives it back to reporters whole, and refuses every other thing. */

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { ask, signedHeaders, startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
let newsroom: TestNewsroom
let server: TestServer
beforeAll(async () => {
  newsroom = await makeNewsroom({ today })
  server = await startServer(newsroom, today)
})
afterAll(() => server.stop())

const first = () => {
  const [reporter] = newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  return reporter
}
const post = (day: string, body: Uint8Array) =>
  ask(server.base, "POST", `/api/envelopes?day=${day}`, { headers: { "content-type": "application/age" }, body })
async function signed(method: string, target: string, value?: unknown) {
  const body = value === undefined ? new Uint8Array(0) : utf8(JSON.stringify(value))
  const headers = await signedHeaders(newsroom, first().signer, server.clock.ms / 1_000, { method, target, body })
  return ask(server.base, method, target, {
    headers: { ...headers, ...(value === undefined ? {} : { "content-type": "application/json" }) },
    ...(value === undefined ? {} : { body }),
  })
}
const text = (answer: { body: Buffer }) => JSON.parse(answer.body.toString("utf8"))

describe("an envelope", () => {
  test("is answered with 201 and nothing else, listed by day, and given back byte for byte", async () => {
    const envelope = await newsroom.tip(today, [first()], "hello")
    const answer = await post(today, envelope)
    expect([answer.status, answer.body.length]).toEqual([201, 0])
    const feed = text(await signed("GET", "/api/feed"))
    expect(feed.days.find(({ day }: { day: string }) => day === today)).toMatchObject({ state: "open", envelopes: 1 })
    const [[id, bytes]] = text(await signed("GET", `/api/feed/${today}`)).envelopes
    expect(bytes).toBe(envelope.length)
    const fetched = await signed("POST", "/api/feed/fetch", { day: today, ids: [id] })
    expect(fetched.body.subarray(0, 16).toString("hex")).toBe(id.replaceAll("-", ""))
    expect(Number(fetched.body.readBigUInt64BE(16))).toBe(envelope.length)
    expect(fetched.body.subarray(24).equals(envelope)).toBe(true)
  })

  test("for a day is taken from the day before to acceptDays after, and then the day is closed for good", async () => {
    const statuses = []
    for (const shift of [-3, -2, -1, 0, 1, 2])
      statuses.push((await post(addDays(today, shift), await newsroom.tip(addDays(today, shift), [first()], "x"))).status)
    expect(statuses).toEqual([422, 201, 201, 201, 201, 422])
    server.clock.ms += 86_400_000
    const days = text(await signed("GET", "/api/feed")).days as { day: string; state: string }[]
    expect(days.find(({ day }) => day === addDays(today, -2))?.state).toBe("closed")
    server.clock.ms -= 86_400_000 // a clock that goes back does not open a day again
    expect(text(await post(addDays(today, -2), await newsroom.tip(addDays(today, -2), [first()], "late"))).type).toBe(
      "urn:sotto:problem:day-closed",
    )
  })

  test("leaves one row in the outbox for each reporter who wants mail, however many come", async () => {
    await signed("PUT", "/api/notify", { address: "desk@example.org", mode: "news" })
    for (let i = 0; i < 3; i++) await post(today, await newsroom.tip(today, [first()], `tip ${i}`))
    const { rows } = await server.database.query("select reporter, slot::text from mails")
    expect(rows).toEqual([{ reporter: "one", slot: "2026-11-22 16:30:00+00" }])
    await signed("PUT", "/api/notify", { address: "desk@example.org", mode: "never" })
    expect((await server.database.query("select from mails")).rowCount).toBe(0)
  })
})

describe("a signed request", () => {
  test("is taken once", async () => {
    const headers = await signedHeaders(newsroom, first().signer, server.clock.ms / 1_000, { target: "/api/feed" })
    const statuses = [await ask(server.base, "GET", "/api/feed", { headers }), await ask(server.base, "GET", "/api/feed", { headers })].map(
      ({ status }) => status,
    )
    expect(statuses).toEqual([200, 401])
  })
})
