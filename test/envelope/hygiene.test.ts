/** Nothing secret in an error, and secrets overwritten where the language lets us. What is printed of an error includes its causes. */

import { inspect } from "node:util"
import { describe, expect, test } from "@jest/globals"
import type { Aead } from "../../envelope/aead.ts"
import { fromBase64, fromBase64url, fromPaddedBase64, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { FileKey } from "../../envelope/header.ts"
import { identityText, newIdentity, newSignKey, parseIdentity, parseRecipient, recipientOf, recipientText } from "../../envelope/keys.ts"
import { parseTip } from "../../envelope/letter.ts"
import { newsroomIdText, parseNewsroomId } from "../../envelope/names.ts"
import { unlock } from "../../envelope/open.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { openPayload, sealPayload } from "../../envelope/stream.ts"
import { parseSigner, parseVerifierKey, signer, signerText } from "../../keyring/note.ts"
import { parseWords } from "../../keyring/words.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { openAll, sealRaw, tarOf, tipEntries, toClass } from "../support/forge.ts"
import { makeDesk } from "../support/tips.ts"

/** All that printing an error shows: message, stack, causes, members. */
async function printed(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    return inspect(error, { depth: 20, showHidden: true })
  }
  throw new Error("nothing was refused")
}
/** Every stretch of `length` characters of a secret is missing from what is printed. */
function shows(text: string, secret: string, length = 8): boolean {
  for (let at = 0; at + length <= secret.length; at++) if (text.includes(secret.slice(at, at + length))) return true
  return false
}

describe("an error never shows", () => {
  const slip = (text: string) => `${text.slice(0, -1)}${text.endsWith("Q") || text.endsWith("q") ? "P" : "Q"}`

  test("an identity with one slip of the pen, in the wrong case, cut short or of another kind", async () => {
    const text = identityText(await newIdentity())
    const secret = text.slice("AGE-SECRET-KEY-PQ-1".length)
    for (const spelt of [slip(text), text.toLowerCase(), text.slice(0, -1), `${text}!`, text.replace("PQ-1", "1"), `${text}\u00e9`]) {
      const shown = await printed(() => parseIdentity(spelt))
      expect([spelt.length, shows(shown.toUpperCase(), secret)]).toEqual([spelt.length, false])
    }
  })

  test("a signer key, a recipient, a verifier key or a newsroom id", async () => {
    const by = await signer("forms.example.org/one", await newSignKey())
    const key = signerText(by)
    expect(shows(await printed(() => parseSigner(slip(key))), key.slice(-40))).toBe(false)
    expect(shows(await printed(() => parseVerifierKey(slip(by.verifier.text))), by.verifier.text.slice(-40))).toBe(false)
    const recipient = recipientText(await recipientOf(await newIdentity()))
    expect(shows(await printed(() => parseRecipient(slip(recipient).toLowerCase())), recipient.slice(-200))).toBe(false)
    const newsroom = newsroomIdText((await newIdentity()) as Uint8Array as Parameters<typeof newsroomIdText>[0])
    expect(shows(await printed(() => parseNewsroomId(slip(newsroom).toLowerCase())), newsroom.slice(-50))).toBe(false)
  })

  test("a source's words", async () => {
    const words = "armadillo blanching cactus zoology flashback gallery harmonics abacus" // none of which a stack trace has
    const shown = await printed(() => parseWords(`${words} zzyzzx`))
    for (const word of [...words.split(" "), "zzyzzx"]) expect(shown).not.toMatch(new RegExp(`\\b${word}\\b`))
  })

  test("base64 or text that could not be read, nor a single character of it", async () => {
    for (const decode of [fromBase64, fromBase64url, fromPaddedBase64])
      expect(await printed(() => decode("AAA\u2603secret"))).not.toMatch(/\u2603|AAA/)
    expect(await printed(() => fromUtf8(Uint8Array.of(...utf8("secret"), 0xff)))).not.toContain("secret")
    expect(await printed(() => utf8("secret\ud800"))).not.toContain("secret")
  })

  test.each([
    ["that is no JSON", "my name is NOBODY"],
    ["that is not compact", '{"format": "NOBODY"}'],
    ["with a member that does not belong", '{"NOBODY":1}'],
    ["with a wrong value", '{"format":"NOBODY"}'],
    ["that ends early", '{"format":"NOBODY'],
    ["with an odd escape", '{"format":"NOBODY\\x"}'],
  ])("a word of a letter %s", async (_what, letter) => {
    expect(shows(await printed(() => parseTip(letter)), "NOBODY", 4)).toBe(false)
    const desk = await makeDesk([1], 4)
    const entries = tipEntries(desk, { message: utf8("hello") }).map((entry) =>
      entry.name === "sotto.json" ? { ...entry, content: utf8(letter) } : entry,
    )
    const envelope = await sealRaw(desk, toClass(desk, await tarOf(desk, entries)))
    expect(shows(await printed(() => openAll(desk, envelope)), "NOBODY", 4)).toBe(false)
  })

  test("what an envelope said when its MAC or payload does not hold", async () => {
    const desk = await makeDesk([1], 4)
    const envelope = await sealRaw(desk, toClass(desk, await tarOf(desk, tipEntries(desk, { message: utf8("NOBODY must know") }))))
    envelope[envelope.length - 1] = (envelope[envelope.length - 1] ?? 0) ^ 1
    expect(await printed(() => openAll(desk, envelope))).not.toContain("NOBODY")
  })
})

describe("keys are overwritten", () => {
  /** The engine, and the key that it was last given: the same bytes, not a copy. */
  function watching(): { engine: Aead; key: () => Uint8Array } {
    let last = new Uint8Array(0)
    const note = (key: Uint8Array<ArrayBuffer>) => {
      last = key
    }
    const engine: Aead = {
      seal(key, ...rest) {
        note(key)
        return nodeAead.seal(key, ...rest)
      },
      open(key, ...rest) {
        note(key)
        return nodeAead.open(key, ...rest)
      },
    }
    return { engine, key: () => last }
  }
  const fileKey = new Uint8Array(16).fill(3) as FileKey
  const ended = (key: Uint8Array) => key.length === 32 && key.every((byte) => byte === 0)

  test("when a payload has been sealed, opened, refused, or left in the middle", async () => {
    const sealing = watching()
    const payload = await collect(sealPayload(fileKey, [new Uint8Array(100_000)], sealing.engine))
    expect(ended(sealing.key())).toBe(true)
    const opening = watching()
    await collect(openPayload(fileKey, new ByteReader([payload]), opening.engine))
    expect(ended(opening.key())).toBe(true)
    const refusing = watching()
    await collect(openPayload(fileKey, new ByteReader([payload.slice(0, -1)]), refusing.engine)).catch(() => undefined)
    expect(ended(refusing.key())).toBe(true)
    const leaving = watching()
    for await (const _ of openPayload(fileKey, new ByteReader([payload]), leaving.engine)) break
    expect(ended(leaving.key())).toBe(true)
  })

  test("but never those that the caller goes on using", async () => {
    const desk = await makeDesk([1], 4)
    const identity = desk.identities.get(1)
    const before = identity && Buffer.from(identity).toString("hex")
    const envelope = await sealRaw(desk, toClass(desk, await tarOf(desk, tipEntries(desk))))
    if (identity === undefined) throw new Error("no identity")
    const unlocked = await unlock([envelope], { identity, slot: 1, slots: 4 })
    await openAll(desk, envelope)
    expect(Buffer.from(identity).toString("hex")).toBe(before)
    expect(unlocked?.fileKey.some((byte) => byte !== 0)).toBe(true)
  })
})
