/** Small files of the vault: age files to the vault key, opened whole. SPEC.md §7. */

import { type Bytes, concat } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "../../envelope/header.ts"
import { type Recipient, randomBytes, wipe } from "../../envelope/keys.ts"
import { type Unlocked, unlockKept } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { NONCE_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES } from "../../envelope/sizes.ts"
import { sealSlot } from "../../envelope/slots.ts"
import { payloadKey, sealPayload } from "../../envelope/stream.ts"
import { openBatch } from "../chunks.ts"
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
  const { opened, count } = await beginningOf(file, file.length, keys, name)
  return opened(count)
}

/** As much of a file as ends with its first line, from as much of it as holds that. What is given out has been authenticated; that the rest is there is not.
 *  @param beginning - the file's first bytes
 *  @param length - the whole file's
 *  @returns `undefined`: the line is longer than the beginning, or the file has none
 *  Errors as {@link openFromVault} */
export async function openFirstLine(beginning: Bytes, length: number, keys: VaultKeys, name: string): Promise<string | undefined> {
  const { opened, count, whole } = await beginningOf(beginning, length, keys, name)
  if (whole === 0) return undefined
  const plain = Buffer.from(opened(Math.min(whole, count)).buffer)
  const end = plain.indexOf("\n")
  return end === -1 ? undefined : plain.toString("utf8", 0, end)
}

interface Beginning {
  /** How many chunks the file has, and how many of them are in what was given. */
  readonly count: number
  readonly whole: number
  /** The first so many, opened. */
  opened(chunks: number): Bytes
}

async function beginningOf(beginning: Bytes, length: number, keys: VaultKeys, name: string): Promise<Beginning> {
  const unlocked = await unlockVault(beginning, keys)
  if (unlocked === undefined)
    throw new Failure("failed", `${name} belongs to another vault`, "put back the files of one vault together, from one backup")
  const { fileKey, header } = unlocked
  const at = header.bytes + NONCE_BYTES
  const altered = () => new EnvelopeError("bad-payload", "the payload was altered or is not whole")
  const sealed = length - at
  if (sealed < TAG_BYTES || beginning.length < at) throw altered()
  const key = await payloadKey(fileKey, beginning.slice(header.bytes, at))
  await wipe(fileKey)
  const count = Math.ceil(sealed / SEALED_CHUNK_BYTES)
  const whole = beginning.length === length ? count : Math.floor((beginning.length - at) / SEALED_CHUNK_BYTES)
  const opened = (chunks: number): Bytes => {
    const plain = openBatch({ key, index: 0, count, sealed: beginning.subarray(at, at + chunks * SEALED_CHUNK_BYTES) })
    if (plain === undefined) throw altered()
    return plain
  }
  return { count, whole, opened }
}
