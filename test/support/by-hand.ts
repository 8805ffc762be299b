/** What a source makes with stock tools: GNU tar with the page's flags, and an implementation of age that is not ours. */

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
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
