/** A slot's enc is checked by its characters alone; that is the same as decoding it. */

import { expect, test } from "@jest/globals"
import fc from "fast-check"
import { fromBase64, toBase64 } from "../../envelope/bytes.ts"
import { checkSlot, ENC_BYTES, STANZA_KIND } from "../../envelope/outside.ts"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_= ."
const passes = (check: () => unknown) => {
  try {
    check()
    return true
  } catch {
    return false
  }
}

test("an enc passes exactly if it decodes, whatever its last characters are", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: ENC_BYTES, maxLength: ENC_BYTES }),
      fc.nat(1_493),
      fc.nat(ALPHABET.length - 1),
      (bytes, at, character) => {
        const text = toBase64(bytes)
        const touched = text.slice(0, at) + ALPHABET[character] + text.slice(at + 1)
        const slot = (enc: string) => ({ args: [STANZA_KIND, enc], body: new Uint8Array(32) })
        expect(passes(() => checkSlot(slot(touched)))).toBe(passes(() => fromBase64(touched)))
        const last = text.slice(0, -1) + ALPHABET[character]
        expect(passes(() => checkSlot(slot(last)))).toBe(passes(() => fromBase64(last)))
      },
    ),
    { numRuns: 500 },
  )
})
