/** The renderer: whatever somebody wrote, nothing that a terminal obeys or a reader cannot see comes out of it, and every line has its bar. */

import { fromUtf8 } from "../../../envelope/bytes.ts"
import { harmless, harmlessLine, quoted, widthOf } from "../../../scripts/harmless.ts"
import { FORBIDDEN } from "../../support/hostile.ts"
import { attempt, demand } from "../oracle.ts"
import type { Target } from "../target.ts"

const MAX_MARKS_IN_A_ROW = /\p{M}{5}/u

export const screen: Target = {
  name: "screen",
  dictionary: [
    "\u001b[31m",
    "\u001b]0;x\u0007",
    "\u001b]52;c;AAAA\u001b\\",
    "\u009b2J",
    "\r",
    "\b",
    "\n",
    "\t",
    "\u202e",
    "\u2066",
    "\u200d",
    "\u200c",
    "\ufe0f",
    "\u0301",
    "\u3164",
    "\u{e0041}",
    "\u{f0000}",
    "👩‍💻",
    "کی",
    "क्‍ष",
    "한",
    "https://",
    "а.com",
    ".",
    "@",
    "xn--",
    " ",
  ],
  maxBytes: 8_192,

  async run(input) {
    const parsed = await attempt("envelope", () => fromUtf8(input))
    if ("code" in parsed) return parsed.code
    const text = parsed.value
    for (const isUnicode of [true, false]) {
      const shown = harmless(text, { isUnicode })
      demand(!FORBIDDEN.test(shown), "no control but newline, no bidi control, nothing invisible comes through")
      demand(!MAX_MARKS_IN_A_ROW.test(shown), "at most four marks stand on a letter")
      demand(!harmlessLine(text, { isUnicode }).includes("\n"), "one line stays one line")
      demand(harmless(shown, { isUnicode }) === shown || /[‹<]/.test(shown), "what is plain is left as it is")
      const [bar, columns] = [isUnicode ? "│ " : "| ", 40]
      for (const line of quoted(text, { columns, isUnicode })) {
        demand(line.startsWith(bar) && !line.includes("\n"), "every line stands behind a bar")
        demand(widthOf(line) <= columns, "no line is longer than the screen")
        demand(isUnicode || /^[ -~]*$/.test(line), "it is ASCII where the locale is not UTF-8")
      }
    }
    return "taken"
  },
}
