/** Whom to believe: notes, the chain of keyrings, day keys, requests and words, and every way in which each must be refused. */

import { createPrivateKey, createPublicKey, verify } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { fits } from "../../keyring/callout.ts"
import { reachableOn, verifyDayNote } from "../../keyring/days.ts"
import { checkCurrent, type Keyring, keyName, type Trust, verifyChain } from "../../keyring/keyring.ts"
import { parsePinned, pinnedText } from "../../keyring/newsroom.ts"
import {
  cosign,
  parseNote,
  parseSigner,
  parseVerifierKey,
  type Signer,
  signedBy,
  signer,
  signerText,
  signNote,
} from "../../keyring/note.ts"
import { type SignedParts, signRequest, verifyRequest } from "../../keyring/request.ts"
import { deriveSource, newWords, parseWords } from "../../keyring/words.ts"
import { LAYOFFS, makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"

const today = "2026-11-22" as Day
const sources = (chain: readonly Keyring[]) => chain.map(({ source }) => source)
const code = (expected: string) => expect.objectContaining({ code: expected })
function at<Item>(items: readonly Item[], index: number): Item {
  const item = items.at(index)
  if (item === undefined) throw new Error("nothing there")
  return item
}

describe("a signed note", () => {
  // The example of the Go implementation's documentation (golang.org/x/mod/sumdb/note), which the standard grew from.
  const key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

  test("of another implementation verifies here", async () => {
    const signers = await signedBy(parseNote(note), [await parseVerifierKey(key)])
    expect(signers.map(({ name }) => name)).toEqual(["PeterNeumann"])
  })

  test("of ours verifies with node:crypto", async () => {
    const by = await signer("forms.example.org/root", await newSignKey())
    const { signatures } = parseNote(await signNote(text, [by]))
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), by.verifier.key])
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), by.key])
    const derived = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })).export({ format: "der", type: "spki" })
    expect(derived.equals(spki)).toBe(true)
    expect(verify(null, Buffer.from(text), createPublicKey({ key: spki, format: "der", type: "spki" }), at(signatures, 0).signature)).toBe(
      true,
    )
    expect(await parseSigner(signerText(by))).toEqual(by)
  })

  test("counts one key once, however often it signed, and passes over keys that nobody knows", async () => {
    const [one, two] = await Promise.all([signer("a/root", await newSignKey()), signer("a/root", await newSignKey())])
    const twice = await cosign(await signNote(text, [one]), one)
    expect(await signedBy(parseNote(twice), [one.verifier, two.verifier])).toEqual([one.verifier])
    expect(await signedBy(parseNote(await cosign(twice, two)), [one.verifier])).toEqual([one.verifier])
  })

  test("with a line in a known name that does not hold is no note at all", async () => {
    await expect(signedBy(parseNote(note.replace("then you", "then  you")), [await parseVerifierKey(key)])).rejects.toThrow(
      code("not-a-note"),
    )
  })

  test.each([
    ["nothing", ""],
    ["text alone", text],
    ["no last newline", note.slice(0, -1)],
    ["a carriage return", note.replace("\n\n", "\r\n\r\n")],
    ["a NUL", `\u0000${note}`],
    ["half a surrogate pair", `\ud800${note}`],
    ["a hyphen for the dash", note.replace("— ", "- ")],
    ["base64 without padding", note.replace("=\n", "\n")],
    ["a signature of nothing", `${text}\n— PeterNeumann x08gow==\n`],
    ["65 signatures", `${text}\n${"— PeterNeumann x08go/ZJkuBS9UG=\n".repeat(65)}`],
  ])("is refused with %s", (_what, bad) => expect(() => parseNote(bad)).toThrow(code("not-a-note")))

  test.each(["", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", key.replace("+AR", "+BR"), `${key}=`])(
    "a verifier key spelt %j is refused",
    async (bad) => {
      await expect(parseVerifierKey(bad)).rejects.toThrow(code("bad-key"))
    },
  )
})

describe("a chain of keyrings", () => {
  const trust = (newsroom: TestNewsroom): Trust => ({ newsroom: newsroom.id })
  const pinned = ({ pinned }: TestNewsroom): Trust => ({ pinned })

  test("verifies from the printed name, from the pinned roots, and from the version last seen", async () => {
    const newsroom = await makeNewsroom({ today, rootCount: 3, threshold: 2 })
    for (const from of [trust(newsroom), pinned(newsroom), { seen: at(newsroom.chain, 0) }, { seen: at(newsroom.chain, -1) }])
      expect((await verifyChain(sources(newsroom.chain), from)).map(({ version }) => version)).toEqual([1, 2])
  })

  test("changes its roots when the old and the new ones have signed, and not otherwise", async () => {
    const newsroom = await makeNewsroom({ today, rootCount: 3, threshold: 2 })
    const fresh = await Promise.all([0, 1].map(async () => signer(keyName(newsroom.url, "root"), await newSignKey())))
    const change = { roots: fresh.map(({ verifier }) => verifier), threshold: 2 }
    const draft = (by: readonly Signer[]) => newsroom.draft(change, by)
    for (const by of [fresh, newsroom.roots, [at(newsroom.roots, 0), ...fresh], [...newsroom.roots.slice(0, 2), at(fresh, 0)]])
      await expect(verifyChain([...sources(newsroom.chain), await draft(by)], trust(newsroom))).rejects.toThrow(code("too-few-roots"))
    const rotated = await newsroom.next(change, [...newsroom.roots.slice(1), ...fresh])
    expect(at(await verifyChain(sources(newsroom.chain), pinned(newsroom)), -1).hash).toBe(rotated.hash)
    // A page that pins the new roots believes the older links by their hashes.
    const later: Trust = { pinned: { roots: change.roots, threshold: 2, version: 3 } }
    expect(await verifyChain(sources(newsroom.chain), later)).toHaveLength(3)
  })

  test.each<[string, string, (newsroom: TestNewsroom) => Promise<readonly string[]>, ((newsroom: TestNewsroom) => Trust)?]>([
    ["nothing at all", "too-few-roots", async () => []],
    ["a link left out", "version-gap", async (n) => [at(sources(n.chain), 0), await n.draft({ version: 3 })]],
    ["the wrong predecessor", "forked", async (n) => [...sources(n.chain), await n.draft({ previous: at(n.chain, 0).hash })]],
    [
      "a signature by somebody else",
      "too-few-roots",
      async (n) => [...sources(n.chain), await n.draft({}, [await signer(keyName(n.url, "root"), await newSignKey())])],
    ],
    ["no signature but a reporter's", "too-few-roots", async (n) => [...sources(n.chain), await n.draft({}, [at(n.reporters, 0).signer])]],
    ["another newsroom's beginning", "forked", async () => sources((await makeNewsroom({ today })).chain)],
    [
      "another number of slots",
      "bad-keyring",
      async (n) => [...sources(n.chain), await n.draft({ policy: { ...at(n.chain, 0).policy, slots: 16 } })],
    ],
    ["an older date than the one before", "bad-keyring", async (n) => [...sources(n.chain), await n.draft({ issued: addDays(today, -1) })]],
    ["91 days to live", "bad-keyring", async (n) => [...sources(n.chain), await n.draft({ expires: addDays(today, 91) })]],
    [
      "one root twice",
      "bad-keyring",
      async (n) => [...sources(n.chain), await n.draft({ roots: [at(n.roots, 0).verifier, at(n.roots, 0).verifier] })],
    ],
    [
      "a root that is a reporter",
      "bad-keyring",
      async (n) => [
        ...sources(n.chain),
        await n.draft({ reporters: [{ slot: 1, id: "root" as Id, name: "R", verify: at(n.roots, 0).verifier }] }),
      ],
    ],
    [
      "two reporters in one slot",
      "bad-keyring",
      async (n) => [...sources(n.chain), await n.draft({ reporters: at(n.chain, 1).reporters.map((one) => ({ ...one, slot: 1 })) })],
    ],
    [
      "a slot that is not there",
      "bad-keyring",
      async (n) => [
        ...sources(n.chain),
        await n.draft({ reporters: at(n.chain, 1).reporters.map((one) => ({ ...one, slot: one.slot + 8 })) }),
      ],
    ],
    [
      "envelopes that are dropped before seeds are",
      "bad-keyring",
      async (n) => [...sources(n.chain), await n.draft({ policy: { ...at(n.chain, 0).policy, retentionDays: 59 } })],
    ],
    [
      "a member that nobody knows",
      "bad-keyring",
      async (n) => [...sources(n.chain), await resigned(n, (text) => text.replace('"version":3', '"version":3,"track":1'))],
    ],
    [
      "a member twice",
      "bad-keyring",
      async (n) => [...sources(n.chain), await resigned(n, (text) => text.replace('"version":3', '"version":3,"version":3'))],
    ],
    [
      "white space",
      "bad-keyring",
      async (n) => [...sources(n.chain), await resigned(n, (text) => text.replace('"version":3', '"version": 3'))],
    ],
    ["an older version than the one seen", "rolled-back", async (n) => sources(n.chain).slice(0, 1), (n) => ({ seen: at(n.chain, 1) })],
    [
      "another version 2 than the one seen",
      "forked",
      async (n) => [at(sources(n.chain), 0), await n.draft({ version: 2, previous: at(n.chain, 0).hash, callouts: [] })],
      (n) => ({ seen: at(n.chain, 1) }),
    ],
    [
      "an older version than the one pinned",
      "rolled-back",
      async (n) => sources(n.chain),
      (n) => ({ pinned: { ...n.pinned, version: 3 } }),
    ],
    [
      "other roots than the pinned ones",
      "too-few-roots",
      async () => sources((await makeNewsroom({ today })).chain),
      ({ pinned }) => ({ pinned }),
    ],
  ])("is refused with %s", async (_what, expected, make, from = trust) => {
    const newsroom = await makeNewsroom({ today })
    await expect(verifyChain(await make(newsroom), from(newsroom))).rejects.toThrow(code(expected))
  })

  async function resigned(newsroom: TestNewsroom, change: (text: string) => string): Promise<string> {
    return signNote(change(parseNote(await newsroom.draft({})).text), newsroom.roots)
  }

  test("is used until the end of its last day, and not before it was issued", async () => {
    const { chain } = await makeNewsroom({ today })
    for (const day of [addDays(today, -1), today, addDays(today, 90)]) expect(() => checkCurrent(at(chain, -1), day)).not.toThrow()
    expect(() => checkCurrent(at(chain, -1), addDays(today, 91))).toThrow(code("expired"))
    expect(() => checkCurrent(at(chain, -1), addDays(today, -2))).toThrow(code("not-yet"))
  })
})

describe("a day key", () => {
  const verify = (newsroom: TestNewsroom, note: string) => verifyDayNote(note, newsroom.chain, newsroom.id)

  test("is believed when its reporter signed it under a keyring of the chain", async () => {
    const newsroom = await makeNewsroom({ today })
    const { version, hash } = at(newsroom.chain, 0)
    for (const change of [{}, { made: addDays(today, -14) }, { keyring: { version, hash } }])
      expect((await verify(newsroom, await newsroom.dayNote(at(newsroom.reporters, 0), today, change))).reporter.id).toBe("one")
  })

  test.each<[string, string, (newsroom: TestNewsroom) => Promise<string>]>([
    ["signed by a colleague", "unsigned", (n) => n.dayNote(at(n.reporters, 0), today, {}, at(n.reporters, 1).signer)],
    ["signed by a root", "unsigned", (n) => n.dayNote(at(n.reporters, 0), today, {}, at(n.roots, 0))],
    ["for a colleague's slot", "foreign", (n) => n.dayNote(at(n.reporters, 0), today, { slot: 2 })],
    ["for somebody who is not in the keyring", "foreign", (n) => n.dayNote(at(n.reporters, 0), today, { reporter: "ghost" as Id })],
    ["of another newsroom", "foreign", async (n) => n.dayNote(at(n.reporters, 0), today, { newsroom: (await makeNewsroom({ today })).id })],
    [
      "under a keyring that is not in the chain",
      "foreign",
      async (n) =>
        n.dayNote(at(n.reporters, 0), today, { keyring: { version: 2, hash: at((await makeNewsroom({ today })).chain, 1).hash } }),
    ],
    ["made 15 days ahead", "bad-day-note", (n) => n.dayNote(at(n.reporters, 0), today, { made: addDays(today, -15) })],
    ["made after its day", "bad-day-note", (n) => n.dayNote(at(n.reporters, 0), today, { made: addDays(today, 1) })],
    ["that is a keyring", "bad-day-note", async (n) => at(n.chain, 1).source],
  ])("%s is refused, and its reporter cannot be reached", async (_what, expected, make) => {
    const newsroom = await makeNewsroom({ today })
    const note = await make(newsroom)
    await expect(verify(newsroom, note)).rejects.toThrow(code(expected))
    expect((await reachableOn([note], { chain: newsroom.chain, newsroom: newsroom.id, on: today, today })).size).toBe(0)
  })

  test("of a reporter who has left is refused", async () => {
    const newsroom = await makeNewsroom({ today })
    const note = await newsroom.dayNote(at(newsroom.reporters, 0), today)
    await newsroom.next({ reporters: at(newsroom.chain, 1).reporters.slice(1) })
    await expect(verify(newsroom, note)).rejects.toThrow(code("foreign"))
  })

  test("is the newest by made, then seq; and only for the source's own day, give or take one", async () => {
    const newsroom = await makeNewsroom({ today })
    const reporter = at(newsroom.reporters, 0)
    const notes = await Promise.all([
      newsroom.dayNote(reporter, today, { made: addDays(today, -3), seq: 9 }),
      newsroom.dayNote(reporter, today, { made: today, seq: 1 }),
      newsroom.dayNote(reporter, today, { made: today, seq: 0 }),
      newsroom.dayNote(reporter, addDays(today, 1)),
    ])
    const on = (day: Day, now: Day) =>
      reachableOn(["garbage", ...notes], { chain: newsroom.chain, newsroom: newsroom.id, on: day, today: now })
    expect((await on(today, today)).get(reporter.id)).toMatchObject({ made: today, seq: 1 })
    expect((await on(today, addDays(today, 1))).size).toBe(1)
    expect((await on(today, addDays(today, 2))).size).toBe(0)
  })
})

describe("a signed request", () => {
  const now = 1_795_000_000
  const parts: SignedParts = { method: "PUT", authority: "forms.example.org", path: "/api/days", query: "?a=1", body: utf8('{"notes":[]}') }
  test("verifies, and not with anything changed, too early, too late, or by another key", async () => {
    const by = await signer("forms.example.org/one", await newSignKey())
    const headers = await signRequest(parts, by, now)
    await expect(verifyRequest(parts, headers, by.verifier, now)).resolves.toMatchObject({ keyName: "forms.example.org/one", created: now })
    const changed: Partial<SignedParts>[] = [
      { method: "GET" },
      { authority: "evil.example" },
      { path: "/api/notify" },
      { query: "?a=2" },
      { body: utf8("{}") },
    ]
    for (const change of changed)
      await expect(verifyRequest({ ...parts, ...change }, headers, by.verifier, now)).rejects.toThrow(code("bad-signature"))
    await expect(verifyRequest(parts, headers, (await signer("forms.example.org/one", await newSignKey())).verifier, now)).rejects.toThrow(
      code("bad-signature"),
    )
    await expect(verifyRequest(parts, headers, by.verifier, now + 301)).rejects.toThrow(code("expired"))
    await expect(verifyRequest(parts, headers, by.verifier, now - 301)).rejects.toThrow(code("not-yet"))
    const fewer = { ...headers, "signature-input": headers["signature-input"].replace(' "content-digest"', "") }
    await expect(verifyRequest(parts, fewer, by.verifier, now)).rejects.toThrow(code("bad-request"))
  })
})

describe("the source's words", () => {
  test("are eight of the list, and give the same keys however they are typed, other keys in another newsroom", async () => {
    const [here, there] = [await makeNewsroom({ today }), await makeNewsroom({ today })]
    const words = await newWords()
    const typed = ` ${words.toUpperCase().replaceAll(" ", ",\n ")} `
    expect(await deriveSource(parseWords(typed), here.id)).toEqual(await deriveSource(words, here.id))
    expect((await deriveSource(words, there.id)).keys).not.toEqual((await deriveSource(words, here.id)).keys)
  })
  test.each(["", "one two", "zzzz ".repeat(8), `${"abacus ".repeat(7)}abacuss`])("spelt %j are refused", (typed) =>
    expect(() => parseWords(typed)).toThrow(code("bad-words")),
  )
})

describe("a callout", () => {
  test.each([
    ["team", "10-49", true],
    ["team", "11", false],
    ["team", ["10-49"], false],
    ["organisation", ["aws", "devices"], true],
    ["organisation", ["aws", "nsa"], false],
    ["where", "DE", true],
    ["where", "Berlin office", false],
  ] as const)("takes %j = %j: %s", (question, answer, taken) => {
    const found = LAYOFFS.questions.find(({ id }) => id === question)
    expect(found && fits(found, answer)).toBe(taken)
  })
})

test("newsroom.json comes back as it was written", async () => {
  const { pinned } = await makeNewsroom({ today })
  expect(await parsePinned(pinnedText(pinned))).toEqual(pinned)
})
