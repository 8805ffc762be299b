/** HPKE in base mode, single shot: KEM 0x647a (MLKEM768-X25519, which is X-Wing), HKDF-SHA256, ChaCha20-Poly1305.
 *  RFC 9180 with the KEM of draft-ietf-hpke-pq; one message a context, so the sequence number is always 0. */

import { type Bytes, bigEndian, concat, utf8 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { hkdfExpand, hkdfExtract } from "./hash.ts"
import { type Identity, type Recipient, wipe } from "./keys.ts"
import { sodium } from "./sodium.ts"

export const ENC_BYTES = 1_120
export const TAG_BYTES = 16
const ENC_SEED_BYTES = 64
const KEY_BYTES = 32
const NONCE_BYTES = 12
const MODE_BASE = 0
const EMPTY = new Uint8Array(0)
const SUITE_ID = concat(utf8("HPKE"), bigEndian(0x647a, 2), bigEndian(0x0001, 2), bigEndian(0x0003, 2))
const VERSION = utf8("HPKE-v1")

const labeledExtract = (salt: Bytes, label: string, ikm: Bytes) => hkdfExtract(salt, concat(VERSION, SUITE_ID, utf8(label), ikm))
const labeledExpand = (prk: Bytes, label: string, info: Bytes, length: number) =>
  hkdfExpand(prk, concat(bigEndian(length, 2), VERSION, SUITE_ID, utf8(label), info), length)

/** What an application hands to HPKE as `info`, hashed once: it is the same for every message. */
export interface Info {
  readonly scheduleContext: Bytes
}

/** RFC 9180 §5.1, the part of KeySchedule that does not depend on the message. */
export async function hpkeInfo(info: Bytes): Promise<Info> {
  const pskIdHash = await labeledExtract(EMPTY, "psk_id_hash", EMPTY)
  return { scheduleContext: concat(bigEndian(MODE_BASE, 1), pskIdHash, await labeledExtract(EMPTY, "info_hash", info)) }
}

/** RFC 9180 §5.1, KeySchedule. */
export async function keySchedule(sharedSecret: Bytes, { scheduleContext }: Info): Promise<{ key: Bytes; nonce: Bytes }> {
  const secret = await labeledExtract(sharedSecret, "secret", EMPTY)
  const [key, nonce] = await Promise.all([
    labeledExpand(secret, "key", scheduleContext, KEY_BYTES),
    labeledExpand(secret, "base_nonce", scheduleContext, NONCE_BYTES),
  ])
  await wipe(secret)
  return { key, nonce }
}

/** SealBase. @returns `enc`, 1,120 bytes, and the ciphertext, 16 bytes longer than the plaintext */
export async function sealBase(to: Recipient, info: Info, aad: Bytes, plaintext: Bytes): Promise<{ enc: Bytes; ciphertext: Bytes }> {
  const { crypto_kem_xwing_enc_deterministic, crypto_aead_chacha20poly1305_ietf_encrypt } = await sodium
  // Random bytes from where libsodium has them, too: in one piece, which it fetches four at a time.
  const seed = crypto.getRandomValues(new Uint8Array(ENC_SEED_BYTES))
  const { ciphertext: enc, sharedSecret } = crypto_kem_xwing_enc_deterministic(to, seed)
  const { key, nonce } = await keySchedule(sharedSecret as Bytes, info)
  const ciphertext = crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key) as Bytes
  await wipe(seed, sharedSecret, key)
  return { enc: enc as Bytes, ciphertext }
}

/** OpenBase. `undefined`: sealed to somebody else. X-Wing rejects implicitly, so only the AEAD can tell.
 *  @throws {@link EnvelopeError} `bad-stanza` */
export async function openBase(by: Identity, enc: Bytes, info: Info, aad: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  const { crypto_kem_xwing_dec, crypto_aead_chacha20poly1305_ietf_decrypt } = await sodium
  let sharedSecret: Uint8Array
  try {
    sharedSecret = crypto_kem_xwing_dec(enc, by)
  } catch (cause) {
    // libsodium refuses a share of low order, whose secret anybody knows. Nobody seals with one by accident.
    throw new EnvelopeError("bad-stanza", "a slot's enc holds a point of low order", { cause })
  }
  const { key, nonce } = await keySchedule(sharedSecret as Bytes, info)
  try {
    return crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, aad, nonce, key) as Bytes
  } catch {
    return undefined
  } finally {
    await wipe(sharedSecret, key)
  }
}
