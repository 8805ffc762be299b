/** Hidden data in photos: real pictures from a real browser's encoders, with what telephones and programs put into them; cleaned; decoded again. */

import { deflateSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import type { Page } from "playwright-core"
import { type Bytes, bigEndian, concat, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { cleaned, type PhotoKind, readPhoto } from "../../envelope/photo.ts"
import { uprightTiff } from "../../envelope/photo-exif.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { crc32, exif, FILM, findable, NEEDLES, XMP } from "../support/photos.ts"

const TYPES: Readonly<Record<PhotoKind, string>> = { jpeg: "image/jpeg", png: "image/png", webp: "image/webp" }
const KINDS = Object.keys(TYPES) as PhotoKind[]
let launched: LaunchedBrowser
let page: Page
const plain = new Map<PhotoKind, Bytes>()

beforeAll(async () => {
  launched = await launchBrowser()
  page = await launched.browser.newPage()
  for (const kind of KINDS) plain.set(kind, await draw(TYPES[kind]))
}, 60_000)
afterAll(() => launched.close())

/** A picture with edges, colours and transparency, by the browser's own encoder. */
async function draw(type: string): Promise<Bytes> {
  const text = await page.evaluate(async (wanted) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 48, height: 32 })
    const context = canvas.getContext("2d")
    if (context === null) throw new Error("no canvas")
    for (const [index, colour] of ["#c00", "#0c0", "#00c", "#cc0a"].entries()) {
      context.fillStyle = colour
      context.fillRect(index * 11, index * 5, 20, 13)
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, wanted, 0.9))
    if (blob === null || blob.type !== wanted) throw new Error("no such encoder")
    return [...new Uint8Array(await blob.arrayBuffer())]
  }, type)
  return Uint8Array.from(text)
}
/** Every pixel as the browser decodes it, the right way up. */
async function pixels(bytes: Uint8Array, kind: PhotoKind): Promise<string> {
  return page.evaluate(
    async ([given, type]) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(given)], { type }))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")
      if (context === null) throw new Error("no canvas")
      context.drawImage(bitmap, 0, 0)
      return `${bitmap.width}x${bitmap.height} ${context.getImageData(0, 0, bitmap.width, bitmap.height).data.join()}`
    },
    [[...bytes], TYPES[kind]] as const,
  )
}
const picture = (kind: PhotoKind): Bytes => plain.get(kind) ?? new Uint8Array(0)

const segment = (marker: number, data: Uint8Array) => concat(Uint8Array.of(0xff, marker), bigEndian(data.length + 2, 2), data)
const pngChunk = (type: string, data: Uint8Array) => {
  const typed = concat(utf8(type), data)
  return concat(bigEndian(data.length, 4), typed, bigEndian(crc32(typed), 4))
}
function riffChunk(type: string, data: Uint8Array): Bytes {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, data.length, true)
  return concat(utf8(type), length, data, new Uint8Array(data.length % 2))
}

/** The picture with everything in it that we know of, and a film behind its end. */
function loaded(kind: PhotoKind, orientation = 1): Bytes {
  const bytes = picture(kind)
  const tiff = exif(orientation)
  if (kind === "jpeg") {
    const hidden = [
      segment(0xe1, concat(utf8("Exif\0\0"), tiff)),
      segment(0xe1, concat(utf8("http://ns.adobe.com/xap/1.0/\0"), XMP)),
      segment(0xe2, concat(utf8("ICC_PROFILE\0\u0001\u0001"), utf8(NEEDLES.profile))),
      segment(0xed, utf8(`Photoshop 3.0\0${NEEDLES.caption}`)),
      segment(0xfe, utf8(NEEDLES.comment)),
    ]
    return concat(bytes.subarray(0, 2), ...hidden, bytes.subarray(2), FILM)
  }
  if (kind === "png") {
    const hidden = [
      pngChunk("eXIf", tiff),
      pngChunk("tEXt", utf8(`Author\0${NEEDLES.comment}`)),
      pngChunk("zTXt", concat(utf8("Comment\0\0"), deflateSync(NEEDLES.caption))),
      pngChunk("iTXt", concat(utf8("XML:com.adobe.xmp\0\0\0\0\0"), XMP)),
      pngChunk("tIME", Uint8Array.of(7, 234, 11, 22, 10, 0, 0)),
      pngChunk("prVt", utf8(NEEDLES.profile)),
    ]
    return concat(bytes.subarray(0, 33), ...hidden, bytes.subarray(33), FILM)
  }
  const extended = riffChunk("VP8X", Uint8Array.of(0x10 | 0x08 | 0x04 | 0x20, 0, 0, 0, 47, 0, 0, 31, 0, 0))
  const inside = String.fromCharCode(...bytes.subarray(12, 16)) === "VP8X" ? bytes.subarray(30) : bytes.subarray(12)
  const hidden = [riffChunk("EXIF", tiff), riffChunk("XMP ", XMP), riffChunk("prVt", utf8(NEEDLES.caption + NEEDLES.comment))]
  const body = concat(utf8("WEBP"), extended, riffChunk("ICCP", utf8(NEEDLES.profile)), inside, ...hidden)
  return concat(riffChunk("RIFF", body), FILM)
}

const read = (bytes: Uint8Array) => {
  const photo = readPhoto(bytes)
  if (photo === undefined) throw new Error("not taken for a photo")
  return photo
}

describe("a JPEG whose Exif says nothing that we know", () => {
  const jpeg = (tiff: Uint8Array) =>
    concat(
      Uint8Array.of(0xff, 0xd8),
      segment(0xe1, concat(utf8("Exif\0\0"), tiff)),
      segment(0xc0, Uint8Array.of(8, 0, 1, 0, 1, 1, 1, 0x11, 0)),
      concat(segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), Uint8Array.of(1, 2, 3)),
      Uint8Array.of(0xff, 0xd9),
    )

  test("and has bytes to which nothing points is not said to have nothing hidden, and is cleaned", () => {
    const bytes = jpeg(concat(uprightTiff(6), utf8("52.5200N 13.4050E")))
    const photo = readPhoto(bytes)
    expect(photo?.hidden).toEqual(["other"])
    expect(photo && cleaned(bytes, photo)).toEqual(jpeg(uprightTiff(6)))
  })

  test("but which way up it is, and is ours, stays as it was, and nothing is said of it", () => {
    const bytes = jpeg(uprightTiff(6))
    const photo = readPhoto(bytes)
    expect(photo?.hidden).toEqual([])
    expect(photo && cleaned(bytes, photo)).toEqual(bytes)
  })
})

describe.each(KINDS)("a photo as %s", (kind) => {
  test("names what is in it and comes out without a trace of it, the same picture to the last pixel", async () => {
    const bytes = loaded(kind)
    expect(findable(bytes)).not.toEqual([])
    const photo = read(bytes)
    expect([photo.kind, photo.hidden]).toEqual([kind, ["place", "device", "time", "other"]])
    const clean = cleaned(bytes, photo)
    expect(findable(clean)).toEqual([])
    expect(await pixels(clean, kind)).toBe(await pixels(picture(kind), kind))
    expect([clean.length <= picture(kind).length + 64, read(clean).hidden]).toEqual([true, []])
  })

  test("that was cleaned has nothing left to remove, and stays the same bytes", () => {
    const clean = cleaned(loaded(kind), read(loaded(kind)))
    expect(cleaned(clean, read(clean))).toEqual(clean)
  })

  test.each([3, 6, 8])("that lies on its side (%i) stands as it did, and says nothing else", async (orientation) => {
    const bytes = loaded(kind, orientation)
    const clean = cleaned(bytes, read(bytes))
    expect([findable(clean), read(clean).hidden]).toEqual([[], []])
    expect(await pixels(clean, kind)).toBe(await pixels(bytes, kind))
  })

  test("that is cut or altered anywhere is refused with its code or cleaned, and never takes what was hidden along", () => {
    const bytes = loaded(kind)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const touched = isCut ? bytes.slice(0, at) : bytes.slice()
        if (!isCut) touched[at] = value
        try {
          const photo = readPhoto(touched)
          if (photo !== undefined) cleaned(touched, photo)
        } catch (error) {
          if (!(error instanceof EnvelopeError)) throw error
          expect(error.code).toBe("bad-photo")
        }
      }),
      { numRuns: 400 },
    )
  })
})

test("what is no such photo is not touched", () => {
  for (const bytes of [new Uint8Array(0), utf8("%PDF-1.7"), utf8("GIF89a"), concat(bigEndian(24, 4), utf8("ftypheic"))])
    expect(readPhoto(bytes)).toBeUndefined()
})

test("a picture without a picture in it is refused", () => {
  for (const bytes of [Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), concat(utf8("RIFF"), Uint8Array.of(4, 0, 0, 0), utf8("WEBP"))])
    expect(() => readPhoto(bytes)).toThrow(expect.objectContaining({ code: "bad-photo" }))
})
