/** Eight words as people type them: what is forgiven, what is named, what is offered, and that nothing is guessed. SPEC.md §6. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { WORDS } from "../../keyring/wordlist.ts"
import { checkWords, nearWords, newWords, parseWords } from "../../keyring/words.ts"

const EIGHT = "abacus drop-down felt-tip zoom yo-yo t-shirt apple acorn"
const typedBadly: readonly [string, string][] = [
  ["in capitals", EIGHT.toUpperCase()],
  ["with commas", EIGHT.replaceAll(" ", ", ")],
  ["in two rows", EIGHT.replace("zoom ", "zoom\n")],
  ["a line each, numbered", [...EIGHT.split(" ").map((word, at) => `${at + 1}. ${word}`)].join("\r\n")],
  ["numbered with brackets", [...EIGHT.split(" ").map((word, at) => `${at + 1}) ${word}`)].join(" ")],
  ["with a full stop", `${EIGHT}.`],
  ["with the dashes of a phone", EIGHT.replaceAll("-", "–")],
  ["with blanks of every kind", `\t ${EIGHT.replaceAll(" ", "\u00a0 \n")} \n`],
  ["in letters of full width", EIGHT.replace("abacus", "ａｂａｃｕｓ")],
]

describe("words typed by a person", () => {
  test.each(typedBadly)("are taken %s", (_how, typed) => expect(checkWords(typed)).toEqual({ words: EIGHT }))

  test("of the generator are always taken", async () => {
    for (let round = 0; round < 50; round++) {
      const words = await newWords()
      expect(parseWords(words.toUpperCase())).toBe(words)
    }
  })

  test("are named by place when one is not in the list, with what it may have been, and never replaced", () => {
    const near = checkWords(EIGHT.replace("apple", "aplpe"))
    expect(near).toEqual({ place: 7, word: "aplpe", near: expect.arrayContaining(["apple"]) })
    expect(checkWords(EIGHT.replace("zoom", "zzzzzz"))).toEqual({ place: 4, word: "zzzzzz", near: [] })
    expect(checkWords("abac drop-down felt-tip zoom yo-yo t-shirt apple acorn")).toMatchObject({ place: 1, word: "abac" })
  })

  test("are counted when all are in the list", () => {
    expect(checkWords("")).toEqual({ count: 0 })
    expect(checkWords(`${EIGHT} apple`)).toEqual({ count: 9 })
  })

  test("never make it throw, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (typed) => {
        const checked = checkWords(typed)
        expect("words" in checked ? checked.words.split(" ") : []).toHaveLength("words" in checked ? 8 : 0)
      }),
    )
  })
})

test("any one slip of the pen in any word is answered with that word among the five, or with a word that is as near", () => {
  const slip = fc.tuple(fc.nat(WORDS.length - 1), fc.nat(9), fc.constantFrom("x", "e", ""), fc.boolean())
  fc.assert(
    fc.property(slip, ([index, place, letter, isSwap]) => {
      const word = WORDS[index] ?? ""
      const at = place % word.length
      const typed = isSwap
        ? word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2)
        : word.slice(0, at) + letter + word.slice(at + 1)
      const near = nearWords(typed)
      expect(near.length).toBeGreaterThan(0)
      expect(near.length).toBeLessThanOrEqual(5)
      if (near.length < 5) expect(near).toContain(word)
    }),
    { numRuns: 60 },
  )
})
