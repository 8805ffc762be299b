/** The payload's cipher through node:crypto: the same bytes as libsodium's, several times as fast. RFC 8439. */

import { createCipheriv, createDecipheriv } from "node:crypto"
import type { Aead } from "../envelope/aead.ts"
import { concat } from "../envelope/bytes.ts"
import { TAG_BYTES } from "../envelope/sizes.ts"

const CIPHER = "chacha20-poly1305"

export const nodeAead: Aead = {
  seal(key, nonce, plaintext) {
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
  },
  open(key, nonce, sealed) {
    if (sealed.length < TAG_BYTES) return undefined
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
    try {
      decipher.final() // a stream cipher: nothing is left to come
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
    } catch {
      // Only here is the tag compared; what update() gave before is dropped unseen.
      return undefined
    }
  },
}
