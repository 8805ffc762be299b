/** The hashes that everything here is made of, and HKDF over them. RFC 5869. */

import { type Bytes, bigEndian, concat } from "./bytes.ts"
import { HASH_BYTES, hmacSha256, sha256 } from "./digest.ts"

export { HASH_BYTES, hmacSha256, sha256 }

export const hkdfExtract = (salt: Bytes, ikm: Bytes): Promise<Bytes> => hmacSha256(salt, ikm)

/** @param length - at most 32: one block of output is all that any key here needs */
export async function hkdfExpand(prk: Bytes, info: Uint8Array, length: number): Promise<Bytes> {
  if (length > HASH_BYTES) throw new RangeError("one block of HKDF output is at most 32 bytes")
  const block = await hmacSha256(prk, concat(info, bigEndian(1, 1)))
  const key = block.slice(0, length)
  block.fill(0)
  return key
}

export async function hkdf(ikm: Bytes, salt: Bytes, info: Uint8Array, length: number): Promise<Bytes> {
  const prk = await hkdfExtract(salt, ikm)
  const key = await hkdfExpand(prk, info, length)
  prk.fill(0)
  return key
}
