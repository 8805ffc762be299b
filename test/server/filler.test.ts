/** What a mailbox is filled up with: nobody can tell it from an envelope by counting, and it opens for nobody. SPEC.md §8.1. */

import { randomBytes } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { parseHeader } from "../../envelope/header.ts"
import { newIdentity } from "../../envelope/keys.ts"
import { unlock } from "../../envelope/open.ts"
import { checkOutside, parseSlot } from "../../envelope/outside.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { filler } from "../../server/filler.ts"

const SEED = new Uint8Array(32).fill(1)
const MAILBOX = new Uint8Array(32).fill(3)

describe("a filler", () => {
  test("passes every check that can be made from outside, opens for nobody, and is the same each time for one mailbox and place", async () => {
    for (const slots of [4, 8, 16, 32] as const) {
      const one = await filler(SEED, MAILBOX, "0 0", slots)
      expect(() => checkOutside(one, floorBytes(slots), slots)).not.toThrow()
      expect(one).toHaveLength(floorBytes(slots))
      expect(await unlock([one], { identity: await newIdentity(), slot: 0, slots })).toBeUndefined()
    }
    expect(await filler(SEED, MAILBOX, "0 0", 8)).toEqual(await filler(SEED, MAILBOX, "0 0", 8))
    expect(await filler(SEED, MAILBOX, "0 0", 8)).not.toEqual(await filler(SEED, MAILBOX, "0 1", 8))
    expect(await filler(SEED, MAILBOX, "0 0", 8)).not.toEqual(await filler(SEED, new Uint8Array(32).fill(2), "0 0", 8))
    expect(await filler(SEED, MAILBOX, "0 0", 8)).not.toEqual(await filler(new Uint8Array(32).fill(2), MAILBOX, "0 0", 8))
  })

  /** The share of coefficients of 10 bits that have four preimages and not three: what rounding leaves for counting. */
  function rounded(encs: readonly Uint8Array[]): number {
    const preimages = new Map<number, number>()
    for (let value = 0; value < 3_329; value++) {
      const to = Math.floor((value * 1_024 + 1_664) / 3_329) % 1_024
      preimages.set(to, (preimages.get(to) ?? 0) + 1)
    }
    let [common, all] = [0, 0]
    for (const enc of encs)
      for (let at = 0; at < 768; at++) {
        const byte = Math.floor((at * 10) / 8)
        const value = (((enc[byte] ?? 0) | ((enc[byte + 1] ?? 0) << 8)) >> ((at * 10) % 8)) & 1_023
        all++
        if (preimages.get(value) === 4) common++
      }
    return common / all
  }

  test("has the numbers that the KEM has, where random bytes would be told apart by counting", async () => {
    const real = (
      await sealSlots(
        new Uint8Array(16) as never,
        Array.from({ length: 60 }, () => undefined),
      )
    ).map((stanza) => parseSlot(stanza).enc)
    const fillers = await Promise.all(Array.from({ length: 7 }, (_, at) => filler(SEED, MAILBOX, `0 ${at}`, 8)))
    const ours = fillers.flatMap((one) => parseHeader(one).stanzas.map((stanza) => parseSlot(stanza).enc))
    const random = Array.from({ length: 60 }, () => randomBytes(1_120))
    // 257 of 1,024 values have four preimages among 3,329: 0.309 of a ciphertext's numbers, 0.251 of random ones. 46,000 numbers each.
    expect(Math.abs(rounded(real) - 0.309)).toBeLessThan(0.015)
    expect(Math.abs(rounded(ours) - rounded(real))).toBeLessThan(0.015)
    expect(Math.abs(rounded(random) - rounded(real))).toBeGreaterThan(0.04)
    for (const enc of [...real, ...ours]) expect(isOnCurve(enc.subarray(1_088))).toBe(true)
    expect(random.every((enc) => isOnCurve(enc.subarray(1_088)))).toBe(false)
  })
})

/** Whether a share is the x of a point of Curve25519 and not of its twist. RFC 7748, §4.1. */
function isOnCurve(share: Uint8Array): boolean {
  const p = 2n ** 255n - 19n
  const u = share.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let [base, result] = [(((u * u + 486_662n * u + 1n) % p) * u) % p, 1n]
  for (let exponent = (p - 1n) / 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % p
    base = (base * base) % p
  }
  return u < p && result === 1n
}
