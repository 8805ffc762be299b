/** What the desk says of a tip, as a data type: whoever has heard the same agrees, in whatever order it was heard. SPEC.md §3.8. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import type { Day } from "../../envelope/day.ts"
import { type Change, changeShape, deskLetterText, parseDeskLetter } from "../../envelope/desk-letter.ts"
import { parseJson } from "../../envelope/json.ts"
import { type Hash, type Id, newsroomId } from "../../envelope/names.ts"
import { type Marks, marksShape, merged, mergedBoth, nextStamp, saidOf } from "../../scripts/vault/marks.ts"
import { DAY, HASH } from "../support/tips.ts"

const IDS = ["one", "bo", "cy"] as Id[]
const change = fc.record({
  by: fc.constantFrom(...IDS),
  day: fc.constantFrom("2026-11-20", "2026-11-21", "2026-11-22") as fc.Arbitrary<Day>,
  counter: fc.integer({ min: 1, max: 4 }),
  set: fc
    .dictionary(fc.constantFrom("tag:a", "tag:b", "spam"), fc.boolean(), { minKeys: 1, noNullPrototype: true })
    .map((fields) => new Map<string, boolean | string | null>(Object.entries(fields))),
})
/** No writer uses a stamp twice: that is what the counter is for. */
const changes = fc.uniqueArray(change, { selector: ({ by, day, counter }) => `${by} ${day} ${counter}`, maxLength: 12 })
const all = (of: readonly { readonly by: Id; readonly day: Day; readonly counter: number; readonly set: Change["set"] }[]): Marks =>
  of.reduce<Marks>((marks, { by, ...rest }) => merged(marks, rest, by), {})

describe("marks", () => {
  test("are the same in whatever order changes come, how often, and in how many heaps", () => {
    fc.assert(
      fc.property(changes, fc.integer(), fc.nat(12), (list, seed, cut) => {
        const shuffled = [...list].sort(
          (a, b) => ((a.counter * 31 + a.day.charCodeAt(9) * seed) % 7) - ((b.counter * 31 + b.day.charCodeAt(9) * seed) % 7),
        )
        expect(all(shuffled)).toEqual(all(list))
        expect(all([...list, ...shuffled])).toEqual(all(list))
        expect(mergedBoth(all(list.slice(0, cut)), all(list.slice(cut)))).toEqual(all(list))
      }),
    )
  })

  test("keep what was set last by day, then counter, then name, and not the greatest counter ever made up", () => {
    const set = (value: boolean) => new Map([["spam", value]])
    const marks = [
      { by: "bo" as Id, day: "2026-11-21" as Day, counter: 1_000_000, set: set(true) },
      { by: "one" as Id, day: "2026-11-22" as Day, counter: 1, set: set(false) },
    ]
    expect(saidOf(all(marks)).spam).toBe(false)
    expect(saidOf(all([...marks, { by: "bo" as Id, day: "2026-11-22" as Day, counter: 1, set: set(true) }])).spam).toBe(false)
    expect(saidOf(all([...marks, { by: "zed" as Id, day: "2026-11-22" as Day, counter: 1, set: set(true) }])).spam).toBe(true)
  })

  test("take only from the reader that something was read, and show only what those say who have the tip", () => {
    const at = { day: DAY, counter: 1 }
    const marks = merged(
      merged({}, { ...at, set: new Map([["read:one", true]]) }, "bo" as Id),
      { ...at, set: new Map([["tag:x", true]]) },
      "cy" as Id,
    )
    expect(marks).toEqual({ "tag:x": [true, DAY, 1, "cy"] })
    expect(saidOf(marks, ["one", "bo"] as Id[]).tags).toEqual([])
    expect(saidOf(marks, ["cy"] as Id[]).tags).toEqual(["x"])
  })

  test("are stamped above everything that was seen, also by a clock that is behind", () => {
    expect(nextStamp(undefined, DAY)).toEqual({ day: DAY, counter: 1 })
    expect(nextStamp({ day: DAY, counter: 7 }, DAY)).toEqual({ day: DAY, counter: 8 })
    expect(nextStamp({ day: "2026-11-23" as Day, counter: 7 }, DAY)).toEqual({ day: "2026-11-23", counter: 8 })
  })

  test("come back from the index as they were written", () => {
    fc.assert(
      fc.property(changes, (list) => {
        const marks = all(list)
        expect(parseJson(JSON.stringify(marks), marksShape, "marks")).toEqual(marks)
      }),
    )
  })
})

describe("a desk letter", () => {
  const letter = {
    newsroom: newsroomId(HASH),
    keyring: HASH,
    day: DAY,
    from: "one" as Id,
    to: ["bo"] as Id[],
    changes: [
      {
        tip: HASH,
        day: DAY,
        counter: 1,
        set: new Map<string, string | boolean | null>([
          ["tag:checked", true],
          ["assignee", null],
        ]),
      },
    ],
  }

  test("comes back as it was written", () => expect(parseDeskLetter(deskLetterText(letter))).toEqual(letter))

  test.each<[string, string, unknown]>([
    ["a field that does not belong", "colour", true],
    ["a tag with a space", "tag:a b", true],
    ["a tag that is no flag", "tag:a", "yes"],
    ["an assignee that is no id", "assignee", "Bo!"],
    ["a note under no name", "note:x", "text"],
    ["a note with a control character", "note:2026-11-22.1.one", "a\u001b[2J"],
    ["reading taken back", "read:one", false],
    ["a reason that is too long", "hold", "x".repeat(501)],
  ])("is refused with %s", (_what, field, value) => {
    const one = { tip: HASH as Hash, day: DAY, counter: 1, set: { [field]: value } }
    expect(() => parseJson(JSON.stringify(one), changeShape, "change")).toThrow(expect.objectContaining({ code: "bad-json" }))
  })
})
