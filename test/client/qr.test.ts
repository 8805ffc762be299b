/** The page's QR codes, read by somebody else's decoder, for addresses of every length that one can have. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import readQr from "jsqr"
import { type Code, qrCode } from "../../client/qr.ts"

const [MODULE, QUIET] = [4, 4]

/** As a camera would see it: black on white, four pixels a module. */
function read(code: Code): string | undefined {
  const size = (code.length + 2 * QUIET) * MODULE
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255)
  for (const [y, row] of code.entries())
    for (const [x, isDark] of row.entries())
      if (isDark)
        for (let at = 0; at < MODULE * MODULE; at++) {
          const pixel = ((y + QUIET) * MODULE + Math.floor(at / MODULE)) * size + (x + QUIET) * MODULE + (at % MODULE)
          pixels.fill(0, pixel * 4, pixel * 4 + 3)
        }
  return readQr(pixels, size, size)?.data
}
function madeOf(text: string): Code {
  const code = qrCode(text)
  if (code === undefined) throw new Error("no code")
  return code
}

describe("a QR code", () => {
  test.each([
    ["https://forms.example.org/#amazon-layoffs"],
    ["http://localhost:8421/"],
    [`http://${"a".repeat(56)}.onion/#k7q2`],
    ["https://forms.example.org/%C3%A9#%D8%A7"],
  ])("is read as %s", (address) => {
    expect(read(madeOf(address))).toBe(address)
  })

  test("is read in each of its ten versions, at the most and the least that it holds", () => {
    const most = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]
    for (const [index, length] of most.entries()) {
      expect(madeOf("x".repeat(length))).toHaveLength(21 + 4 * index)
      for (const text of ["x".repeat(length), "x".repeat((most[index - 1] ?? 0) + 1)])
        expect([index, read(madeOf(text))]).toEqual([index, text])
    }
  })

  test("is read whatever letters the address has", () => {
    const letters = fc.stringMatching(/^[a-z0-9.:/#%-]{1,213}$/)
    fc.assert(
      fc.property(letters, (address) => {
        expect(read(madeOf(address))).toBe(address)
      }),
      { numRuns: 40 },
    )
  })

  test("is still read when a part of it is covered", () => {
    const address = "https://forms.example.org/#amazon-layoffs"
    const code = madeOf(address).map((row, y) => row.map((isDark, x) => isDark !== (y > 12 && y < 15 && x > 12 && x < 17)))
    expect(read(code)).toBe(address)
  })

  test("is not made of more than 213 bytes", () => {
    expect(qrCode("x".repeat(214))).toBeUndefined()
  })
})
