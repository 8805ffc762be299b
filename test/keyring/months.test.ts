/** The kind of question that asks when: months, never a day. SPEC.md §4.3. */

import { describe, expect, test } from "@jest/globals"
import { callout, fits } from "../../keyring/callout.ts"

const asked = (first: unknown, last: unknown) => ({
  id: "layoffs",
  title: "Affected?",
  lang: "en",
  questions: [{ id: "when", kind: "months", label: "When were people told?", first, last }],
})
const parse = (first: unknown, last: unknown) => callout(asked(first, last), "callout")

describe("a question about months", () => {
  test.each([
    ["2026-01", "2026-02"],
    ["2022-01", "2026-12"],
  ])("asks about %s to %s", (first, last) => {
    expect(parse(first, last).questions).toHaveLength(1)
  })

  test.each([
    ["the months the other way round", "2026-02", "2026-01"],
    ["a single month", "2026-02", "2026-02"],
    ["more than sixty", "2022-01", "2027-01"],
    ["a day", "2026-02-01", "2026-03-01"],
    ["a thirteenth month", "2026-01", "2026-13"],
    ["a number", 202601, 202602],
    ["no end", "2026-01", undefined],
  ])("is refused with %s", (_what, first, last) => {
    expect(() => parse(first, last)).toThrow(expect.objectContaining({ code: "bad-json" }))
  })

  test.each([
    ["2025-11", true],
    ["2026-03", true],
    ["2025-11/2026-03", true],
    ["2025-12/2026-01", true],
    ["2025-10", false],
    ["2026-04", false],
    ["2026-01/2025-12", false],
    ["2026-01/2026-01", false],
    ["2025-11/2026-04", false],
    ["2025-11/2025-12/2026-01", false],
    ["2026-01-15", false],
    ["2026-1", false],
    ["/2026-01", false],
    ["", false],
  ])("and %j is an answer to it: %s", (answer, isOne) => {
    const [question] = parse("2025-11", "2026-03").questions
    if (question === undefined) throw new Error("no question")
    expect(fits(question, answer)).toBe(isOne)
    expect(fits(question, [answer])).toBe(false)
  })
})
