/** The other engine behind `sodium.ts`, for browsers without WebAssembly: the same primitives in plain JavaScript, from the noble libraries.
 *  A fifth of the weight of libsodium's own plain JavaScript, and several times as fast where there is no compiler either. Held to the same vectors. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { bytesToNumberLE } from "@noble/curves/utils.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { sha3_256, shake256 } from "@noble/hashes/sha3.js"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { concat, equal, utf8 } from "./bytes.ts"
import type { Encapsulated, OnlyForChecks, Primitives } from "./primitives.ts"

const SEED_BYTES = 32
const TAG_BYTES = 16
const X25519_BYTES = 32
const MLKEM_SEED_BYTES = 64
const MLKEM_KEY_BYTES = 1_184
const MLKEM_PRIVATE_BYTES = 2_400
const MLKEM_ENC_BYTES = 1_088
/** X-Wing's label, which is drawn like its name. */
const XWING_LABEL = utf8("\\.//^\\")
/** WebCrypto gives at most so many at once. */
const RANDOM_AT_ONCE = 65_536

/** In our words, so that every engine refuses a wrong length before anything is computed. */
function sized(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new TypeError(`invalid ${what} length`)
}

function randombytes_buf(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += RANDOM_AT_ONCE) crypto.getRandomValues(bytes.subarray(at, at + RANDOM_AT_ONCE))
  return bytes
}

function memzero(bytes: Uint8Array): void {
  bytes.fill(0)
}

function cipher(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array | null) {
  sized(key, 32, "key")
  sized(nonce, 12, "nonce")
  return chacha20poly1305(key, nonce, aad ?? new Uint8Array(0))
}

/** X25519, RFC 7748. A point of low order gives a secret that anybody knows. */
function scalarmult(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  sized(scalar, X25519_BYTES, "scalar")
  sized(point, X25519_BYTES, "point")
  try {
    return x25519.getSharedSecret(scalar, point)
  } catch {
    throw new Error("weak public key")
  }
}

function mlkemEncapsulate(publicKey: Uint8Array, seed: Uint8Array): Encapsulated {
  sized(publicKey, MLKEM_KEY_BYTES, "publicKey")
  sized(seed, SEED_BYTES, "seed")
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, seed)
    return { ciphertext: cipherText, sharedSecret }
  } catch {
    throw new Error("invalid publicKey: a coefficient is not reduced")
  }
}

/** What a seed stands for, draft-connolly-cfrg-xwing-kem §5.2. */
function expand(seed: Uint8Array) {
  sized(seed, SEED_BYTES, "seed")
  const both = shake256(seed, { dkLen: MLKEM_SEED_BYTES + X25519_BYTES })
  const scalar = both.slice(MLKEM_SEED_BYTES)
  const lattice = ml_kem768.keygen(both.subarray(0, MLKEM_SEED_BYTES))
  both.fill(0)
  return { lattice, scalar, point: x25519.getPublicKey(scalar) }
}

function combine(lattice: Uint8Array, curve: Uint8Array, theirs: Uint8Array, point: Uint8Array): Uint8Array {
  const all = concat(lattice, curve, theirs, point, XWING_LABEL)
  const sharedSecret = sha3_256(all)
  for (const secret of [all, lattice, curve]) secret.fill(0)
  return sharedSecret
}

function xwingKeypair(seed: Uint8Array) {
  const { lattice, scalar, point } = expand(seed)
  for (const secret of [lattice.secretKey, scalar]) secret.fill(0)
  return { publicKey: concat(lattice.publicKey, point), privateKey: seed.slice() }
}

/** @param seed - 32 bytes for ML-KEM, 32 for X25519 */
function xwingEncapsulate(publicKey: Uint8Array, seed: Uint8Array): Encapsulated {
  sized(publicKey, MLKEM_KEY_BYTES + X25519_BYTES, "publicKey")
  sized(seed, 2 * SEED_BYTES, "seed")
  const point = publicKey.slice(MLKEM_KEY_BYTES)
  const scalar = seed.slice(SEED_BYTES)
  const curve = scalarmult(scalar, point)
  const ours = x25519.getPublicKey(scalar)
  scalar.fill(0)
  const lattice = mlkemEncapsulate(publicKey.slice(0, MLKEM_KEY_BYTES), seed.slice(0, SEED_BYTES))
  return { ciphertext: concat(lattice.ciphertext, ours), sharedSecret: combine(lattice.sharedSecret, curve, ours, point) }
}

/** Ed25519 as libsodium checks it. noble's own check multiplies by the cofactor, and so takes signatures that only whoever has the key can make,
 *  and that libsodium refuses: one keyring would be good in one browser and forged in the next. */
function verifies(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  sized(signature, 64, "signature")
  sized(publicKey, 32, "publicKey")
  const { Point } = ed25519
  const r = signature.subarray(0, 32)
  try {
    const key = Point.fromBytes(publicKey, false)
    if (key.isSmallOrder() || Point.fromBytes(r, false).isSmallOrder()) return false
    const s = Point.Fn.fromBytes(signature.slice(32)) // refuses what is not below the order
    const k = Point.Fn.create(bytesToNumberLE(sha512(concat(r, publicKey, message))))
    const expected = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k))
    return equal(expected.toBytes(), r)
  } catch {
    return false // no point, or no scalar
  }
}

const plain: Primitives & OnlyForChecks = {
  crypto_aead_chacha20poly1305_ietf_encrypt: (plaintext, aad, _, nonce, key) => cipher(key, nonce, aad).encrypt(plaintext),
  crypto_aead_chacha20poly1305_ietf_decrypt(_, sealed, aad, nonce, key) {
    const opener = cipher(key, nonce, aad)
    if (sealed.length < TAG_BYTES) throw new TypeError("ciphertext is too short")
    try {
      return opener.decrypt(sealed)
    } catch {
      throw new Error("ciphertext cannot be decrypted using that key")
    }
  },
  crypto_kem_xwing_keypair: () => xwingKeypair(randombytes_buf(SEED_BYTES)),
  crypto_kem_xwing_seed_keypair: xwingKeypair,
  crypto_kem_xwing_enc_deterministic: xwingEncapsulate,
  crypto_kem_xwing_dec(ciphertext, privateKey) {
    sized(ciphertext, MLKEM_ENC_BYTES + X25519_BYTES, "ciphertext")
    const { lattice, scalar, point } = expand(privateKey)
    const theirs = ciphertext.slice(MLKEM_ENC_BYTES)
    try {
      const curve = scalarmult(scalar, theirs)
      return combine(ml_kem768.decapsulate(ciphertext.slice(0, MLKEM_ENC_BYTES), lattice.secretKey), curve, theirs, point)
    } finally {
      for (const secret of [lattice.secretKey, scalar]) secret.fill(0)
    }
  },
  crypto_sign_seed_keypair(seed) {
    sized(seed, SEED_BYTES, "seed")
    const publicKey = ed25519.getPublicKey(seed)
    return { publicKey, privateKey: concat(seed, publicKey) }
  },
  crypto_sign_detached(message, privateKey) {
    sized(privateKey, 2 * SEED_BYTES, "privateKey")
    return ed25519.sign(message, privateKey.subarray(0, SEED_BYTES))
  },
  crypto_sign_verify_detached: verifies,
  memzero,
  randombytes_buf,
  crypto_kem_mlkem768_seed_keypair(seed) {
    sized(seed, MLKEM_SEED_BYTES, "seed")
    const { publicKey, secretKey } = ml_kem768.keygen(seed)
    return { publicKey, privateKey: secretKey }
  },
  crypto_kem_mlkem768_enc_deterministic: mlkemEncapsulate,
  crypto_kem_mlkem768_dec(ciphertext, privateKey) {
    sized(ciphertext, MLKEM_ENC_BYTES, "ciphertext")
    sized(privateKey, MLKEM_PRIVATE_BYTES, "privateKey")
    return ml_kem768.decapsulate(ciphertext, privateKey)
  },
  crypto_scalarmult: scalarmult,
}

/** Ready at once: there is nothing to compile. By the name of the door that it stands behind. */
export const sodium: Promise<Primitives & OnlyForChecks> = Promise.resolve(plain)
