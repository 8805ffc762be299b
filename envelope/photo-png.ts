/** PNG: chunks until IEND. Kept: those that a decoder needs for the picture, and an animation's. SPEC.md §3.9. */

import { bigEndian, concat, utf8 } from "./bytes.ts"
import { readExif, readText, uprightTiff } from "./photo-exif.ts"
import { badPhoto, type Found, type Hidden, type Part } from "./photo-found.ts"

const SIGNATURE_BYTES = 8
/** Length, type and check around a chunk's data. */
const FRAME_BYTES = 12
const KEPT: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "sBIT", "sRGB", "cICP", "bKGD"],
  ...["acTL", "fcTL", "fdAT"],
])

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (let at = 0; at < bytes.length; at++) value = (crcTable[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

/** @throws EnvelopeError `bad-photo` */
export function readPng(bytes: Uint8Array): Found {
  const hidden = new Set<Hidden>()
  const parts: Part[] = [{ from: 0, to: SIGNATURE_BYTES }]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE_BYTES
  let hasData = false
  for (let type = ""; type !== "IEND"; ) {
    if (at + FRAME_BYTES > bytes.length) throw badPhoto("a PNG ends with IEND")
    const length = view.getUint32(at)
    const end = at + FRAME_BYTES + length
    const isFirst = at === SIGNATURE_BYTES
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (end > bytes.length || isFirst !== (type === "IHDR")) throw badPhoto("a PNG's chunks begin with IHDR and end in the file")
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw badPhoto("a PNG's chunk has the check that its bytes give")
    const data = bytes.subarray(at + 8, end - 4)
    if (KEPT.has(type)) parts.push({ from: at, to: end })
    else if (type === "eXIf") {
      const { hidden: said, orientation } = readExif(data)
      for (const one of said) hidden.add(one)
      if (orientation !== undefined) parts.push(chunk("eXIf", uprightTiff(orientation)))
    } else for (const one of spokenOf(type, data)) hidden.add(one)
    hasData ||= type === "IDAT"
    at = end
  }
  if (!hasData) throw badPhoto("a PNG has picture data")
  if (at < bytes.length) hidden.add("other")
  return { hidden, parts }
}

function spokenOf(type: string, data: Uint8Array): Iterable<Hidden> {
  if (type === "tIME") return ["time"]
  return type === "tEXt" || type === "iTXt" || type === "zTXt" ? readText(data) : ["other"]
}

function chunk(type: string, data: Uint8Array) {
  const typed = concat(utf8(type), data)
  return concat(bigEndian(data.length, 4), typed, bigEndian(crc32(typed), 4))
}
