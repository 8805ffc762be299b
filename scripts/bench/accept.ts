/** Taking envelopes: the server beside `pgbench`, on the same database in turns, with the same bytes; then with a million stored. */

import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { open, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { addDays, type Day } from "../../envelope/day.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { filler } from "../../server/filler.ts"
import { cpuUsOf, residentMB } from "./cpu.ts"
import { type MeasuredLine, measuredLine } from "./line.ts"
import { type Bench, median, milliseconds, rounded } from "./measure.ts"
import { versionOf } from "./peers.ts"

const run = promisify(execFile)
const LOAD = fileURLToPath(new URL("bench-load.js", import.meta.url))
const SLOTS = 8
const DISTINCT = 64
const FEW = 1_000
const SEGMENT_BYTES = 1_073_741_824

interface Load {
  readonly kept: number
  readonly failures: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuUs: number
}
type Side = Record<"perSecond" | "p50" | "p99" | "failures" | "loadUs" | "serverUs" | "postgresUs", number>

/** Runs something that takes `count` envelopes, and says what each cost which process. */
async function accounted(line: MeasuredLine, work: () => Promise<Load>): Promise<Side> {
  const before = [cpuUsOf(line.postgres.pid), cpuUsOf(line.server.pid)] as const
  const { kept, perSecond, p50, p99, failures, cpuUs } = await work()
  const each = (us: number) => us / Math.max(kept, 1)
  return {
    perSecond,
    p50,
    p99,
    failures,
    loadUs: each(cpuUs),
    postgresUs: each(cpuUsOf(line.postgres.pid) - before[0]),
    serverUs: each(cpuUsOf(line.server.pid) - before[1]),
  }
}

function pgbench(line: MeasuredLine, seconds: number): Promise<Side> {
  const { host, user, database } = line.connection
  const args = ["-n", "-M", "prepared", "-c", "32", "-j", "1", "-T", String(seconds), "-f", join(line.folder, "one.sql")]
  return accounted(line, async () => {
    const { stdout } = await run("pgbench", [...args, "-h", host, "-U", user, database], {
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C" },
    })
    const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
    const latency = figure(/latency average = ([\d.]+)/)
    return {
      kept: figure(/actually processed: (\d+)/),
      failures: figure(/failed transactions: (\d+)/),
      perSecond: figure(/tps = ([\d.]+)/),
      p50: latency,
      p99: latency,
      cpuUs: 0,
    }
  })
}

function server(line: MeasuredLine, seconds: number, connections: number): Promise<Side> {
  const target = `/api/envelopes?day=${line.today}`
  const args = [LOAD, String(line.server.port), target, join(line.folder, "bodies"), String(floorBytes(SLOTS)), connections, seconds]
  return accounted(line, async () => JSON.parse((await run(process.execPath, args.map(String))).stdout) as Load)
}

const partitionOf = (day: Day) => `envelopes_${day.replaceAll("-", "_")}`

async function makePartition({ database }: MeasuredLine, day: Day): Promise<string> {
  const name = partitionOf(day)
  await database.query(`create table if not exists ${name} partition of envelopes for values from ('${day}') to ('${addDays(day, 1)}')`)
  return name
}

/** So many floor-size rows on a day. A value that compresses is stored compressed, so that a million take some hundred MB:
 *  rows, index and lengths are those of a million envelopes, their bytes are not. */
async function fill(line: MeasuredLine, day: Day, count: number): Promise<void> {
  const { database } = line
  const name = await makePartition(line, day)
  await database.query(`alter table ${name} alter column bytes set storage extended`)
  await database.transaction(async ({ query }) => {
    // Compressed once, by being stored, and copied as it is.
    await query(`create temporary table blank on commit drop as select decode(repeat('00', ${floorBytes(SLOTS)}), 'hex') as bytes`)
    await query("insert into envelopes (day, bytes) select $1::date, b.bytes from blank b, generate_series(1, $2::int)", [day, count])
  })
  await database.query(`alter table ${name} alter column bytes set storage external`)
  await database.query(`vacuum analyze ${name}`)
}

/** Empties today and leaves it with so many rows, after a checkpoint, so that nobody writes out what somebody else left. */
async function start(line: MeasuredLine, count: number): Promise<void> {
  await line.database.query(`truncate ${partitionOf(line.today)}`)
  await fill(line, line.today, count)
  await line.database.query("checkpoint")
}

type Rounds = Record<"bench" | "ours" | "many", Side[]>
const medians = (sides: readonly Side[]): Side => {
  const names = Object.keys(sides[0] ?? {}) as (keyof Side)[]
  return Object.fromEntries(names.map((name) => [name, median(sides.map((side) => side[name]))])) as Side
}

interface Purged {
  /** Until nobody sees the day any more; others go on meanwhile. */
  readonly detachMs: number
  /** Until its files are gone. */
  readonly dropMs: number
  /** As long as removing files of the same size takes, without PostgreSQL. */
  readonly unlinkMs: number
}

/** A day of real floor-size envelopes is closed, and then dropped by retention as the server does it. */
async function purge(line: MeasuredLine, count: number): Promise<Purged> {
  const day = addDays(line.today, -200)
  const { database } = line
  const name = await makePartition(line, day)
  await database.query(`alter table ${name} alter column bytes set storage external`)
  await database.query(
    "insert into envelopes (day, bytes) select $1::date, o.bytes from (values ($2::bytea)) o (bytes), generate_series(1, $3::int)",
    [day, randomBytes(floorBytes(SLOTS)), count],
  )
  await database.query("checkpoint")
  const { rows } = await database.query<{ bytes: string }>("select pg_total_relation_size($1::regclass)::text as bytes", [name])
  const unlinkMs = await bareUnlink(line.folder, Number(rows[0]?.bytes))
  return {
    detachMs: await milliseconds(() => database.query(`alter table envelopes detach partition ${name} concurrently`)),
    dropMs: await milliseconds(() => database.query(`drop table ${name}`)),
    unlinkMs,
  }
}

/** Files of 1 GiB, as PostgreSQL makes them, written out and removed. */
async function bareUnlink(folder: string, bytes: number): Promise<number> {
  const piece = randomBytes(1_048_576)
  const paths: string[] = []
  for (let left = bytes; left > 0; left -= SEGMENT_BYTES) {
    const path = join(folder, `segment-${paths.length}`)
    paths.push(path)
    const file = await open(path, "wx")
    for (let at = 0; at < Math.min(left, SEGMENT_BYTES); at += piece.length) await file.write(piece)
    await file.sync()
    await file.close()
  }
  return milliseconds(async () => {
    for (const path of paths) await unlink(path)
  })
}

export const accept: Bench = async ({ rounds, isSmall, say }) => {
  const version = await versionOf("pgbench")
  if (version === undefined) throw new Error("the peer pgbench is not installed: run scripts/ci-packages.sh")
  const [seconds, stored, purged] = isSmall ? [3, 2_000, 100] : [8, 1_000_000, 100_000]
  const line = await measuredLine()
  try {
    const idleMB = residentMB(line.server.pid)
    const seed = new Uint8Array(randomBytes(32))
    const bodies = await Promise.all(Array.from({ length: DISTINCT }, (_, index) => filler(seed, seed, String(index), SLOTS)))
    await writeFile(join(line.folder, "bodies"), Buffer.concat(bodies))
    const literal = Buffer.from(bodies[0] ?? []).toString("hex")
    await writeFile(join(line.folder, "one.sql"), `insert into envelopes (day, bytes) values ('${line.today}', '\\x${literal}');\n`)
    // Once each unmeasured: statements are prepared, code is compiled, files have their size.
    await pgbench(line, 1)
    await server(line, isSmall ? 1 : 3, 64)

    const measured: Rounds = { bench: [], ours: [], many: [] }
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds} with ${FEW} stored`)
      await start(line, FEW)
      measured.bench.push(await pgbench(line, seconds))
      await start(line, FEW)
      measured.ours.push(await server(line, seconds, 64))
    }
    let failures = 0
    for (const connections of [8, 32, 256]) failures += (await server(line, isSmall ? 1 : 3, connections)).failures

    say(`${stored} stored, a tenth of them today`)
    for (let day = 3; day <= 11; day++) await fill(line, addDays(line.today, -day), stored / 10)
    for (let round = 1; round <= rounds; round++) {
      await start(line, stored / 10)
      measured.many.push(await server(line, seconds, 64))
    }
    await start(line, stored / 10)
    const syncs: number[] = []
    await line.get("/api/feed") // closes what is due, once a day
    for (let index = 0; index < 7; index++) syncs.push(await milliseconds(() => line.get("/api/feed")))
    say(`a day of ${purged} envelopes is dropped`)
    const { detachMs, dropMs, unlinkMs } = await purge(line, purged)

    const [bench, ours, many] = [medians(measured.bench), medians(measured.ours), medians(measured.many)]
    failures += [...measured.ours, ...measured.many].reduce((sum, side) => sum + side.failures, 0)
    const ratios = {
      acceptOverPgbench: ours.perSecond / bench.perSecond,
      acceptAt1MOver1K: many.perSecond / ours.perSecond,
      p99OverP50: ours.p99 / ours.p50,
      failures,
      cpuUsPerEnvelope: ours.serverUs + ours.postgresUs,
      purgeMs: detachMs + dropMs,
      syncNothingNewMs: median(syncs),
      idleMB,
    }
    const results = {
      perSecond: ours.perSecond,
      p50Ms: ours.p50,
      p99Ms: ours.p99,
      serverCpuUs: ours.serverUs,
      postgresCpuUs: ours.postgresUs,
      loadCpuUs: ours.loadUs,
      pgbenchPerSecond: bench.perSecond,
      pgbenchMeanMs: bench.p50,
      pgbenchPostgresCpuUs: bench.postgresUs,
      perSecondAt1M: many.perSecond,
      p50MsAt1M: many.p50,
      p99MsAt1M: many.p99,
      detachMs,
      dropMs,
      unlinkMs,
    }
    const round = (figures: Record<string, number>) =>
      Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
    return {
      versions: { node: process.version, pgbench: version },
      results: round(results),
      ratios: round(ratios),
      notes: [
        `envelopes of ${floorBytes(SLOTS)} bytes over HTTP, 64 connections, one server process; load, server and PostgreSQL share the machine`,
        "pgbench plans its literal once and sends no bytes: 32 clients, prepared, one row a commit; its own processor time is not in the table",
        "failures are those at 8, 32, 64 and 256 connections",
        `the ${stored} stored rows have their length and index entries but compressed bytes, a tenth of them on the day that is written to`,
        `purgeMs drops a day of ${purged} envelopes that do have their bytes, while nothing else runs: detachMs until nobody sees it, dropMs until its files are gone; unlinkMs is what removing files of that size takes without PostgreSQL`,
        ...(isSmall ? ["small sizes, to show that it works: no figure here means anything"] : []),
      ],
    }
  } finally {
    await line.remove()
  }
}
