/** The onion address, for real: a Tor network of our own on loopback, `deploy/torrc`'s lines for the service, the built server on its socket.
 *  A tip through six relays, a large one whose circuits are torn down in the midst of it, and the command over SOCKS. Figures are printed. */

import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import pg from "pg"
import { type Day, dayOf } from "../../envelope/day.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { type ServerProcess, startServerProcess } from "../../scripts/operator/server-process.ts"
import { exchange } from "../../scripts/transport.ts"
import { readPin } from "../../scripts/vault/home.ts"
import { ceremony } from "../scripts/bench.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { sha256 } from "../support/load.ts"
import { describeWhere } from "../support/needs.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"
import { ask, askSocket } from "../support/server.ts"
import { file, makeDesk, noise, sealed } from "../support/tips.ts"
import { startTor, TOR, type TorNetwork } from "../support/tor.ts"
import { begun, cut, offsetOf, patch } from "../support/uploads.ts"

/** Enough for a machine that does ten other things; on a quiet one it takes 9 to 22. */
const BOOTSTRAP_SECONDS = 240
const PIECE = 262_144
/** In the line whose only address is the onion's. */
const TIPS = 5

describeWhere(TOR, "an onion service", () => {
  let folder: string
  let database: TestDatabase
  let server: ServerProcess
  let newsroom: TestNewsroom
  let tor: TorNetwork
  let through: Awaited<ReturnType<TorNetwork["forward"]>>
  let today: Day
  beforeAll(
    async () => {
      folder = await mkdtemp(join(tmpdir(), "sotto-onion-"))
      const socket = join(folder, "web.sock")
      today = dayOf(Date.now())
      newsroom = await makeNewsroom({ today, url: "https://forms.example.org", policy: { ...POLICY, maxTipBytes: 8_388_608 } })
      database = await freshDatabase()
      await writeFile(join(folder, "newsroom.json"), pinnedText(newsroom.pinned))
      const program = join(__dirname, "../../dist/server.js")
      server = await startServerProcess({ program, databaseUrl: database.url, newsroom: join(folder, "newsroom.json"), port: 0, socket })
      const torrc = readFileSync(join(__dirname, "../../deploy/torrc"), "utf8")
      const lines = torrc.split("\n").filter((line) => /^(HiddenService|SafeLogging)/.test(line))
      tor = await startTor(
        (onion) => [
          ...lines.map((line) => line.replace("/var/lib/tor/onion", onion).replace("/run/sotto/web.sock", socket)),
          // Of the same service: for a second line, whose only address is the onion's.
          `HiddenServicePort 81 unix:${join(folder, "second.sock")}`,
        ],
        BOOTSTRAP_SECONDS,
      )
      through = await tor.forward()
      const { name, url } = newsroom.chain.at(-1)?.newsroom ?? { name: "", url: "" }
      await newsroom.next({ newsroom: { name, url, onion: `http://${tor.address}` } })
      for (const { source } of newsroom.chain)
        await askSocket(socket, "POST", "/api/keyring", {
          headers: { "content-type": "text/plain; charset=utf-8" },
          body: Buffer.from(source),
        })
    },
    (BOOTSTRAP_SECONDS + 60) * 1_000,
  )
  afterAll(async () => {
    through.close()
    await tor.remove()
    await server.kill("SIGKILL")
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  test("takes a tip, and shows the very page of the host name", async () => {
    const body = await newsroom.tip(today, newsroom.reporters, "through the onion")
    const began = Date.now()
    const { status } = await ask(through.base, "POST", `/api/envelopes?day=${today}`, {
      headers: { host: tor.address, "content-type": "application/age" },
      body,
    })
    expect(status).toBe(201)
    const took = Date.now() - began
    const page = await ask(through.base, "GET", "/", { headers: { host: tor.address } })
    expect(page.body.equals((await askSocket(join(folder, "web.sock"), "GET", "/")).body)).toBe(true)
    process.stdout.write(`onion: bootstrapped in ${(tor.bootstrapMs / 1_000).toFixed(1)} s; a tip of 32 KiB in ${took} ms\n`)
  }, 60_000)

  test("takes a large one whole although circuits are torn down in the midst of it", async () => {
    const desk = await makeDesk()
    const envelope = await sealed(desk, { files: [file("a.bin", noise(2_500_000))] })
    const path = await begun(through.base, today, envelope.length)
    const began = Date.now()
    let torn = 0
    for (let at = 0, piece = 0; at < envelope.length; piece++) {
      const next = envelope.subarray(at, at + PIECE)
      if (piece % 3 === 1) {
        // Half of a piece, and the circuit under it is gone.
        await cut(through.base, path, at, next, next.length / 2)
        await tor.newCircuits()
        through.cutAll()
        torn++
      } else await patch(through.base, path, at, next).catch(() => undefined)
      for (let found: number | undefined; ; await sleep(100)) {
        found = await offsetOf(through.base, path).catch(() => undefined)
        if (found === undefined) continue
        at = found
        break
      }
    }
    const seconds = (Date.now() - began) / 1_000
    expect(torn).toBeGreaterThan(2)
    const client = new pg.Client({ ...database.connection })
    await client.connect()
    const { rows } = await client.query<{ bytes: Buffer }>(
      "select c.bytes from chunks c join large_envelopes l on l.id = c.envelope order by c.at",
    )
    await client.end()
    expect(sha256(Buffer.concat(rows.map(({ bytes }) => bytes)))).toBe(sha256(envelope))
    process.stdout.write(
      `onion: ${(envelope.length / 1_048_576).toFixed(1)} MiB whole after ${torn} circuits torn down, in ${seconds.toFixed(1)} s\n`,
    )
  }, 120_000)

  test("is checked by the command over SOCKS, which asks nobody else for the name", async () => {
    const command = join(__dirname, "../../dist/sotto.js")
    const env = { PATH: process.env.PATH ?? "", SOTTO_HOME: join(folder, "home"), SOTTO_SOCKS: `127.0.0.1:${tor.proxy.port}` }
    const args = ["keyring", "verify", `http://${tor.address}`, "--newsroom", newsroomIdText(newsroom.id), "--json"]
    // 3: no reporter has published a day key here.
    const { stdout, code } = await promisify(execFile)(process.execPath, [command, ...args], { env }).then(
      ({ stdout }) => ({ stdout, code: 0 }),
      (error: { stdout: string; code: number }) => error,
    )
    expect([JSON.parse(stdout), code]).toMatchObject([{ version: 3, reachable: [] }, 3])
  }, 60_000)

  test("carries a whole line that has no other address: keys published, tips sent, synced and read by the command alone, over SOCKS", async () => {
    const url = `http://${tor.address}:81`
    const clock = { today: () => today, seconds: () => Math.floor(Date.now() / 1_000) }
    const { admin, reporters, carried } = await ceremony(["one"], { clock }, { url })
    const [one] = reporters
    if (one === undefined) throw new Error("no reporter")
    const second = await freshDatabase()
    const running = await startServerProcess({
      program: join(__dirname, "../../dist/server.js"),
      databaseUrl: second.url,
      newsroom: join(admin.home, "newsroom.json"),
      port: 0,
      socket: join(folder, "second.sock"),
    })
    const passphrase = join(folder, "passphrase")
    await writeFile(passphrase, "a passphrase for tests\n", { mode: 0o600 })
    /** The built command; 3 and 14 are no failures, nor is 1 of the doctor's, who says so of what is wrong. */
    async function sotto(home: string, ...args: readonly string[]): Promise<{ out: string; ms: number }> {
      const env = {
        ...{ PATH: process.env.PATH ?? "", SOTTO_HOME: home, SOTTO_PASSPHRASE_FILE: passphrase, SOTTO_WORK_FACTOR: "10" },
        SOTTO_SOCKS: `127.0.0.1:${tor.proxy.port}`,
      }
      const began = Date.now()
      const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, "../../dist/sotto.js"), ...args], {
        env,
        cwd: folder,
      }).catch((error: { stdout: string; stderr: string; code: number }) => {
        if (![3, 14, args[0] === "doctor" ? 1 : 3].includes(error.code)) throw new Error(`${args.join(" ")}: ${error.code} ${error.stderr}`)
        return error
      })
      return { out: stdout, ms: Date.now() - began }
    }
    const over = (target: string, method: string, body: Uint8Array, type?: string) =>
      exchange({
        url: `${url}${target}`,
        method,
        headers: type === undefined ? {} : { "content-type": type },
        body,
        maxBytes: 4_000_000,
        timeoutMs: 60_000,
        proxy: tor.proxy,
      })
    try {
      await sotto(admin.home, "keyring", "publish")
      await sotto(one.home, "sync")
      await writeFile(join(folder, "keys.json"), (await over("/api/keys", "GET", new Uint8Array(0))).body)
      const line = newsroomIdText((await readPin(admin)).id)
      for (let tip = 1; tip <= TIPS; tip++) {
        await writeFile(join(folder, "words.txt"), `tip ${tip}, over six relays`)
        await sotto(
          one.home,
          "seal",
          "--to",
          "one",
          "--line",
          line,
          "--keys",
          "keys.json",
          "--message",
          "words.txt",
          "--out",
          `tip-${tip}.age`,
        )
        const sent = await over(`/api/envelopes?day=${today}`, "POST", readFileSync(join(folder, `tip-${tip}.age`)), "application/age")
        expect(sent.status).toBe(201)
      }
      const synced = await sotto(one.home, "sync")
      const read = []
      for (let tip = 1; tip <= TIPS; tip++) read.push(await sotto(one.home, "read", String(tip), "--plaintext"))
      for (let tip = 1; tip <= TIPS; tip++) expect(read.map(({ out }) => out).join("\n")).toContain(`tip ${tip}, over six relays`)
      const idle = await sotto(one.home, "sync")
      const looked = JSON.parse((await sotto(one.home, "doctor", url, "--json")).out)
      expect(looked.findings).toEqual(expect.arrayContaining([expect.objectContaining({ check: "answers", verdict: "fine" })]))
      process.stdout.write(
        `onion: sync of ${TIPS} tips in ${synced.ms} ms, of nothing new in ${idle.ms} ms; read in ${Math.max(...read.map(({ ms }) => ms))} ms without a network\n`,
      )
    } finally {
      await running.kill("SIGKILL")
      await second.drop()
      await rm(carried, { recursive: true, force: true })
    }
  }, 180_000)
})
