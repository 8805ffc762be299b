/** The payload, put together from a plan: chunks of any length, number and finality, rightly sealed, then cut, extended and touched.
 *  What is taken is exactly what sealing its plaintext gives; both engines agree. SPEC.md §3.2. */

import { type Aead, sodiumAead } from "../../../envelope/aead.ts"
import { type Bytes, bigEndian, concat, equal, utf8 } from "../../../envelope/bytes.ts"
import { hkdf } from "../../../envelope/hash.ts"
import { ByteReader, collect } from "../../../envelope/reader.ts"
import { CHUNK_BYTES, NONCE_BYTES } from "../../../envelope/sizes.ts"
import { openPayload } from "../../../envelope/stream.ts"
import { nodeAead } from "../../../scripts/engine.ts"
import { FILE_KEY } from "../keys.ts"
import { attempt, demand } from "../oracle.ts"
import type { Target } from "../target.ts"

const MAX_BYTES = 300_000
const sealChunk = (key: Bytes, plaintext: Uint8Array, counter: number, last: boolean) =>
  nodeAead.seal(key, concat(bigEndian(counter, 11), Uint8Array.of(last ? 1 : 0)), plaintext)

/** A line that is no step of a plan changes nothing. */
async function build(plan: string): Promise<Bytes> {
  const nonceText = /^nonce ([0-9a-f]{32})$/m.exec(plan)?.[1] ?? "00".repeat(NONCE_BYTES)
  let payload: Bytes = new Uint8Array(Buffer.from(nonceText, "hex"))
  const key = await hkdf(FILE_KEY, payload, utf8("payload"), 32)
  for (const line of plan.split("\n").slice(0, 40)) {
    const [, step, a = "", b = "0", c = "0"] = /^(chunk|raw|flip|cut) ([0-9a-f]{1,64})(?: (\d{1,9}))?(?: ([01]))?$/.exec(line) ?? []
    const number = Number.parseInt(a, 10) || 0
    if (step === "chunk" && payload.length + number < MAX_BYTES)
      payload = concat(payload, sealChunk(key, new Uint8Array(number).fill(number & 0xff), Number(b), c === "1"))
    else if (step === "raw") payload = concat(payload, Buffer.from(a, "hex"))
    else if (step === "cut") payload = payload.slice(0, Math.max(0, payload.length - number))
    else if (step === "flip" && payload.length > 0) {
      const bit = number % (payload.length * 8)
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    }
  }
  return payload
}

/** The one payload that sealing gives for a nonce and a plaintext. */
async function canonical(nonce: Bytes, plaintext: Bytes): Promise<Bytes> {
  const key = await hkdf(FILE_KEY, nonce, utf8("payload"), 32)
  const chunks = Math.max(1, Math.ceil(plaintext.length / CHUNK_BYTES))
  const chunk = (index: number) => plaintext.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
  return concat(nonce, ...Array.from({ length: chunks }, (_, index) => sealChunk(key, chunk(index), index, index === chunks - 1)))
}

export const stream: Target = {
  name: "stream",
  dictionary: [
    "chunk 65536 0 0\n",
    "chunk 65536 1 0\n",
    "chunk 1 1 1\n",
    "chunk 0 0 1\n",
    "chunk 0 1 1\n",
    "chunk 65535 0 1\n",
    "raw 00\n",
    "cut 16\n",
    "flip 0\n",
    " 1\n",
    " 2 1\n",
  ],
  maxBytes: 1_000,

  async run(input) {
    const payload = await build(Buffer.from(input).toString("latin1"))
    const open = (aead: Aead) => attempt("envelope", () => collect(openPayload(FILE_KEY, new ByteReader([payload]), aead)))
    const [node, sodium] = [await open(nodeAead), await open(await sodiumAead())]
    if ("code" in node || "code" in sodium) {
      demand("code" in node && "code" in sodium && node.code === sodium.code, "both engines refuse the same")
      return node.code
    }
    demand(equal(node.value, sodium.value), "both engines open to the same")
    demand(equal(payload, await canonical(payload.slice(0, NONCE_BYTES), node.value)), "a plaintext has one sealed form")
    return "taken"
  },

  change(_input, random) {
    const wrong = (right: number, ...others: readonly number[]) => (random.chance(12) ? random.pick(others) : right)
    const count = 1 + random.below(4)
    const plan = Array.from({ length: count }, (_, index) => {
      const last = index === count - 1
      const bytes = wrong(last ? random.pick([1, 17, 65_535, 65_536]) : 65_536, 0, 1, 16, 65_535, 65_536, 65_537)
      return `chunk ${bytes} ${wrong(index, index + 1, 0, 255, 256)} ${wrong(last ? 1 : 0, last ? 0 : 1)}`
    })
    if (random.chance(8))
      plan.push(random.pick(["raw 00", "cut 1", "cut 16", `cut ${random.below(70_000)}`, `flip ${random.below(500_000)}`]))
    return Buffer.from(`${plan.join("\n")}\n`)
  },
}
