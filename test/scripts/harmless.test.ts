/** A stranger's text on a terminal: hostile strings one by one, then whatever fast-check thinks of. */

import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { harmless, harmlessLine, quoted, widthOf } from "../../scripts/harmless.ts"
import { listener } from "./bench.ts"

const SCREEN = { columns: 60, isUnicode: true }
const ESC = "\u001b"

/** Each with what may not come through, and how it is shown. */
const HOSTILE: readonly (readonly [what: string, text: string, shown: string])[] = [
  ["a colour (CSI)", `${ESC}[31mred`, "‹U+001B›[31mred"],
  ["a cleared screen (CSI)", `${ESC}[2J`, "‹U+001B›[2J"],
  ["a moved cursor (CSI)", `${ESC}[1A`, "‹U+001B›[1A"],
  ["a CSI in one byte", "\u009b31m", "‹U+009B›31m"],
  ["a window title (OSC)", `${ESC}]0;title\u0007`, "‹U+001B›]0;title‹U+0007›"],
  ["an OSC in one byte", "\u009d0;title\u009c", "‹U+009D›0;title‹U+009C›"],
  ["a link (OSC 8)", `${ESC}]8;;https://x.example${ESC}\\here`, "‹U+001B›]8;;https://x.example‹U+001B›\\here"],
  ["the clipboard (OSC 52)", `${ESC}]52;c;AAAA\u0007`, "‹U+001B›]52;c;AAAA‹U+0007›"],
  ["a DCS", `${ESC}P+q544e${ESC}\\`, "‹U+001B›P+q544e‹U+001B›\\"],
  ["an APC", `${ESC}_x${ESC}\\`, "‹U+001B›_x‹U+001B›\\"],
  ["a PM and an SOS", `${ESC}^x${ESC}Xy`, "‹U+001B›^x‹U+001B›Xy"],
  ["the end of a bracketed paste", `${ESC}[201~rm`, "‹U+001B›[201~rm"],
  ["overwriting by carriage return", "fake\rreal", "fake‹U+000D›real"],
  ["overwriting by backspace", "ab\b\bxy", "ab‹U+0008›‹U+0008›xy"],
  ["a bell", "\u0007", "‹U+0007›"],
  ["shift out and in", "\u000ex\u000f", "‹U+000E›x‹U+000F›"],
  ["a null", "a\u0000b", "a‹U+0000›b"],
  ["a form feed and a vertical tab", "\f\v", "‹U+000C›‹U+000B›"],
  ["DEL", "\u007f", "‹U+007F›"],
  ["a bidi override", "\u202egpj.exe", "‹U+202E›gpj.exe"],
  ["bidi isolates", "\u2066a\u2069", "‹U+2066›a‹U+2069›"],
  ["bidi marks", "a\u200e\u200f\u061cb", "a‹U+200E›‹U+200F›‹U+061C›b"],
  ["zero width", "a\u200bb\u2060c", "a‹U+200B›b‹U+2060›c"],
  ["a byte order mark", "\ufeffa", "‹U+FEFF›a"],
  ["NEL, LS and PS", "a\u0085b\u2028c\u2029d", "a‹U+0085›b‹U+2028›c‹U+2029›d"],
  ["tag characters", "a\u{e0041}", "a‹U+E0041›"],
  ["a variation selector out of place", "a\ufe0fb\u{e0100}", "a‹U+FE0F›b‹U+E0100›"],
  ["a soft hyphen", "pass\u00adword", "pass‹U+00AD›word"],
  ["annotation marks", "\ufff9a\ufffb", "‹U+FFF9›a‹U+FFFB›"],
  ["private use", "\ue000\u{f0000}", "‹U+E000›‹U+F0000›"],
  ["unassigned", "\u0378", "‹U+0378›"],
  ["a noncharacter", "\ufffe\u{1ffff}", "‹U+FFFE›‹U+1FFFF›"],
  ["a lone surrogate", "a\ud800b\udfff", "a‹U+D800›b‹U+DFFF›"],
  ["a braille blank", "\u2800", "‹U+2800›"],
  ["hangul fillers", "\u3164\u115f\u1160\uffa0", "‹U+3164›‹U+115F›‹U+1160›‹U+FFA0›"],
  ["an object replacement", "\ufffc", "‹U+FFFC›"],
  ["a joiner between Latin letters", "a\u200db\u200cc", "a‹U+200D›b‹U+200C›c"],
  ["two joiners in a row", "ك\u200d\u200dك", "ك‹U+200D›‹U+200D›ك"],
  ["a mark without a letter", "\u0301x", "‹U+0301›x"],
  ["a mark on what was spelt out", "\u200b\u0301", "‹U+200B›‹U+0301›"],
]

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
    ["signs", "€ £ ¥ § ™ → ✓ ∑ √ ½"],
  ])("%s", (_what, text) => expect(harmless(text, SCREEN)).toBe(text.normalize("NFC")))

  test("but for spaces that only look different, tabs and the returns of another system", () => {
    expect(harmless("a\u00a0b\u202fc\u3000d\te\r\nf", SCREEN)).toBe("a b c d    e\nf")
  })
})

/** Everything that must never reach a terminal, whoever wrote it: controls but newline, bidi controls, what shows nothing. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\p{Cs}\p{Co}\p{Cn}]/u

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
