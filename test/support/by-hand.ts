/** What a source makes with stock tools: GNU tar with the page's flags, and an implementation of age that is not ours. */

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { chmod, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Encrypter } from "age-encryption"
import { type Bytes, concat } from "../../envelope/bytes.ts"
import { forgottenRecipient, type Recipient, recipientText } from "../../envelope/keys.ts"
import { classFor, type SlotCount } from "../../envelope/sizes.ts"

const TAR = ["--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=0600", "-b1"]

export function tarByHand(files: Readonly<Record<string, string | Uint8Array>>): Bytes {
  const folder = mkdtempSync(join(tmpdir(), "sotto-by-hand-"))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return new Uint8Array(
      execFileSync("tar", [...TAR, "-cf", "-", "--", ...Object.keys(files)], { cwd: folder, maxBuffer: 64 * 1_048_576 }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param slots - slot 0 first; `undefined`: a key that nobody keeps */
export async function sealByHand(
  files: Readonly<Record<string, string | Uint8Array>>,
  slots: readonly (Recipient | undefined)[],
): Promise<Bytes> {
  const encrypter = new Encrypter()
  for (const to of slots) encrypter.addRecipient(recipientText(to ?? (await forgottenRecipient())))
  const archive = tarByHand(files)
  const { padded } = classFor((slots.length - 1) as SlotCount, archive.length)
  return new Uint8Array(await encrypter.encrypt(concat(archive, new Uint8Array(padded - archive.length))))
}

/** Puts `age` and `age-keygen` into a folder. @returns the folder, to stand before others in PATH */
export async function agePeer(folder: string): Promise<string> {
  await symlink(join(__dirname, "../../node_modules"), join(folder, "node_modules"))
  for (const name of ["age", "age-keygen"]) {
    await writeFile(join(folder, `${name}.mjs`), AGE)
    await writeFile(join(folder, name), `#!/bin/sh\nexec "${process.execPath}" "${join(folder, `${name}.mjs`)}" ${name} "$@"\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}

/** `age` and `age-keygen` as far as the list needs them, by another implementation. */
const AGE = `
import { readFileSync, writeFileSync } from "node:fs"
import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption"
const [name, ...args] = process.argv.slice(2)
if (name === "age-keygen" && args[0] === "-pq") console.log(await generateHybridIdentity())
else if (name === "age-keygen" && args[0] === "-y") console.log(await identityToRecipient(readFileSync(0, "utf8").trim()))
else {
  const encrypter = new Encrypter()
  let out
  while (args.length > 1) {
    const [flag, value] = args.splice(0, 2)
    if (flag === "-r") encrypter.addRecipient(value)
    else if (flag === "-o") out = value
    else throw new Error("usage")
  }
  writeFileSync(out, await encrypter.encrypt(readFileSync(args[0])))
}
`
