/** A server to be measured: the built program on a PostgreSQL of its own, with a newsroom of one reporter, and nothing else on it. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { addDays, type Day, dayOf } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import { type Id, newsroomId } from "../../envelope/names.ts"
import { type KeyringText, keyName, keyringText, type Policy, parseKeyring } from "../../keyring/keyring.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { signer, signNote } from "../../keyring/note.ts"
import { signRequest } from "../../keyring/request.ts"
import { type Database, openDatabase } from "../../server/database.ts"
import { type Connection, databaseUrl, type Postgres, startPostgres } from "../operator/postgres.ts"
import { type ServerProcess, startServerProcess } from "../operator/server-process.ts"

const SERVER = fileURLToPath(new URL("server.js", import.meta.url))
// The name that the keys are bound to; the port is another, which only the Host field must not know.
const URL_OF_LINE = "http://localhost:8080"
const POLICY = { slots: 8, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 } as const

export interface MeasuredLine {
  readonly connection: Connection
  readonly postgres: Postgres
  readonly server: ServerProcess
  readonly today: Day
  /** Connections of the bench's own. */
  readonly database: Database
  /** A folder for files, removed at the end. */
  readonly folder: string
  /** A signed GET; gives the answer's length in bytes. */
  get(target: string): Promise<number>
  remove(): Promise<void>
}

/** @param policy - what the newsroom allows, where that matters */
export async function measuredLine(policy: Partial<Policy> = {}): Promise<MeasuredLine> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-bench-"))
  const postgres = await startPostgres({ folder: join(folder, "postgres") })
  const today = dayOf(Date.now())
  const [root, reporter] = [
    await signer(keyName(URL_OF_LINE, "root"), await newSignKey()),
    await signer(keyName(URL_OF_LINE, "desk" as Id), await newSignKey()),
  ]
  const text: KeyringText = {
    newsroom: { name: "Bench", url: URL_OF_LINE },
    version: 1,
    previous: null,
    issued: today,
    expires: addDays(today, 90),
    roots: [root.verifier],
    threshold: 1,
    policy: { ...POLICY, ...policy },
    reporters: [{ slot: 1, id: "desk" as Id, name: "Desk", verify: reporter.verifier }],
    callouts: [],
  }
  const note = await signNote(keyringText(text), [root])
  const id = newsroomId((await parseKeyring(note)).hash)
  const newsroom = join(folder, "newsroom.json")
  await writeFile(newsroom, pinnedText({ id, url: URL_OF_LINE, version: 1, roots: text.roots, threshold: 1, channels: [] }))
  const server = await startServerProcess({
    program: SERVER,
    databaseUrl: databaseUrl(postgres.connection),
    newsroom,
    port: 0,
    calm: 100_000_000,
  })
  const base = `http://127.0.0.1:${server.port}`
  const { status } = await fetch(`${base}/api/keyring`, {
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: note,
  })
  if (status !== 201) throw new Error(`publishing the keyring was answered with ${status}`)
  const database = openDatabase(databaseUrl(postgres.connection), () => undefined, { isPatient: true })
  return {
    connection: postgres.connection,
    postgres,
    server,
    today,
    database,
    folder,
    get: (target) => signedGet(server.port, target, reporter),
    async remove() {
      await database.close()
      await server.kill("SIGTERM")
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function signedGet(port: number, target: string, by: Parameters<typeof signRequest>[1]): Promise<number> {
  const { request } = await import("node:http")
  const parts = { method: "GET", authority: "localhost:8080", path: target, query: "?", body: new Uint8Array(0) }
  const headers = { host: parts.authority, ...(await signRequest(parts, by, Math.floor(Date.now() / 1_000))) }
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: target, headers }, (answer) => {
      let length = 0
      answer.on("data", (part: Buffer) => (length += part.length))
      answer.on("end", () => (answer.statusCode === 200 ? resolve(length) : reject(new Error(`answered with ${answer.statusCode}`))))
    })
    asked.once("error", reject)
    asked.end()
  })
}
