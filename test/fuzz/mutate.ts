/** What is done to an input to make another one: bits, bytes, lengths, lines, words of the format, parts of other inputs. */

import type { Random } from "./random.ts"

const NUMBERS = [
  "0",
  "-1",
  "1",
  "7",
  "8",
  "64",
  "65",
  "255",
  "256",
  "512",
  "65535",
  "65536",
  "4294967296",
  "4294967297",
  "9007199254740993",
  "1e400",
  "00",
  "77777777777",
]
const BYTES = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2d, 0x3d, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xef, 0xff]

type Mutator = (input: Buffer, random: Random, others: Others) => Buffer
export interface Others {
  readonly corpus: readonly Uint8Array[]
  readonly dictionary: readonly string[]
}

/** A place and a length in the input, mostly short. */
function range(input: Buffer, random: Random): [number, number] {
  const from = random.below(input.length + 1)
  const longest = random.chance(4) ? input.length : 16
  return [from, Math.min(input.length, from + random.below(longest + 1))]
}
const put = (input: Buffer, from: number, to: number, bytes: Uint8Array) =>
  Buffer.concat([input.subarray(0, from), bytes, input.subarray(to)])

const mutators: readonly Mutator[] = [
  function flipBit(input, random) {
    const copy = Buffer.from(input)
    const at = random.below(copy.length)
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
    return copy
  },
  function setByte(input, random) {
    const copy = Buffer.from(input)
    if (copy.length > 0) copy[random.below(copy.length)] = random.chance(2) ? random.pick(BYTES) : random.below(256)
    return copy
  },
  function remove(input, random) {
    const [from, to] = range(input, random)
    return put(input, from, to, Buffer.alloc(0))
  },
  function repeat(input, random) {
    const [from, to] = range(input, random)
    const times = random.chance(8) ? 1 + random.below(4_000) : 1 + random.below(4)
    const piece = input.subarray(from, Math.min(to, from + 256))
    return put(input, from, from, Buffer.concat(Array.from({ length: times }, () => piece)))
  },
  function insertNoise(input, random) {
    const [from] = range(input, random)
    return put(input, from, from, Buffer.from(Array.from({ length: 1 + random.below(16) }, () => random.below(256))))
  },
  function insertWord(input, random, { dictionary }) {
    const [from, to] = range(input, random)
    return put(input, from, random.chance(2) ? from : to, Buffer.from(random.pick(dictionary)))
  },
  function splice(input, random, { corpus }) {
    const other = Buffer.from(random.pick(corpus))
    const [from, to] = range(other, random)
    const [at, until] = range(input, random)
    return put(input, at, random.chance(2) ? at : until, other.subarray(from, to))
  },
  function cross(input, random, { corpus }) {
    const other = random.pick(corpus)
    return Buffer.concat([input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1))])
  },
  function cut(input, random) {
    return Buffer.from(input.subarray(0, random.below(input.length + 1)))
  },
  function number(input, random) {
    const places = [...input.toString("latin1").matchAll(/-?\d+/g)]
    if (places.length === 0) return input
    const found = random.pick(places)
    return put(input, found.index, found.index + found[0].length, Buffer.from(random.pick(NUMBERS)))
  },
  function lines(input, random) {
    const all = input.toString("latin1").split("\n")
    const [a, b] = [random.below(all.length), random.below(all.length)]
    const [one, other] = [all[a] ?? "", all[b] ?? ""]
    if (random.chance(3)) all.splice(a, 1)
    else if (random.chance(2)) all.splice(a, 0, other)
    else [all[a], all[b]] = [other, one]
    return Buffer.from(all.join("\n"), "latin1")
  },
  function blocks(input, random) {
    const count = Math.max(1, Math.floor(input.length / 512))
    const [a, b] = [random.below(count) * 512, random.below(count) * 512]
    const block = input.subarray(a, a + 512)
    return put(input, b, random.chance(2) ? b : b + 512, random.chance(3) ? Buffer.alloc(0) : block)
  },
]

/** One to five changes, one on top of the other, never longer than `maxBytes`. */
export function mutate(input: Uint8Array, random: Random, others: Others, maxBytes: number): Buffer {
  let changed = Buffer.from(input)
  for (let left = 1 + random.below(random.chance(3) ? 5 : 2); left > 0; left--)
    changed = Buffer.from(random.pick(mutators)(changed, random, others).subarray(0, maxBytes))
  return changed
}
