/** The age v1 header: written, parsed strictly, and authenticated. C2SP age.md; SPEC.md §3.1.
 *  Knows stanzas of any kind; what a slot is stands in outside.ts. */

import type { Brand } from "./brand.ts"
import { type Bytes, base64Length, concat, equal, fromBase64, fromUtf8, toBase64, utf8 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { HASH_BYTES, hkdf, hmacSha256 } from "./hash.ts"
import type { ByteReader } from "./reader.ts"

/** The 16 bytes from which an age file's header and payload keys come. */
export type FileKey = Brand<Bytes, "FileKey">
export const FILE_KEY_BYTES = 16

export interface Stanza {
  /** `->` line: the kind first, then what the kind needs; visible ASCII. */
  readonly args: readonly string[]
  readonly body: Bytes
}
export interface Header {
  readonly stanzas: readonly Stanza[]
  readonly mac: Bytes
  /** What the MAC covers: everything up to and including `---`. */
  readonly covered: Bytes
  /** The whole header's length; the payload begins there. */
  readonly bytes: number
}

export const VERSION_LINE = "age-encryption.org/v1\n"
const BODY_COLUMNS = 64
/** "--- ", the MAC in base64, newline. */
export const FOOTER_BYTES = "--- ".length + base64Length(HASH_BYTES) + "\n".length
/** More than 33 slots take (51,451 bytes); a header that claims to be longer is refused before it is held. */
export const MAX_HEADER_BYTES = 65_536
const bad = (rule: string) => new EnvelopeError("bad-header", rule)

/** The key that authenticates the header. */
export const macKey = (fileKey: FileKey): Promise<Bytes> => hkdf(fileKey, new Uint8Array(0), utf8("header"), HASH_BYTES)

function bodyLines(body: Bytes): string {
  const text = toBase64(body)
  let lines = ""
  // The last line is always shorter than 64 columns, and empty if need be: that is how a reader knows it is the last.
  for (let at = 0; at <= text.length; at += BODY_COLUMNS) lines += `${text.slice(at, at + BODY_COLUMNS)}\n`
  return lines
}

async function macOf(covered: Bytes, fileKey: FileKey): Promise<Bytes> {
  const key = await macKey(fileKey)
  const mac = await hmacSha256(key, covered)
  key.fill(0)
  return mac
}

export async function writeHeader(stanzas: readonly Stanza[], fileKey: FileKey): Promise<Bytes> {
  const covered = utf8(`${VERSION_LINE}${stanzas.map(({ args, body }) => `-> ${args.join(" ")}\n${bodyLines(body)}`).join("")}---`)
  return concat(covered, utf8(` ${toBase64(await macOf(covered, fileKey))}\n`))
}

/** @throws {@link EnvelopeError} `bad-mac`: the header is not the one that was sealed with this file key */
export async function checkMac(header: Header, fileKey: FileKey): Promise<void> {
  if (!equal(await macOf(header.covered, fileKey), header.mac)) throw new EnvelopeError("bad-mac", "the header was altered")
}

function base64Field(text: string): Bytes {
  try {
    return fromBase64(text)
  } catch (cause) {
    throw new EnvelopeError("bad-header", "base64 in a header is canonical and without padding", { cause })
  }
}

/** Where the header ends in a prefix of the file, or `undefined` if it has not ended yet. */
function headerEnd(prefix: Uint8Array): number | undefined {
  const [newline, dash] = [0x0a, 0x2d]
  for (let at = prefix.indexOf(newline); at !== -1; at = prefix.indexOf(newline, at + 1)) {
    if (prefix[at + 1] !== dash || prefix[at + 2] !== dash || prefix[at + 3] !== dash) continue
    const end = prefix.indexOf(newline, at + 1)
    return end === -1 ? undefined : end + 1
  }
  return undefined
}

/** Parses the header at the beginning of `prefix`; the payload may follow.
 *  @throws {@link EnvelopeError} `bad-header` */
export function parseHeader(prefix: Uint8Array): Header {
  const end = headerEnd(prefix.subarray(0, MAX_HEADER_BYTES))
  if (end === undefined) throw bad("an age header ends within 64 KiB")
  let text: string
  try {
    text = fromUtf8(prefix.subarray(0, end))
  } catch (cause) {
    throw new EnvelopeError("bad-header", "a header is ASCII", { cause })
  }
  if (!text.startsWith(VERSION_LINE)) throw bad("the first line is age-encryption.org/v1")
  const lines = text.slice(VERSION_LINE.length, -1).split("\n")
  const footer = lines.pop() ?? ""
  const stanzas: Stanza[] = []
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) stanzas.push(parseStanza(line, lines))
  if (stanzas.length === 0) throw bad("a header has at least one stanza")
  const [, mac] = /^--- ([A-Za-z0-9+/]{43})$/.exec(footer) ?? []
  if (mac === undefined) throw bad("the last line is three dashes and the MAC")
  const covered = prefix.slice(0, end - FOOTER_BYTES + "---".length) as Bytes
  return { stanzas, mac: base64Field(mac), covered, bytes: end }
}

/** Takes one stanza's body lines off `following`. */
function parseStanza(first: string, following: string[]): Stanza {
  const [arrow, ...args] = first.split(" ")
  if (arrow !== "->" || args.length === 0 || !args.every((arg) => /^[\x21-\x7e]+$/.test(arg)))
    throw bad("a stanza begins with an arrow and visible arguments")
  let body = ""
  for (;;) {
    const line = following.shift()
    if (line === undefined || line.length > BODY_COLUMNS || !/^[A-Za-z0-9+/]*$/.test(line))
      throw bad("a stanza's body is base64 in lines of 64 columns")
    body += line
    if (line.length < BODY_COLUMNS) return { args, body: base64Field(body) }
  }
}

/** Reads the header off a stream, no byte further. */
export async function readHeader(reader: ByteReader): Promise<Header> {
  // The first look holds the header of an envelope with 8 slots; a smaller file is at its end.
  for (let length = 16_384; ; length *= 2) {
    const prefix = await reader.peek(Math.min(length, MAX_HEADER_BYTES))
    const atTheEnd = prefix.length < length
    if (headerEnd(prefix) === undefined && !atTheEnd && length < MAX_HEADER_BYTES) continue
    const header = parseHeader(prefix)
    await reader.take(header.bytes)
    return header
  }
}
