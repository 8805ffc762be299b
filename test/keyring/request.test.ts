/** The test cases that RFC 9421 and RFC 9530 publish, against the very functions that make and check our requests. SPEC.md §4.5. */

import { describe, expect, test } from "@jest/globals"
import { type Bytes, fromBase64url, fromPaddedBase64, fromUtf8, toPaddedBase64, utf8 } from "../../envelope/bytes.ts"
import { sign, signKey, verifies, verifyKey, verifyKeyOf } from "../../envelope/keys.ts"
import { contentDigest, signatureBase } from "../../keyring/request.ts"

describe("RFC 9421, B.2.6: a request signed with ed25519", () => {
  // test-key-ed25519 of appendix B.1.4, as its JWK has it.
  const seed = fromBase64url("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU")
  const point = fromBase64url("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs")
  const params = '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
  const base = signatureBase(
    [
      ["date", "Tue, 20 Apr 2021 02:07:55 GMT"],
      ["@method", "POST"],
      ["@path", "/foo"],
      ["@authority", "example.com"],
      ["content-type", "application/json"],
      ["content-length", "18"],
    ],
    params,
  )
  const signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="

  test("has the signature base that the RFC prints", () => {
    expect(fromUtf8(base)).toBe(
      [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-length": 18',
        `"@signature-params": ${params}`,
      ].join("\n"),
    )
  })

  test("has the signature that the RFC prints, by the key that it prints", async () => {
    expect(await verifyKeyOf(signKey(seed))).toEqual(verifyKey(point))
    expect(toPaddedBase64(await sign(signKey(seed), base))).toBe(signature)
    expect(await verifies(verifyKey(point), fromPaddedBase64(signature), base)).toBe(true)
  })

  test("does not verify with any component changed", async () => {
    const changed = utf8(fromUtf8(base).replace("POST", "PUT"))
    expect(await verifies(verifyKey(point), fromPaddedBase64(signature), changed)).toBe(false)
  })
})

describe("RFC 9530", () => {
  test.each<[string, Bytes, string]>([
    ['appendix B.1: {"hello": "world"} and a newline', utf8('{"hello": "world"}\n'), "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="],
    ["appendix B.2: no content", new Uint8Array(0), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  ])("%s", async (_what, content, digest) => expect(await contentDigest(content)).toBe(`sha-256=:${digest}:`))
})
