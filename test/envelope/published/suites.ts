/** The published vectors as questions to an engine, each with what must come back. Nothing is passed over: a vector that asks for what no envelope has says why. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Answer, Step } from "../../../client/worker-check.ts"

export type Question = readonly [step: Step, holds: (answer: Answer) => boolean]
export interface Vector {
  readonly name: string
  readonly questions: readonly Question[]
  /** Why no envelope asks this of an engine. What part of it can be asked still is. */
  readonly notOurs?: string
}
export interface Suite {
  readonly name: string
  /** How many its file says that it has. */
  readonly total: number
  readonly vectors: readonly Vector[]
  /** What else is to be said about the count. */
  readonly note?: string
}

const load = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, "../../vectors", name), "utf8"))
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const is = (text: string) => (answer: Answer) => typeof answer !== "string" && same(answer, hex(text))
const begins = (text: string) => (answer: Answer) => typeof answer !== "string" && same(answer.subarray(0, text.length / 2), hex(text))
const beginsOtherwise = (text: string) => (answer: Answer) => typeof answer !== "string" && !begins(text)(answer)
/** In the words of the engine, so that a refusal for another reason is none. */
const refuses = (words: RegExp) => (answer: Answer) => typeof answer === "string" && words.test(answer)

/** A file of Wycheproof's; `Test` names the members that its schema gives each vector, all of them text in hexadecimal but for these. */
interface Common {
  readonly tcId: number
  readonly comment?: string
  readonly flags: readonly string[]
  /** "acceptable": a library may do either; what ours does is said below, and asked. */
  readonly result: "valid" | "acceptable" | "invalid"
}
interface File<Test, Group> {
  readonly numberOfTests: number
  readonly testGroups: readonly (Group & { readonly tests: readonly (Common & Test)[] })[]
}

type Asked = Pick<Vector, "questions" | "notOurs">
function wycheproof<Test, Group = unknown>(name: string, ask: (test: Common & Test, group: Group) => Asked): Suite {
  const { numberOfTests, testGroups } = load(`wycheproof/${name}_test.json`) as File<Test, Group>
  const vectors = testGroups.flatMap((group) =>
    group.tests.map((test) => ({ name: `${test.tcId} ${test.result}: ${test.comment || test.flags.join(", ")}`, ...ask(test, group) })),
  )
  return { name: `wycheproof ${name}`, total: numberOfTests, vectors }
}

type Aead = Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>
export const chacha20Poly1305 = wycheproof<Aead>("chacha20_poly1305", ({ key, iv, aad, msg, ct, tag, flags, result }) => {
  const given = [hex(key), hex(iv), hex(aad)] as const
  const seal: Step = ["aead-seal", ...given, hex(msg)]
  const open: Step = ["aead-open", ...given, hex(ct + tag)]
  if (result === "valid")
    return {
      questions: [
        [seal, is(ct + tag)],
        [open, is(msg)],
      ],
    }
  const words = flags.includes("InvalidNonceSize")
    ? /ciphertext is too short|not sealed with|nonce length|initialization vector/i
    : /cannot be decrypted|not sealed with/
  // What was altered is the tag: sealing the plaintext must not give it.
  return {
    questions: [[open, refuses(words)], flags.includes("InvalidNonceSize") ? [seal, refuses(words)] : [seal, beginsOtherwise(ct + tag)]],
  }
})

type Signature = Record<"msg" | "sig", string>
/** S below the order, R and the key in their only encoding and of no small order: RFC 8032 read strictly, so "malleable" ones are refused. */
export const ed25519 = wycheproof<Signature, { publicKey: { pk: string } }>("ed25519", ({ msg, sig, result }, { publicKey }) => ({
  questions: [[["ed25519-verify", hex(publicKey.pk), hex(sig), hex(msg)], result === "valid" ? is("") : refuses(/does not verify/)]],
}))

type Exchange = Record<"public" | "private" | "shared", string>
/** "Acceptable" are points that RFC 7748 takes and others may not. libsodium takes all of them (on the twist, not canonical, of small number),
 *  but for those whose shared secret is zero, which anybody could compute: these it refuses. */
const isZero = ({ flags }: Common) => flags.includes("ZeroSharedSecret")
export const x25519: Suite = {
  ...wycheproof<Exchange>("x25519", ({ public: point, private: scalar, shared, ...test }) => ({
    questions: [[["x25519", hex(scalar), hex(point)], isZero(test) ? refuses(/weak public key/) : is(shared)]],
  })),
  note: noteOnAcceptable(),
}

function noteOnAcceptable(): string {
  const { testGroups } = load("wycheproof/x25519_test.json") as File<Exchange, unknown>
  const acceptable = testGroups.flatMap(({ tests }) => tests).filter(({ result }) => result === "acceptable")
  const zero = acceptable.filter(isZero).length
  return `of ${acceptable.length} "acceptable", ${zero} with a shared secret of zero were refused and ${acceptable.length - zero} computed`
}

type Keys = Record<"seed" | "ek" | "dk", string>
export const mlkemKeys = wycheproof<Keys>("mlkem_768_keygen_seed", ({ seed, ek, dk }) => ({
  questions: [[["mlkem-keys", hex(seed)], is(ek + dk)]],
}))

const MLKEM_KEY_BYTES = 1_184
type Encaps = Record<"ek" | "m" | "c" | "K", string>
export const mlkemEncaps = wycheproof<Encaps>("mlkem_768_encaps", ({ ek, m, c, K, result }) => {
  // A key of the right length is refused for a coefficient that is not below the modulus (FIPS 203 §7.2).
  const words = ek.length === 2 * MLKEM_KEY_BYTES ? /invalid usage|not reduced/ : /publicKey length/
  return { questions: [[["mlkem-encaps", hex(ek), hex(m)], result === "valid" ? is(c + K) : refuses(words)]] }
})

const MLKEM_SEED_BYTES = 64
type Decaps = Record<"seed" | "c" | "K", string>
/** A ciphertext of the right length is never refused: another shared secret comes out (implicit rejection), and that one is compared. */
export const mlkemDecaps = wycheproof<Decaps>("mlkem_768", ({ seed, c, K, result }) => {
  const words = seed.length === 2 * MLKEM_SEED_BYTES ? /ciphertext length/ : /seed length/
  return { questions: [[["mlkem-decaps", hex(seed), hex(c)], result === "valid" ? is(K) : refuses(words)]] }
})

const HASH_BYTES = 32
type Hkdf = Record<"ikm" | "salt" | "info" | "okm", string> & { readonly size: number }
export const hkdf = wycheproof<Hkdf>("hkdf_sha256", ({ ikm, salt, info, okm, size, result }) => {
  const step = (length: number): Step => ["hkdf", hex(ikm), hex(salt), hex(info), new Uint8Array(length)]
  const isTooLong: Question = [step(size), refuses(/at most 32 bytes/)]
  if (result === "invalid") return { questions: [isTooLong] }
  if (size <= HASH_BYTES) return { questions: [[step(size), is(okm)]] }
  return {
    questions: [isTooLong, [step(HASH_BYTES), is(okm.slice(0, 2 * HASH_BYTES))]],
    notOurs: "with more than 32 bytes of output, which no key here has (refused; their first 32 bytes held)",
  }
})

type Mac = Record<"key" | "msg" | "tag", string>
export const hmac = wycheproof<Mac, { tagSize: number }>("hmac_sha256", ({ key, msg, tag, result }, { tagSize }) => ({
  questions: [[["hmac", hex(key), hex(msg)], result === "valid" ? begins(tag) : beginsOtherwise(tag)]],
  ...(tagSize === 8 * HASH_BYTES ? {} : { notOurs: `with tags cut to ${tagSize} bits, and ours are whole (held as far as they go)` }),
}))

interface XwingVector {
  readonly seed: string
  readonly pk: string
  readonly eseed: string
  readonly ct: string
  readonly ss: string
}
export const xwing = ((): Suite => {
  const sets = load("xwing-draft.json") as readonly XwingVector[]
  const vectors = sets.map(
    ({ seed, pk, eseed, ct, ss }, index): Vector => ({
      name: `${index + 1}`,
      questions: [
        [["xwing-public", hex(seed)], is(pk)],
        [["xwing-encaps", hex(pk), hex(eseed)], is(ct + ss)],
        [["xwing-decaps", hex(seed), hex(ct)], is(ss)],
      ],
    }),
  )
  return { name: "x-wing draft", total: sets.length, vectors }
})()

interface HpkeSet {
  readonly kdf_id: number
  readonly aead_id: number
  readonly info: string
  readonly ikmE: string
  readonly skRm: string
  readonly pkRm: string
  readonly enc: string
  readonly shared_secret: string
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[]
  readonly exports: readonly unknown[]
}
/** Each set counts as one vector for its KEM, and one for each message and each export. */
export const hpke = ((): Suite => {
  const sets = load("hpke-pq-mlkem768-x25519.json") as readonly HpkeSet[]
  const vectors = sets.flatMap((set, index): Vector[] => {
    const { kdf_id, aead_id, skRm, pkRm, enc, ikmE, shared_secret, info } = set
    const kem: Vector = {
      name: `${index + 1} KEM`,
      questions: [
        [["xwing-public", hex(skRm)], is(pkRm)],
        [["xwing-encaps", hex(pkRm), hex(ikmE)], is(enc + shared_secret)],
        [["xwing-decaps", hex(skRm), hex(enc)], is(shared_secret)],
      ],
    }
    const messages = set.encryptions.map(({ aad, ct, pt }, seq): Vector => {
      const name = `${index + 1} message ${seq}`
      if (kdf_id !== 1 || aead_id !== 3)
        return { name, questions: [], notOurs: `messages under KDF 0x${kdf_id.toString(16).padStart(4, "0")}, and age has HKDF-SHA256` }
      if (seq > 0) return { name, questions: [], notOurs: "messages after a context's first, and a slot has one" }
      return { name, questions: [[["hpke-open", hex(skRm), hex(enc), hex(info), hex(aad), hex(ct)], is(pt)]] }
    })
    const exported = set.exports.map(
      (_, at): Vector => ({ name: `${index + 1} export ${at}`, questions: [], notOurs: "exports, and nothing here asks for one" }),
    )
    return [kem, ...messages, ...exported]
  })
  return {
    name: "hpke-pq",
    total: sets.reduce((sum, { encryptions, exports }) => sum + 1 + encryptions.length + exports.length, 0),
    vectors,
  }
})()

/** RFC 8032 §7.1, tests 1 to 3: Wycheproof has nothing to sign with. The signatures also stand in its file, as valid. */
const signed: readonly (readonly [seed: string, key: string, text: string, signature: string])[] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
]
export const rfc8032: Suite = {
  name: "rfc 8032 ed25519",
  total: signed.length,
  vectors: signed.map(([seed, key, text, signature], index) => ({
    name: `test ${index + 1}`,
    questions: [
      [["ed25519-public", hex(seed)], is(key)],
      [["ed25519-sign", hex(seed), hex(text)], is(signature)],
      [["ed25519-verify", hex(key), hex(signature), hex(text)], is("")],
    ],
  })),
}

export const everySuite: readonly Suite[] = [
  chacha20Poly1305,
  ed25519,
  rfc8032,
  x25519,
  mlkemKeys,
  mlkemEncaps,
  mlkemDecaps,
  hkdf,
  hmac,
  xwing,
  hpke,
]
