/** What a day of mixed traffic leaves behind: in the log, in the database, in files, in connections. Nothing of anybody. */

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { dumpSql } from "../../scripts/operator/schema.ts"
import { openDatabase } from "../../server/database.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { describeWhere } from "../support/needs.ts"
import { POLICY } from "../support/newsroom.ts"
import { ask } from "../support/server.ts"

const MARKER = "zebra-7781"
let database: TestDatabase
let line: Line
beforeEach(async () => {
  database = await freshDatabase()
  line = await startLine(database.url, {}, { policy: { ...POLICY, maxTipBytes: 4_194_304 } })
}, 60_000)
afterEach(async () => {
  await line.remove()
  await database.drop()
})

/** A tip, a page, an upload that is begun, a mailbox, a reporter's request; and what is wrong in every place that a stranger can fill. */
async function traffic(): Promise<readonly number[]> {
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  const tip = await line.newsroom.tip(line.today, [reporter], `a word that nobody may keep: ${MARKER}`)
  const marked = { "user-agent": MARKER, referer: `https://${MARKER}.example`, cookie: MARKER, "x-forwarded-for": "203.0.113.77" }
  const age = { ...marked, "content-type": "application/age" }
  const upload = { ...marked, "tus-resumable": "1.0.0", "upload-length": "1310720" }
  const statuses = []
  for (const answer of [
    await ask(line.base, "GET", "/", { headers: marked }),
    await ask(line.base, "GET", `/${MARKER}?${MARKER}=1`, { headers: marked }),
    await ask(line.base, "GET", "/api/today", { headers: marked }),
    await ask(line.base, "POST", `/api/envelopes?day=${line.today}`, { headers: age, body: tip }),
    await ask(line.base, "POST", `/api/envelopes?day=${MARKER}`, { headers: age, body: tip }),
    await ask(line.base, "POST", `/api/envelopes?day=${line.today}`, { headers: age, body: new TextEncoder().encode(MARKER) }),
    await ask(line.base, "POST", `/api/uploads?day=${line.today}`, { headers: upload }),
    await ask(line.base, "POST", `/api/uploads?day=${line.today}`, { headers: { ...upload, "upload-metadata": `filename ${MARKER}` } }),
    await ask(line.base, "GET", `/api/feed/${MARKER}`, { headers: { ...marked, "signature-input": MARKER } }),
    await ask(line.base, "POST", "/api/keyring", {
      headers: { ...marked, "content-type": "text/plain; charset=utf-8" },
      body: Buffer.from(MARKER),
    }),
  ])
    statuses.push(answer.status)
  return statuses
}

test("neither log nor database holds anything of a request but the sealed envelope and its day", async () => {
  const statuses = await traffic()
  expect(statuses.filter((status) => status === 201)).toHaveLength(2)
  await line.server.kill("SIGTERM")
  const KNOWN = ["migrated", "partition made", "listening", "stopped", "day closed", "storage low"]
  for (const text of line.server.log().trim().split("\n")) expect(KNOWN).toContain(JSON.parse(text).event)
  const reading = openDatabase(database.url, () => undefined)
  const dump = await dumpSql(reading)
  await reading.close()
  for (const secret of [MARKER, Buffer.from(MARKER).toString("hex"), "203.0.113", "127.0.0.1", "user-agent"]) {
    expect(dump).not.toContain(secret)
    expect(line.server.log()).not.toContain(secret)
  }
  await line.start()
}, 60_000)

describeWhere("/usr/bin/strace", "under strace", () => {
  let folder: string
  let tracer: ChildProcess
  test("the server opens no file to write, connects to nobody but PostgreSQL, and runs no program", async () => {
    folder = await mkdtemp("/tmp/sotto-strace-")
    const out = join(folder, "trace")
    const calls = "trace=openat,open,creat,connect,execve,rename,unlink,mkdir,sendto,accept4"
    tracer = spawn("strace", ["-f", "-qq", "-e", calls, "-o", out, "-p", String(line.server.pid)], { stdio: ["ignore", "ignore", "pipe"] })
    // It is attached when a request that comes in shows up. What it is answered from may be connected already.
    for (let text = ""; !text.includes("accept4("); text = await readFile(out, "utf8").catch(() => "")) {
      await Promise.all(Array.from({ length: 5 }, () => ask(line.base, "GET", "/api/keyring/1")))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await traffic()
    tracer.kill("SIGINT")
    await once(tracer, "close")
    const lines = (await readFile(out, "utf8")).split("\n")
    await rm(folder, { recursive: true })
    const written = lines.filter((text) => /\b(open|openat|creat)\(/.test(text) && /O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(text))
    const connected = lines.filter((text) => /\bconnect\(/.test(text) && !/AF_UNIX, sun_path="[^"]*\.s\.PGSQL\.5432"/.test(text))
    const others = lines.filter((text) => /\b(execve|rename|unlink|mkdir)\(/.test(text))
    expect({ written, connected, others }).toEqual({ written: [], connected: [], others: [] })
  }, 90_000)
})
