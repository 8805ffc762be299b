/** The `sotto` command. What it can do stands in program.ts. */

import { homedir } from "node:os"
import { join } from "node:path"
import { systemClock } from "./clock.ts"
import { EXIT } from "./failure.ts"
import { clearAll } from "./leftovers.ts"
import { run } from "./program.ts"
import { processTerminal } from "./terminal.ts"

// Whatever is made is the user's alone, also where a mode was forgotten.
process.umask(0o077)
const terminal = processTerminal()
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, async () => {
    terminal.say("interrupted: run the same command again, nothing is half done")
    await clearAll()
    if (signal === "SIGINT") process.exit(EXIT.interrupted)
    // As if nobody had listened: who sent it, systemd say, takes that for an end in order.
    process.kill(process.pid, signal)
  })
const { SOTTO_HOME, SOTTO_PASSPHRASE_FILE, SOTTO_NEW_PASSPHRASE_FILE, SOTTO_WORK_FACTOR, SOTTO_SOCKS } = process.env
// Until it has come to its end: where nothing is left to wait for, Node would end with a code that says something else here.
process.exitCode = EXIT.failed
process.exitCode = await run(process.argv.slice(2), {
  terminal,
  clock: systemClock,
  home: SOTTO_HOME || join(homedir(), ".sotto"),
  passphraseFile: SOTTO_PASSPHRASE_FILE,
  newPassphraseFile: SOTTO_NEW_PASSPHRASE_FILE,
  workFactor: SOTTO_WORK_FACTOR,
  socks: SOTTO_SOCKS,
  program: process.argv[1],
})
