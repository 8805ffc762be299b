/** HPKE in base mode over X-Wing, as SPEC.md §3.1 and RFC 9180 have it, on the noble libraries: one stanza's file key, sealed and opened. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { expand, extract } from "@noble/hashes/hkdf.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { ml_kem768_x25519 as XWing } from "@noble/post-quantum/hybrid.js"
import { refuse } from "./refused.mjs"

const bytes = (text) => Buffer.from(text, "latin1")
/** KEM 0x647a, KDF 0x0001, AEAD 0x0003. */
const SUITE = Buffer.concat([bytes("HPKE"), Buffer.from("647a00010003", "hex")])
const NONE = new Uint8Array(0)

const labeledExtract = (salt, label, ikm) => extract(sha256, Buffer.concat([bytes("HPKE-v1"), SUITE, bytes(label), ikm]), salt)
function labeledExpand(secret, label, info, length) {
  const size = Buffer.alloc(2)
  size.writeUInt16BE(length)
  return expand(sha256, secret, Buffer.concat([size, bytes("HPKE-v1"), SUITE, bytes(label), info]), length)
}

/** RFC 9180 §5.1, mode 0. */
function keySchedule(sharedSecret) {
  const info = labeledExtract(NONE, "info_hash", bytes("age-encryption.org/mlkem768x25519"))
  const context = Buffer.concat([Buffer.of(0), labeledExtract(NONE, "psk_id_hash", NONE), info])
  const secret = labeledExtract(sharedSecret, "secret", NONE)
  return chacha20poly1305(labeledExpand(secret, "key", context, 32), labeledExpand(secret, "base_nonce", context, 12))
}

export const recipientOf = (seed) => XWing.keygen(seed).publicKey

/** @param randomness - 64 bytes; the same ones give the same stanza, which only a test vector may want */
export function sealFileKey(recipient, fileKey, randomness) {
  const { cipherText, sharedSecret } = XWing.encapsulate(recipient, randomness)
  return { enc: cipherText, body: keySchedule(sharedSecret).encrypt(fileKey) }
}

/** @returns `undefined`: sealed to somebody else */
export function openFileKey(seed, enc, body) {
  let sharedSecret
  try {
    sharedSecret = XWing.decapsulate(enc, XWing.keygen(seed).secretKey)
  } catch {
    return refuse("bad-stanza") // a share of low order
  }
  try {
    return keySchedule(sharedSecret).decrypt(body)
  } catch {
    return undefined
  }
}
