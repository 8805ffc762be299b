/** What an envelope promises: it opens to what was sealed, for those who were chosen; it looks the same whoever they were; and it stays shut when touched. */

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import fc from "fast-check"
import { extract } from "tar-stream"
import type { Day } from "../../envelope/day.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { parseHeader } from "../../envelope/header.ts"
import { identityText, newIdentity, recipientOf } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { newsroomId } from "../../envelope/names.ts"
import { checkAddressed, readTip, rehead, unlock, unlockKept } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { collect } from "../../envelope/reader.ts"
import { floorBytes, headerBytes, isSizeClass, SLOT_BYTES, SLOT_COUNTS, sizeClasses } from "../../envelope/sizes.ts"
import { DAY, type Desk, file, HASH, makeDesk, noise, seal, sealed } from "../support/tips.ts"

async function open(desk: Desk, envelope: Uint8Array, slot = [...desk.identities.keys()][0] ?? 0) {
  const identity = desk.identities.get(slot)
  if (identity === undefined) throw new Error("nobody at this slot")
  const unlocked = await unlock([envelope], { identity, slot, slots: desk.slots })
  if (unlocked === undefined) return undefined
  const opened = await readTip(unlocked)
  const files: { name: string; content: Buffer }[] = []
  for await (const { file, bytes } of opened.files()) files.push({ name: file.name, content: Buffer.from(await collect(bytes)) })
  return { ...opened, contents: files }
}
/** The code of what went wrong, or "opened". */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    return (await work) === undefined ? "not for us" : "opened"
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error
  }
}

describe("lengths are sums of named lengths", () => {
  test("a slot costs 1,557 bytes, a header with 8 slots 14,083, as SPEC.md §3.1 and §3.3 say", () => {
    expect([SLOT_BYTES, headerBytes(8)]).toEqual([1_557, 14_083])
  })
  test("the floor is 32 KiB with 4 or 8 slots, 64 KiB with 16, 128 KiB with 32", () => {
    expect(SLOT_COUNTS.map(floorBytes)).toEqual([32_768, 32_768, 65_536, 131_072])
  })
  test("there are 48 classes above 1 MiB, up to 4 GiB, each at most a quarter above the one before", () => {
    const large = sizeClasses(8).filter((size) => size > 1_048_576)
    expect([large.length, large.at(-1)]).toEqual([48, 4_294_967_296])
    expect(large.every((size, index) => size / (large[index - 1] ?? 1_048_576) <= 1.25)).toBe(true)
  })
})

describe("an envelope", () => {
  test("opens to exactly what was sealed, whatever was written", async () => {
    const desk = await makeDesk([1, 5])
    const text = fc.string({ unit: "binary", maxLength: 3_000 })
    const nasty = ["", "\u0000", "\ufeffbom", "a\r\nb", "\u202egnp.exe", "💥".repeat(500), "\ud7ff\ue000", '{"a":1}', "-->", "\x1b[2J"]
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 3 }), async (message, contents) => {
        const envelope = await sealed(desk, { message, files: contents.map((content, index) => file(`n ${index}.TXT`, content)) })
        for (const slot of [1, 5]) {
          const opened = await open(desk, envelope, slot)
          expect(opened?.message).toBe(message)
          expect(opened?.contents.map(({ content }) => content)).toEqual(contents.map((content) => Buffer.from(content)))
        }
      }),
      { numRuns: 25, examples: nasty.map((message): [string, Uint8Array<ArrayBuffer>[]] => [message, []]) },
    )
  })

  test("has the same length and shape whichever reporters were chosen", async () => {
    const shapes = new Set<string>()
    for (const chosen of [[1], [8], [1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8]]) {
      const envelope = await sealed(await makeDesk(chosen))
      const { stanzas } = parseHeader(envelope)
      shapes.add(JSON.stringify([envelope.length, stanzas.map(({ args, body }) => [args.length, args[0], args[1]?.length, body.length])]))
    }
    expect(shapes.size).toBe(1)
  })

  test("has one of the size classes, whatever is in it; text of ordinary length always the floor", async () => {
    const desk = await makeDesk()
    const lengths = new Set<number>()
    for (let i = 0; i < 40; i++) lengths.add((await sealed(desk, { message: "x".repeat(Math.floor((i / 40) * 13_000)) })).length)
    expect([...lengths]).toEqual([32_768])
    for (const bytes of [1, 20_000, 65_536, 300_000, 1_000_000])
      expect(isSizeClass(8, (await sealed(desk, { files: [file("a", noise(bytes))] })).length)).toBe(true)
  })

  test("does not open at a slot that is a decoy, nor for somebody else's identity", async () => {
    const desk = await makeDesk([3])
    const envelope = await sealed(desk)
    for (let slot = 0; slot <= 8; slot++) {
      const found = await unlock([envelope], {
        identity: slot === 3 ? await newIdentity() : (desk.identities.get(3) ?? (await newIdentity())),
        slot,
        slots: 8,
      })
      expect(found).toBeUndefined()
    }
  })

  test("stays shut after any one bit is flipped, header, nonce and payload alike", async () => {
    const desk = await makeDesk([1], 4)
    const envelope = await sealed(desk)
    const bits = [...Array(120)].map((_, index) => Math.floor((index * envelope.length * 8) / 120) + (index % 8))
    for (const bit of bits) {
      const touched = envelope.slice()
      touched[bit >> 3] = (touched[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await outcome(open(desk, touched, 1))).not.toBe("opened")
    }
  })

  test.each([
    ["a byte less", (bytes: Uint8Array) => bytes.slice(0, -1)],
    ["a byte more", (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(1)])],
    ["a chunk less", (bytes: Uint8Array) => bytes.slice(0, bytes.length - 65_552)],
    ["another envelope behind it", (bytes: Uint8Array) => Buffer.concat([bytes, bytes])],
    ["the nonce alone", (bytes: Uint8Array) => bytes.slice(0, headerBytes(8) + 16)],
  ])("stays shut with %s", async (_what, change) => {
    const desk = await makeDesk()
    const envelope = await sealed(desk, { files: [file("a", noise(200_000))] })
    expect(await outcome(open(desk, change(envelope)))).toBe("bad-payload")
  })

  test("kept in the vault under a new header opens with the vault's key alone, payload unchanged", async () => {
    const desk = await makeDesk([2])
    const envelope = await sealed(desk)
    const vault = await newIdentity()
    const unlocked = await unlock([envelope], { identity: desk.identities.get(2) ?? vault, slot: 2, slots: 8 })
    if (unlocked === undefined) throw new Error("did not open")
    const kept = await collect(rehead(unlocked, await recipientOf(vault)))
    expect(Buffer.from(kept.slice(-18_669)).equals(envelope.slice(-18_669))).toBe(true)
    const again = await unlockKept([kept], vault)
    expect(again && (await readTip(again)).message).toBe("hello")
    expect(await unlockKept([kept], await newIdentity())).toBeUndefined()
  })

  test("is refused before anything is sealed when it is larger than the newsroom takes", async () => {
    await expect(seal(await makeDesk(), { files: [file("a", noise(1_100_000))], maxBytes: 1_048_576 })).rejects.toMatchObject({
      code: "too-large",
    })
  })

  test("is not finished when a file turns out longer or shorter than it was", async () => {
    for (const content of [noise(9), noise(11)]) {
      const changing = { ...file("a", content), bytes: 10 }
      expect(await outcome(seal(await makeDesk(), { files: [changing] }).then(({ stream }) => collect(stream)))).toBe("bad-letter")
    }
  })
})

describe("from outside", () => {
  test("an envelope passes, and one for another number of slots does not", async () => {
    const envelope = await sealed(await makeDesk())
    expect(() => checkOutside(envelope, envelope.length, 8)).not.toThrow()
    expect(() => checkOutside(envelope, envelope.length, 4)).toThrow(expect.objectContaining({ code: "wrong-slots" }))
    expect(() => checkOutside(envelope, envelope.length - 1, 8)).toThrow(expect.objectContaining({ code: "wrong-class" }))
  })
})

describe("a reader", () => {
  const reader = { newsroom: newsroomId(HASH), day: DAY, reporter: "reporter-2" as Id }
  test.each([
    [
      "of another newsroom",
      { ...reader, newsroom: newsroomId(Buffer.alloc(32, 9).toString("base64url") as typeof HASH) },
      "wrong-newsroom",
    ],
    ["whose key is of another day", { ...reader, day: "2026-11-23" as Day }, "wrong-day"],
    ["whom the source did not choose", { ...reader, reporter: "reporter-3" as Id }, "not-addressed"],
  ])("%s is told what this tip is", async (_what, who, code) => {
    const opened = await open(await makeDesk([2]), await sealed(await makeDesk([2])), 2).catch(() => undefined)
    expect(opened).toBeUndefined() // another desk's key: not even the header opens
    const desk = await makeDesk([2])
    const own = await open(desk, await sealed(desk))
    if (own === undefined) throw new Error("did not open")
    expect(() => checkAddressed(own.tip, reader)).not.toThrow()
    expect(() => checkAddressed(own.tip, who)).toThrow(expect.objectContaining({ code }))
  })
})

describe("nobody depends on us", () => {
  test("npm age-encryption opens our envelope with each chosen identity, and GNU tar lists and unpacks it", async () => {
    const desk = await makeDesk([1, 8])
    const content = noise(70_000)
    const envelope = await sealed(desk, { message: "héllo", files: [file("../../evil name.PDF", content), file("b", new Uint8Array(0))] })
    const folder = mkdtempSync(join(tmpdir(), "sotto-tar-"))
    try {
      for (const identity of desk.identities.values()) {
        const decrypter = new Decrypter()
        decrypter.addIdentity(identityText(identity))
        writeFileSync(join(folder, "x.tar"), await decrypter.decrypt(envelope))
      }
      const names = execFileSync("tar", ["tf", join(folder, "x.tar")], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
        .trim()
        .split("\n")
      expect(names).toEqual(["sotto.json", "message.txt", "signature", "files/1.pdf", "files/2", "files/signature"])
      const unpacked = execFileSync("tar", ["xOf", join(folder, "x.tar"), "files/1.pdf"])
      expect(unpacked.equals(content)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test("tar-stream reads the same entries, each a plain file of mode 0600 without owner or time", async () => {
    const desk = await makeDesk([1])
    const decrypter = new Decrypter()
    decrypter.addIdentity(identityText(desk.identities.get(1) ?? (await newIdentity())))
    const plain = await decrypter.decrypt(await sealed(desk, { files: [file("x.txt", noise(10))] }))
    const seen: unknown[] = []
    const reading = extract()
    reading.on("entry", (header, stream, next) => {
      const { name, mode, uid, gid, mtime, type, uname, gname } = header
      seen.push([name, mode, uid, gid, mtime?.getTime(), type, uname ?? "", gname ?? ""])
      stream.on("end", next).resume()
    })
    const finished = new Promise<void>((resolve, reject) => reading.on("finish", () => resolve()).on("error", reject))
    // The zeros behind the archive fill the size class, not tar's blocks; this reader wants whole blocks.
    reading.end(Buffer.from(plain.subarray(0, plain.length - (plain.length % 512))))
    await finished
    expect(seen).toEqual(
      ["sotto.json", "message.txt", "signature", "files/1.txt", "files/signature"].map((name) => [name, 0o600, 0, 0, 0, "file", "", ""]),
    )
  })
})
