/** The server as a program: serves until SIGTERM or SIGINT. */

import { ConfigError, readConfig } from "./config.ts"
import { logTo, nameOf } from "./log.ts"
import { serve } from "./serve.ts"

try {
  const running = await serve(
    await readConfig(),
    logTo((line) => process.stdout.write(line)),
  )
  const stop = () => {
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once("SIGTERM", stop)
  process.once("SIGINT", stop)
} catch (error) {
  // What is wrong with a setting is for the operator. A database's own messages are not repeated: they may quote a row.
  const said = error instanceof ConfigError || (error instanceof Error && !("code" in error)) ? error.message : nameOf(error)
  process.stderr.write(`sotto server: ${said}\n`)
  process.exitCode = 1
}
