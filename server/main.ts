/** The server as a program: serves until SIGTERM or SIGINT. With more than one process, one a core, which share the port and PostgreSQL and
 *  nothing else; the first one starts the others, and another one in the place of one that ended. */

import cluster from "node:cluster"
import { ConfigError, readConfig } from "./config.ts"
import { makeWay } from "./listen.ts"
import { logTo, nameOf } from "./log.ts"
import { prepare, serve } from "./serve.ts"

const RESTART_MS = 1_000
const RESTART_MOST_MS = 30_000
const log = logTo((line) => process.stdout.write(line))

/** Runs `stop` at the first signal and ends. A signal to the whole group reaches a worker twice, once by way of the first process: were the second
 *  one not listened to, it would end the worker in the middle of what it is answering. */
function onceAsked(stop: () => Promise<unknown>): void {
  let isStopping = false
  const end = () => {
    if (isStopping) return
    isStopping = true
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on("SIGTERM", end)
  process.on("SIGINT", end)
}

/** Starts `count` processes and keeps that many. Where none of them could ever listen, for a port that is taken, say, this one ends as well: who
 *  started it is to know. */
function supervise(count: number): void {
  let isStopping = false
  let hasListened = false
  let inARow = 0
  const ended = (): boolean => Object.keys(cluster.workers ?? {}).length === 0
  const allEnded = () =>
    new Promise<void>((resolve) => {
      if (ended()) return resolve()
      cluster.on("exit", () => ended() && resolve())
    })
  cluster.on("listening", () => {
    hasListened = true
    inARow = 0
  })
  cluster.on("exit", () => {
    if (isStopping) return
    log({ event: "process ended" })
    inARow++
    if (!hasListened && inARow >= count) {
      process.stderr.write("sotto server: no process could start\n")
      process.exit(1)
    }
    // Not at once, and later each time: what ends at its start would be started without a pause.
    setTimeout(() => isStopping || cluster.fork(), Math.min(RESTART_MS * 2 ** (inARow - 1), RESTART_MOST_MS))
  })
  onceAsked(async () => {
    isStopping = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM")
    await allEnded()
  })
  for (let index = 0; index < count; index++) cluster.fork()
}

try {
  const config = await readConfig()
  if (cluster.isPrimary) await prepare(config, log)
  if (cluster.isPrimary && config.socket !== undefined) await makeWay(config.socket)
  if (cluster.isPrimary && config.processes > 1) supervise(config.processes)
  else {
    const running = await serve(config, log)
    onceAsked(() => running.stop())
  }
} catch (error) {
  // What is wrong with a setting is for the operator. A database's own messages are not repeated: they may quote a row.
  const said = error instanceof ConfigError || (error instanceof Error && !("code" in error)) ? error.message : nameOf(error)
  process.stderr.write(`sotto server: ${said}\n`)
  process.exitCode = 1
  // Its line to the first process would keep a worker that serves nobody alive, and another would not take its place.
  if (cluster.isWorker) process.exit(1)
}
