/** A stranger's text on a terminal: hostile strings one by one, then whatever fast-check thinks of. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { harmless, harmlessLine, quoted, widthOf } from "../../scripts/harmless.ts"
import { FORBIDDEN, HOSTILE } from "../support/hostile.ts"
import { listener } from "./bench.ts"

const SCREEN = { columns: 60, isUnicode: true }
const ESC = "\u001b"

describe("hostile text", () => {
  test.each(HOSTILE)("%s is spelt out", (_what, text, shown) => expect(harmless(text, SCREEN)).toBe(shown))

  test("with more than four marks on a letter loses them", () => {
    const shown = harmless(`z${"\u0316".repeat(40)}`, SCREEN)
    expect(shown).toBe(`z${"\u0316".repeat(4)}${"‹U+0316›".repeat(36)}`)
  })

  test("cannot push our words away with blank lines", () => {
    expect(quoted(`a${"\n \t".repeat(500)}\nb`, SCREEN)).toEqual(["│ a", "│ ‹500 blank lines›", "│ b"])
  })

  test("in one endless line is wrapped, each part behind its bar", () => {
    const lines = quoted("x".repeat(10_000), SCREEN)
    expect(lines.length).toBeGreaterThan(150)
    for (const line of lines) expect(line).toMatch(/^│ x{1,57}$/)
  })

  test("has its newlines spelt out in a name", () => {
    expect(harmlessLine("a\nsotto: error: send your passphrase", SCREEN)).toBe("a‹U+000A›sotto: error: send your passphrase")
  })

  test.each([
    ["one letter of another alphabet in an address", "https://p\u0430ypal.com/x", "https://xn--pypal-4ve.com/x"],
    ["in a mail address", "write to a@g\u043e\u043egle.com.", "write to a@xn--ggle-55da.com."],
    ["a whole label of another alphabet under a Latin end", "http://\u0430\u0440\u0440\u04cf\u0435.com", "http://xn--80ak6aa92e.com"],
    ["with a full stop that is none", "https://\u0430pple\u3002com", "https://xn--pple-43d.com"],
    ["that may be a name or a missing space", "m\u0430il.example", "m\u0430il.example‹xn--mil-6cd.example›"],
  ])("has host names of mixed scripts in punycode: %s", (_what, text, shown) => expect(harmless(text, SCREEN)).toBe(shown))

  test("is ASCII where the locale is not UTF-8", () => {
    expect(quoted("Grüße\u202e", { columns: 60, isUnicode: false })).toEqual(["| Gr<U+00FC><U+00DF>e<U+202E>"])
  })
})

describe("honest text passes as it is", () => {
  test.each([
    ["English", "“Quoted” – with dashes… 50 % & more"],
    ["German, French, Spanish", "Grüße, où ça ? ¿Qué? œuvre"],
    ["Russian and Greek", "Привет, Ελλάδα"],
    ["Arabic", "السلام عليكم"],
    ["Persian with its joiner", "می\u200cخواهم"],
    ["Hebrew", "שלום"],
    ["Hindi with a joiner", "क्\u200dष हिन्दी"],
    ["Sinhala with a joiner", "ශ්\u200dරී"],
    ["Chinese, Japanese, Korean", "你好，世界。こんにちは 안녕하세요"],
    ["Thai", "สวัสดี"],
    ["Vietnamese", "Tiếng Việt"],
    ["emoji with skin and joiners", "👩🏽‍💻 👨‍👩‍👧 ❤️ 🏳️‍🌈 1️⃣ 🇩🇪"],
    ["host names in one alphabet", "https://münchen.de, https://пример.рф"],
    ["signs", "€ £ ¥ § ™ → ✓ ∑ √ ½"],
  ])("%s", (_what, text) => expect(harmless(text, SCREEN)).toBe(text.normalize("NFC")))

  test("but for spaces that only look different, tabs and the returns of another system", () => {
    expect(harmless("a\u00a0b\u202fc\u3000d\te\r\nf", SCREEN)).toBe("a b c d    e\nf")
  })
})

const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...HOSTILE.map(([, text]) => text),
      "\n",
      " ",
      "\u200d",
      "\u200c",
      "\ufe0f",
      "\u0301",
      "👩",
      "ك",
      "한",
      "x".repeat(200),
    ),
    fc.string({ unit: "binary" }),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  ),
  { maxLength: 30 },
)

describe("whatever was written", () => {
  test("no control, no bidi control and nothing invisible comes through, and every line has its bar", () => {
    fc.assert(
      fc.property(nasty, fc.boolean(), fc.integer({ min: 20, max: 120 }), (parts, isUnicode, columns) => {
        const bar = isUnicode ? "│ " : "| "
        const lines = quoted(parts.join(""), { columns, isUnicode })
        for (const line of lines) {
          expect(line.startsWith(bar)).toBe(true)
          expect(line).not.toMatch(FORBIDDEN)
          expect(line).not.toContain("\n")
          if (!isUnicode) expect(line).toMatch(/^[ -~]*$/)
        }
      }),
      { numRuns: 500 },
    )
  })

  test("a line never grows beyond the screen, unless one character alone is wider", () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 20, max: 120 }), (parts, columns) => {
        for (const line of quoted(parts.join(""), { columns, isUnicode: true })) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })
})

describe("the terminal", () => {
  test("makes our own lines harmless as well, on both streams", () => {
    const { terminal, out, err } = listener()
    terminal.answer(`a${ESC}[31m`)
    terminal.say(`b${ESC}[31m\u202e`)
    terminal.next(`read ${ESC}`)
    expect(out()).toBe("a‹U+001B›[31m\n")
    expect(err()).toBe("b‹U+001B›[31m‹U+202E›\nnext: sotto read ‹U+001B›\n")
  })

  test("gives machines ASCII from which they get the exact text", () => {
    const { terminal, out } = listener()
    const value = { text: `${ESC}\u009b\u202e\ud800 Grüße 👩` }
    terminal.json(value)
    expect(out()).toMatch(/^[ -~]*\n$/)
    expect(JSON.parse(out())).toEqual(value)
  })

  test("names the flag when an answer is needed and nobody is there", async () => {
    await expect(listener().terminal.ask("sure?", "--yes")).rejects.toMatchObject({ code: "needs-terminal", hint: "use --yes" })
  })
})
