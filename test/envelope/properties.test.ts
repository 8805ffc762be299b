/** Any letter, any slots, any engine, any other implementation: what is sealed here opens there, and the other way round. SPEC.md §3. */

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { Decrypter, Encrypter } from "age-encryption"
import fc from "fast-check"
import { type Aead, sodiumAead } from "../../envelope/aead.ts"
import type { Bytes } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { parseHeader } from "../../envelope/header.ts"
import { forgottenRecipient, type Identity, identityText, newIdentity, recipientOf, recipientText } from "../../envelope/keys.ts"
import { fileEntryName, parseTip, type Tip, tipText } from "../../envelope/letter.ts"
import { type Hash, type Id, newsroomId } from "../../envelope/names.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { isSizeClass, SLOT_COUNTS } from "../../envelope/sizes.ts"
import { Tree } from "../../envelope/tree.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import { nodeAead } from "../../scripts/engine.ts"

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hash = bytes32.map((bytes) => Buffer.from(bytes).toString("base64url") as Hash)
const idChar = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-")
const id = fc.string({ unit: idChar, minLength: 1, maxLength: 32 }) as fc.Arbitrary<Id>
const ids = (max: number) => fc.uniqueArray(id, { minLength: 1, maxLength: max })
const day = fc.integer({ min: 0, max: 36_524 }).map((days) => addDays("2000-01-01" as Day, days))
/** Anything that UTF-16 can hold between its halves of pairs, without control characters. */
const words = (constraints: { minLength?: number; maxLength: number }) =>
  fc.string({ unit: "binary", ...constraints }).map((text) =>
    text
      .replace(/\p{Cc}/gu, "·")
      .slice(0, constraints.maxLength)
      .toWellFormed(),
  )
const named = words({ minLength: 1, maxLength: 255 })
const name = fc.oneof(
  named,
  fc.tuple(named, fc.constantFrom(".PDF", ".tar.gz", ".", "..", "/../../etc/passwd", ".a1B2c")).map((parts) => parts.join("").slice(-255)),
)
const answers = fc
  .uniqueArray(fc.tuple(id, fc.oneof(words({ maxLength: 300 }), fc.uniqueArray(id, { maxLength: 9 }))), {
    selector: ([question]) => question,
    maxLength: 20,
  })
  .map((entries) => new Map<Id, string | readonly string[]>(entries))

const content = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc.constantFrom(0, 1, 511, 512, 513, 65_535, 65_536, 65_537, 200_000).map((length) => new Uint8Array(length).fill(0xa5)),
)
interface Letter {
  readonly tip: Omit<Tip, "source" | "files">
  readonly message: string
  readonly files: readonly { readonly name: string; readonly type: string; readonly content: Uint8Array }[]
}
const letter: fc.Arbitrary<Letter> = fc.record({
  tip: fc
    .record({ newsroom: hash.map(newsroomId), keyring: hash, day, to: ids(32), reachable: ids(32), callout: fc.option(id), answers })
    .map(({ callout, ...rest }) => (callout === null ? rest : { ...rest, callout })),
  message: fc.oneof(
    fc.string({ unit: "binary", maxLength: 2_000 }).map((text) => text.toWellFormed()),
    fc.constantFrom("", "\ufeff", "\0", "x".repeat(30_000)),
  ),
  files: fc.array(fc.record({ name, type: words({ maxLength: 100 }), content }), { maxLength: 3 }),
})
const slots = fc.constantFrom(...SLOT_COUNTS)
/** Any subset of slots: a bit a slot, at least one set. */
const mask = fc.integer({ min: 1, max: 2 ** 32 - 1 })
const chosen = (count: number, mask: number) => {
  const filled = Array.from({ length: count }, (_, index) => index + 1).filter((slot) => (mask >>> (slot - 1)) & 1)
  return filled.length > 0 ? filled : [(mask % count) + 1]
}

async function sealLetter({ tip, message, files }: Letter, identities: ReadonlyMap<number, Identity>, count: number, aead?: Aead) {
  const secrets = await deriveSource(await newWords(), tip.newsroom)
  const recipients = Array.from({ length: count + 1 }, async (_, slot) => {
    const identity = identities.get(slot)
    return identity && recipientOf(identity)
  })
  const whole: Tip = {
    ...tip,
    source: secrets.keys,
    files: files.map(({ name, type, content }) => ({ name, type, bytes: content.length })),
  }
  const { bytes, stream } = sealTip({
    tip: whole,
    message,
    files: files.map(({ content }) => [content]),
    sign: secrets.sign,
    slots: await Promise.all(recipients),
    maxBytes: 2 ** 32,
    ...(aead === undefined ? {} : { aead }),
  })
  return { whole, bytes, envelope: await collect(stream) }
}

async function openLetter(envelope: Uint8Array, identity: Identity, slot: number, count: (typeof SLOT_COUNTS)[number], aead?: Aead) {
  const unlocked = await unlock([envelope], { identity, slot, slots: count })
  if (unlocked === undefined) throw new Error("not for this slot")
  const opened = await readTip(unlocked, aead)
  const files: { name: string; type: string; content: Bytes }[] = []
  for await (const { file, bytes } of opened.files()) files.push({ name: file.name, type: file.type, content: await collect(bytes) })
  return { tip: opened.tip, message: opened.message, files }
}
const plain = (files: Letter["files"]) => files.map(({ name, type, content }) => [name, type, Buffer.from(content).toString("latin1")])

test("what a letter says comes back from its text, whatever it says, and is spelt one way", () => {
  fc.assert(
    fc.property(letter, bytes32, ({ tip, files }, verify) => {
      const recipient = new Uint8Array(1_216).fill(verify[0] ?? 0) as Tip["source"]["recipient"]
      const source = { recipient, verify: verify as Tip["source"]["verify"], mailbox: tip.keyring }
      const whole: Tip = { ...tip, source, files: files.map(({ name, type, content }) => ({ name, type, bytes: content.length })) }
      const text = tipText(whole)
      expect(parseTip(text)).toEqual({ ...whole, answers: new Map([...whole.answers]) })
      expect(tipText(parseTip(text))).toBe(text)
    }),
    { numRuns: 200 },
  )
})

test("what a signature covers is the same in whatever pieces it comes, around every block's end", async () => {
  const block = 1_048_576
  const length = fc.constantFrom(0, 1, 511, block - 1, block, block + 1, 2 * block, 2 * block + 5)
  await fc.assert(
    fc.asyncProperty(length, fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 5 }), async (total, steps) => {
      const bytes = new Uint8Array(total).map((_, at) => at % 251)
      const tree = new Tree()
      for (let at = 0, turn = 0; at < total; turn++) {
        const piece = bytes.slice(at, at + (steps[turn % steps.length] ?? 1))
        await tree.add(piece)
        at += piece.length
        if (turn === 0) await tree.value() // asked for in the middle it changes nothing
        piece.fill(0) // and what was given may be overwritten
      }
      const hash = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest()
      const blocks = Array.from({ length: Math.ceil(total / block) }, (_, index) =>
        hash(bytes.subarray(index * block, (index + 1) * block)),
      )
      const size = Buffer.alloc(8)
      size.writeBigUInt64BE(BigInt(total))
      expect(Buffer.from(await tree.value()).equals(hash(size, ...blocks))).toBe(true)
    }),
    { numRuns: 30 },
  )
})

describe("any letter, to any of 4, 8, 16 or 32 slots", () => {
  test("sealed with either engine opens with either, at each slot that was chosen and at no other", async () => {
    const engines = [nodeAead, await sodiumAead()]
    const engine = fc.constantFrom(...engines)
    await fc.assert(
      fc.asyncProperty(letter, slots, mask, engine, engine, async (written, count, which, sealing, opening) => {
        const filled = chosen(count, which)
        const identities = new Map(await Promise.all(filled.map(async (slot) => [slot, await newIdentity()] as const)))
        const { whole, bytes, envelope } = await sealLetter(written, identities, count, sealing)
        expect(envelope.length).toBe(bytes)
        expect(isSizeClass(count, bytes)).toBe(true)
        expect(() => checkOutside(envelope, bytes, count)).not.toThrow()
        for (const slot of filled.slice(0, 3)) {
          const opened = await openLetter(envelope, identities.get(slot) as Identity, slot, count, opening)
          expect(opened.tip).toEqual(whole)
          expect(opened.message).toBe(written.message)
          expect(plain(opened.files)).toEqual(plain(written.files))
        }
        const elsewhere = Array.from({ length: count + 1 }, (_, slot) => slot).find((slot) => !filled.includes(slot)) ?? 0
        expect(
          await unlock([envelope], { identity: [...identities.values()][0] as Identity, slot: elsewhere, slots: count }),
        ).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test("opens with npm age-encryption for one who was chosen, and unpacks with stock tar to the bytes that were sealed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sotto-any-"))
    try {
      await fc.assert(
        fc.asyncProperty(letter, slots, mask, async (written, count, which) => {
          const filled = chosen(count, which)
          const identities = new Map(await Promise.all(filled.map(async (slot) => [slot, await newIdentity()] as const)))
          const { whole, envelope } = await sealLetter(written, identities, count)
          const decrypter = new Decrypter()
          decrypter.addIdentity(identityText([...identities.values()].at(-1) as Identity))
          writeFileSync(join(folder, "x.tar"), await decrypter.decrypt(envelope))
          execFileSync("tar", ["xf", "x.tar"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
          const unpacked = (entry: string) => readFileSync(join(folder, entry))
          expect(unpacked("sotto.json").toString()).toBe(tipText(whole))
          expect(unpacked("message.txt").equals(Buffer.from(written.message))).toBe(true)
          for (const [index, file] of whole.files.entries())
            expect(unpacked(fileEntryName(index + 1, file)).equals(written.files[index]?.content ?? Buffer.of())).toBe(true)
        }),
        { numRuns: 15 },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)

  test("sealed by npm age-encryption, with a recipient a slot and our archive inside, opens here", async () => {
    await fc.assert(
      fc.asyncProperty(letter, slots, mask, async (written, count, which) => {
        const filled = chosen(count, which)
        const identities = new Map(await Promise.all(filled.map(async (slot) => [slot, await newIdentity()] as const)))
        // Our archive, as one who may open it has it.
        const first = filled[0] ?? 1
        const { whole, envelope } = await sealLetter(written, new Map([[first, identities.get(first) as Identity]]), count)
        const decrypter = new Decrypter()
        decrypter.addIdentity(identityText(identities.get(first) as Identity))
        const archive = await decrypter.decrypt(envelope)

        const encrypter = new Encrypter()
        for (let slot = 0; slot <= count; slot++) {
          const identity = identities.get(slot)
          encrypter.addRecipient(recipientText(identity ? await recipientOf(identity) : await forgottenRecipient()))
        }
        const theirs = await encrypter.encrypt(archive)
        expect(theirs.length).toBe(envelope.length)
        expect(parseHeader(theirs).bytes).toBe(parseHeader(envelope).bytes)
        expect(() => checkOutside(theirs, theirs.length, count)).not.toThrow()
        for (const slot of filled.slice(0, 2)) {
          const opened = await openLetter(theirs, identities.get(slot) as Identity, slot, count, nodeAead)
          expect(opened.tip).toEqual(whole)
          expect(plain(opened.files)).toEqual(plain(written.files))
        }
      }),
      { numRuns: 15 },
    )
  }, 60_000)
})

test("any bytes in an envelope's place are refused with one of our codes", async () => {
  const identity = await newIdentity()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), fc.boolean(), slots, async (noise, likely, count) => {
      const bytes = likely ? Buffer.concat([Buffer.from("age-encryption.org/v1\n-> "), noise]) : noise
      await expect(unlock([bytes], { identity, slot: 1, slots: count })).rejects.toBeInstanceOf(EnvelopeError)
    }),
    { numRuns: 300 },
  )
})
