/** Letters in the wrong hands: what a dishonest reporter, source or server can make of an honest tip, and what its reader is told. SPEC.md §5.
 *  Nothing here breaks a cipher. Each is a good envelope, and is shown for what it is. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import { type Bytes, concat, equal, utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day } from "../../envelope/day.ts"
import { writeHeader } from "../../envelope/header.ts"
import { type Identity, newIdentity, newSignKey, type Recipient, recipientOf, verifyKeyOf } from "../../envelope/keys.ts"
import { type Tip, tipText } from "../../envelope/letter.ts"
import { type Id, type NewsroomId, newsroomId } from "../../envelope/names.ts"
import { checkAddressed, type OpenedTip, readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { END_MARK, openAll, outcome, type Signing, sealRaw, tarOf, tipEntries, tipOf, toClass } from "../support/forge.ts"
import { DAY, type Desk, HASH, makeDesk, sealed } from "../support/tips.ts"

/** A reporter's place: where an envelope is tried, and who the reader then is. */
interface Place {
  readonly identity: Identity
  readonly slot: number
  readonly newsroom: NewsroomId
  readonly day: Day
  readonly reporter: Id
}
let desk: Desk
let honest: Bytes
let chosen: Place

beforeAll(async () => {
  desk = await makeDesk([1, 2], 4)
  honest = await sealed(desk, { message: "for one and two" })
  chosen = { identity: desk.identities.get(1) as Identity, slot: 1, newsroom: newsroomId(HASH), day: DAY, reporter: "reporter-1" as Id }
})

/** What a command line does with an envelope: open, read, check whom it was for. */
async function receive(envelope: Bytes, at: Place): Promise<OpenedTip | undefined> {
  const unlocked = await unlock([envelope], { identity: at.identity, slot: at.slot, slots: 4 })
  if (unlocked === undefined) return undefined
  const opened = await readTip(unlocked)
  for await (const _ of opened.files());
  checkAddressed(opened.tip, at)
  return opened
}

/** What a dishonest reporter does: the same payload, byte for byte, under a new header to whomever they like. */
async function passOn(envelope: Bytes, from: Place, to: { slot: number; recipient: Recipient }): Promise<Bytes> {
  const unlocked = await unlock([envelope], { identity: from.identity, slot: from.slot, slots: 4 })
  if (unlocked === undefined) throw new Error("not for them")
  const slots = Array.from({ length: 5 }, (_, slot) => (slot === to.slot ? to.recipient : undefined))
  const header = await writeHeader(await sealSlots(unlocked.fileKey, slots), unlocked.fileKey)
  return concat(header, await collect(unlocked.payload.rest()))
}

test("the tip that is passed on is good where it was sent", async () => {
  expect((await receive(honest, chosen))?.message).toBe("for one and two")
})

describe("a tip that a reporter passes on", () => {
  test.each<[string, Partial<Place>, string]>([
    ["to a colleague whom the source did not choose", { slot: 3, reporter: "reporter-3" as Id }, "not-addressed"],
    ["to another newsroom", { newsroom: newsroomId(Buffer.alloc(32, 9).toString("base64url") as typeof HASH) }, "wrong-newsroom"],
    ["on the day after", { day: addDays(DAY, 1) }, "wrong-day"],
    ["on the day before", { day: addDays(DAY, -1) }, "wrong-day"],
  ])("%s opens there, is signed by its source, and is refused for what it says", async (_where, change, code) => {
    const there: Place = { ...chosen, ...change, identity: await newIdentity() }
    const envelope = await passOn(honest, chosen, { slot: there.slot, recipient: await recipientOf(there.identity) })
    expect(await outcome(receive(envelope, there))).toBe(code)
    const unlocked = await unlock([envelope], { identity: there.identity, slot: there.slot, slots: 4 })
    expect(unlocked && (await readTip(unlocked)).message).toBe("for one and two")
  })

  test("to one who was chosen too is the same letter once more: its signature says so, though no byte of the header is the same", async () => {
    const second: Place = { ...chosen, identity: desk.identities.get(2) as Identity, slot: 2, reporter: "reporter-2" as Id }
    const again = await passOn(honest, chosen, { slot: 2, recipient: await recipientOf(second.identity) })
    const [before, after] = [await receive(honest, second), await receive(again, second)]
    expect(before && after && equal(before.signature, after.signature)).toBe(true)
    expect(equal(honest, again)).toBe(false)
  })

  test("whole, to the same newsroom and day, is the same letter once more", async () => {
    const [before, after] = [await receive(honest, chosen), await receive(honest.slice(), chosen)]
    expect(before && after && equal(before.signature, after.signature)).toBe(true)
  })
})

describe("a letter that names a source", () => {
  const seal = async (letter: Tip, signing: Signing = {}, text = tipText(letter)) =>
    sealRaw(desk, toClass(desk, await tarOf(desk, tipEntries(desk, { letter: text }), END_MARK, signing)))

  test("and is signed by another hand is no follow-up of theirs", async () => {
    expect(await outcome(openAll(desk, await seal(tipOf(desk), { key: await newSignKey() })))).toBe("bad-signature")
  })

  test("is shown under the key that signed it, and under no other: a stranger who signs is a stranger", async () => {
    const key = await newSignKey()
    const verify = await verifyKeyOf(key)
    const opened = await openAll(desk, await seal(tipOf(desk, { source: { ...desk.source.keys, verify } }), { key }))
    expect(opened && equal(opened.tip.source.verify, verify)).toBe(true)
    expect(opened && equal(opened.tip.source.verify, desk.source.keys.verify)).toBe(false)
  })

  test("cannot borrow the signature of another letter by the same source", async () => {
    const signature = (await openAll(desk, honest))?.signature ?? new Uint8Array(64)
    const entries = tipEntries(desk, { message: utf8("another message") }).map((entry) =>
      entry.name === "signature" ? { ...entry, content: signature } : entry,
    )
    expect(await outcome(openAll(desk, await sealRaw(desk, toClass(desk, await tarOf(desk, entries)))))).toBe("bad-signature")
  })

  test("cannot borrow it with the message unchanged and another reader added", async () => {
    const signature = (await openAll(desk, honest))?.signature ?? new Uint8Array(64)
    const letter = tipText(tipOf(desk, { to: ["reporter-1", "reporter-2", "reporter-3"] as Id[] }))
    const entries = tipEntries(desk, { letter, message: utf8("for one and two") }).map((entry) =>
      entry.name === "signature" ? { ...entry, content: signature } : entry,
    )
    expect(await outcome(openAll(desk, await sealRaw(desk, toClass(desk, await tarOf(desk, entries)))))).toBe("bad-signature")
  })

  test.each([
    ["as a reply", { label: "sotto/v1/reply\n" }],
    ["without a label", { label: "" }],
    ["as a later version", { label: "sotto/v2/tip\n" }],
    ["for another newsroom than it names", { newsroom: new Uint8Array(32).fill(9) }],
  ])("and is signed %s is not signed", async (_what, signing) => {
    expect(await outcome(openAll(desk, await seal(tipOf(desk), signing)))).toBe("bad-signature")
  })

  test("in the format of a reply is not a tip, however it is signed", async () => {
    const { newsroom, keyring, day, source } = JSON.parse(tipText(tipOf(desk)))
    const members = { newsroom, keyring, day, from: "reporter-1", for: source.verify, re: HASH, to: ["reporter-2"] }
    const reply = JSON.stringify({ format: "sotto-reply/1", ...members })
    for (const label of ["sotto/v1/reply\n", "sotto/v1/tip\n"])
      expect(await outcome(openAll(desk, await seal(tipOf(desk), { label }, reply)))).toBe("bad-json")
    expect(await outcome(openAll(desk, await seal(tipOf(desk), {}, JSON.stringify({ format: "sotto-tip/1", ...members }))))).toBe(
      "bad-json",
    )
  })
})
