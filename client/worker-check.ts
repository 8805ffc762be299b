/** Lets a test hold the very bundle that ships to vectors that others published: one primitive a step, bytes in, bytes out.
 *  The page never asks for it, and it reaches nothing that a tip is made of. Asked by test/envelope/published/. */

import { type Bytes, concat } from "../envelope/bytes.ts"
import { hkdf, hmacSha256 } from "../envelope/hash.ts"
import { hpkeInfo, openBase } from "../envelope/hpke.ts"
import { array, literal, object, type Shape } from "../envelope/json.ts"
import { identity, recipient, recipientOf, sign, signKey, verifies, verifyKey, verifyKeyOf } from "../envelope/keys.ts"
import type { OnlyForChecks, Sodium } from "../envelope/primitives.ts"
import { sodium } from "../envelope/sodium.ts"

const NOTHING = new Uint8Array(0)

/** Throws where the engine refuses. What an operation gives in two parts, it gives one after the other. */
type Operation = (...given: readonly Bytes[]) => Uint8Array | Promise<Uint8Array>

/** Every argument that an operation names must be there: a step with too few is a mistake of the test's, not a refusal. */
const operations = {
  "aead-seal": async (key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes) =>
    (await sodium).crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key),
  "aead-open": async (key: Bytes, nonce: Bytes, aad: Bytes, sealed: Bytes) =>
    (await sodium).crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key),
  "ed25519-public": (seed: Bytes) => verifyKeyOf(signKey(seed)),
  "ed25519-sign": (seed: Bytes, text: Bytes) => sign(signKey(seed), text),
  "ed25519-verify": async (key: Bytes, signature: Bytes, text: Bytes) => {
    if (!(await verifies(verifyKey(key), signature, text))) throw new Error("does not verify")
    return NOTHING
  },
  x25519: async (scalar: Bytes, point: Bytes) => (await extra("crypto_scalarmult"))(scalar, point),
  "mlkem-keys": async (seed: Bytes) => {
    const { publicKey, privateKey } = (await extra("crypto_kem_mlkem768_seed_keypair"))(seed)
    return concat(publicKey, privateKey)
  },
  "mlkem-encaps": async (key: Bytes, seed: Bytes) => {
    const { ciphertext, sharedSecret } = (await extra("crypto_kem_mlkem768_enc_deterministic"))(key, seed)
    return concat(ciphertext, sharedSecret)
  },
  "mlkem-decaps": async (seed: Bytes, ciphertext: Bytes) => {
    const { privateKey } = (await extra("crypto_kem_mlkem768_seed_keypair"))(seed)
    return (await extra("crypto_kem_mlkem768_dec"))(ciphertext, privateKey)
  },
  "xwing-public": (seed: Bytes) => recipientOf(identity(seed)),
  "xwing-encaps": async (key: Bytes, seed: Bytes) => {
    const { ciphertext, sharedSecret } = (await sodium).crypto_kem_xwing_enc_deterministic(recipient(key), seed)
    return concat(ciphertext, sharedSecret)
  },
  "xwing-decaps": async (seed: Bytes, ciphertext: Bytes) => (await sodium).crypto_kem_xwing_dec(ciphertext, identity(seed)),
  "hpke-open": async (seed: Bytes, enc: Bytes, info: Bytes, aad: Bytes, ciphertext: Bytes) => {
    const opened = await openBase(identity(seed), enc, await hpkeInfo(info), aad, ciphertext)
    if (opened === undefined) throw new Error("sealed to somebody else")
    return opened
  },
  /** As many bytes as `room` has. */
  hkdf: (ikm: Bytes, salt: Bytes, info: Bytes, room: Bytes) => hkdf(ikm, salt, info, room.length),
  hmac: (key: Bytes, text: Bytes) => hmacSha256(key, text),
} satisfies Record<string, Operation>

async function extra<Name extends keyof OnlyForChecks>(name: Name): Promise<NonNullable<Sodium[Name]>> {
  const found = (await sodium)[name]
  if (found === undefined) throw new Error(`this libsodium build lacks ${name}`)
  return found
}

export type OperationName = keyof typeof operations
export type Step = readonly [operation: OperationName, ...given: Uint8Array[]]
/** Bytes, or why the engine refused, in its own words. */
export type Answer = Uint8Array | string

const name = literal(...(Object.keys(operations) as OperationName[]))
const step: Shape<Step> = (value, where) => {
  if (!Array.isArray(value)) throw new TypeError(`${where}: a step`)
  const [first, ...given]: unknown[] = value
  const operation = name(first, where)
  if (given.length !== operations[operation].length || !given.every((one) => one instanceof Uint8Array))
    throw new TypeError(`${where}: the bytes of one operation`)
  return [operation, ...(given as Uint8Array[])]
}
const check = object({ kind: literal("check"), steps: array(step, { max: 10_000 }) })

/** `undefined`: another kind of message.
 *  @throws TypeError or EnvelopeError when it is not a list of steps */
export function parseCheck(data: unknown): readonly Step[] | undefined {
  const isCheck = typeof data === "object" && data !== null && "kind" in data && data.kind === "check"
  return isCheck ? check(data, "message").steps : undefined
}

/** An answer to each step, in order. Never rejects. */
export async function answerSteps(steps: readonly Step[]): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const [operation, ...given] of steps) {
    const run: Operation = operations[operation]
    try {
      answers.push(await run(...(given as Bytes[])))
    } catch (error) {
      answers.push(String(error))
    }
  }
  return answers
}
