/** SHA-256 and HMAC through WebCrypto: native in every browser and in Node, and missing from this libsodium build.
 *  The command's build puts scripts/digest.ts in this file's place: the same values through node:crypto. */

import type { Bytes } from "./bytes.ts"

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
