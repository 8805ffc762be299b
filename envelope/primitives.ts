/** What an envelope is computed with: a handful of primitives by libsodium's names, behind which either of two engines stands.
 *  `sodium.ts` is libsodium. The build puts `noble.ts` in its place where a browser has no WebAssembly: the same bytes, and the same refusals. */

export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}
export interface Encapsulated {
  readonly ciphertext: Uint8Array
  readonly sharedSecret: Uint8Array
}

/** Each throws on an argument of another length than its standard has. */
export interface Primitives {
  /** ChaCha20-Poly1305, RFC 8439: 12-byte nonce, 32-byte key, 16 bytes of tag at the end. `secretNonce` is always null. */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    plaintext: Uint8Array,
    aad: Uint8Array | null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array
  /** Throws where it was altered or sealed with something else. */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    secretNonce: null,
    sealed: Uint8Array,
    aad: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array
  /** X-Wing; the private key is the 32-byte seed. */
  crypto_kem_xwing_keypair(): KeyPair
  crypto_kem_xwing_seed_keypair(seed: Uint8Array): KeyPair
  /** From 64 random bytes. Throws on a public key with a coefficient that is not reduced, or a point of low order. */
  crypto_kem_xwing_enc_deterministic(publicKey: Uint8Array, seed: Uint8Array): Encapsulated
  /** Throws on a point of low order. Whatever else is wrong gives another shared secret (implicit rejection). */
  crypto_kem_xwing_dec(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array
  /** Ed25519, RFC 8032; the private key is the seed and then the public key, 64 bytes. */
  crypto_sign_seed_keypair(seed: Uint8Array): KeyPair
  crypto_sign_detached(message: Uint8Array, privateKey: Uint8Array): Uint8Array
  /** S below the order; R and the public key in their only encoding and of no small order; the equation without the cofactor. */
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  memzero(bytes: Uint8Array): void
  randombytes_buf(length: number): Uint8Array
}

/** Only for holding an engine to vectors that others published (client/worker-check.ts). Where one is missing, that vector fails; a source
 *  is not turned away for it. */
export interface OnlyForChecks {
  crypto_kem_mlkem768_seed_keypair(seed: Uint8Array): KeyPair
  crypto_kem_mlkem768_enc_deterministic(publicKey: Uint8Array, seed: Uint8Array): Encapsulated
  crypto_kem_mlkem768_dec(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array
  crypto_scalarmult(scalar: Uint8Array, point: Uint8Array): Uint8Array
}

export type Sodium = Primitives & Partial<OnlyForChecks>
