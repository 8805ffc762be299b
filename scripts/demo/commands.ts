/** Runs the built `sotto` command as a person would: its own process, its own folder of keys. */

import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

export interface Person {
  /** SOTTO_HOME. */
  readonly home: string
  readonly passphraseFile: string
}

/** @param program - the built `dist/sotto.js`
 *  @returns what it answered on stdout
 *  @throws Error with what it said on stderr */
export async function sotto(program: string, { home, passphraseFile }: Person, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? "",
    SOTTO_HOME: home,
    SOTTO_PASSPHRASE_FILE: passphraseFile,
    // The demo's passphrase is generated: 100 bits need no stretching, and nobody wants to wait for it.
    SOTTO_WORK_FACTOR: "12",
  }
  try {
    const { stdout } = await run(process.execPath, [program, ...args], { env, maxBuffer: 64 * 1_048_576 })
    return stdout
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error)
    throw new Error(`sotto ${args[0] ?? ""} ${args[1] ?? ""} failed:\n${said}`, { cause: error })
  }
}
