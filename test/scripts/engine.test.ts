/** The same bytes, whichever engine: the payload's cipher through node:crypto and through libsodium. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { sodiumAead } from "../../envelope/aead.ts"
import type { Bytes } from "../../envelope/bytes.ts"
import * as slow from "../../envelope/digest.ts"
import * as fast from "../../scripts/digest.ts"
import { nodeAead } from "../../scripts/engine.ts"

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }) as fc.Arbitrary<Bytes>

describe("the cipher of node:crypto", () => {
  test("seals to libsodium's bytes and opens them", async () => {
    const sodium = await sodiumAead()
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.uint8Array({ maxLength: 300 }), (key, nonce, plaintext) => {
        const sealed = sodium.seal(key, nonce, plaintext)
        expect(new Uint8Array(nodeAead.seal(key, nonce, plaintext))).toEqual(new Uint8Array(sealed))
        expect(nodeAead.open(key, nonce, sealed)).toEqual(new Uint8Array(plaintext))
      }),
    )
  })

  test("opens nothing that was altered, cut or is too short to have a tag", () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.uint8Array({ maxLength: 100 }), fc.nat(), (key, nonce, plaintext, where) => {
        const sealed = nodeAead.seal(key, nonce, plaintext)
        const altered = sealed.slice()
        const at = where % sealed.length
        altered[at] = (altered[at] ?? 0) ^ 0x80
        expect(nodeAead.open(key, nonce, altered)).toBeUndefined()
        expect(nodeAead.open(key, nonce, sealed.slice(0, at))).toBeUndefined()
      }),
    )
  })
})

describe("the hashes of node:crypto", () => {
  test("are WebCrypto's, for any key and text, the empty ones too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 300 }), async (key, text) => {
        expect(await fast.sha256(text as Bytes)).toEqual(await slow.sha256(text as Bytes))
        expect(await fast.hmacSha256(key as Bytes, text as Bytes)).toEqual(await slow.hmacSha256(key as Bytes, text as Bytes))
      }),
      { examples: [[new Uint8Array(0), new Uint8Array(0)]] },
    )
  })
})
