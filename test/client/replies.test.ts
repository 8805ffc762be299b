/** What the source's worker makes of a mailbox, run in Node: who wrote it and what has become of them, and everything that must not be shown. SPEC.md §3.7. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import { longerChain, type Mailbox, readMailbox } from "../../client/worker-replies.ts"
import { type Bytes, concat } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { newSignKey, type Recipient } from "../../envelope/keys.ts"
import { parseLetter, parseReply, type Reply, replyText, tipText } from "../../envelope/letter.ts"
import type { Id } from "../../envelope/names.ts"
import { readLetter, readTip, unlock } from "../../envelope/open.ts"
import { sealReply } from "../../envelope/seal.ts"
import { floorBytes } from "../../envelope/sizes.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { signer } from "../../keyring/note.ts"
import { deriveSource, newWords, type SourceSecrets } from "../../keyring/words.ts"
import { filler } from "../../server/filler.ts"
import { outcome, sealRaw, tarOf, tipEntries, toClass } from "../support/forge.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { HASH, makeDesk } from "../support/tips.ts"

const FIRST = "2026-11-22" as Day
const on = (days: number): Day => addDays(FIRST, days)
let newsroom: TestNewsroom
let source: SourceSecrets
/** The second key of reporter one, after a rotation. */
let fresh: Awaited<ReturnType<typeof signer>>

/** 1 roots; 2 one and two; 3 two has left (day 10); 4 one has another key (day 20). */
beforeAll(async () => {
  newsroom = await makeNewsroom({
    today: FIRST,
    policy: { slots: 8, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 },
  })
  const [, second] = newsroom.chain as [Keyring, Keyring]
  const [one] = second.reporters as [Keyring["reporters"][number]]
  await newsroom.next({ issued: on(10), reporters: [one] })
  fresh = await signer(one.verify.name, await newSignKey())
  await newsroom.next({ issued: on(20), reporters: [{ ...one, verify: fresh.verifier }] })
  source = await deriveSource(await newWords(), newsroom.id)
})

interface Made {
  readonly by?: "one" | "two" | "fresh"
  readonly under?: number
  readonly change?: Partial<Reply>
  readonly message?: string
}
async function reply({ by = "fresh", under = 4, change = {}, message = "hello" }: Made = {}): Promise<Bytes> {
  const keys = { one: newsroom.reporters[0]?.signer.key, two: newsroom.reporters[1]?.signer.key, fresh: fresh.key }
  const slots: (Recipient | undefined)[] = Array.from({ length: 9 }, () => undefined)
  slots[0] = source.keys.recipient
  return sealReply({
    reply: {
      newsroom: newsroom.id,
      keyring: (newsroom.chain[under - 1] as Keyring).hash,
      day: on(25),
      from: (by === "two" ? "two" : "one") as Id,
      for: source.keys.verify,
      re: HASH,
      to: ["one"] as Id[],
      ...change,
    },
    message,
    sign: keys[by] as NonNullable<(typeof keys)["one"]>,
    slots,
  })
}
const open = (bodies: readonly Bytes[], by = source, chain: readonly Keyring[] = newsroom.chain): Promise<Mailbox> =>
  readMailbox(concat(...bodies), by, { chain, pinned: newsroom.pinned, told: on(25) })

describe("who wrote it", () => {
  test.each<[string, Made, object]>([
    ["with us, under the newest keyring", {}, { name: "Reporter one", message: "hello" }],
    ["with us, by a key that was theirs when they wrote", { by: "one", under: 3, change: { day: on(15) } }, { name: "Reporter one" }],
    ["with a key that they had given up", { by: "one", under: 3, change: { day: on(25) } }, { replaced: on(20) }],
    [
      "no longer with us, and wrote before they left",
      { by: "two", under: 2, change: { from: "two" as Id, day: on(5) } },
      { left: { on: on(10), isBefore: false } },
    ],
    [
      "no longer with us on the very day: nobody can tell",
      { by: "two", under: 2, change: { from: "two" as Id, day: on(10) } },
      { left: { on: on(10), isBefore: false } },
    ],
    [
      "gone before it was written",
      { by: "two", under: 2, change: { from: "two" as Id, day: on(11) } },
      { left: { on: on(10), isBefore: true } },
    ],
  ])("is %s", async (_what, made, expected) => {
    const { replies, refused } = await open([await reply(made)])
    expect(refused).toBe(0)
    expect(replies).toEqual([expect.objectContaining(expected)])
    expect(Object.keys(replies[0] ?? {}).filter((key) => ["left", "replaced"].includes(key))).toEqual(
      Object.keys(expected).filter((key) => ["left", "replaced"].includes(key)),
    )
  })

  test.each<[string, Made]>([
    ["somebody who had left, under a keyring without them", { by: "two", under: 3, change: { from: "two" as Id } }],
    ["the key before, under a keyring with the new one", { by: "one", under: 4 }],
    ["the new key, under a keyring with the one before", { by: "fresh", under: 3 }],
    ["a colleague, in another's name", { by: "two", under: 2, change: { from: "one" as Id } }],
  ])("is not %s: refused", async (_what, made) => {
    expect(await open([await reply(made)])).toEqual({ replies: [], refused: 1 })
  })
})

describe("what is shown", () => {
  test("has the newest day first, with who else can read it and until when it is kept", async () => {
    const made = await Promise.all([on(23), on(25), on(24)].map((day) => reply({ change: { day, to: ["one", "two", "nobody"] as Id[] } })))
    const { replies } = await open([...made, await filler(new Uint8Array(32), new Uint8Array(32), "0", 8)])
    expect(replies.map(({ day, until }) => [day, until])).toEqual([25, 24, 23].map((day) => [on(day), on(day + 90)]))
    expect(replies[0]?.others).toEqual(["two", "nobody"])
  })

  test("is nothing for wrong words, whatever there is, and exactly what an empty mailbox shows", async () => {
    const other = await deriveSource(await newWords(), newsroom.id)
    const fillers = await Promise.all([0, 1, 2, 3].map((place) => filler(new Uint8Array(32), new Uint8Array(32), `${place}`, 8)))
    expect(await open([await reply()], other)).toEqual(await open(fillers))
  })

  test("is never a body that was altered, cut, or is not one", async () => {
    const good = await reply()
    const last = good.slice()
    last[last.length - 1] = (last[last.length - 1] ?? 0) ^ 1
    const mac = good.slice()
    mac[14_050] = (mac[14_050] ?? 0) ^ 1
    expect(await open([last])).toMatchObject({ replies: [], refused: 1 })
    expect((await open([mac])).replies).toEqual([])
    expect(await open([new Uint8Array(floorBytes(8)), good.slice(0, 100)])).toEqual({ replies: [], refused: 0 })
  })
})

describe("a chain that begins later than the reply's keyring", () => {
  test("is made longer by what the server gives, when that holds, and stays as it was when not", async () => {
    const { chain, pinned } = newsroom
    const sources = chain.map(({ source: text }) => text)
    const short = chain.slice(2)
    const old = await reply({ by: "two", under: 2, change: { from: "two" as Id, day: on(5) } })
    expect(await open([old], source, short)).toMatchObject({ replies: [], refused: 1 })
    const whole = await longerChain(short, sources.slice(0, 2), pinned)
    expect(whole.map(({ version }) => version)).toEqual([1, 2, 3, 4])
    expect((await open([old], source, whole)).replies).toHaveLength(1)
    const other = await makeNewsroom({ today: FIRST })
    for (const lie of [[], sources.slice(0, 1), other.chain.map(({ source: text }) => text), ["x", "y"]])
      expect(await longerChain(short, lie, pinned)).toBe(short)
  })
})

describe("the label", () => {
  test.each([
    ["of a reply", "opened", "sotto/v1/reply\n"],
    ["of a tip", "bad-signature", "sotto/v1/tip\n"],
    ["of nothing", "bad-signature", ""],
  ])("keeps tips and replies apart: a reply signed under that %s: %s", async (_what, expected, label) => {
    const by = newsroom.reporters[0]?.signer
    if (by === undefined) throw new Error("no reporter")
    const desk = await makeDesk()
    const letter = replyText({
      newsroom: newsroom.id,
      keyring: HASH,
      day: FIRST,
      from: "one" as Id,
      for: source.keys.verify,
      re: HASH,
      to: ["one"] as Id[],
    })
    const archive = await tarOf(desk, tipEntries(desk, { letter }), undefined, { label, key: by.key, newsroom: newsroom.id })
    const body = await sealRaw(desk, toClass(desk, archive))
    const [[slot, identity] = [0, source.identity]] = [...desk.identities]
    const open = async () => {
      const unlocked = await unlock([body], { identity, slot, slots: 8 })
      return unlocked && readLetter(unlocked, () => by.verifier.key)
    }
    expect(await outcome(open())).toBe(expected)
    // Where only a tip will do, it is none, however it is signed.
    const unlocked = await unlock([body], { identity, slot, slots: 8 })
    expect(unlocked && (await outcome(readTip(unlocked)))).toBe("bad-json")
  })

  test("and what follows a reply's signature are refusals: it has no files, and nothing behind its end", async () => {
    const by = newsroom.reporters[0]?.signer
    if (by === undefined) throw new Error("no reporter")
    const desk = await makeDesk()
    const [[slot, identity] = [0, source.identity]] = [...desk.identities]
    const letter = replyText({
      newsroom: newsroom.id,
      keyring: HASH,
      day: FIRST,
      from: "one" as Id,
      for: source.keys.verify,
      re: HASH,
      to: ["one"] as Id[],
    })
    const signing = { label: "sotto/v1/reply\n", key: by.key, newsroom: newsroom.id }
    const file = { name: "files/1", content: new Uint8Array(3) }
    for (const [code, archive] of [
      ["bad-letter", await tarOf(desk, [...tipEntries(desk, { letter }), file], undefined, signing)],
      ["bad-archive", concat(await tarOf(desk, tipEntries(desk, { letter }), undefined, signing), new Uint8Array([1]))],
    ] as const) {
      const unlocked = await unlock([await sealRaw(desk, toClass(desk, archive))], { identity, slot, slots: 8 })
      expect(unlocked && (await outcome(readLetter(unlocked, () => by.verifier.key)))).toBe(code)
    }
  })

  test("and the format decide what a letter is; what the text gives, the parser takes, and nothing more", () => {
    const made: Reply = {
      newsroom: newsroom.id,
      keyring: HASH,
      day: FIRST,
      from: "one" as Id,
      for: source.keys.verify,
      re: HASH,
      to: ["one"] as Id[],
    }
    expect(parseReply(replyText(made))).toEqual(made)
    expect(parseLetter(replyText(made))).toEqual({ kind: "reply", reply: made })
    const text = replyText(made)
    for (const wrong of [
      text.replace("sotto-reply/1", "sotto-reply/2"),
      text.replace('"day"', '"Day"'),
      `${text.slice(0, -1)},"files":[]}`,
      text.replace('"to":["one"]', '"to":[]'),
      text.replace('"to":["one"]', '"to":["one","one"]'),
      text.replace('"from":"one",', ""),
      text.replace("sotto-reply/1", "sotto-tip/1"),
    ])
      expect(() => parseLetter(wrong)).toThrow(expect.objectContaining({ code: "bad-json" }))
    expect(() => replyText({ ...made, to: [] })).toThrow(expect.objectContaining({ code: "bad-json" }))
    expect(() => parseReply(tipText({ ...made, reachable: made.to, answers: new Map(), source: source.keys, files: [] }))).toThrow()
  })

  test("a reply is exactly of floor size, with any number of slots, or it is not sealed", async () => {
    for (const slots of [4, 8, 16, 32] as const) {
      const sign = await newSignKey()
      const made: Reply = {
        newsroom: newsroom.id,
        keyring: HASH,
        day: FIRST,
        from: "one" as Id,
        for: source.keys.verify,
        re: HASH,
        to: ["one"] as Id[],
      }
      const nobody = Array.from({ length: slots + 1 }, () => undefined)
      for (const message of ["", "x".repeat(8_000)])
        expect(await sealReply({ reply: made, message, sign, slots: nobody })).toHaveLength(floorBytes(slots))
      await expect(sealReply({ reply: made, message: "x".repeat(100_000), sign, slots: nobody })).rejects.toMatchObject({
        code: "too-large",
      })
    }
  })
})
