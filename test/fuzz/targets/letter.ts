/** `sotto.json`: what is taken means the same when it is written again, and has one spelling for its order of members. SPEC.md §3.6. */

import { isDeepStrictEqual } from "node:util"
import { fromUtf8 } from "../../../envelope/bytes.ts"
import { fileEntryName, parseTip, tipText } from "../../../envelope/letter.ts"
import { mutateJson } from "../mutate-json.ts"
import { attempt, demand, isCompact, sameJson } from "../oracle.ts"
import type { Target } from "../target.ts"

const dictionary = [
  '"format":"sotto-tip/1"',
  '"callout":"x",',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\u0000",
  "\\ud800",
  "1e5",
  "null",
  '"__proto__":1,',
  "sotto-newsroom-1",
  "age1pq1",
  ".pdf",
  "[[[[",
]

export const letter: Target = {
  name: "letter",
  dictionary,
  maxBytes: 262_144,

  async run(input) {
    const parsed = await attempt("envelope", () => parseTip(fromUtf8(input)))
    if ("code" in parsed) return parsed.code
    const text = tipText(parsed.value)
    demand(isDeepStrictEqual(parseTip(text), parsed.value), "a letter that is written again says the same")
    demand(tipText(parseTip(text)) === text, "a letter is written one way")
    demand(isCompact(fromUtf8(input)), "a letter is compact")
    demand(sameJson(text, fromUtf8(input)), "a value in a letter is spelt one way")
    for (const [index, file] of parsed.value.files.entries())
      demand(/^files\/\d+(\.[a-z0-9]{1,5})?$/.test(fileEntryName(index + 1, file)), "a file's entry is a number and a short extension")
    return "taken"
  },

  change(input, random) {
    const changed = mutateJson(input.toString(), random, dictionary)
    return changed === undefined ? input : Buffer.from(changed)
  },
}
