/** The only door to libsodium. Its declared types promise functions that the build does not have, so what we use is checked at start. */

import libsodium from "libsodium-wrappers"
import type { Primitives, Sodium } from "./primitives.ts"

/** Every name of {@link Primitives}: one that is missing here does not compile. */
const used: Readonly<Record<keyof Primitives, true>> = {
  crypto_aead_chacha20poly1305_ietf_decrypt: true,
  crypto_aead_chacha20poly1305_ietf_encrypt: true,
  crypto_kem_xwing_dec: true,
  crypto_kem_xwing_enc_deterministic: true,
  crypto_kem_xwing_keypair: true,
  crypto_kem_xwing_seed_keypair: true,
  crypto_sign_detached: true,
  crypto_sign_seed_keypair: true,
  crypto_sign_verify_detached: true,
  memzero: true,
  randombytes_buf: true,
}

/** libsodium once its module is compiled; rejects where this build lacks what the envelope needs. */
export const sodium: Promise<Sodium> = libsodium.ready.then(() => {
  const missing = (Object.keys(used) as (keyof Primitives)[]).filter((name) => typeof libsodium[name] !== "function")
  if (missing.length > 0) throw new Error(`this libsodium build lacks ${missing.join(", ")}`)
  return libsodium
})
// Whoever awaits it gets the rejection; a page that only loads this file must not be ended by it.
sodium.catch(() => undefined)
