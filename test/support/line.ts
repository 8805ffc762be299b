/** A running line for tests that kill things: the built server as its own process, on a database of its own. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Day } from "../../envelope/day.ts"
import { dayOf } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { type ServerProcess, type ServerSettings, startServerProcess } from "../../scripts/operator/server-process.ts"
import { makeNewsroom, type NewsroomOptions, type TestNewsroom } from "./newsroom.ts"
import { freePort } from "./port.ts"
import { ask, signedHeaders } from "./server.ts"

const PROGRAM = join(__dirname, "../../dist/server.js")

export interface Line {
  readonly newsroom: TestNewsroom
  readonly base: string
  readonly today: Day
  /** Path of newsroom.json. */
  readonly pin: string
  /** The process as it is now. */
  readonly server: ServerProcess
  /** @param environment - in the place of what it was started with before */
  start(environment?: Readonly<Record<string, string>>): Promise<void>
  /** Signed by the first reporter. */
  put(target: string, value: unknown): Promise<number>
  remove(): Promise<void>
}

export async function startLine(
  databaseUrl: string,
  settings: Pick<ServerSettings, "smtp" | "mailAt" | "calm" | "processes" | "environment">,
  options: Partial<NewsroomOptions> = {},
): Promise<Line> {
  // It stays the same when the server is started again: the newsroom's address is in its keys.
  const port = await freePort()
  const today = dayOf(Date.now())
  const newsroom = await makeNewsroom({ today, url: `http://localhost:${port}`, ...options })
  const folder = await mkdtemp(join(tmpdir(), "sotto-line-"))
  const file = join(folder, "newsroom.json")
  await writeFile(file, pinnedText(newsroom.pinned))
  const start = (environment = settings.environment) =>
    startServerProcess({
      calm: 1_000_000,
      program: PROGRAM,
      databaseUrl,
      newsroom: file,
      port,
      ...settings,
      ...(environment && { environment }),
    })
  let server = await start()
  const base = `http://127.0.0.1:${port}`
  for (const { source } of newsroom.chain) {
    const { status } = await ask(base, "POST", "/api/keyring", {
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: Buffer.from(source),
    })
    if (status !== 201) throw new Error(`publishing a keyring was answered with ${status}`)
  }
  return {
    newsroom,
    base,
    today,
    pin: file,
    get server() {
      return server
    },
    async start(environment) {
      server = await start(environment)
    },
    async put(target, value) {
      const body = new TextEncoder().encode(JSON.stringify(value))
      const by = newsroom.reporters[0]?.signer
      if (by === undefined) throw new Error("no reporter")
      const headers = await signedHeaders(newsroom, by, Date.now() / 1_000, { method: "PUT", target, body })
      return (await ask(base, "PUT", target, { headers: { ...headers, "content-type": "application/json" }, body })).status
    },
    async remove() {
      await server.kill("SIGKILL")
      await rm(folder, { recursive: true, force: true })
    },
  }
}
