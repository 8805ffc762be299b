/** Between 201 and mail: whatever is killed, neither the tip nor the mail is lost; at most the mail in flight comes twice, with the same Message-ID. */

import { afterEach, describe, expect, test } from "@jest/globals"
import { simpleParser } from "mailparser"
import pg from "pg"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { type Mail, openPostOffice, type PostOffice } from "../support/mail.ts"
import { ask } from "../support/server.ts"

const FROM = "notes@example.org"
let database: TestDatabase
let post: PostOffice
let line: Line
afterEach(async () => {
  await line.remove()
  await post.stop()
  await database.drop()
})

async function open(mode: string): Promise<void> {
  database = await freshDatabase()
  post = await openPostOffice()
  line = await startLine(database.url, { smtp: { url: post.url, from: FROM }, mailAt: "every 2s" })
  expect(await line.put("/api/notify", { address: "desk@example.org", mode })).toBe(204)
}
async function sendTip(message: string): Promise<Buffer> {
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  const envelope = await line.newsroom.tip(line.today, [reporter], message)
  const { status } = await ask(line.base, "POST", `/api/envelopes?day=${line.today}`, {
    headers: { "content-type": "application/age" },
    body: envelope,
  })
  expect(status).toBe(201)
  return Buffer.from(envelope)
}
async function stored(): Promise<Buffer[]> {
  const client = new pg.Client({ ...database.connection })
  await client.connect()
  const { rows } = await client.query<{ bytes: Buffer }>("select bytes from envelopes")
  await client.end()
  return rows.map(({ bytes }) => bytes)
}
const parsed = async (mail: Mail | undefined) => simpleParser(mail?.raw ?? "")

describe("kill -9 of the server", () => {
  test("right after 201, before the mail's time: the tip is there byte for byte, and the mail comes", async () => {
    await open("news")
    const envelope = await sendTip("before the mail")
    await line.server.kill("SIGKILL")
    expect(post.mails).toHaveLength(0)
    await line.start()
    await post.arrived(1)
    const [kept] = await stored()
    expect(kept?.equals(envelope)).toBe(true)
    expect(post.mails[0]?.to).toEqual(["desk@example.org"])
  })

  test("while the relay withholds its 250: the mail comes again, the same but for nothing, with the same Message-ID", async () => {
    await open("news")
    post.behave("hold")
    await sendTip("in flight")
    await post.arrived(1)
    await line.server.kill("SIGKILL")
    post.behave("accept")
    // The killed server's lease on the row ends after two minutes. Ending it now spares the wait and changes nothing else.
    const client = new pg.Client({ ...database.connection })
    await client.connect()
    const { rows } = await client.query("update mails set retry_at = now() returning attempts")
    await client.end()
    expect(rows).toEqual([{ attempts: 1 }])
    await line.start()
    await post.arrived(2)
    const [first, second] = await Promise.all([parsed(post.mails[0]), parsed(post.mails[1])])
    expect(second.messageId).toBe(first.messageId)
    expect(post.mails[1]?.raw).toBe(post.mails[0]?.raw)
    expect(await stored()).toHaveLength(1)
  })
})

describe("a relay that misbehaves", () => {
  test("cut instead of its 250, then rejecting: tips are taken all the while, and the mail comes when it is well again", async () => {
    await open("news")
    post.behave("cut")
    await sendTip("one")
    await post.arrived(1)
    post.behave("reject")
    await sendTip("two")
    post.behave("accept")
    const client = new pg.Client({ ...database.connection })
    await client.connect()
    const deadline = Date.now() + 15_000
    while (post.mails.length < 2 && Date.now() < deadline) {
      await client.query("update mails set retry_at = now() where retry_at > now()")
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await client.end()
    expect(post.mails.length).toBeGreaterThanOrEqual(2)
    const ids = await Promise.all(post.mails.map(async (mail) => (await parsed(mail)).messageId))
    expect(ids[1]).toBe(ids[0])
    expect(await stored()).toHaveLength(2)
  })
})

describe("a mail", () => {
  test("says nothing: the same bytes for every tip but Date and Message-ID, one recipient, no name of ours", async () => {
    await open("always")
    await post.arrived(2)
    const constant = (mail: Mail | undefined) =>
      (mail?.raw ?? "").replace(/^Date: .*$/m, "Date:").replace(/^Message-ID: .*$/im, "Message-ID:")
    expect(constant(post.mails[0])).toBe(constant(post.mails[1]))
    await sendTip("a word that no mail may hold: zebra")
    const before = post.mails.length
    await post.arrived(before + 1)
    expect(constant(post.mails.at(-1))).toBe(constant(post.mails[0]))
    const { subject, text, to, messageId } = await parsed(post.mails[0])
    expect([subject, text?.trim(), Array.isArray(to) ? "several" : to?.text]).toEqual([
      "Desk note",
      "Scheduled desk note. It is sent at fixed times and says nothing else.",
      "desk@example.org",
    ])
    expect(messageId).toMatch(/^<[0-9a-f-]{36}@example\.org>$/)
    expect(post.mails[0]?.raw).not.toMatch(/sotto|tip|envelope|source|localhost|nodemailer/i)
  })
})
