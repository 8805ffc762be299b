/** The payload's cipher, as a door: the same bytes whichever engine stands behind it. */

import type { Bytes } from "./bytes.ts"
import { sodium } from "./sodium.ts"

/** ChaCha20-Poly1305 (RFC 8439) with no additional data: 32-byte key, 12-byte nonce, 16-byte tag at the end. */
export interface Aead {
  seal(key: Bytes, nonce: Bytes, plaintext: Uint8Array): Uint8Array
  /** `undefined`: not sealed with this key and nonce, or altered since. */
  open(key: Bytes, nonce: Bytes, sealed: Uint8Array): Uint8Array | undefined
}

export async function sodiumAead(): Promise<Aead> {
  const { crypto_aead_chacha20poly1305_ietf_encrypt, crypto_aead_chacha20poly1305_ietf_decrypt } = await sodium
  return {
    seal: (key, nonce, plaintext) => crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, null, null, nonce, key),
    open(key, nonce, sealed) {
      try {
        return crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, null, nonce, key)
      } catch {
        return undefined
      }
    },
  }
}
