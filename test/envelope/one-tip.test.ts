/** One envelope, one tip: a source cannot show two reporters two different letters, however the envelope is made. SPEC.md §3.1.
 *  A source that could would have one newsroom publish what its own colleagues can refute. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import { type Bytes, concat, utf8 } from "../../envelope/bytes.ts"
import { hkdf } from "../../envelope/hash.ts"
import { type FileKey, type Stanza, writeHeader } from "../../envelope/header.ts"
import { type Identity, randomBytes, recipientOf } from "../../envelope/keys.ts"
import { tipText } from "../../envelope/letter.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { sealSlot, sealSlots } from "../../envelope/slots.ts"
import { openPayload, sealPayload } from "../../envelope/stream.ts"
import { outcome, tarOf, tipEntries, tipOf, toClass } from "../support/forge.ts"
import { type Desk, makeDesk } from "../support/tips.ts"
import { sealForTwo } from "../support/two-keys.ts"

let desk: Desk
/** Slot 1 carries one file key, slot 2 another: each a good stanza to its reporter. */
let stanzas: readonly Stanza[]
let keys: readonly [FileKey, FileKey]

beforeAll(async () => {
  desk = await makeDesk([1, 2], 4)
  keys = [(await randomBytes(16)) as FileKey, (await randomBytes(16)) as FileKey]
  const [first, second] = await Promise.all([1, 2].map(async (slot) => recipientOf(desk.identities.get(slot) as Identity)))
  if (first === undefined || second === undefined) throw new Error("no recipients")
  const decoys = await sealSlots(
    keys[0],
    Array.from({ length: 5 }, () => undefined),
  )
  stanzas = [decoys[0], await sealSlot(keys[0], first), await sealSlot(keys[1], second), decoys[3], decoys[4]] as Stanza[]
})

const tipSaying = async (message: string) => toClass(desk, await tarOf(desk, tipEntries(desk, { message: utf8(message) })))
async function read(envelope: Bytes, slot: number): Promise<string | undefined> {
  const unlocked = await unlock([envelope], { identity: desk.identities.get(slot) as Identity, slot, slots: 4 })
  return unlocked && (await readTip(unlocked)).message
}

describe("an envelope whose slots carry two file keys", () => {
  test.each([
    ["first", 0, "the one letter", "bad-mac"],
    ["second", 1, "bad-mac", "the one letter"],
  ] as const)("with the MAC of the %s opens for that reporter alone", async (_which, key, first, second) => {
    const payload = await collect(sealPayload(keys[key], [await tipSaying("the one letter")]))
    const envelope = concat(await writeHeader(stanzas, keys[key]), payload)
    expect(() => checkOutside(envelope, envelope.length, 4)).not.toThrow() // the server cannot tell
    expect([await read(envelope, 1).catch(({ code }) => code), await read(envelope, 2).catch(({ code }) => code)]).toEqual([first, second])
  })

  test("with two payloads, one for each, opens for nobody", async () => {
    const payloads = await Promise.all(keys.map(async (key) => collect(sealPayload(key, [await tipSaying("a letter")]))))
    const envelope = concat(await writeHeader(stanzas, keys[0]), ...payloads)
    expect([await outcome(read(envelope, 1)), await outcome(read(envelope, 2))]).toEqual(["bad-payload", "bad-mac"])
  })
})

describe("a payload that is made to open under both file keys", () => {
  const nonce = new Uint8Array(16).fill(5)
  const chunkNonce = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
  let payload: Bytes

  beforeAll(async () => {
    // A file gives the free bytes a place where any bytes will do.
    const files = [{ name: "a", type: "", bytes: 64 }]
    const letter = tipText(tipOf(desk, { files }))
    const plaintext = toClass(
      desk,
      await tarOf(desk, tipEntries(desk, { letter, message: utf8("for the first"), files: { "files/1": new Uint8Array(64) } })),
    )
    const content = Buffer.from(plaintext).indexOf("files/1\0") + 512
    const [first, second] = await Promise.all(keys.map(async (key) => hkdf(key, nonce, utf8("payload"), 32)))
    if (first === undefined || second === undefined) throw new Error("no keys")
    payload = concat(nonce, sealForTwo([first, second], chunkNonce, plaintext, content))
  })

  test("really does: the cipher does not commit to its key", async () => {
    const [first, second] = await Promise.all(keys.map(async (key) => collect(openPayload(key, new ByteReader([payload])))))
    expect(first?.length).toBe(second?.length)
    expect(Buffer.from(first ?? []).includes("for the first")).toBe(true)
    expect(Buffer.from(second ?? []).includes("for the first")).toBe(false)
  })

  test("is stopped by the MAC before the second reporter opens a byte of it", async () => {
    const envelope = concat(await writeHeader(stanzas, keys[0]), payload)
    expect(() => checkOutside(envelope, envelope.length, 4)).not.toThrow()
    expect(await read(envelope, 1)).toBe("for the first")
    expect(await outcome(read(envelope, 2))).toBe("bad-mac")
  })

  test("and would be stopped by the archive: two keystreams cannot both spell a tar header", async () => {
    const without = { fileKey: keys[1], payload: new ByteReader([payload]) } // as if nobody had checked the MAC
    expect(await outcome(readTip(without))).toBe("bad-archive")
  })
})
