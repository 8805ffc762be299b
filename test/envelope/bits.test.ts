/** Every bit of an envelope, flipped one at a time: all 262,144 of a floor envelope with 4 slots, none left out.
 *  What does not depend on the flipped bit is worked out once, and each shortcut says why it changes nothing. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import type { Aead } from "../../envelope/aead.ts"
import { type Bytes, equal } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { checkMac, type FileKey, type Header, parseHeader } from "../../envelope/header.ts"
import type { Identity } from "../../envelope/keys.ts"
import { unlock } from "../../envelope/open.ts"
import { checkSlots } from "../../envelope/outside.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { headerBytes, NONCE_BYTES, TAG_BYTES } from "../../envelope/sizes.ts"
import { openSlot } from "../../envelope/slots.ts"
import { openPayload } from "../../envelope/stream.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { openAll, outcome } from "../support/forge.ts"
import { type Desk, makeDesk, sealed } from "../support/tips.ts"

const SLOT = 2
const HEADER = headerBytes(4)
const PAYLOAD = HEADER + NONCE_BYTES
let desk: Desk
let envelope: Bytes
let identity: Identity
let fileKey: FileKey

beforeAll(async () => {
  desk = await makeDesk([SLOT], 4)
  envelope = await sealed(desk)
  identity = desk.identities.get(SLOT) as Identity
  fileKey = (await unlock([envelope], { identity, slot: SLOT, slots: 4 }))?.fileKey as FileKey
})

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
}
const count = (outcomes: Map<string, number>, code: string) => outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
const sum = (outcomes: Map<string, number>) => [...outcomes.values()].reduce((total, one) => total + one, 0)

test("the envelope is one header, one nonce and one chunk, 262,144 bits in all, and opens before anything is flipped", async () => {
  expect(envelope.length * 8).toBe(262_144)
  expect(await outcome(openAll(desk, envelope))).toBe("opened")
})

describe("each bit of the header", () => {
  /** As `unlock` does it, but for one saving: a slot that is unchanged gives the file key that it gave before. */
  async function unlockAltered(header: Header, before: Header): Promise<"opened" | "not for us"> {
    checkSlots(header, 4)
    const [own, ownBefore] = [header.stanzas[SLOT], before.stanzas[SLOT]]
    if (own === undefined || ownBefore === undefined) throw new Error("no slot")
    const unchanged = own.args.join(" ") === ownBefore.args.join(" ") && equal(own.body, ownBefore.body)
    const key = unchanged ? fileKey : await openSlot(own, identity)
    if (key === undefined) return "not for us"
    await checkMac(header, key)
    return "opened"
  }

  test("is refused when flipped: by the grammar, by the slot, or by the MAC", async () => {
    const prefix = envelope.slice(0, HEADER)
    const before = parseHeader(prefix)
    const outcomes = new Map<string, number>()
    for (let bit = 0; bit < HEADER * 8; bit++) {
      flip(prefix, bit)
      try {
        count(outcomes, await unlockAltered(parseHeader(prefix), before))
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error
        count(outcomes, error.code)
      }
      flip(prefix, bit)
    }
    expect(sum(outcomes)).toBe(62_840)
    expect(new Set(outcomes.keys())).toEqual(new Set(["bad-header", "bad-mac", "bad-stanza", "not for us"]))
  }, 300_000)
})

describe("each bit of the payload", () => {
  test("of the nonce is refused when flipped: it gives another key", async () => {
    const payload = envelope.slice(HEADER)
    for (let bit = 0; bit < NONCE_BYTES * 8; bit++) {
      flip(payload, bit)
      expect(await outcome(collect(openPayload(fileKey, new ByteReader([payload]), nodeAead)))).toBe("bad-payload")
      flip(payload, bit)
    }
  })

  test("of the chunk and its tag is refused when flipped: nothing but this one open stands between it and a reader", async () => {
    // The key and nonce with which `openPayload` opens the chunk: neither depends on a bit of the chunk.
    const asked: Parameters<Aead["open"]>[] = []
    const noting: Aead = {
      ...nodeAead,
      open(...question) {
        asked.push(question.map((one) => one.slice()) as typeof question) // a copy: the key is wiped when the stream ends
        return nodeAead.open(...question)
      },
    }
    await collect(openPayload(fileKey, new ByteReader([envelope.slice(HEADER)]), noting))
    expect(asked).toHaveLength(1)
    const [[key, nonce, given]] = asked as [Parameters<Aead["open"]>]
    expect(equal(given, envelope.slice(PAYLOAD))).toBe(true)
    const chunk = given.slice()
    let opened = 0
    for (let bit = 0; bit < chunk.length * 8; bit++) {
      flip(chunk, bit)
      if (nodeAead.open(key, nonce, chunk) !== undefined) opened++
      flip(chunk, bit)
    }
    expect([chunk.length * 8 + NONCE_BYTES * 8 + HEADER * 8, opened]).toEqual([262_144, 0])
    expect(nodeAead.open(key, nonce, chunk)).toBeDefined()
  }, 300_000)

  test("or any number of bytes at its end is missed when cut off", async () => {
    const payload = envelope.slice(HEADER)
    // Cut to every length: the first and last KiB byte by byte through the stream, between them every 61st.
    for (let length = 0; length < payload.length; length += length < 1_024 || length > payload.length - 1_024 ? 1 : 61)
      expect(await outcome(collect(openPayload(fileKey, new ByteReader([payload.subarray(0, length)]), nodeAead)))).toBe("bad-payload")
    expect(payload.length).toBeGreaterThan(NONCE_BYTES + TAG_BYTES)
  })
})

test("a header cut to any of its lengths is refused", () => {
  for (let length = 0; length < HEADER; length++) {
    expect(() => parseHeader(envelope.subarray(0, length))).toThrow(expect.objectContaining({ code: "bad-header" }))
  }
})
