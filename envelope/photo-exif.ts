/** Exif, XMP and text beside a picture: only what kind of thing they say, so that a source can be told. They are left out whatever they say,
 *  and what is left out unnamed counts as `other` (photo.ts), so nothing here has to be complete. One thing is kept, in 32 bytes of ours: which way up the picture is. */

import { type Bytes, bigEndian, concat, utf8 } from "./bytes.ts"
import type { Hidden } from "./photo-found.ts"

export interface Exif {
  readonly hidden: ReadonlySet<Hidden>
  /** 2 to 8: turned or mirrored; `undefined`: as it stands. */
  readonly orientation?: number
}

const [ORIENTATION, EXIF_IFD, GPS_IFD] = [0x0112, 0x8769, 0x8825]
/** Make, model, software, artist, host, copyright; maker's note, owner, serial numbers, lens. */
const DEVICE: ReadonlySet<number> = new Set([
  0x010f, 0x0110, 0x0131, 0x013b, 0x013c, 0x8298, 0x927c, 0xa430, 0xa431, 0xa432, 0xa433, 0xa434, 0xa435,
])
const TIME: ReadonlySet<number> = new Set([0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292])
/** How a picture says where its samples lie and how wide they are: no more than the picture itself says. */
const PLAIN: ReadonlySet<number> = new Set([
  ORIENTATION,
  EXIF_IFD,
  0x011a,
  0x011b,
  0x0128,
  0x0213,
  0x9000,
  0x9101,
  0xa000,
  0xa001,
  0xa002,
  0xa003,
])
const MAX_FOLDERS = 8

/** @param tiff - what follows `Exif\0\0`. Anything may stand there: what cannot be read counts as `other`. */
export function readExif(tiff: Uint8Array): Exif {
  const hidden = new Set<Hidden>()
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const isLittle = tiff[0] === 0x49
  const u16 = (at: number) => (at + 2 <= tiff.length ? view.getUint16(at, isLittle) : 0)
  const u32 = (at: number) => (at + 4 <= tiff.length ? view.getUint32(at, isLittle) : 0)
  let orientation: number | undefined
  // A folder is named by its offset; each is looked at once, so that a circle ends.
  const folders: { at: number; isGps: boolean }[] = [{ at: u32(4), isGps: false }]
  for (let index = 0; index < folders.length && index < MAX_FOLDERS; index++) {
    const { at, isGps } = folders[index] ?? { at: 0, isGps: false }
    const count = u16(at)
    if (at < 8 || count === 0 || at + 2 + count * 12 > tiff.length) {
      hidden.add("other")
      continue
    }
    if (isGps) hidden.add("place")
    for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
      const tag = u16(entry)
      const value = u32(entry + 8)
      if (tag === ORIENTATION && index === 0) orientation = u16(entry + 8)
      if (tag === EXIF_IFD || tag === GPS_IFD) {
        if (!folders.some((one) => one.at === value)) folders.push({ at: value, isGps: tag === GPS_IFD })
      } else if (DEVICE.has(tag)) hidden.add("device")
      else if (TIME.has(tag)) hidden.add("time")
      else if (!isGps && !PLAIN.has(tag)) hidden.add("other")
    }
    // The second folder of a chain is a small picture of the picture, perhaps from before it was cut.
    if (u32(at + 2 + count * 12) !== 0) hidden.add("other")
  }
  return orientation !== undefined && orientation >= 2 && orientation <= 8 ? { hidden, orientation } : { hidden }
}

/** What XMP, or a text beside a picture, speaks of. */
export function readText(text: Uint8Array): ReadonlySet<Hidden> {
  const latin = String.fromCharCode(...text.subarray(0, 65_536))
  const hidden = new Set<Hidden>()
  if (/gps|latitude|longitude|location|city|country/i.test(latin)) hidden.add("place")
  if (/model|make=|software|creatortool|device|serial|author|artist|camera/i.test(latin)) hidden.add("device")
  if (/date|time/i.test(latin)) hidden.add("time")
  if (hidden.size === 0) hidden.add("other")
  return hidden
}

/** The least Exif there is: one entry, which way up. */
export const uprightTiff = (orientation: number): Bytes =>
  concat(
    utf8("MM\0*"),
    bigEndian(8, 4),
    bigEndian(1, 2),
    bigEndian(ORIENTATION, 2),
    bigEndian(3, 2),
    bigEndian(1, 4),
    bigEndian(orientation, 2),
    new Uint8Array(6),
  )
