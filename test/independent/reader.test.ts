/** Two readers that share no line: envelope/ and this folder's, written from SPEC.md alone. They open the same, and refuse the same with the same code. */

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { EnvelopeError } from "../../envelope/errors.ts"
import type { FileKey } from "../../envelope/header.ts"
import { type Identity, identityText } from "../../envelope/keys.ts"
import { parseTip, type Tip, tipText } from "../../envelope/letter.ts"
import type { Id } from "../../envelope/names.ts"
import { readTip, unlock } from "../../envelope/open.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { headerBytes, SLOT_COUNTS, type SlotCount, sizeClasses } from "../../envelope/sizes.ts"
import { sealPayload } from "../../envelope/stream.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { readCorpus } from "../fuzz/corpus.ts"
import { Random } from "../fuzz/random.ts"
import { TARGETS } from "../fuzz/targets.ts"
import { type Desk, file, makeDesk, noise, sealed } from "../support/tips.ts"
import { classes, openEnvelope, Refused, readArchive } from "./reader.mjs"

interface Seen {
  readonly letter: string
  readonly message: string
  readonly signature: string
  readonly files: readonly string[]
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

async function read(opening: ReturnType<typeof readTip>): Promise<Seen> {
  const { tip, message, signature, files } = await opening
  const hashes: string[] = []
  for await (const { bytes } of files()) hashes.push(hashOf(await collect(bytes)))
  return { letter: tipText(tip), message, signature: hex(signature), files: hashes }
}
async function ours(envelope: Uint8Array, slots: SlotCount, slot: number, identity: Identity): Promise<Seen | string> {
  try {
    const unlocked = await unlock([envelope], { identity, slot, slots })
    return unlocked === undefined ? "not for this slot" : await read(readTip(unlocked, nodeAead))
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error
  }
}
function seen({ letter, message, signature, files }: ReturnType<typeof readArchive>): Seen {
  return { letter: tipText(parseTip(JSON.stringify(letter))), message, signature, files: files.map(({ sha256 }) => sha256) }
}
function theirs(work: () => ReturnType<typeof openEnvelope>): Seen | string {
  try {
    const opened = work()
    return opened === undefined ? "not for this slot" : seen(opened)
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
}
async function both(envelope: Uint8Array, { slots }: Desk, slot: number, identity: Identity): Promise<[Seen | string, Seen | string]> {
  const other = theirs(() => openEnvelope(envelope, { slots, slot, identity: identityText(identity) }))
  return [await ours(envelope, slots, slot, identity), other]
}

const change: Partial<Tip> = {
  callout: "amazon-layoffs" as Id,
  answers: new Map<Id, string | readonly string[]>([
    ["team" as Id, "10-49"],
    ["which" as Id, ["aws", "devices"]],
    ["free" as Id, "two\nlines\u00e9 \u{1f600}"],
  ]),
}

describe("the second reader", () => {
  test.each(SLOT_COUNTS)("opens what is sealed here, with %i slots, at each slot that was chosen", async (slots) => {
    const desk = await makeDesk([1, slots], slots)
    const files = [file("../a.PDF", noise(70_000)), file("empty", new Uint8Array(0)), file("b.tar.gz", noise(512))]
    const envelope = await sealed(desk, { message: "h\u00e9llo", files, change })
    for (const [slot, identity] of desk.identities) {
      const [one, other] = await both(envelope, desk, slot, identity)
      expect(other).toEqual(one)
      expect(other).toMatchObject({ message: "h\u00e9llo" })
      expect(await both(envelope, desk, slot === 1 ? 2 : 1, identity)).toEqual(["not for this slot", "not for this slot"])
    }
  })

  test("knows the same size classes", () => {
    for (const slots of SLOT_COUNTS) expect(classes(slots)).toEqual(sizeClasses(slots))
  })

  test("as a program takes a file and an identity, which never stands among its arguments, and prints the letter", async () => {
    const desk = await makeDesk([3])
    const folder = mkdtempSync(join(tmpdir(), "sotto-reader-"))
    try {
      writeFileSync(join(folder, "tip.age"), await sealed(desk, { message: "to be printed", files: [file("a.txt", Buffer.from("abc"))] }))
      writeFileSync(join(folder, "identity.txt"), `${identityText(desk.identities.get(3) as Identity)}\n`)
      const said = execFileSync(process.execPath, [
        join(__dirname, "reader.mjs"),
        join(folder, "tip.age"),
        "8",
        "3",
        join(folder, "identity.txt"),
      ])
      expect(JSON.parse(said.toString())).toMatchObject({
        letter: { format: "sotto-tip/1", to: ["reporter-3"] },
        message: "to be printed",
        files: [{ name: "a.txt", bytes: 3, sha256: hashOf(Buffer.from("abc")) }],
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("both readers refuse with the same code", () => {
  test("any envelope with a bit flipped, cut, extended or put together otherwise", async () => {
    const desk = await makeDesk([2], 4)
    const identity = desk.identities.get(2) as Identity
    const envelope = await sealed(desk, { files: [file("a", noise(100_000))] })
    const random = new Random(1)
    const flipped = (bit: number) => {
      const copy = envelope.slice()
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return copy
    }
    const inHeader = Array.from({ length: 120 }, () => flipped(random.below(headerBytes(4) * 8)))
    const inPayload = Array.from({ length: 8 }, () => flipped(random.below(envelope.length * 8)))
    const cut = Array.from({ length: 20 }, () => envelope.subarray(0, random.below(envelope.length)))
    const header = envelope.subarray(0, headerBytes(4))
    const others = [Buffer.concat([envelope, envelope]), Buffer.concat([header, envelope]), header, Buffer.alloc(0), envelope.subarray(1)]
    for (const touched of [...inHeader, ...inPayload, ...cut, ...others]) {
      const [one, other] = await both(touched, desk, 2, identity)
      expect(other).toBe(one)
      expect(typeof one).toBe("string")
    }
    const [one, other] = await both(envelope, desk, 2, identity)
    expect(other).toEqual(one)
  })

  /** What both make of a plaintext in an archive's place. */
  async function archives(plaintext: Uint8Array): Promise<[Seen | string, Seen | string]> {
    const fileKey = new Uint8Array(16) as FileKey
    const payload = new ByteReader(sealPayload(fileKey, [plaintext], nodeAead))
    const one = await read(readTip({ fileKey, payload }, nodeAead)).catch((error: unknown) => {
      if (error instanceof EnvelopeError) return error.code
      throw error
    })
    return [one, theirs(() => readArchive(plaintext))]
  }

  test.each(["archive", "letter"])("any %s that the fuzzer makes, and take the same to say the same", async (name) => {
    const target = TARGETS.find((one) => one.name === name)
    const corpus = readCorpus(join(__dirname, "../fuzz/corpus"))
    const random = new Random(2)
    const outcomes = new Map<string, number>()
    const seeds = [...corpus].filter(([path]) => path.startsWith("archive/")).map(([, bytes]) => bytes)
    for (let round = 0; round < 500; round++) {
      const given = Buffer.from(random.pick(seeds))
      const input =
        name === "archive" ? await target?.change?.(given, random) : await withLetter(given, async (text) => target?.change?.(text, random))
      const [one, other] = await archives(input ?? given)
      expect(other).toEqual(one)
      const outcome = typeof one === "string" ? one : "taken"
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(outcomes.size).toBeGreaterThan(2) // not all for one reason
  })

  /** An archive with another letter in the first entry's place. */
  async function withLetter(archive: Buffer, make: (text: Buffer) => Promise<Buffer | undefined>): Promise<Buffer> {
    const size = Number.parseInt(archive.toString("latin1", 124, 135), 8)
    const rest = archive.subarray(512 + Math.ceil(size / 512) * 512)
    const letter = (await make(archive.subarray(512, 512 + size))) ?? Buffer.alloc(0)
    const block = Buffer.from(archive.subarray(0, 512))
    block.write(letter.length.toString(8).padStart(11, "0"), 124, "latin1")
    block.write("        ", 148, "latin1")
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    )
    return Buffer.concat([block, letter, Buffer.alloc((512 - (letter.length % 512)) % 512), rest])
  }
})
