/** WebP: a RIFF file of chunks. Kept: the picture's, its transparency's and an animation's; the list of what else is there is written anew. SPEC.md §3.9. */

import { type Bytes, concat, utf8 } from "./bytes.ts"
import { readExif, readText, uprightTiff } from "./photo-exif.ts"
import { badPhoto, type Found, type Hidden, type Part } from "./photo-found.ts"

const [RIFF_BYTES, CHUNK_HEADER_BYTES, VP8X_BYTES, FRAME_HEADER_BYTES] = [12, 8, 10, 16]
const [ANIMATION_FLAG, EXIF_FLAG, ALPHA_FLAG] = [0x02, 0x08, 0x10]
const PICTURE: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "ALPH"])

interface Chunk {
  readonly type: string
  readonly from: number
  /** Where its data ends. */
  readonly end: number
  /** Where the next one begins: each has an even length. */
  readonly next: number
}

function* chunks(bytes: Uint8Array, from: number, to: number): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = from; at < to; ) {
    if (at + CHUNK_HEADER_BYTES > to) throw badPhoto("a WebP's chunk has a type and a length")
    const length = view.getUint32(at + 4, true)
    const end = at + CHUNK_HEADER_BYTES + length
    const next = end + (length % 2)
    if (next > to || (next > end && bytes[end] !== 0)) throw badPhoto("a WebP's chunk ends in the file, with a zero where it is odd")
    yield { type: String.fromCharCode(...bytes.subarray(at, at + 4)), from: at, end, next }
    at = next
  }
}

/** @throws EnvelopeError `bad-photo` */
export function readWebp(bytes: Uint8Array): Found {
  const hidden = new Set<Hidden>()
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "RIFF" || bytes.length < RIFF_BYTES) throw badPhoto("a WebP is a RIFF file")
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  if (end > bytes.length || end % 2 !== 0) throw badPhoto("a WebP has the length that it says")
  if (end < bytes.length) hidden.add("other")
  const kept: Part[] = []
  let extended: Uint8Array | undefined
  let orientation: number | undefined
  let hasPicture = false
  for (const { type, from, end: dataEnd, next } of chunks(bytes, RIFF_BYTES, end)) {
    const data = bytes.subarray(from + CHUNK_HEADER_BYTES, dataEnd)
    hasPicture ||= type === "VP8 " || type === "VP8L" || type === "ANMF"
    if (type === "VP8X" && data.length === VP8X_BYTES && from === RIFF_BYTES) extended = data
    else if (PICTURE.has(type) || type === "ANIM") kept.push({ from, to: next })
    else if (type === "ANMF") kept.push(...frame(bytes, from, dataEnd, hidden))
    else if (type === "EXIF") {
      const tiff = String.fromCharCode(...data.subarray(0, 4)) === "Exif" ? data.subarray(6) : data
      const exif = readExif(tiff)
      orientation ??= exif.orientation
      for (const one of exif.hidden) hidden.add(one)
    } else for (const one of type === "XMP " ? readText(data) : (["other"] as const)) hidden.add(one)
  }
  if (!hasPicture) throw badPhoto("a WebP has a picture")
  const upright = extended !== undefined && orientation !== undefined ? [chunk("EXIF", uprightTiff(orientation))] : []
  const body: Part[] = [...(extended === undefined ? [] : [features(extended, upright.length > 0)]), ...kept, ...upright]
  return { hidden, parts: [riff(body), ...body] }
}

/** What is there, of what we keep; the size of the canvas. */
function features(given: Uint8Array, isTurned: boolean): Bytes {
  const flags = ((given[0] ?? 0) & (ANIMATION_FLAG | ALPHA_FLAG)) | (isTurned ? EXIF_FLAG : 0)
  return chunk("VP8X", concat(Uint8Array.of(flags, 0, 0, 0), given.subarray(4)))
}

/** One picture of an animation. */
function frame(bytes: Uint8Array, from: number, end: number, hidden: Set<Hidden>): readonly Part[] {
  const inside = from + CHUNK_HEADER_BYTES + FRAME_HEADER_BYTES
  if (inside > end) throw badPhoto("a WebP's frame has a header")
  const kept: Part[] = []
  for (const { type, from: at, next } of chunks(bytes, inside, end)) {
    if (PICTURE.has(type)) kept.push({ from: at, to: next })
    else hidden.add("other")
  }
  return [header("ANMF", FRAME_HEADER_BYTES + bytesIn(kept)), { from: from + CHUNK_HEADER_BYTES, to: inside }, ...kept]
}

const bytesIn = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + ("to" in part ? part.to - part.from : part.length), 0)

function header(type: string, length: number): Bytes {
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES)
  bytes.set(utf8(type))
  new DataView(bytes.buffer).setUint32(4, length, true)
  return bytes
}
/** Only for data of an even length. */
const chunk = (type: string, data: Uint8Array): Bytes => concat(header(type, data.length), data)
const riff = (body: readonly Part[]): Bytes => concat(header("RIFF", 4 + bytesIn(body)), utf8("WEBP"))
