/** SHA-256, HMAC and HKDF through WebCrypto: native in every browser and in Node, and missing from this libsodium build. RFC 5869. */

import { type Bytes, bigEndian, concat } from "./bytes.ts"

export const HASH_BYTES = 32

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
}

export async function hmacSha256(key: Bytes, bytes: Bytes): Promise<Bytes> {
  // WebCrypto refuses an empty key. HMAC fills a short key up with zeros, so 32 zeros are the same key.
  const material = key.length === 0 ? new Uint8Array(HASH_BYTES) : key
  const imported = await crypto.subtle.importKey("raw", material, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes))
}

export const hkdfExtract = (salt: Bytes, ikm: Bytes): Promise<Bytes> => hmacSha256(salt, ikm)

/** @param length - at most 32: one block of output is all that any key here needs */
export async function hkdfExpand(prk: Bytes, info: Uint8Array, length: number): Promise<Bytes> {
  if (length > HASH_BYTES) throw new RangeError("one block of HKDF output is at most 32 bytes")
  return (await hmacSha256(prk, concat(info, bigEndian(1, 1)))).slice(0, length)
}

export async function hkdf(ikm: Bytes, salt: Bytes, info: Uint8Array, length: number): Promise<Bytes> {
  return hkdfExpand(await hkdfExtract(salt, ikm), info, length)
}
