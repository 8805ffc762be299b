/** The age payload: a nonce, then chunks of 64 KiB, each sealed with its number and whether it is the last. C2SP age.md; SPEC.md §3.2. */

import { type Aead, sodiumAead } from "./aead.ts"
import { type Bytes, bigEndian, utf8 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { hkdf } from "./hash.ts"
import type { FileKey } from "./header.ts"
import { randomBytes, wipe } from "./keys.ts"
import { ByteReader, type ByteSource } from "./reader.ts"
import { CHUNK_BYTES, NONCE_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES } from "./sizes.ts"

export const payloadKey = (fileKey: FileKey, nonce: Bytes): Promise<Bytes> => hkdf(fileKey, nonce, utf8("payload"), 32)

export function chunkNonce(index: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12)
  nonce.set(bigEndian(index, 11))
  nonce[11] = last ? 1 : 0
  return nonce
}

/** Seals a stream. Gives the nonce first, then one sealed chunk after the other. */
export async function* sealPayload(fileKey: FileKey, plaintext: ByteSource, aead?: Aead): AsyncGenerator<Uint8Array> {
  const engine = aead ?? (await sodiumAead())
  const nonce = await randomBytes(NONCE_BYTES)
  const key = await payloadKey(fileKey, nonce)
  try {
    yield nonce
    const reader = new ByteReader(plaintext)
    for (let index = 0, last = false; !last; index++) {
      const chunk = await reader.take(CHUNK_BYTES)
      last = await reader.atEnd()
      yield engine.seal(key, chunkNonce(index, last), chunk)
    }
  } finally {
    await wipe(key)
  }
}

/** Opens a payload that begins at the reader's position and goes to its end. Each chunk is given out only after it has been authenticated;
 *  that the whole is complete is known only when the generator ends.
 *  @throws {@link EnvelopeError} `bad-payload` */
export async function* openPayload(fileKey: FileKey, reader: ByteReader, aead?: Aead): AsyncGenerator<Uint8Array> {
  const engine = aead ?? (await sodiumAead())
  const nonce = await reader.take(NONCE_BYTES)
  if (nonce.length !== NONCE_BYTES) throw new EnvelopeError("bad-payload", "the payload begins with a nonce of 16 bytes")
  const key = await payloadKey(fileKey, nonce)
  try {
    for (let index = 0, last = false; !last; index++) {
      const sealed = await reader.take(SEALED_CHUNK_BYTES)
      last = await reader.atEnd()
      // An empty last chunk behind a full one would give two spellings of the same plaintext.
      if (index > 0 && sealed.length <= TAG_BYTES) throw new EnvelopeError("bad-payload", "the last chunk is not empty")
      const chunk = engine.open(key, chunkNonce(index, last), sealed)
      if (chunk === undefined) throw new EnvelopeError("bad-payload", "the payload was altered or is not whole")
      yield chunk
    }
  } finally {
    await wipe(key)
  }
}

/** Opens the chunks that are whole in the beginning of a longer payload. What is given out has been authenticated; that there is more is taken for granted.
 *  @throws {@link EnvelopeError} `bad-payload` */
export async function* openBeginning(fileKey: FileKey, beginning: Uint8Array, aead?: Aead): AsyncGenerator<Uint8Array> {
  const engine = aead ?? (await sodiumAead())
  const key = await payloadKey(fileKey, beginning.slice(0, NONCE_BYTES) as Bytes)
  try {
    const whole = Math.floor((beginning.length - NONCE_BYTES) / SEALED_CHUNK_BYTES)
    for (let index = 0; index < whole; index++) {
      const at = NONCE_BYTES + index * SEALED_CHUNK_BYTES
      const chunk = engine.open(key, chunkNonce(index, false), beginning.subarray(at, at + SEALED_CHUNK_BYTES))
      if (chunk === undefined) throw new EnvelopeError("bad-payload", "the payload was altered or is not whole")
      yield chunk
    }
  } finally {
    await wipe(key)
  }
}
