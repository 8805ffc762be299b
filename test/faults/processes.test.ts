/** One process a core: one that is killed is replaced while the others serve, and a stop loses nothing that was under way. */

import { execFile } from "node:child_process"
import { request } from "node:http"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { startServerProcess } from "../../scripts/operator/server-process.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Line, startLine } from "../support/line.ts"
import { keptHashes, pause, sendTips, until } from "../support/senders.ts"

const run = promisify(execFile)
let database: TestDatabase
let line: Line
beforeEach(async () => {
  database = await freshDatabase()
  line = await startLine(database.url, { calm: 1_000_000, processes: 2 })
}, 60_000)
afterEach(async () => {
  await line.remove()
  await database.drop()
})
async function children(): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["-o", "pid=", "--ppid", String(line.server.pid)]).catch(() => ({ stdout: "" }))
  return stdout.trim().split(/\s+/).filter(Boolean).map(Number)
}

test("a process that is killed under load is replaced; the other goes on; every 201 is there", async () => {
  const load = sendTips(line, 4)
  await until(() => load.acknowledged.length >= 10)
  const [first] = await children()
  expect(first).toBeGreaterThan(0)
  process.kill(first ?? 0, "SIGKILL")
  const before = load.acknowledged.length
  await until(() => load.acknowledged.length >= before + 20)
  for (let pids = await children(); pids.length < 2 || pids.includes(first ?? 0); pids = await children()) await until(() => true)
  await load.stop()
  const kept = await keptHashes(database.connection)
  expect(load.acknowledged.filter((hash) => !kept.has(hash))).toEqual([])
  expect(line.server.log()).toContain('{"event":"process ended"}')
}, 90_000)

test("SIGTERM under load ends all of them after what is under way: every 201 is there", async () => {
  const load = sendTips(line, 8)
  await until(() => load.acknowledged.length >= 20)
  await line.server.kill("SIGTERM")
  await load.stop()
  expect(await children()).toEqual([])
  expect(line.server.log().match(/"stopped"/g)).toHaveLength(2)
  const kept = await keptHashes(database.connection)
  expect(load.acknowledged.filter((hash) => !kept.has(hash))).toEqual([])
  await line.start()
}, 90_000)

test("where none of them can listen, the first one says so and ends as well", async () => {
  const second = startServerProcess({
    program: join(__dirname, "../../dist/server.js"),
    databaseUrl: database.url,
    newsroom: line.pin,
    port: Number(new URL(line.base).port),
    processes: 2,
  })
  await expect(second).rejects.toThrow(/EADDRINUSE[\s\S]*no process could start/)
}, 60_000)

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s to all of them at once cuts nothing off that is under way",
  async (signal) => {
    const [reporter] = line.newsroom.reporters
    if (reporter === undefined) throw new Error("no reporter")
    const envelope = await line.newsroom.tip(line.today, [reporter], "half sent")
    const half = Math.floor(envelope.length / 2)
    const sends = Array.from({ length: 12 }, () => {
      const sent = request(`${line.base}/api/envelopes?day=${line.today}`, {
        method: "POST",
        agent: false,
        headers: { "content-type": "application/age", "content-length": envelope.length },
      })
      const status = new Promise<number | undefined>((resolve, reject) => {
        sent.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject)
      })
      sent.write(envelope.subarray(0, half))
      return { sent, status }
    })
    await pause(500) // each has reached its process
    for (const pid of [line.server.pid, ...(await children())]) process.kill(pid, signal)
    await pause(500) // the workers have heard it from the first process, too
    for (const { sent } of sends) sent.end(envelope.subarray(half))
    expect(await Promise.all(sends.map(({ status }) => status))).toEqual(sends.map(() => 201))
    await line.server.ended
    expect(line.server.log().match(/"stopped"/g)).toHaveLength(2)
    expect((await keptHashes(database.connection)).size).toBe(1) // the same bytes
  },
  60_000,
)
