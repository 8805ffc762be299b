/** Bytes and their text forms, each with exactly one accepted spelling. SPEC.md §1. */

import { base64, base64nopad, base64urlnopad } from "@scure/base"
import { EnvelopeError } from "./errors.ts"

/** Bytes backed by an ordinary buffer: WebCrypto refuses shared ones. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
// ignoreBOM: without it a leading BOM is swallowed, and two different inputs become one.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** No half of a surrogate pair stands alone. By hand: `isWellFormed` is missing from browsers that are still in people's hands. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

export function utf8(text: string): Bytes {
  if (!isWellFormed(text)) throw new EnvelopeError("bad-encoding", "text with half a surrogate pair has no UTF-8 form")
  return encoder.encode(text) as Bytes
}

/** @throws {@link EnvelopeError} `bad-encoding` on anything that is not well-formed UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new EnvelopeError("bad-encoding", "text is UTF-8", { cause })
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Equal in constant time for equal lengths: used for MACs and keys. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** A big-endian unsigned integer of `size` bytes; `value` is a safe integer. */
export function bigEndian(value: number, size: number): Bytes {
  const bytes = new Uint8Array(size)
  let rest = value
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

interface Coder {
  encode(bytes: Uint8Array): string
  decode(text: string): Uint8Array
}

function decodeWith(coder: Coder, text: string): Bytes {
  try {
    return coder.decode(text) as Bytes
  } catch {
    // Without its cause, which quotes a character: it may be one of a secret.
    throw new EnvelopeError("bad-encoding", "base64 is canonical")
  }
}

/** Standard base64 without padding, as age writes it. */
export const toBase64 = (bytes: Uint8Array): string => base64nopad.encode(bytes)
/** @throws {@link EnvelopeError} `bad-encoding`, also when the unused bits of the last character are set */
export const fromBase64 = (text: string): Bytes => decodeWith(base64nopad, text)
/** Standard base64 with padding, as notes and HTTP fields have it. */
export const toPaddedBase64 = (bytes: Uint8Array): string => base64.encode(bytes)
/** @throws {@link EnvelopeError} `bad-encoding` */
export const fromPaddedBase64 = (text: string): Bytes => decodeWith(base64, text)
/** base64url without padding: hashes, keys and addresses in our own JSON. */
export const toBase64url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes)
/** @throws {@link EnvelopeError} `bad-encoding` */
export const fromBase64url = (text: string): Bytes => decodeWith(base64urlnopad, text)
/** How many characters unpadded base64 takes for so many bytes. */
export const base64Length = (bytes: number): number => Math.ceil((bytes * 4) / 3)
