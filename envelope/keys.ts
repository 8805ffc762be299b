/** age recipients and identities of the kind mlkem768x25519, and the Ed25519 keys that sign. SPEC.md §2. */

import { bech32 } from "@scure/base"
import type { Brand } from "./brand.ts"
import { type Bytes, concat } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { sodium } from "./sodium.ts"

/** Seals. An X-Wing public key, 1,216 bytes; in text `age1pq1…`. */
export type Recipient = Brand<Bytes, "Recipient">
/** Opens. The 32-byte X-Wing seed; in text `AGE-SECRET-KEY-PQ-1…`. Never on the server. */
export type Identity = Brand<Bytes, "Identity">
/** Verifies. An Ed25519 public key, 32 bytes. */
export type VerifyKey = Brand<Bytes, "VerifyKey">
/** Signs. An Ed25519 seed, 32 bytes (RFC 8032 calls it the private key). */
export type SignKey = Brand<Bytes, "SignKey">

export const RECIPIENT_BYTES = 1_216
export const IDENTITY_BYTES = 32
export const VERIFY_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

function sized<Name extends string>(bytes: Uint8Array, length: number, what: string): Brand<Bytes, Name> {
  if (bytes.length !== length) throw new EnvelopeError("wrong-size", `${what} has ${length} bytes`)
  return bytes as Brand<Bytes, Name>
}
export const recipient = (bytes: Uint8Array): Recipient => sized(bytes, RECIPIENT_BYTES, "a recipient")
export const identity = (bytes: Uint8Array): Identity => sized(bytes, IDENTITY_BYTES, "an identity")
export const verifyKey = (bytes: Uint8Array): VerifyKey => sized(bytes, VERIFY_KEY_BYTES, "a verify key")
export const signKey = (bytes: Uint8Array): SignKey => sized(bytes, IDENTITY_BYTES, "a sign key")

/** Bech32 in lower case, of one prefix and one length, without Bech32's limit of 90 characters, as age does it. */
export function decodeBech32(text: string, prefix: string, length: number): Bytes {
  // Bech32 may be all capitals too: a second spelling of the same bytes.
  if (text !== text.toLowerCase()) throw new EnvelopeError("bad-key", "a key in text is Bech32 in one case")
  let found: { prefix: string; words: number[] }
  let bytes: Uint8Array
  try {
    found = bech32.decode(text as `${string}1${string}`, false)
    bytes = bech32.fromWords(found.words)
  } catch {
    // Without its cause, which quotes the whole text: an identity with one slip of the pen is still an identity.
    throw new EnvelopeError("bad-key", "a key in text is Bech32; a character is wrong or missing")
  }
  if (found.prefix !== prefix || bytes.length !== length) throw new EnvelopeError("bad-key", `expected a key that begins with ${prefix}1`)
  return bytes as Bytes
}

export const encodeBech32 = (prefix: string, bytes: Uint8Array): string => bech32.encode(prefix, bech32.toWords(bytes), false)

export const recipientText = (of: Recipient): string => encodeBech32("age1pq", of)
/** @throws {@link EnvelopeError} `bad-key` */
export function parseRecipient(text: string): Recipient {
  if (text !== text.toLowerCase()) throw new EnvelopeError("bad-key", "a recipient is written in lower case")
  return recipient(decodeBech32(text, "age1pq", RECIPIENT_BYTES))
}

export const identityText = (of: Identity): string => encodeBech32("age-secret-key-pq-", of).toUpperCase()
/** @throws {@link EnvelopeError} `bad-key` */
export function parseIdentity(text: string): Identity {
  if (text !== text.toUpperCase()) throw new EnvelopeError("bad-key", "an identity is written in upper case")
  return identity(decodeBech32(text.toLowerCase(), "age-secret-key-pq-", IDENTITY_BYTES))
}

export async function randomBytes(length: number): Promise<Bytes> {
  return (await sodium).randombytes_buf(length) as Bytes
}

export async function newIdentity(): Promise<Identity> {
  return identity(await randomBytes(IDENTITY_BYTES))
}

/** The recipient that this identity opens for. The KEM's private key is expanded for it and wiped. */
export async function recipientOf(of: Identity): Promise<Recipient> {
  const { crypto_kem_xwing_seed_keypair, memzero } = await sodium
  const pair = crypto_kem_xwing_seed_keypair(of)
  memzero(pair.privateKey)
  return recipient(pair.publicKey)
}

/** A recipient whose identity nobody has: it is wiped before this returns. For decoys. */
export async function forgottenRecipient(): Promise<Recipient> {
  const { crypto_kem_xwing_keypair, memzero } = await sodium
  const pair = crypto_kem_xwing_keypair()
  memzero(pair.privateKey)
  return recipient(pair.publicKey)
}

export async function newSignKey(): Promise<SignKey> {
  return signKey(await randomBytes(IDENTITY_BYTES))
}

export async function verifyKeyOf(of: SignKey): Promise<VerifyKey> {
  const { crypto_sign_seed_keypair, memzero } = await sodium
  const pair = crypto_sign_seed_keypair(of)
  memzero(pair.privateKey)
  return verifyKey(pair.publicKey)
}

/** An Ed25519 signature, 64 bytes, over `label` and `parts` in order. RFC 8032. */
export async function sign(key: SignKey, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const { crypto_sign_detached, crypto_sign_seed_keypair, memzero } = await sodium
  const pair = crypto_sign_seed_keypair(key)
  const signature = crypto_sign_detached(concat(...parts), pair.privateKey)
  memzero(pair.privateKey)
  return signature as Bytes
}

export async function verifies(key: VerifyKey, signature: Uint8Array, ...parts: readonly Uint8Array[]): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false
  return (await sodium).crypto_sign_verify_detached(signature, concat(...parts), key)
}

/** Overwrites secrets that are no longer needed. Copies that the engine made are out of reach: a worker is ended after each tip. */
export async function wipe(...secrets: readonly Uint8Array[]): Promise<void> {
  const { memzero } = await sodium
  for (const secret of secrets) memzero(secret)
}
