/** A chunk that opens under two keys. ChaCha20-Poly1305 does not commit to its key: Poly1305 is a polynomial over GF(2^130-5), and one free
 *  block of ciphertext is enough to give it the same tag under both ("invisible salamanders"). RFC 8439 §2.5, §2.8. */

import { createCipheriv, randomBytes } from "node:crypto"

const P = 2n ** 130n - 5n
const FULL = 2n ** 128n
const BLOCK = 16

const little = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex") || "0"}`)
const mod = (value: bigint, by: bigint): bigint => ((value % by) + by) % by
function power(base: bigint, exponent: number): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0; rest >>= 1, square = (square * square) % P)
    if (rest & 1) result = (result * square) % P
  return result
}
const inverse = (value: bigint): bigint => {
  let result = 1n
  for (let square = mod(value, P), rest = P - 2n; rest > 0n; rest >>= 1n, square = (square * square) % P)
    if (rest & 1n) result = (result * square) % P
  return result
}

/** `length` bytes of ChaCha20's stream from block `counter` on. */
function stream(key: Uint8Array, nonce: Uint8Array, counter: number, length: number): Buffer {
  const iv = Buffer.alloc(16)
  iv.writeUInt32LE(counter, 0)
  iv.set(nonce, 4)
  return createCipheriv("chacha20", key, iv).update(Buffer.alloc(length))
}

function oneTimeKey(key: Uint8Array, nonce: Uint8Array): { r: bigint; s: bigint } {
  const block = stream(key, nonce, 0, 32)
  return { r: little(block.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn, s: little(block.subarray(16, 32)) }
}

/** What Poly1305 sums, a number a block: the ciphertext, filled up with zeros, and the lengths. */
function blocksOf(ciphertext: Uint8Array): bigint[] {
  const lengths = Buffer.alloc(BLOCK)
  lengths.writeBigUInt64LE(BigInt(ciphertext.length), 8)
  const all = Buffer.concat([ciphertext, Buffer.alloc((BLOCK - (ciphertext.length % BLOCK)) % BLOCK), lengths])
  return Array.from({ length: all.length / BLOCK }, (_, at) => little(all.subarray(at * BLOCK, (at + 1) * BLOCK)) + FULL)
}
const evaluate = (blocks: readonly bigint[], r: bigint): bigint => blocks.reduce((sum, block) => ((sum + block) * r) % P, 0n)

/** Seals so that the result opens under both keys: under the first to `plaintext`, but for 32 bytes at `free`; under the second to noise.
 *  @param free - a multiple of 16: one block is solved for, the one behind it is varied until there is a solution */
export function sealForTwo(keys: readonly [Uint8Array, Uint8Array], nonce: Uint8Array, plaintext: Uint8Array, free: number): Buffer {
  const pad = stream(keys[0], nonce, 1, plaintext.length)
  const ciphertext = Buffer.from(plaintext.map((byte, at) => byte ^ (pad[at] ?? 0)))
  const [one, two] = [oneTimeKey(keys[0], nonce), oneTimeKey(keys[1], nonce)]
  const at = free / BLOCK
  for (;;) {
    randomBytes(BLOCK).copy(ciphertext, free + BLOCK)
    const blocks = blocksOf(ciphertext)
    const exponent = blocks.length - at
    const others = blocks.map((block, index) => (index === at ? 0n : block))
    const difference = evaluate(others, two.r) + two.s - evaluate(others, one.r) - one.s
    const slope = inverse(power(one.r, exponent) - power(two.r, exponent))
    // Tags are taken modulo 2^128, sums modulo 2^130-5: how often each wraps is tried out.
    for (let wraps = -4n; wraps <= 4n; wraps++) {
      const solved = mod((difference + wraps * FULL) * slope, P)
      if (solved < FULL || solved >= 2n * FULL) continue // not the number of a whole block
      const found = others.map((block, index) => (index === at ? solved : block))
      const tag = mod(evaluate(found, one.r) + one.s, FULL)
      if (tag !== mod(evaluate(found, two.r) + two.s, FULL)) continue
      const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(32, "0"), "hex").reverse()
      bytes(solved - FULL).copy(ciphertext, free)
      return Buffer.concat([ciphertext, bytes(tag)])
    }
  }
}
