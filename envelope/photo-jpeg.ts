/** JPEG (ITU T.81): segments until the end of image. Kept: frames, tables, scans, and the two application segments that say how colours
 *  are stored. SPEC.md §3.9. */

import { type Bytes, concat, utf8 } from "./bytes.ts"
import { readExif, readText, uprightTiff } from "./photo-exif.ts"
import { badPhoto, type Found, type Hidden, type Part } from "./photo-found.ts"

const [SOI_BYTES, DNL, EOI, SOS, DQT, DHT, DRI] = [2, 0xdc, 0xd9, 0xda, 0xdb, 0xc4, 0xdd]
const [APP0, APP1, APP14, COM] = [0xe0, 0xe1, 0xee, 0xfe]
/** JFIF 1.01, no units, one to one, no small picture: the resolution of a scanner is no part of a picture. */
const JFIF = concat(Uint8Array.of(0xff, APP0, 0, 16), utf8("JFIF\0"), Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 0, 0))
const ADOBE_BYTES = 14

const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== 0xc8
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7
const begins = (segment: Uint8Array, text: string) => String.fromCharCode(...segment.subarray(0, text.length)) === text

/** @throws {@link EnvelopeError} `bad-photo` */
export function readJpeg(bytes: Uint8Array): Found {
  const hidden = new Set<Hidden>()
  const kept: Part[] = []
  const [seen, beginning] = [new Set<number>(), [{ from: 0, to: SOI_BYTES }] as Part[]]
  let orientation: number | undefined
  let at = SOI_BYTES
  for (;;) {
    if (bytes[at] !== 0xff) throw badPhoto("a JPEG's segments follow each other")
    while (bytes[at + 1] === 0xff) at++ // a segment may be preceded by any number of these
    const marker = bytes[at + 1] ?? 0
    if (marker === EOI) break
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length || marker < 0xc0 || isRestart(marker))
      throw badPhoto("a JPEG's segment has a length and ends in the file")
    const segment = bytes.subarray(at + 4, end)
    const whole = { from: at, to: end }
    at = end
    if (isFrame(marker) || marker === DHT || marker === DQT || marker === DRI || marker === DNL) {
      kept.push(whole)
      seen.add(isFrame(marker) ? 0 : marker)
    } else if (marker === SOS) {
      at = scanEnd(bytes, end)
      kept.push({ from: whole.from, to: at })
      seen.add(SOS)
    } else if (marker === APP0 && begins(segment, "JFIF\0")) {
      if (beginning.length === 1) beginning.push(JFIF)
      if (segment.length > JFIF.length - 4) hidden.add("other")
    } else if (marker === APP14 && begins(segment, "Adobe") && length === ADOBE_BYTES) kept.push(whole)
    else if (marker === APP1 && begins(segment, "Exif\0\0")) {
      const exif = readExif(segment.subarray(6))
      orientation ??= exif.orientation
      for (const one of exif.hidden) hidden.add(one)
    } else for (const one of marker === APP1 || marker === COM ? readText(segment) : (["other"] as const)) hidden.add(one)
  }
  if (!seen.has(0) || !seen.has(SOS)) throw badPhoto("a JPEG has a frame and a scan")
  // Behind the end a telephone puts a film with sound, and others put anything.
  if (at + 2 < bytes.length) hidden.add("other")
  const upright = orientation === undefined ? [] : [exifSegment(orientation)]
  return { hidden, parts: [...beginning, ...upright, ...kept, { from: at, to: at + 2 }] }
}

/** Where a scan's data ends: at a marker that is neither a stuffed byte nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
  }
  throw badPhoto("a JPEG ends with an end mark")
}

function exifSegment(orientation: number): Bytes {
  const tiff = uprightTiff(orientation)
  return concat(Uint8Array.of(0xff, APP1, 0, 2 + 6 + tiff.length), utf8("Exif\0\0"), tiff)
}
