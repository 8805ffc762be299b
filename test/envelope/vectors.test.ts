/** The envelope against vectors that others published: X-Wing, HPKE, and the age test kit. Their numbers are printed and compared with what is there. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, inflateSync } from "node:zlib"
import { afterAll, describe, expect, test } from "@jest/globals"
import * as vectors from "cctv-age"
import type { Bytes } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { sha256 } from "../../envelope/hash.ts"
import { checkMac, readHeader } from "../../envelope/header.ts"
import { hpkeInfo, keySchedule, openBase } from "../../envelope/hpke.ts"
import { identity, parseIdentity, recipientOf } from "../../envelope/keys.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { openSlot } from "../../envelope/slots.ts"
import { sodium } from "../../envelope/sodium.ts"
import { openPayload } from "../../envelope/stream.ts"

const load = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, "../vectors", name), "utf8"))
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))

describe("X-Wing", () => {
  const sets = load("xwing-draft.json") as { seed: string; pk: string; eseed: string; ct: string; ss: string; sk: string }[]
  test.each(sets.map((set, index) => [index + 1, set] as const))(
    "draft vector %i: seed, public key, ciphertext and shared secret",
    async (_n, set) => {
      const { crypto_kem_xwing_dec } = await sodium
      expect(Buffer.from(await recipientOf(identity(hex(set.sk)))).toString("hex")).toBe(set.pk)
      expect(Buffer.from(crypto_kem_xwing_dec(hex(set.ct), hex(set.sk))).toString("hex")).toBe(set.ss)
    },
  )
})

describe("HPKE with KEM 0x647a, HKDF-SHA256, ChaCha20-Poly1305", () => {
  interface Set {
    kdf_id: number
    aead_id: number
    info: string
    skRm: string
    enc: string
    shared_secret: string
    key: string
    base_nonce: string
    encryptions: { aad: string; ct: string; pt: string }[]
  }
  const ours = (load("hpke-pq-mlkem768-x25519.json") as Set[]).filter(({ kdf_id, aead_id }) => kdf_id === 1 && aead_id === 3)
  test("there is a published set of this suite", () => expect(ours.length).toBeGreaterThan(0))
  test.each(ours.map((set, index) => [index + 1, set] as const))("set %i: key schedule and the first message", async (_n, set) => {
    const info = await hpkeInfo(hex(set.info) as Bytes)
    const { key, nonce } = await keySchedule(hex(set.shared_secret) as Bytes, info)
    expect([Buffer.from(key).toString("hex"), Buffer.from(nonce).toString("hex")]).toEqual([set.key, set.base_nonce])
    const [message] = set.encryptions
    if (message === undefined) throw new Error("a set without messages")
    const opened = await openBase(identity(hex(set.skRm)), hex(set.enc), info, hex(message.aad), hex(message.ct))
    expect(opened && Buffer.from(opened).toString("hex")).toBe(message.pt)
  })
})

interface Vector {
  readonly name: string
  readonly fields: ReadonlyMap<string, string[]>
  readonly file: Uint8Array
}
function parseVector(name: string, bytes: Uint8Array): Vector {
  const buffer = Buffer.from(bytes)
  const end = buffer.indexOf("\n\n")
  const fields = new Map<string, string[]>()
  for (const line of buffer.subarray(0, end).toString("latin1").split("\n")) {
    const at = line.indexOf(": ")
    const key = line.slice(0, at)
    fields.set(key, [...(fields.get(key) ?? []), line.slice(at + 2)])
  }
  const body = buffer.subarray(end + 2)
  const compressed = fields.get("compressed")?.[0]
  return { name, fields, file: compressed === "zlib" ? inflateSync(body) : compressed === "gzip" ? gunzipSync(body) : body }
}

/** Why a vector is not ours, or `undefined` if it is. */
function notOurs({ fields }: Vector): string | undefined {
  if (fields.has("armored")) return "in armor, and envelopes are binary"
  if (fields.has("passphrase")) return "with a passphrase (scrypt), and a slot has a recipient"
  if ((fields.get("identity") ?? []).every((one) => one.startsWith("AGE-SECRET-KEY-PQ-1"))) return undefined
  return "with an identity AGE-SECRET-KEY-1… (X25519), and slots are mlkem768x25519 only"
}

/** Opens a vector as stock age does, all stanzas with all identities, and says how it went in the kit's own words. */
async function run(
  { fields, file }: Vector,
  chop: (file: Uint8Array) => Iterable<Uint8Array>,
): Promise<{ expect: string; payload?: string }> {
  const reader = new ByteReader(chop(file))
  let header: Awaited<ReturnType<typeof readHeader>>
  let key: Awaited<ReturnType<typeof openSlot>>
  try {
    header = await readHeader(reader)
    for (const text of fields.get("identity") ?? [])
      for (const stanza of header.stanzas) if (stanza.args[0] === "mlkem768x25519") key ??= await openSlot(stanza, parseIdentity(text))
  } catch (error) {
    if (error instanceof EnvelopeError) return { expect: "header failure" }
    throw error
  }
  if (key === undefined) return { expect: "no match" }
  try {
    await checkMac(header, key)
  } catch {
    return { expect: "HMAC failure" }
  }
  try {
    const payload = await collect(openPayload(key, reader))
    return { expect: "success", payload: Buffer.from(await sha256(payload)).toString("hex") }
  } catch (error) {
    if (error instanceof EnvelopeError) return { expect: "payload failure" }
    throw error
  }
}
function* pieces(file: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size)
}

describe("the age test kit", () => {
  const all = Object.entries(vectors as unknown as Record<string, Uint8Array>)
    .filter(([, value]) => ArrayBuffer.isView(value))
    .map(([name, bytes]) => parseVector(name, bytes))
  const ours = all.filter((vector) => notOurs(vector) === undefined)
  const others = all.filter((vector) => notOurs(vector) !== undefined)
  /** How many times each vector ran, and held. */
  const ran = new Map<string, number>()
  const held = new Map<string, number>()

  test(`${all.length} vectors: ${ours.length} ours, ${others.length} of kinds that no envelope has`, () => {
    expect(ours.length + others.length).toBe(all.length)
    // By name: what is left out of the hybrid ones, so that a new vector of the kit is not passed over in silence.
    const left = others.filter(({ name }) => name.includes("hybrid")).map(({ name }) => name)
    expect(left).toEqual(["armor_hybrid", "hybrid_x25519_arg"])
    const hybrid = all.map(({ name }) => name).filter((name) => /^hybrid/.test(name) && name !== "hybrid_x25519_arg")
    expect(ours.map(({ name }) => name)).toEqual(["empty", ...hybrid])
  })

  describe.each([
    ["whole", (file: Uint8Array) => [file]],
    ["in pieces of 1,000", (file: Uint8Array) => pieces(file, 1_000)],
    ["one byte at a time", (file: Uint8Array) => pieces(file, 1)],
  ] as const)("%s", (_how, chop) => {
    test.each(ours.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
      ran.set(vector.name, (ran.get(vector.name) ?? 0) + 1)
      const result = await run(vector, chop)
      expect(result.expect).toBe(vector.fields.get("expect")?.[0])
      if (result.expect === "success") expect(result.payload).toBe(vector.fields.get("payload")?.[0])
      held.set(vector.name, (held.get(vector.name) ?? 0) + 1)
    })
  })

  // After all of them, and only of those that ran: `-t` may have chosen a few.
  afterAll(() => {
    const reasons = new Map<string, number>()
    for (const vector of others) reasons.set(notOurs(vector) ?? "", (reasons.get(notOurs(vector) ?? "") ?? 0) + 1)
    const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).join("; ")
    const heldWhole = [...held].filter(([name, count]) => count === ran.get(name)).length
    process.stderr.write(`age test kit: ${all.length} vectors, ${heldWhole} held, ${others.length} not ours: ${why}\n`)
  })
})
