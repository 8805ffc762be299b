/** The programs we are measured against, run as their users run them: one process a message. */

import { execFile, spawn } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

export async function versionOf(program: string): Promise<string | undefined> {
  return run(program, ["--version"]).then(
    ({ stdout, stderr }) => (stdout || stderr).split("\n")[0]?.trim(),
    () => undefined,
  )
}

function finished(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "ignore" })
    child.once("error", reject)
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))))
  })
}

/** A program that opens files which it sealed itself. */
export interface Peer {
  seal(from: string, to: string): Promise<void>
  open(from: string, to: string): Promise<void>
}

/** Debian's age: X25519, which is less work than our stanza. */
export async function agePeer(folder: string): Promise<Peer> {
  const key = join(folder, "age.key")
  await run("age-keygen", ["-o", key])
  const { stdout } = await run("age-keygen", ["-y", key])
  const recipient = stdout.trim()
  return {
    seal: (from, to) => finished("age", ["-r", recipient, "-o", to, from]),
    open: (from, to) => finished("age", ["-d", "-i", key, "-o", to, from]),
  }
}

/** gpg with RSA-4096, as tip lines use it. */
export async function gpgPeer(folder: string): Promise<Peer> {
  const home = join(folder, "gpg")
  await mkdir(home, { mode: 0o700 })
  const common = ["--homedir", home, "--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]
  const parameters = join(folder, "gpg.batch")
  await writeFile(
    parameters,
    "%no-protection\nKey-Type: RSA\nKey-Length: 4096\nSubkey-Type: RSA\nSubkey-Length: 4096\nName-Email: desk@example.invalid\n%commit\n",
  )
  await finished("gpg", [...common, "--generate-key", parameters])
  return {
    seal: (from, to) => finished("gpg", [...common, "--trust-model", "always", "-r", "desk@example.invalid", "-o", to, "--encrypt", from]),
    open: (from, to) => finished("gpg", [...common, "-o", to, "--decrypt", from]),
  }
}
