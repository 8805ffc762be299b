/** The server as a process of its own, started, watched and ended: by the demo and by tests that kill it. */

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

export interface ServerSettings {
  /** The built server, `dist/server.js`. */
  readonly program: string
  readonly databaseUrl: string
  /** Path of newsroom.json. */
  readonly newsroom: string
  readonly port: number
  /** A path to listen on instead. */
  readonly socket?: string
  readonly smtp?: { readonly url: string; readonly from: string }
  /** As in SOTTO_CALM. */
  readonly calm?: number
  /** As in SOTTO_PROCESSES. */
  readonly processes?: number
  /** As in SOTTO_MAIL_AT. */
  readonly mailAt?: string
  /** What else stands in its environment: for a fault that comes from there. */
  readonly environment?: Readonly<Record<string, string>>
}
export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** Everything it has said so far. */
  log(): string
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Resolves when it ends by itself. */
  readonly ended: Promise<void>
}

const START_MS = 20_000

/** Starts the server and waits until it listens.
 *  @throws Error with what it said, when it ends first */
export async function startServerProcess(settings: ServerSettings): Promise<ServerProcess> {
  const { program, databaseUrl, newsroom, port, socket, smtp, mailAt, calm, processes, environment = {} } = settings
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH ?? "",
      DATABASE_URL: databaseUrl,
      SOTTO_NEWSROOM: newsroom,
      SOTTO_PORT: String(port),
      // As the image and the unit set it.
      MALLOC_ARENA_MAX: "1",
      ...(socket === undefined ? {} : { SOTTO_SOCKET: socket }),
      ...(smtp === undefined ? {} : { SOTTO_SMTP: smtp.url, SOTTO_MAIL_FROM: smtp.from }),
      ...(mailAt === undefined ? {} : { SOTTO_MAIL_AT: mailAt }),
      ...(calm === undefined ? {} : { SOTTO_CALM: String(calm) }),
      ...(processes === undefined ? {} : { SOTTO_PROCESSES: String(processes) }),
      ...environment,
    },
  })
  let text = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
  const ended = once(child, "close").then(() => undefined)
  const listening = await untilListening(child, () => text, ended)
  return {
    port: listening,
    pid: child.pid ?? 0,
    log: () => text,
    ended,
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}

async function untilListening(child: ChildProcess, log: () => string, ended: Promise<void>): Promise<number> {
  const deadline = Date.now() + START_MS
  let over = false
  ended.then(
    () => (over = true),
    () => (over = true),
  )
  for (;;) {
    const port = /"event":"listening","port":(\d+)/.exec(log())?.[1]
    if (port !== undefined) return Number(port)
    if (over || Date.now() > deadline) {
      child.kill("SIGKILL")
      throw new Error(`the server did not start:\n${log()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
