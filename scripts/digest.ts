/** SHA-256 and HMAC through node:crypto, in place of envelope/digest.ts in the command (scripts/build.mjs): the same values without a trip
 *  to another thread for each, which is most of the time that opening a small tip takes. A test holds both to one result. */

import { createHash, createHmac } from "node:crypto"
import type { Bytes } from "../envelope/bytes.ts"

export const HASH_BYTES = 32

/** From here on the trip to another thread is worth it: it works there while we go on. */
const LARGE_BYTES = 65_536

export async function sha256(bytes: Bytes): Promise<Bytes> {
  if (bytes.length >= LARGE_BYTES) return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return new Uint8Array(createHash("sha256").update(bytes).digest())
}

export async function hmacSha256(key: Bytes, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(createHmac("sha256", key).update(bytes).digest())
}
