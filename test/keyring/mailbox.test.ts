/** A source's signature on a request for a mailbox: its bytes as SPEC.md §8.1 has them, checked by another implementation of Ed25519. */

import { createPublicKey, verify } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { toBase64url, utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { sha256 } from "../../envelope/hash.ts"
import { signKey, verifyKeyOf } from "../../envelope/keys.ts"
import { mailboxAddress, signMailboxRequest, verifyMailboxRequest } from "../../keyring/mailbox.ts"
import { contentDigest, type SignedParts } from "../../keyring/request.ts"

const today = "2026-11-22" as Day
const key = signKey(new Uint8Array(32).fill(7))
const parts: SignedParts = { method: "POST", authority: "forms.example.org", path: "/api/mailbox", query: "?", body: utf8("a body") }

describe("a request for a mailbox", () => {
  test("is signed over exactly what the text says, by the key that it names, and tells a day and no time", async () => {
    const keyText = toBase64url(await verifyKeyOf(key))
    const params = `("@method" "@authority" "@path" "@query" "content-digest");created=1795305600;keyid="${keyText}";tag="sotto/v1/mailbox"`
    const signed = await signMailboxRequest(parts, key, today)
    expect(signed["signature-input"]).toBe(`sotto=${params}`)
    const base = [
      '"@method": POST',
      '"@authority": forms.example.org',
      '"@path": /api/mailbox',
      '"@query": ?',
      `"content-digest": ${await contentDigest(parts.body)}`,
      `"@signature-params": ${params}`,
    ].join("\n")
    const signature = Buffer.from(signed.signature.slice("sotto=:".length, -1), "base64")
    const other = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: keyText }, format: "jwk" })
    expect(verify(null, Buffer.from(base), other, signature)).toBe(true)
    expect(new Date(1_795_305_600_000).toISOString()).toBe(`${today}T00:00:00.000Z`)
  })

  test("gives the key behind the address, on its day and the days beside it", async () => {
    const signed = await signMailboxRequest(parts, key, today)
    for (const days of [-1, 0, 1]) expect(await verifyMailboxRequest(parts, signed, addDays(today, days))).toEqual(await verifyKeyOf(key))
    expect(await mailboxAddress(await verifyKeyOf(key))).toEqual(await sha256(await verifyKeyOf(key)))
    await expect(verifyMailboxRequest(parts, signed, addDays(today, 2))).rejects.toMatchObject({ code: "expired" })
    await expect(verifyMailboxRequest(parts, signed, addDays(today, -2))).rejects.toMatchObject({ code: "not-yet" })
  })

  test.each<[string, Partial<SignedParts>]>([
    ["another method", { method: "DELETE" }],
    ["another host", { authority: "evil.example" }],
    ["another path", { path: "/api/feed" }],
    ["a query", { query: "?page=1" }],
    ["another body", { body: utf8("a bodY") }],
  ])("is worth nothing for %s", async (_what, change) => {
    const signed = await signMailboxRequest(parts, key, today)
    await expect(verifyMailboxRequest({ ...parts, ...change }, signed, today)).rejects.toMatchObject({ code: "bad-signature" })
  })

  test("is the same bytes each time: nothing in it counts", async () => {
    expect(await signMailboxRequest(parts, key, today)).toEqual(await signMailboxRequest(parts, key, today))
  })
})
