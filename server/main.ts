/** The server as a program: serves until SIGTERM or SIGINT. With more than one process, one a core, which share the port and PostgreSQL and
 *  nothing else; the first one starts the others, and another one in the place of one that ended. */

import cluster from "node:cluster"
import { ConfigError, readConfig } from "./config.ts"
import { makeWay } from "./listen.ts"
import { logTo, nameOf } from "./log.ts"
import { prepare, serve } from "./serve.ts"

const RESTART_MS = 1_000
const log = logTo((line) => process.stdout.write(line))

function onceAsked(stop: () => Promise<unknown>): void {
  const end = () => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once("SIGTERM", end)
  process.once("SIGINT", end)
}

/** Starts `count` processes and keeps that many. */
function supervise(count: number): void {
  let isStopping = false
  const ended = (): boolean => Object.keys(cluster.workers ?? {}).length === 0
  const allEnded = () =>
    new Promise<void>((resolve) => {
      if (ended()) return resolve()
      cluster.on("exit", () => ended() && resolve())
    })
  cluster.on("exit", () => {
    if (isStopping) return
    log({ event: "process ended" })
    // Not at once: what ends at its start would be started without a pause.
    setTimeout(() => isStopping || cluster.fork(), RESTART_MS)
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
}
