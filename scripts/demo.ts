/** `npm start`: a whole tip line on this machine to try. `npm run demo -- --once`: the whole way without a person, checked at each step. */

import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type DemoLine, type Programs, startLine } from "./demo/line.ts"
import { goTheWholeWay } from "./demo/once.ts"

const dist = fileURLToPath(new URL(".", import.meta.url))
const programs: Programs = { sotto: join(dist, "sotto.js"), server: join(dist, "server.js") }
const DEFAULT_PORT = 8421

const say = (line: string) => process.stderr.write(`${line}\n`)

function freePort(wanted: number): Promise<number> {
  return new Promise((found, reject) => {
    const listener = createServer()
    listener.once("error", reject)
    listener.listen(wanted, "127.0.0.1", () => {
      const address = listener.address()
      listener.close(() => found(typeof address === "object" && address !== null ? address.port : wanted))
    })
  })
}

/** What to try next, each line good to be pasted into another terminal in this folder. */
function nextSteps({ url, reporter, admin, folder }: DemoLine): string {
  const here = (path: string) => relative(process.cwd(), path) || "."
  const as = ({ home, passphraseFile }: typeof reporter) =>
    `SOTTO_HOME=${here(home)} SOTTO_PASSPHRASE_FILE=${here(passphraseFile)} node ${here(programs.sotto)}`
  return `
A tip line is running on this machine, for trying it out.

  The source's page     ${url}/#amazon-layoffs
  The mails it sends    ${here(join(folder, "mails"))}/

Write a tip there, then read it as the reporter, in another terminal:

  ${as(reporter)} sync
  ${as(reporter)} inbox
  ${as(reporter)} read 1
  ${as(reporter)} save 1

As the admin:

  ${as(admin)} keyring log

Only a browser on this machine can use the page: over plain HTTP a phone has no WebCrypto.
Everything is in ${here(folder)}/. Stop with Ctrl-C; delete that folder to start afresh.
`
}

async function tryItOut(port: number): Promise<void> {
  const line = await startLine(programs, resolve(".sotto"), await freePort(port), say)
  process.stdout.write(nextSteps(line))
  const stop = new Promise<void>((stopped) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped())
  })
  const ended = await Promise.race([stop.then(() => false), line.server.ended.then(() => true)])
  if (ended) say(`the server ended by itself:\n${line.server.log()}`)
  await line.stop()
  if (ended) process.exitCode = 1
}

async function once(asJson: boolean, keep: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-demo-"))
  try {
    const line = await startLine(programs, folder, await freePort(0), asJson ? () => undefined : say)
    try {
      const report = await goTheWholeWay(line, programs, keep === undefined ? undefined : resolve(keep))
      process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 2)}\n`)
      if (!report.held) process.exitCode = 1
    } finally {
      await line.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: {
    once: { type: "boolean" },
    json: { type: "boolean" },
    keep: { type: "string" },
    port: { type: "string", default: String(DEFAULT_PORT) },
  },
})
try {
  if (values.once === true) await once(values.json === true, values.keep)
  else await tryItOut(Number(values.port))
} catch (error) {
  say(`demo: ${error instanceof Error ? error.message : "failed"}`)
  process.exitCode = 1
}
