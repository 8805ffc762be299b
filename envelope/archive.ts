/** The tar inside: POSIX ustar, regular files only, every header the one that its name and size give. SPEC.md §3.4. */

import { type Bytes, equal, fromUtf8 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import type { ByteReader } from "./reader.ts"

export const BLOCK_BYTES = 512
/** As many files a letter names. */
export const MAX_FILES = 1_000
/** What eleven octal digits hold. */
const MAX_ENTRY_BYTES = 8 ** 11 - 1
const bad = (rule: string) => new EnvelopeError("bad-archive", rule)

export interface Entry {
  readonly name: string
  readonly bytes: number
}

export const paddedBytes = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
/** An entry in the archive: its header block, its bytes, zeros to the next block. */
export const entryBytes = (bytes: number): number => BLOCK_BYTES + paddedBytes(bytes)

/** The one header that an entry of this name and size can have: mode 0600, owner and group 0 without names, time 0. */
export function entryHeader({ name, bytes }: Entry): Bytes {
  const block = new Uint8Array(BLOCK_BYTES)
  // Characters one by one: all of them are ASCII, and an encoder would be called nine times a header.
  const field = (at: number, text: string) => {
    for (let index = 0; index < text.length; index++) block[at + index] = text.charCodeAt(index)
  }
  if (!/^[a-z0-9./]{1,100}$/.test(name)) throw bad("an entry's name is 1 to 100 of a-z, 0-9, dot and slash")
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_ENTRY_BYTES) throw bad("an entry's size is below 8 GiB")
  field(0, name)
  field(100, "0000600\0") // mode
  field(108, "0000000\0") // owner
  field(116, "0000000\0") // group
  field(124, `${bytes.toString(8).padStart(11, "0")}\0`)
  field(136, "00000000000\0") // time
  field(148, "        ") // the checksum counts itself as spaces
  field(156, "0") // a regular file
  field(257, "ustar\x0000")
  field(329, "0000000\0") // device numbers, as GNU tar writes them
  field(337, "0000000\0")
  let sum = 0
  for (const byte of block) sum += byte
  field(148, `${sum.toString(8).padStart(6, "0")}\0 `)
  return block
}

function isZeros(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== 0) return false
  return true
}

/** Takes the next entry's header, or `undefined` at the end-of-archive mark (which it takes too).
 *  @throws {@link EnvelopeError} `bad-archive` on any header that is not spelt as {@link entryHeader} spells it */
export async function readEntry(reader: ByteReader): Promise<Entry | undefined> {
  const block = await reader.take(BLOCK_BYTES)
  if (block.length < BLOCK_BYTES) throw bad("the archive has no end mark")
  if (isZeros(block)) {
    const second = await reader.take(BLOCK_BYTES)
    if (second.length < BLOCK_BYTES || !isZeros(second)) throw bad("the archive ends with two blocks of zeros")
    return undefined
  }
  const nameEnd = block.subarray(0, 100).indexOf(0)
  const size = /^[0-7]{11}$/.exec(ascii(block.subarray(124, 135)))?.[0]
  if (size === undefined) throw bad("an entry's size is eleven octal digits")
  const entry = { name: ascii(block.subarray(0, nameEnd === -1 ? 100 : nameEnd)), bytes: Number.parseInt(size, 8) }
  // Whatever a tar header can express beyond a name and a size (links, devices, owners, times) is refused in one comparison.
  if (!equal(block, entryHeader(entry))) throw bad("an entry's header is the canonical one of its name and size")
  return entry
}

function ascii(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new EnvelopeError("bad-archive", "a tar header is ASCII", { cause })
  }
}

/** An entry's bytes, then its padding, which must be zeros.
 *  @throws {@link EnvelopeError} `bad-archive` when the archive ends within the entry */
export async function* readBody(reader: ByteReader, { bytes }: Entry): AsyncGenerator<Bytes> {
  for (let left = bytes; left > 0; ) {
    const taken = await reader.takeSome(left)
    if (taken.length === 0) throw bad("the archive ends within an entry")
    left -= taken.length
    yield taken
  }
  const padding = await reader.take(paddedBytes(bytes) - bytes)
  if (padding.length !== paddedBytes(bytes) - bytes || !isZeros(padding)) throw bad("an entry is padded with zeros to a full block")
}

/** After the end mark only zeros follow: a second archive behind the first would be shown by some readers and not by others.
 *  @throws {@link EnvelopeError} `bad-archive` */
export async function checkPadding(reader: ByteReader): Promise<void> {
  for await (const piece of reader.rest()) if (!isZeros(piece)) throw bad("only zeros follow the archive's end")
}
