/** The tar inside: entry by entry, and as the letter it is read for. What is taken is written again as it came. SPEC.md §3.4, §3.5. */

import { BLOCK_BYTES, checkPadding, entryHeader, paddedBytes, readBody, readEntry } from "../../../envelope/archive.ts"
import { type Bytes, concat, equal, utf8 } from "../../../envelope/bytes.ts"
import { hkdf } from "../../../envelope/hash.ts"
import { signTip } from "../../../envelope/letter.ts"
import type { NewsroomId } from "../../../envelope/names.ts"
import { readTip } from "../../../envelope/open.ts"
import { ByteReader, collect } from "../../../envelope/reader.ts"
import { CHUNK_BYTES, NONCE_BYTES } from "../../../envelope/sizes.ts"
import { Tree } from "../../../envelope/tree.ts"
import { nodeAead } from "../../../scripts/engine.ts"
import { FILE_KEY, fixed, SOURCE_SIGN } from "../keys.ts"
import { attempt, demand } from "../oracle.ts"
import type { Random } from "../random.ts"
import type { Target } from "../target.ts"

/** The one that the corpus names. */
const NEWSROOM = fixed("hash", 32) as NewsroomId
const NONCE = fixed("payload nonce", NONCE_BYTES)
const payloadKey = hkdf(FILE_KEY, NONCE, utf8("payload"), 32)

/** All entries, and the archive that they make. */
async function rewrite(input: Bytes): Promise<Bytes> {
  const reader = new ByteReader([input])
  const parts: Uint8Array[] = []
  for (let entry = await readEntry(reader); entry !== undefined; entry = await readEntry(reader)) {
    const body = await collect(readBody(reader, entry))
    parts.push(entryHeader(entry), body, new Uint8Array(paddedBytes(body.length) - body.length))
  }
  await checkPadding(reader)
  const written = concat(...parts, new Uint8Array(2 * BLOCK_BYTES))
  return concat(written, new Uint8Array(Math.max(0, input.length - written.length)))
}

async function read(input: Bytes): Promise<void> {
  const key = await payloadKey
  const payload = concat(NONCE, nodeAead.seal(key, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), input))
  const opened = await readTip({ fileKey: FILE_KEY, payload: new ByteReader([payload]) }, nodeAead)
  for await (const { bytes } of opened.files()) await collect(bytes)
}

export const isHeader = (block: Buffer) => block.length === BLOCK_BYTES && block.toString("latin1", 257, 262) === "ustar"
export function fixSum(block: Buffer): void {
  block.write("        ", 148, "latin1")
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
}

/** Where a header's fields begin, and what else could stand there. */
const FIELDS: readonly (readonly [number, readonly string[]])[] = [
  [0, ["sotto.json", "message.txt", "signature", "files/1.pdf", "files/2", "files/signature", "../x", "/x", "A", "\0"]],
  [100, ["0000644\0", "0000600 ", "0004600\0"]],
  [108, ["0000001\0", "0001750\0"]],
  [124, ["00000000000\0", "00000000001\0", "00000001000\0", "77777777777\0", "00000001001 ", "\x80", "\xff".repeat(12), "0000000001\0"]],
  [136, ["00000000001\0", "\x80"]],
  [156, ["\0", "1", "2", "3", "5", "7", "g", "x", "L", "S"]],
  [157, ["target"]],
  [257, ["ustar  \0", "\0\0\0\0\0"]],
  [265, ["root"]],
  [329, ["0000001\0", "\0\0\0\0\0\0\0\0"]],
  [345, ["prefix"]],
  [500, ["x"]],
]
const block = (input: Buffer, random: Random) => random.below(Math.ceil(input.length / BLOCK_BYTES)) * BLOCK_BYTES
const changes: readonly ((input: Buffer<ArrayBuffer>, random: Random) => Buffer<ArrayBuffer>)[] = [
  function field(input, random) {
    const headers = Array.from({ length: input.length / BLOCK_BYTES }, (_, index) => index * BLOCK_BYTES)
    const at = random.pick(headers.filter((one) => isHeader(input.subarray(one, one + BLOCK_BYTES))).concat(0))
    const [offset, values] = random.pick(FIELDS)
    input.write(random.pick(values), at + offset, "latin1")
    return input
  },
  function byte(input, random) {
    // The end of a block is where padding is.
    const at = block(input, random) + (random.chance(2) ? BLOCK_BYTES - 1 : random.below(BLOCK_BYTES))
    if (at < input.length) input[at] = random.below(256)
    return input
  },
  (input, random) => {
    const [from, to] = [block(input, random), block(input, random)]
    return Buffer.concat([input.subarray(0, to), input.subarray(from, from + BLOCK_BYTES), input.subarray(to)])
  },
  (input, random) => {
    const at = block(input, random)
    return Buffer.concat([
      input.subarray(0, at),
      input.subarray(at + BLOCK_BYTES),
      Buffer.alloc(input.length > BLOCK_BYTES ? 0 : BLOCK_BYTES),
    ])
  },
  (input, random) => Buffer.concat([input, Buffer.alloc(random.below(1_500), random.chance(3) ? 1 : 0)]),
  (input, random) => input.subarray(0, Math.max(BLOCK_BYTES, input.length - random.below(1_500))),
]

/** Checksums and signatures made to fit whatever the archive has become. */
async function makeWhole(copy: Buffer): Promise<Buffer> {
  for (let at = 0; at + BLOCK_BYTES <= copy.length; at += BLOCK_BYTES) {
    const block = copy.subarray(at, at + BLOCK_BYTES)
    if (!isHeader(block)) continue
    fixSum(block)
    if (!/^(files\/)?signature\0/.test(block.toString("latin1", 0, 16)) || at + 2 * BLOCK_BYTES > copy.length) continue
    const tree = new Tree()
    await tree.add(copy.subarray(0, at))
    copy.set(await signTip(SOURCE_SIGN, NEWSROOM, await tree.value()), at + BLOCK_BYTES)
  }
  return copy
}

export const archive: Target = {
  name: "archive",
  dictionary: [
    "sotto.json",
    "message.txt",
    "signature",
    "files/1",
    "files/signature",
    "ustar\u000000",
    "../",
    "0000600\0",
    "\x80",
    "00000000000\0",
    "\0".repeat(512),
  ],
  maxBytes: CHUNK_BYTES,

  async run(given) {
    const input = new Uint8Array(given)
    const walked = await attempt("envelope", () => rewrite(input))
    if ("value" in walked) demand(equal(walked.value, input), "an archive is spelt one way")
    const letter = await attempt("envelope", () => read(input))
    demand("code" in letter || "value" in walked, "what is read as a letter is a whole archive")
    return "code" in letter ? letter.code : "taken"
  },

  async change(input, random) {
    let copy = Buffer.concat([input, Buffer.alloc(input.length < BLOCK_BYTES ? BLOCK_BYTES : 0)])
    for (let left = 1 + random.below(2); left > 0; left--) copy = random.pick(changes)(copy, random)
    return random.chance(8) ? copy : makeWhole(copy)
  },
}
