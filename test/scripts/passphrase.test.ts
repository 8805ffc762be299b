/** Passphrase files: age's own format, both ways. C2SP age.md, "The scrypt recipient type". */

import { describe, expect, test } from "@jest/globals"
import { Decrypter, Encrypter } from "age-encryption"
import { concat, toBase64, utf8 } from "../../envelope/bytes.ts"
import { type FileKey, writeHeader } from "../../envelope/header.ts"
import { openWithPassphrase, sealWithPassphrase } from "../../scripts/vault/passphrase.ts"
import { parseWorkFactor } from "../../scripts/vault/work-factor.ts"

const PASSPHRASE = "correct horse battery staple"
const SECRET = utf8("AGE-SECRET-KEY-PQ-1…\nPRIVATE+KEY+…\n")

describe("a passphrase file", () => {
  test("of ours opens in another implementation of age", async () => {
    const decrypter = new Decrypter()
    decrypter.addPassphrase(PASSPHRASE)
    expect(await decrypter.decrypt(await sealWithPassphrase(SECRET, PASSPHRASE, 10))).toEqual(SECRET)
  })

  test("of another implementation opens in ours", async () => {
    const encrypter = new Encrypter()
    encrypter.setScryptWorkFactor(12)
    encrypter.setPassphrase(PASSPHRASE)
    expect(await openWithPassphrase(new Uint8Array(await encrypter.encrypt(SECRET)), PASSPHRASE)).toEqual(SECRET)
  })

  test("is stretched by 2^18 unless told otherwise", async () => {
    const file = await sealWithPassphrase(SECRET, PASSPHRASE, parseWorkFactor(undefined))
    expect(Buffer.from(file).toString("latin1")).toMatch(/^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} 18\n/)
    expect(await openWithPassphrase(file, PASSPHRASE)).toEqual(SECRET)
  })

  test("opens for nobody with another passphrase", async () => {
    const file = await sealWithPassphrase(SECRET, PASSPHRASE, 10)
    await expect(openWithPassphrase(file, `${PASSPHRASE} `)).rejects.toMatchObject({ code: "wrong-passphrase" })
  })

  test("is refused after any bit of its header or payload was flipped", async () => {
    const file = await sealWithPassphrase(SECRET, PASSPHRASE, 10)
    for (let at = 0; at < file.length; at += 7) {
      const altered = file.slice()
      altered[at] = (altered[at] ?? 0) ^ 1
      await expect(openWithPassphrase(altered, PASSPHRASE)).rejects.toMatchObject({
        code: expect.stringMatching(/^bad-|^wrong-passphrase$/),
      })
    }
  })

  const salt = toBase64(new Uint8Array(16))
  const body = new Uint8Array(32)
  test.each([
    ["a work factor above 22, which would take all memory", [{ args: ["scrypt", salt, "23"], body }]],
    ["a work factor with a leading zero", [{ args: ["scrypt", salt, "010"], body }]],
    [
      "a second stanza",
      [
        { args: ["scrypt", salt, "10"], body },
        { args: ["scrypt", salt, "10"], body },
      ],
    ],
    ["a stanza of another kind", [{ args: ["X25519", salt, "10"], body }]],
    ["an argument too many", [{ args: ["scrypt", salt, "10", "x"], body }]],
    ["a salt of another length", [{ args: ["scrypt", toBase64(new Uint8Array(15)), "10"], body }]],
    ["a body of another length", [{ args: ["scrypt", salt, "10"], body: new Uint8Array(31) }]],
  ])("is refused with %s", async (_what, stanzas) => {
    const file = concat(await writeHeader(stanzas, new Uint8Array(16) as FileKey), new Uint8Array(40))
    await expect(openWithPassphrase(file, PASSPHRASE)).rejects.toMatchObject({ code: "bad-stanza" })
  })
})

describe("SOTTO_WORK_FACTOR", () => {
  test.each([["9"], ["23"], ["1e1"], ["10.5"], ["-18"], [" 18"], ["18 "]])("refuses %j", (text) => {
    expect(() => parseWorkFactor(text)).toThrow(expect.objectContaining({ code: "usage" }))
  })
  test.each([
    ["10", 10],
    ["22", 22],
    ["", 18],
  ])("takes %j", (text, factor) => expect(parseWorkFactor(text)).toBe(factor))
})
