/** The database on two machines, here on one: a standby that has every commit before it is acknowledged, two servers, `kill -9` of the primary
 *  in the midst of tips, the standby promoted. Every 201 is there. The figures are printed; none is asserted, but that nothing is lost. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { type Day, dayOf } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { type ServerProcess, startServerProcess } from "../../scripts/operator/server-process.ts"
import { openDatabase, openLane } from "../../server/database.ts"
import { PlacesError, placesOf } from "../../server/places.ts"
import { sha256, startLoad } from "../support/load.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { ask } from "../support/server.ts"
import { type Pair, startPair, statement } from "../support/standby.ts"

describe("DATABASE_URL with several hosts", () => {
  test.each([
    ["postgresql://sotto@/sotto?host=/run/postgresql", ["postgresql://sotto@/sotto?host=/run/postgresql"]],
    ["postgresql://db.example.org/sotto?target_session_attrs=read-write", ["postgresql://db.example.org/sotto"]],
    [
      "postgres://u:p@one:5432,two:5433/sotto?sslmode=verify-full&target_session_attrs=read-write",
      ["postgres://u:p@one:5432/sotto?sslmode=verify-full", "postgres://u:p@two:5433/sotto?sslmode=verify-full"],
    ],
    [
      "postgresql://u@/sotto?host=/a,/b&port=5432,5433",
      ["postgresql://u@/sotto?host=%2Fa&port=5432", "postgresql://u@/sotto?host=%2Fb&port=5433"],
    ],
    [
      "postgresql://u@/sotto?host=/a,/b&port=5432",
      ["postgresql://u@/sotto?host=%2Fa&port=5432", "postgresql://u@/sotto?host=%2Fb&port=5432"],
    ],
  ])("%s", (url, places) => expect(placesOf(url)).toEqual(places))

  test.each([
    ["postgresql://u:secret@one,two/sotto?target_session_attrs=standby"],
    ["postgresql://u:secret@/sotto?host=/a,/b,/c&port=1,2"],
  ])("%s is refused, and not repeated", (url) => {
    expect(() => placesOf(url)).toThrow(PlacesError)
    expect(() => placesOf(url)).not.toThrow(/secret/)
  })
})

describe("a primary that dies under load", () => {
  let pair: Pair
  let newsroom: TestNewsroom
  let today: Day
  let folder: string
  const servers: ServerProcess[] = []
  beforeAll(async () => {
    pair = await startPair()
    today = dayOf(Date.now())
    newsroom = await makeNewsroom({ today, url: "https://forms.example.org" })
    folder = await mkdtemp(join(tmpdir(), "sotto-failover-"))
    await writeFile(join(folder, "newsroom.json"), pinnedText(newsroom.pinned))
    const program = join(__dirname, "../../dist/server.js")
    for (const _ of [1, 2])
      servers.push(await startServerProcess({ program, databaseUrl: pair.url, newsroom: join(folder, "newsroom.json"), port: 0 }))
    for (const { source } of newsroom.chain)
      await ask(bases()[0] ?? "", "POST", "/api/keyring", {
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: Buffer.from(source),
      })
  }, 120_000)
  afterAll(async () => {
    for (const server of servers) await server.kill("SIGKILL")
    await pair.remove()
    await rm(folder, { recursive: true, force: true })
  })
  const bases = () => servers.map(({ port }) => `http://127.0.0.1:${port}`)

  /** The middle one of so many tips, one after the other, in milliseconds from request to 201. */
  async function medianOf(count: number): Promise<number> {
    const tips = await Promise.all(Array.from({ length: count }, () => newsroom.tip(today, newsroom.reporters.slice(0, 1), "timed")))
    const took: number[] = []
    for (const body of tips) {
      const begun = performance.now()
      await ask(bases()[0] ?? "", "POST", `/api/envelopes?day=${today}`, { headers: { "content-type": "application/age" }, body })
      took.push(performance.now() - begun)
    }
    return took.sort((a, b) => a - b)[Math.floor(count / 2)] ?? 0
  }

  test("loses no tip that was answered with 201, and the servers find the new primary by themselves", async () => {
    await medianOf(10) // the first ones pay for connections and plans
    const alone = await medianOf(15)
    await pair.synchronous()
    const followed = await medianOf(15)

    const load = startLoad({ newsroom, today }, bases())
    await load.taken(10)
    const killed = Date.now()
    await pair.primary.kill("SIGKILL")
    const promoting = Date.now()
    await pair.promote()
    const promoted = Date.now()
    await load.taken(load.acknowledged().length + 10)
    const acknowledged = await load.stop()

    const stored = new Set(
      (await statement<{ bytes: Buffer }>(pair.standby.connection, "select bytes from envelopes")).map(({ bytes }) => sha256(bytes)),
    )
    expect(acknowledged.filter((hash) => !stored.has(hash))).toEqual([])
    const last = Math.max(...load.times().filter((time) => time <= promoting))
    const first = Math.min(...load.times().filter((time) => time > promoted))
    process.stdout.write(
      `failover: ${acknowledged.length} tips answered, 0 lost; no answer for ${first - last} ms (kill to promoted ${promoted - killed}, promotion alone ${promoted - promoting}); ` +
        `a tip one at a time ${alone.toFixed(1)} ms, with the standby ${followed.toFixed(1)} ms\n`,
    )
  }, 120_000)
})

describe("a standby that is asked while there is no primary", () => {
  test("keeps no connection of those that it turned away, and none stays behind when it is the primary", async () => {
    const pair = await startPair()
    const [database, lane] = [openDatabase(pair.url, () => undefined), openLane(pair.url, () => undefined)]
    const ask = () => Promise.allSettled([database.query("select 1"), lane.transaction([{ text: "select 1" }])])
    const sessions = async () => {
      const sql = "select count(*)::int as count from pg_stat_activity where application_name = 'sotto'"
      return (await statement<{ count: number }>(pair.standby.connection, sql))[0]?.count
    }
    try {
      await ask()
      await pair.primary.kill("SIGKILL")
      for (let times = 0; times < 20; times++) await ask()
      // An end that was asked for takes a moment.
      for (let waited = 0; waited < 50 && (await sessions()) !== 0; waited++) await sleep(100)
      expect(await sessions()).toBe(0)
      await pair.promote()
      for (let times = 0; times < 4; times++) await ask()
      expect(await sessions()).toBe(2)
    } finally {
      await Promise.all([database.close(), lane.close()])
      await pair.remove()
    }
  }, 120_000)
})
