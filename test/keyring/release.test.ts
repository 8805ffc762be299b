/** Releases: what the roots promise that a server hands out, how a keyring names one, and what of a page belongs to the newsroom. SPEC.md §14. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { utf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { type Hash, hashOf } from "../../envelope/names.ts"
import { changes } from "../../keyring/changes.ts"
import { HOLE, holeText, pinInPage, unfilled } from "../../keyring/holes.ts"
import { parseKeyring, verifyChain } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned, pinnedText } from "../../keyring/newsroom.ts"
import { type Signer, signNote } from "../../keyring/note.ts"
import { type Hole, parseRelease, parseReleaseText, releaseText, verifyRelease } from "../../keyring/release.ts"
import { releaseWords } from "../../keyring/spoken.ts"
import { makeNewsroom, type TestReporter } from "../support/newsroom.ts"

const example = (name: string) => readFileSync(join(__dirname, "../vectors/example", name))
const text = (name: string) => example(name).toString("utf8")
const today = "2026-11-22" as Day
const code = (expected: string) => expect.objectContaining({ code: expected })

describe("the example of SPEC.md §14", () => {
  test("is signed by the root of its newsroom, and says the same again", async () => {
    const keyring = await parseKeyring(text("keyring.note"))
    const release = await verifyRelease(text("release.note"), keyring)
    expect(releaseText(release)).toBe(release.note.text)
    expect(release.hash).toBe(await hashOf(utf8(release.note.text)))
    expect(release.page.map(({ path }) => path)).toEqual(["/page.js"])
  })

  test("has a served page from which the pin can be taken, and the page as built be had again", async () => {
    const { html } = await parseRelease(text("release.note"))
    const pin = await parsePinned(text("newsroom.json").trimEnd())
    expect(pinInPage(text("served.html"))).toBe(pinnedText(pin))
    const built = unfilled(new Uint8Array(example("served.html")), html.holes, pin)
    expect(Buffer.from(built as Uint8Array)).toEqual(example("built.html"))
    expect(await hashOf(built as Uint8Array<ArrayBuffer>)).toBe(html.sha256)
  })
})

describe("a release", () => {
  test("that too few roots have signed is not believed, whoever else signed it", async () => {
    const newsroom = await makeNewsroom({ today, rootCount: 3, threshold: 2 })
    const { note } = await parseRelease(text("release.note"))
    const [one, two] = newsroom.roots as readonly [Signer, Signer]
    const [reporter] = newsroom.reporters as readonly [TestReporter]
    const current = await parseKeyring(newsroom.chain.at(-1)?.source ?? "")
    const by = (signers: typeof newsroom.roots) => signNote(note.text, signers)
    await expect(verifyRelease(await by([one]), current)).rejects.toThrow(code("too-few-roots"))
    await expect(verifyRelease(await by([one, reporter.signer]), current)).rejects.toThrow(code("too-few-roots"))
    expect((await verifyRelease(await by([one, two]), current)).version).toBe("0.1.0")
  })

  test("signed by roots is no keyring, and a keyring no release", async () => {
    await expect(parseKeyring(text("release.note"))).rejects.toThrow(code("bad-keyring"))
    await expect(parseRelease(text("keyring.note"))).rejects.toThrow(code("bad-release"))
  })

  interface Json {
    readonly format: string
    readonly html: object
    readonly page: readonly object[]
  }
  const said = () => JSON.parse(text("release.note").split("\n\n", 1)[0] ?? "") as Json
  test.each<[string, (release: Json) => unknown]>([
    ["another format", (release) => ({ ...release, format: "sotto-release/2" })],
    ["a member that does not belong there", (release) => ({ ...release, extra: 1 })],
    ["no programs", (release) => ({ ...release, programs: [] })],
    ["a path that leads out", (release) => ({ ...release, page: [{ ...release.page[0], file: "../x.js" }] })],
    ["one address twice", (release) => ({ ...release, page: [release.page[0], release.page[0]] })],
    ["a page file at the page's address", (release) => ({ ...release, page: [{ ...release.page[0], path: "/" }] })],
    [
      "a header twice",
      (release) => ({
        ...release,
        headers: {
          always: [
            { name: "A", value: "1" },
            { name: "a", value: "2" },
          ],
          https: [],
        },
      }),
    ],
    ["a header of two lines", (release) => ({ ...release, headers: { always: [{ name: "A", value: "1\r\nB: 2" }], https: [] } })],
    ["a hole outside the page", (release) => ({ ...release, html: { ...release.html, holes: [{ name: "newsroom", at: 1_000 }] } })],
    [
      "holes out of order",
      (release) => ({
        ...release,
        html: {
          ...release.html,
          holes: [
            { name: "b", at: 50 },
            { name: "a", at: 5 },
          ],
        },
      }),
    ],
    [
      "holes within each other",
      (release) => ({
        ...release,
        html: {
          ...release.html,
          holes: [
            { name: "a", at: 5 },
            { name: "b", at: 6 },
          ],
        },
      }),
    ],
    ["a version that is a sentence", (release) => ({ ...release, version: "the newest" })],
  ])("with %s is refused", (_what, change) => {
    expect(parseReleaseText(`${JSON.stringify(said())}\n`)).toMatchObject({ version: "0.1.0" })
    expect(() => parseReleaseText(`${JSON.stringify(change(said()))}\n`)).toThrow(code("bad-release"))
  })

  test("is the same text whoever makes it: nothing in it is of a newsroom", () => {
    const names = Object.keys(said())
    expect(names).toEqual(["format", "version", "html", "page", "headers", "wasm", "programs"])
  })
})

describe("a keyring", () => {
  test("names a release, which its chain carries and its changes say", async () => {
    const newsroom = await makeNewsroom({ today })
    const hash = (await parseRelease(text("release.note"))).hash
    const named = await newsroom.next({ release: { version: "0.1.0", hash } })
    const after = await newsroom.next({ release: { version: "0.1.1", hash: "A".repeat(43) as Hash } })
    const chain = await verifyChain(
      newsroom.chain.map(({ source }) => source),
      { newsroom: newsroom.id },
    )
    expect(chain.map(({ release }) => release?.version)).toEqual([undefined, undefined, "0.1.0", "0.1.1"])
    expect(await changes(newsroom.chain[1], named, newsroom.id)).toEqual([
      `keyring 3: the page is release 0.1.0 (${hash.slice(0, 8)}…), signed by root 1, ${today}`,
      `keyring 3: release 0.1.0, six words: ${await releaseWords(hash)}, signed by root 1, ${today}`,
    ])
    const renewed = await newsroom.next({})
    expect([renewed.release, await changes(after, renewed, newsroom.id)]).toEqual([
      { version: "0.1.1", hash: "A".repeat(43) },
      [`keyring 5: renewed until ${renewed.expires}, signed by root 1, ${today}`],
    ])
    const { release: _, ...without } = renewed
    expect(await changes(renewed, { ...without, version: 6 }, newsroom.id)).toEqual([
      `keyring 6: no release is named any more, signed by root 1, ${today}`,
    ])
  })

  test.each([
    ["no hash", { version: "0.1.0" }],
    ["a hash that is none", { version: "0.1.0", hash: "x" }],
    ["more than that", { version: "0.1.0", hash: "A".repeat(43), url: "https://example.org" }],
  ])("that names a release with %s is refused", async (_what, release) => {
    const newsroom = await makeNewsroom({ today })
    const [first = "", signatures = ""] = (await newsroom.draft({})).split("\n\n")
    const altered = `${JSON.stringify({ ...JSON.parse(first), release })}\n\n${signatures}`
    await expect(parseKeyring(altered)).rejects.toThrow(code("bad-keyring"))
  })
})

describe("what a server fills into the page", () => {
  const holesOf = (built: string): Hole[] => [...built.matchAll(HOLE)].map(({ index, 1: name = "" }) => ({ name, at: index }))
  const fill = (built: string, pin: PinnedNewsroom) => built.replace(HOLE, (mark, name) => holeText(name, pin) ?? mark)

  test("can be taken out again, wherever the holes are and whatever the channels are called", async () => {
    const pin = await parsePinned(text("newsroom.json").trimEnd())
    const word = fc.string({ minLength: 1, maxLength: 20 }).filter((one) => !/[\p{Cc}\ud800-\udfff]/u.test(one))
    const channel = fc.record({ name: fc.oneof(word, fc.constant("{{channels}}")), address: word, drawback: word })
    const piece = fc.oneof(fc.constant("{{newsroom}}"), fc.constant("{{channels}}"), fc.stringMatching(/^[a-z<>"]{0,9}$/))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), fc.array(channel, { maxLength: 3 }), async (pieces, channels) => {
        const built = pieces.join("\n")
        const own = { ...pin, channels }
        const back = unfilled(utf8(fill(built, own)), holesOf(built), own)
        expect(Buffer.from(back as Uint8Array).toString()).toBe(built)
      }),
      { numRuns: 100 },
    )
  })

  test("is found out where it is another newsroom's, and where it would be", async () => {
    const pin = await parsePinned(text("newsroom.json").trimEnd())
    const built = "<p>{{newsroom}}</p>"
    const other = { ...pin, threshold: 2 }
    expect(unfilled(utf8(fill(built, other)), holesOf(built), pin)).toEqual({ hole: "newsroom", at: 3 })
    expect(unfilled(utf8("<p>"), holesOf(built), pin)).toEqual({ hole: "newsroom", at: 3 })
    expect(unfilled(utf8("<p>{{later}}"), holesOf("<p>{{later}}"), pin)).toEqual({ hole: "later", at: 3 })
  })
})
