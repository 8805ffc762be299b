/** Small files of the vault: age files to the vault key, opened whole. SPEC.md §7. */

import { type Bytes, concat } from "../../envelope/bytes.ts"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "../../envelope/header.ts"
import { type Recipient, randomBytes, wipe } from "../../envelope/keys.ts"
import { type Unlocked, unlockKept } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { sealSlot } from "../../envelope/slots.ts"
import { openPayload, sealPayload } from "../../envelope/stream.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import type { VaultKeys } from "./secrets.ts"

export async function sealToVault(plaintext: Bytes, vault: Recipient): Promise<Bytes> {
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  const header = await writeHeader([await sealSlot(fileKey, vault)], fileKey)
  const file = concat(header, await collect(sealPayload(fileKey, [plaintext], nodeAead)))
  await wipe(fileKey)
  return file
}

/** A file of the vault with whichever of our vault keys opens it: after a rekey that was cut, some have the key before.
 *  @throws EnvelopeError: damaged */
export async function unlockVault(file: Bytes, { vault, older }: VaultKeys): Promise<Unlocked | undefined> {
  for (const identity of [vault, ...older]) {
    const unlocked = await unlockKept([file], identity)
    if (unlocked !== undefined) return unlocked
  }
  return undefined
}

/** @param name - of the file, for people
 *  @throws {@link Failure} `failed`: sealed to another vault key
 *  @throws EnvelopeError: damaged */
export async function openFromVault(file: Bytes, keys: VaultKeys, name: string): Promise<Bytes> {
  const unlocked = await unlockVault(file, keys)
  if (unlocked === undefined)
    throw new Failure("failed", `${name} belongs to another vault`, "put back the files of one vault together, from one backup")
  const plaintext = await collect(openPayload(unlocked.fileKey, unlocked.payload, nodeAead))
  await wipe(unlocked.fileKey)
  return plaintext
}
