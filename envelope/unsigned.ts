/** What somebody locked with stock tools: an archive by any `tar`, without a letter and without a signature. SPEC.md §3.10.
 *  Reads what such programs write and no more: regular files, by names that are words for people and never paths; everything is bounded. */

import type { Aead } from "./aead.ts"
import { BLOCK_BYTES, checkPadding, readBody } from "./archive.ts"
import { type Bytes, fromUtf8 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { LETTER_ENTRY, MAX_FILES, MAX_MESSAGE_BYTES, MESSAGE_ENTRY } from "./letter.ts"
import { type OpenedFile, type OpenedLetter, readLetterFrom, type SignerOf, type Unlocked } from "./open.ts"
import { ByteReader, collect } from "./reader.ts"
import { openPayload } from "./stream.ts"

export const MAX_ENTRIES = 4_000
export const MAX_PAX_BYTES = 65_536
export const MAX_LONG_NAME_BYTES = 4_096
const MAX_NAME_CHARACTERS = 255
const bad = (rule: string) => new EnvelopeError("bad-archive", rule)

export interface UnsignedFile {
  /** What the source called it, a path perhaps: hostile until shown otherwise. */
  readonly name: string
  readonly bytes: number
}
export interface Unsigned {
  /** `message.txt`; empty: there is none, or it is no text, and then it is one of the files. */
  readonly message: string
  readonly files: readonly UnsignedFile[]
  /** Entries that are no files: folders, links, devices. They are not looked at. */
  readonly passedOver: number
}

/** A letter if the archive begins as one, whatever is wrong with it: what fails a check must never come out as merely unsigned.
 *  @throws {@link EnvelopeError} as {@link readLetterFrom}; `bad-archive`, `bad-payload` */
export async function readLetterOrUnsigned(
  { fileKey, payload }: Pick<Unlocked, "fileKey" | "payload">,
  signerOf: SignerOf,
  aead?: Aead,
): Promise<OpenedLetter | ({ readonly kind: "unsigned" } & Unsigned)> {
  const reader = new ByteReader(openPayload(fileKey, payload, aead))
  if (latin1(ended((await reader.peek(BLOCK_BYTES)).subarray(0, 100))) === LETTER_ENTRY) return readLetterFrom(reader, signerOf)
  return { kind: "unsigned", ...(await scan(reader)) }
}

/** The files of an unsigned envelope in order, each to be read before the next; the same ones, by the same numbers, as in {@link Unsigned}.
 *  Nothing vouches for them: age's own tags say that they are what somebody locked.
 *  @throws {@link EnvelopeError} `bad-archive`, `bad-payload` */
export async function* unsignedFiles({ fileKey, payload }: Pick<Unlocked, "fileKey" | "payload">, aead?: Aead): AsyncGenerator<OpenedFile> {
  let number = 0
  let hasMessage = false
  for await (const { name, bytes, body } of entries(new ByteReader(openPayload(fileKey, payload, aead)))) {
    if (body === undefined) continue
    if (!hasMessage && isMessage({ name, bytes })) {
      const held = await collect(body)
      hasMessage = textOf(held) !== undefined
      if (hasMessage) continue
      yield { number: ++number, file: { name, type: "", bytes }, bytes: once(held) }
      continue
    }
    yield { number: ++number, file: { name, type: "", bytes }, bytes: body }
    for await (const _ of body); // what was left of it
  }
}

async function scan(reader: ByteReader): Promise<Unsigned> {
  const files: UnsignedFile[] = []
  let message: string | undefined
  let passedOver = 0
  for await (const { name, bytes, body } of entries(reader)) {
    if (body === undefined) {
      passedOver++
      continue
    }
    const held = message === undefined && isMessage({ name, bytes }) ? await collect(body) : undefined
    const text = held && textOf(held)
    if (text !== undefined) message = text
    else files.push({ name, bytes })
    if (files.length > MAX_FILES) throw bad("an archive holds at most 1,000 files")
    for await (const _ of body);
  }
  return { message: message ?? "", files, passedOver }
}

const isMessage = ({ name, bytes }: UnsignedFile) => name === MESSAGE_ENTRY && bytes <= MAX_MESSAGE_BYTES

/** A byte order mark at its beginning is one that an editor put there, and no character of the message. */
function textOf(bytes: Bytes): string | undefined {
  try {
    return fromUtf8(bytes)
      .replace(/^\uFEFF/, "")
      .replaceAll("\r\n", "\n")
  } catch {
    return undefined
  }
}

async function* once(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes
}

interface Found extends UnsignedFile {
  /** Absent: no file. */
  readonly body?: AsyncGenerator<Bytes>
}

/** Every entry, to the archive's end and the zeros behind it. */
async function* entries(reader: ByteReader): AsyncGenerator<Found> {
  let longName: string | undefined
  for (let count = 0; ; count++) {
    const header = await readStockHeader(reader)
    if (header === undefined) return checkPadding(reader)
    if (count >= MAX_ENTRIES) throw bad("an archive has at most 4,000 entries")
    const { kind, bytes } = header
    if (kind === "long-name") longName = display(ended(await whole(reader, bytes, MAX_LONG_NAME_BYTES)))
    else if (kind === "pax") longName = paxPath(await whole(reader, bytes, MAX_PAX_BYTES)) ?? longName
    else if (kind === "ignored") await whole(reader, bytes, MAX_PAX_BYTES)
    else {
      const name = longName ?? header.name
      longName = undefined
      if (kind === "file") yield { name, bytes, body: readBody(reader, { name, bytes }) }
      else if (bytes > 0) throw bad("a folder, link or device has no bytes")
      else yield { name, bytes }
    }
  }
}

async function whole(reader: ByteReader, bytes: number, max: number): Promise<Bytes> {
  if (bytes > max) throw bad("what describes an entry is longer than it may be")
  return collect(readBody(reader, { name: "", bytes }))
}

type Kind = "file" | "no-file" | "long-name" | "pax" | "ignored"
/** Type flags of POSIX ustar and pax, and GNU's two for long names. Sparse files, volumes and whatever else there is are refused. */
const KINDS: Readonly<Record<string, Kind>> = {
  "\0": "file",
  0: "file",
  1: "no-file",
  2: "no-file",
  3: "no-file",
  4: "no-file",
  5: "no-file",
  6: "no-file",
  L: "long-name",
  K: "ignored",
  x: "pax",
  g: "ignored",
}

async function readStockHeader(reader: ByteReader): Promise<{ kind: Kind; name: string; bytes: number } | undefined> {
  const block = await reader.take(BLOCK_BYTES)
  if (block.length < BLOCK_BYTES) throw bad("the archive has no end mark")
  if (block.every((byte) => byte === 0)) {
    const second = await reader.take(BLOCK_BYTES)
    if (second.length < BLOCK_BYTES || second.some((byte) => byte !== 0)) throw bad("the archive ends with two blocks of zeros")
    return undefined
  }
  // The checksum counts its own eight bytes as spaces.
  const sum = block.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (octal(block.subarray(148, 156)) !== sum) throw bad("an entry's header has another checksum")
  const kind = KINDS[String.fromCharCode(block[156] ?? 0)]
  if (kind === undefined) throw bad("an archive holds files, folders and links, and nothing else")
  const isPosix = latin1(block.subarray(257, 263)) === "ustar\0"
  const [prefix, name] = [isPosix ? ended(block.subarray(345, 500)) : new Uint8Array(0), ended(block.subarray(0, 100))]
  return {
    kind,
    name: display(prefix.length === 0 ? name : Uint8Array.of(...prefix, 0x2f, ...name)),
    bytes: octal(block.subarray(124, 136)),
  }
}

/** Octal digits with spaces before and spaces or NULs behind; GNU's binary numbers, for sizes from 8 GiB on, are refused. */
function octal(field: Uint8Array): number {
  const digits = /^ *([0-7]{1,12})[ \0]*$/.exec(latin1(field))?.[1]
  if (digits === undefined) throw bad("a number in an entry's header is octal")
  return Number.parseInt(digits, 8)
}

/** The `path` of a pax record. A size there would be another length than the header's. */
function paxPath(bytes: Bytes): string | undefined {
  let path: string | undefined
  for (let at = 0; at < bytes.length; ) {
    const [, digits = ""] = /^([1-9]\d{0,4}) /.exec(latin1(bytes.subarray(at, at + 6))) ?? []
    const end = at + Number(digits)
    if (digits === "" || end > bytes.length || bytes[end - 1] !== 0x0a) throw bad("a pax record says its own length")
    const record = bytes.subarray(at + digits.length + 1, end - 1)
    const equals = record.indexOf(0x3d)
    if (equals < 1) throw bad("a pax record has a key and a value")
    const key = latin1(record.subarray(0, equals))
    if (key === "size" || key.startsWith("GNU.sparse")) throw bad("an entry's size stands in its header")
    if (key === "path") path = display(record.subarray("path=".length))
    at = end
  }
  return path
}

const ended = (field: Uint8Array): Uint8Array => (field.includes(0) ? field.subarray(0, field.indexOf(0)) : field)
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
/** Lenient: a name that is not UTF-8 is still a file's. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
/** The name as words: no control character, and of an endless one its end, where the extension is. */
function display(bytes: Uint8Array): string {
  const text = decoder
    .decode(bytes)
    .replace(/^(\.?\/)+/, "")
    .replace(/\p{Control}/gu, " ")
  return text.slice(-MAX_NAME_CHARACTERS).replace(/^\p{Surrogate}/u, "\uFFFD") || "file"
}
