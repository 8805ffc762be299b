/** Two engines stand behind one door: whatever one of them refuses the other refuses, and what both compute is the same, also where no
 *  published vector looks. Asked of the bundles, each in a Node of its own. */

import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import type { Answer, OperationName, Step } from "../../../client/worker-check.ts"
import { commandEngine, type Engine, plainEngine } from "./engines.ts"

const { Point } = ed25519
type Point = InstanceType<typeof Point>
const bytes = (length: number) => new Uint8Array(randomBytes(length))
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))

let libsodium: Engine
let plain: Engine
beforeAll(async () => {
  ;[libsodium, plain] = await Promise.all([commandEngine(), plainEngine()])
})
afterAll(() => Promise.all([libsodium.close(), plain.close()]))

/** A refusal is a refusal, whatever its words; a signature that does not verify is one too. */
const kind = (answer: Answer) => (typeof answer === "string" ? "refused" : Buffer.from(answer).toString("hex"))
async function agreed(steps: readonly Step[]): Promise<readonly string[]> {
  const [ours, theirs] = await Promise.all([libsodium.answer(steps), plain.answer(steps)])
  expect(theirs.map(kind)).toEqual(ours.map(kind))
  return ours.map(kind)
}

/** Points of order 1, 2, 4 and 8 on the curve of X25519 and its twist, with the spellings that are not reduced. RFC 7748. */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(hex)

describe("both engines", () => {
  test("refuse an argument that is a byte too short, a byte too long, or empty, in every operation", async () => {
    const seed = bytes(32)
    const [key = ""] = await agreed([["xwing-public", seed]])
    const [enc = ""] = await agreed([["xwing-encaps", hex(key), bytes(64)]])
    const sealed = joined(bytes(16))
    const whole: readonly (readonly [OperationName, ...Uint8Array[]])[] = [
      ["aead-seal", bytes(32), bytes(12), bytes(3), bytes(5)],
      ["ed25519-public", bytes(32)],
      ["ed25519-sign", bytes(32), bytes(9)],
      ["x25519", bytes(32), ed25519.utils.toMontgomery(ed25519.getPublicKey(bytes(32)))],
      ["mlkem-keys", bytes(64)],
      ["xwing-public", seed],
      ["xwing-encaps", hex(key), bytes(64)],
      ["xwing-decaps", seed, hex(enc).subarray(0, 1_120)],
      ["aead-open", bytes(32), bytes(12), bytes(0), sealed],
    ]
    // What may have any length: additional data, plaintext, a message. Sealed text may too, and is refused all the same.
    const free: Readonly<Partial<Record<OperationName, readonly number[]>>> = { "aead-seal": [2, 3], "ed25519-sign": [1], "aead-open": [2] }
    for (const [operation, ...given] of whole) {
      const steps = given.flatMap((one, at): Step[] =>
        free[operation]?.includes(at)
          ? []
          : [one.subarray(1), joined(one, bytes(1)), new Uint8Array(0)].map((other) => [
              operation,
              ...given.map((same, place) => (place === at ? other : same)),
            ]),
      )
      expect(new Set(await agreed(steps))).toEqual(new Set(["refused"]))
    }
  })

  test("refuse every point of low order, whose secret anybody knows: to seal to, to open, and by itself", async () => {
    const seed = bytes(32)
    const [key = ""] = await agreed([["xwing-public", seed]])
    const [enc = ""] = await agreed([["xwing-encaps", hex(key), bytes(64)]])
    const steps = LOW_ORDER.flatMap((point): Step[] => [
      ["x25519", bytes(32), point],
      ["xwing-encaps", joined(hex(key).subarray(0, 1_184), point), bytes(64)],
      ["xwing-decaps", seed, joined(hex(enc).subarray(0, 1_088), point)],
    ])
    expect(new Set(await agreed(steps))).toEqual(new Set(["refused"]))
  })

  test("refuse to seal to a key with a coefficient that is not reduced", async () => {
    const [key = ""] = await agreed([["xwing-public", bytes(32)]])
    const altered = hex(key)
    altered.set([0xff, 0xff, 0xff])
    expect(await agreed([["xwing-encaps", altered, bytes(64)]])).toEqual(["refused"])
  })

  test("decapsulate what was altered, or meant for another, to the same other secret, and never refuse it", async () => {
    const [seed, other] = [bytes(32), bytes(32)]
    const [key = ""] = await agreed([["xwing-public", seed]])
    const [both = ""] = await agreed([["xwing-encaps", hex(key), bytes(64)]])
    const [enc, secret] = [hex(both).subarray(0, 1_120), both.slice(2 * 1_120)]
    const flipped = Array.from({ length: 40 }, () => {
      const one = enc.slice()
      const at = randomBytes(2).readUInt16BE() % 1_088
      one[at] = (one[at] ?? 0) ^ (1 << ((randomBytes(1)[0] ?? 0) % 8))
      return one
    })
    const answers = await agreed([
      ["xwing-decaps", seed, enc],
      ["xwing-decaps", other, enc],
      ...flipped.map((one): Step => ["xwing-decaps", seed, one]),
    ])
    expect(answers[0]).toBe(secret)
    expect(answers.slice(1)).not.toContain(secret)
    expect(answers).not.toContain("refused")
  })

  test("seal, sign and make keys to the same bytes", async () => {
    const steps = [0, 1, 15, 16, 17, 63, 64, 65, 4_096, 65_536].flatMap((length): Step[] => [
      ["aead-seal", bytes(32), bytes(12), bytes(length % 40), bytes(length)],
      ["ed25519-sign", bytes(32), bytes(length)],
      ["xwing-public", bytes(32)],
    ])
    expect(await agreed(steps)).not.toContain("refused")
  })

  /** What RFC 8032's equation with the cofactor takes and the one without does not; and keys that sign everything. */
  describe("take and refuse the same signatures", () => {
    const torsion = torsionPoints()
    const encodings = [...torsion.map((point) => point.toBytes()), ...notReduced()]

    test("by a key or with an R of small order: none is taken", async () => {
      const text = bytes(12)
      const zero = new Uint8Array(32)
      const honest = ed25519.sign(text, bytes(32))
      const steps = encodings.flatMap((key): Step[] => [
        ...encodings.map((r): Step => ["ed25519-verify", key, joined(r, zero), text]),
        ["ed25519-verify", key, honest, text],
      ])
      const withR = encodings.map((r): Step => {
        const seed = bytes(32)
        return ["ed25519-verify", ed25519.getPublicKey(seed), joined(r, signScalar(seed, r, text, 0n)), text]
      })
      expect(new Set(await agreed([...steps, ...withR]))).toEqual(new Set(["refused"]))
    })

    test("with a part of small order in R or in the key", async () => {
      const nonce = 7n ** 80n % Point.Fn.ORDER
      const steps = torsion.flatMap((shift): Step[] => {
        const [seed, text] = [bytes(32), bytes(20)]
        const key = ed25519.getPublicKey(seed)
        const r = Point.BASE.multiply(nonce).add(shift).toBytes()
        const mixedKey = Point.fromBytes(key).add(shift).toBytes()
        const plainR = Point.BASE.multiply(nonce).toBytes()
        return [
          ["ed25519-verify", key, joined(r, signScalar(seed, r, text, nonce)), text],
          ["ed25519-verify", mixedKey, joined(plainR, signScalar(seed, plainR, text, nonce, mixedKey)), text],
        ]
      })
      const answers = await agreed(steps)
      expect(answers.slice(0, 2)).toEqual(["", ""]) // without such a part they are ordinary
      expect(answers).toContain("refused")
    })

    test("altered in any place", async () => {
      const seed = bytes(32)
      const text = bytes(30)
      const [key, signature] = [ed25519.getPublicKey(seed), ed25519.sign(text, seed)]
      const flipped = Array.from({ length: 256 }, (_, at): Step => {
        const one = at < 128 ? signature.slice() : key.slice()
        const bit = at < 128 ? at * 4 : (at - 128) * 2
        one[bit >> 3] = (one[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return at < 128 ? ["ed25519-verify", key, one, text] : ["ed25519-verify", one, signature, text]
      })
      const [whole, ...others] = await agreed([["ed25519-verify", key, signature, text], ...flipped])
      expect(whole).toBe("")
      expect(new Set(others)).toEqual(new Set(["refused"]))
    })
  })
})

/** The eight points that the cofactor takes to zero. */
function torsionPoints(): Point[] {
  // Of order 8; RFC 8032 names none, the others are its multiples.
  const generator = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
  const points: Point[] = [Point.ZERO]
  for (let next = generator; !next.is0(); next = next.add(generator)) points.push(next)
  expect(points).toHaveLength(8)
  return points
}

/** Spellings of small points with y not below the prime, or with a sign that zero cannot have. */
function notReduced(): Uint8Array[] {
  return [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  ].map(hex)
}

const littleEndian = (of: Uint8Array) => BigInt(`0x${Buffer.from(of).reverse().toString("hex")}`)

/** S = nonce + H(R, key, text) x secret, for an R that need not be nonce times the base. */
function signScalar(
  seed: Uint8Array,
  r: Uint8Array,
  text: Uint8Array,
  nonce: bigint,
  key: Uint8Array = ed25519.getPublicKey(seed),
): Uint8Array {
  const { scalar } = ed25519.utils.getExtendedPublicKey(seed)
  const k = littleEndian(sha512(joined(r, key, text))) % Point.Fn.ORDER
  return Point.Fn.toBytes((nonce + k * scalar) % Point.Fn.ORDER)
}
