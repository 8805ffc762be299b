/** The only door to libsodium. Its declared types promise functions that the build does not have, so what we use is checked at start. */

import libsodium from "libsodium-wrappers"

const used = [
  "crypto_aead_chacha20poly1305_ietf_decrypt",
  "crypto_aead_chacha20poly1305_ietf_encrypt",
  "crypto_kem_xwing_dec",
  "crypto_kem_xwing_enc",
  "crypto_kem_xwing_keypair",
  "crypto_kem_xwing_seed_keypair",
  "crypto_sign_detached",
  "crypto_sign_seed_keypair",
  "crypto_sign_verify_detached",
  "memzero",
  "randombytes_buf",
] as const

/** Only for holding a build to vectors that others published (client/worker-check.ts). Where one is missing, that vector fails; a source
 *  is not turned away for it. */
type OnlyForChecks =
  | "crypto_kem_mlkem768_dec"
  | "crypto_kem_mlkem768_enc_deterministic"
  | "crypto_kem_mlkem768_seed_keypair"
  | "crypto_kem_xwing_enc_deterministic"
  | "crypto_scalarmult"

export type Sodium = Pick<typeof libsodium, (typeof used)[number]> & Partial<Pick<typeof libsodium, OnlyForChecks>>

/** libsodium once its module is compiled; rejects where this build lacks what the envelope needs. */
export const sodium: Promise<Sodium> = libsodium.ready.then(() => {
  const missing = used.filter((name) => typeof libsodium[name] !== "function")
  if (missing.length > 0) throw new Error(`this libsodium build lacks ${missing.join(", ")}`)
  return libsodium
})
// Whoever awaits it gets the rejection; a page that only loads this file must not be ended by it.
sodium.catch(() => undefined)
