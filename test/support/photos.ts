/** What telephones and programs put into pictures, with words that a test can look for. */

import { deflateSync } from "node:zlib"
import { type Bytes, bigEndian, concat, utf8 } from "../../envelope/bytes.ts"

/** Each stands in one kind of hiding place. */
export const NEEDLES = {
  model: "NEEDLE-PHONE-9",
  owner: "NEEDLE-OWNER",
  profile: "NEEDLE-PROFILE",
  caption: "NEEDLE-CAPTION",
  comment: "NEEDLE-COMMENT",
  xmp: "NEEDLE-XMP",
  film: "NEEDLE-FILM",
  day: "2026:11:22 10:",
} as const

export const XMP = utf8(
  `<x:xmpmeta><exif:GPSLatitude>52,31N</exif:GPSLatitude><xmp:CreatorTool>${NEEDLES.xmp}</xmp:CreatorTool></x:xmpmeta>`,
)
/** A moving picture behind the still one, as telephones append it. */
export const FILM = concat(bigEndian(24, 4), utf8("ftypmp42"), utf8(NEEDLES.film), new Uint8Array(40))

export const findable = (bytes: Uint8Array): readonly string[] => {
  const text = Buffer.from(bytes).toString("latin1")
  return Object.values(NEEDLES).filter((needle) => text.includes(needle))
}

interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** At most four bytes stand in the entry itself; more stand elsewhere. */
  readonly data: Uint8Array
}
const text = (tag: number, value: string): Entry => ({ tag, type: 2, count: value.length + 1, data: utf8(`${value}\0`) })

/** Exif as a telephone writes it: model, times, owner, a place, which way up. The TIFF part, big-endian. */
export function exif(orientation: number): Bytes {
  const number = (tag: number, type: number, value: number): Entry => ({ tag, type, count: 1, data: bigEndian(value, type === 3 ? 2 : 4) })
  const own = [text(0x9003, "2026:11:22 10:11:12"), text(0xa430, NEEDLES.owner)]
  const place = [text(0x0001, "N"), { tag: 0x0002, type: 5, count: 3, data: new Uint8Array(24).fill(7) }]
  const [mainAt, mainCount] = [8, 5]
  const sizeOf = (entries: readonly Entry[]) =>
    6 + entries.length * 12 + entries.reduce((sum, { data }) => sum + (data.length > 4 ? data.length : 0), 0)
  const main = (ownAt: number, placeAt: number) => [
    text(0x0110, NEEDLES.model),
    number(0x0112, 3, orientation),
    text(0x0132, "2026:11:22 10:11:12"),
    number(0x8769, 4, ownAt),
    number(0x8825, 4, placeAt),
  ]
  const ownAt = mainAt + sizeOf(main(0, 0))
  const placeAt = ownAt + sizeOf(own)
  if (main(0, 0).length !== mainCount) throw new Error("a folder of another length")
  return concat(utf8("MM\0*"), bigEndian(mainAt, 4), folder(main(ownAt, placeAt), mainAt), folder(own, ownAt), folder(place, placeAt))
}

function folder(entries: readonly Entry[], at: number): Bytes {
  let free = at + 6 + entries.length * 12
  const rows: Uint8Array[] = []
  const far: Uint8Array[] = []
  for (const { tag, type, count, data } of entries) {
    const isNear = data.length <= 4
    rows.push(
      concat(
        bigEndian(tag, 2),
        bigEndian(type, 2),
        bigEndian(count, 4),
        isNear ? concat(data, new Uint8Array(4 - data.length)) : bigEndian(free, 4),
      ),
    )
    if (isNear) continue
    far.push(data)
    free += data.length
  }
  return concat(bigEndian(entries.length, 2), ...rows, new Uint8Array(4), ...far)
}

/** The check of a PNG's chunk, bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return (value ^ 0xffffffff) >>> 0
}

export function pngChunk(type: string, data: Uint8Array): Bytes {
  const typed = concat(utf8(type), data)
  return concat(bigEndian(data.length, 4), typed, bigEndian(crc32(typed), 4))
}
/** One pixel.
 *  @param hidden - chunks beside it */
export const png = (...hidden: Uint8Array[]): Bytes =>
  concat(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
    pngChunk("IHDR", Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0)),
    ...hidden,
    pngChunk("IDAT", deflateSync(Uint8Array.of(0, 128))),
    pngChunk("IEND", new Uint8Array(0)),
  )
