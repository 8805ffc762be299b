/** Files under a passphrase, in age's own format: stock `age` opens ours, we open its. C2SP age.md, "The scrypt recipient type"; SPEC.md §7. */

import { scrypt } from "node:crypto"
import { type Bytes, concat, fromBase64, toBase64, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { checkMac, FILE_KEY_BYTES, type FileKey, readHeader, type Stanza, writeHeader } from "../../envelope/header.ts"
import { randomBytes, wipe } from "../../envelope/keys.ts"
import { ByteReader, type ByteSource, collect } from "../../envelope/reader.ts"
import { openPayload, sealPayload } from "../../envelope/stream.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"

/** 256 MiB and about a second: what age itself takes. */
export const DEFAULT_WORK_FACTOR = 18
export const MIN_WORK_FACTOR = 10
/** A file may ask for 4 GiB of memory and not more. */
export const MAX_WORK_FACTOR = 22
const KIND = "scrypt"
const LABEL = utf8("age-encryption.org/v1/scrypt")
const SALT_BYTES = 16
const KEY_BYTES = 32
const BLOCK_SIZE = 8
/** The wrapping key is used once, so the nonce may be fixed (age.md). */
const NONCE = new Uint8Array(12)

function stretch(passphrase: string, salt: Bytes, workFactor: number): Promise<Bytes> {
  const cost = 2 ** workFactor
  // Node refuses more than 32 MiB unless told: scrypt takes 128 bytes a block and step, and a little more.
  const limits = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 128 * BLOCK_SIZE * (cost + 64) }
  return new Promise((resolve, reject) => {
    scrypt(passphrase, concat(LABEL, salt), KEY_BYTES, limits, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))))
  })
}

/** @param workFactor - {@link MIN_WORK_FACTOR} to {@link MAX_WORK_FACTOR}; below the default only for generated passphrases, which need no stretching */
export const sealWithPassphrase = (plaintext: Bytes, passphrase: string, workFactor: number): Promise<Bytes> =>
  collect(sealStreamWithPassphrase([plaintext], passphrase, workFactor))

/** As {@link sealWithPassphrase}, for what is too long to be held at once. */
export async function* sealStreamWithPassphrase(plaintext: ByteSource, passphrase: string, workFactor: number): AsyncGenerator<Uint8Array> {
  if (!Number.isInteger(workFactor) || workFactor < MIN_WORK_FACTOR || workFactor > MAX_WORK_FACTOR)
    throw new RangeError(`a work factor is a whole number from ${MIN_WORK_FACTOR} to ${MAX_WORK_FACTOR}`)
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  const salt = await randomBytes(SALT_BYTES)
  const key = await stretch(passphrase, salt, workFactor)
  const body = nodeAead.seal(key, NONCE, fileKey) as Bytes
  yield await writeHeader([{ args: [KIND, toBase64(salt), String(workFactor)], body }], fileKey)
  yield* sealPayload(fileKey, plaintext, nodeAead)
  await wipe(key, fileKey)
}

/** @throws {@link Failure} `wrong-passphrase`
 *  @throws EnvelopeError `bad-header`, `bad-stanza`, `bad-mac`, `bad-payload`: not such a file, or a damaged one */
export async function openWithPassphrase(file: Bytes, passphrase: string): Promise<Bytes> {
  const { fileKey, payload } = await openStreamWithPassphrase([file], passphrase)
  const plaintext = await collect(openPayload(fileKey, payload, nodeAead))
  await wipe(fileKey)
  return plaintext
}

/** The file key, and the payload that it opens, not yet read. Errors as {@link openWithPassphrase}. */
export async function openStreamWithPassphrase(
  file: ByteSource,
  passphrase: string,
): Promise<{ readonly fileKey: FileKey; readonly payload: ByteReader }> {
  const payload = new ByteReader(file)
  const header = await readHeader(payload)
  const { salt, workFactor, body } = parseStanza(header.stanzas)
  const key = await stretch(passphrase, salt, workFactor)
  const fileKey = nodeAead.open(key, NONCE, body) as FileKey | undefined
  await wipe(key)
  if (fileKey === undefined)
    throw new Failure("wrong-passphrase", "the passphrase does not open this file", "type it again, with its spaces")
  await checkMac(header, fileKey)
  return { fileKey, payload }
}

/** The one stanza that such a file has: with a second one it could be opened by somebody who does not know the passphrase. */
function parseStanza([stanza, ...others]: readonly Stanza[]): { salt: Bytes; workFactor: number; body: Bytes } {
  const bad = (rule: string, options?: ErrorOptions) => new EnvelopeError("bad-stanza", rule, options)
  const [kind, salt, factor, ...rest] = stanza?.args ?? []
  if (stanza === undefined || kind !== KIND || others.length > 0 || rest.length > 0)
    throw bad("a passphrase file has one scrypt stanza and no other")
  if (salt?.length !== 22 || factor === undefined || !/^[1-9]\d?$/.test(factor))
    throw bad("an scrypt stanza names a salt of 16 bytes and a work factor")
  const workFactor = Number(factor)
  // A file from a stranger must not be able to take all the memory there is.
  if (workFactor > MAX_WORK_FACTOR) throw bad(`a work factor above ${MAX_WORK_FACTOR} is not read`)
  if (stanza.body.length !== FILE_KEY_BYTES + 16) throw bad("an scrypt stanza's body is 32 bytes")
  try {
    return { salt: fromBase64(salt), workFactor, body: stanza.body }
  } catch (cause) {
    throw bad("an scrypt stanza's salt is canonical base64", { cause })
  }
}
