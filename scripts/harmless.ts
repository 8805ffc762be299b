/** Makes a stranger's text harmless for a terminal. An allow-list by Unicode category: letters, marks, digits, punctuation, symbols, emoji
 *  and newline pass, everything else becomes visible as ‹U+202E›. A list of what is dangerous would always lack something.
 *  Whatever shows a stranger's words, on a terminal, in a file or in a page, has them from here. */

import { withPlainHosts } from "./host-names.ts"

export interface Screen {
  /** Whole width, in columns. */
  readonly columns: number
  /** `false`: the locale is not UTF-8, print ASCII only. */
  readonly isUnicode: boolean
}

const MAX_MARKS = 4
const MAX_BLANK_LINES = 2
const [ZWNJ, ZWJ] = ["\u200c", "\u200d"]
/** No-break, narrow no-break and ideographic space, which honest French and Chinese use: shown as a space. */
const SPACES = /^[ \u00a0\u202f\u3000]$/
/** Passes by category but shows nothing, or a blank: fillers, inherent vowels and joiners by property, then the braille blank,
 *  the object replacement, and a musical note without a head. */
const UNSEEN = /^(?:[\p{Default_Ignorable_Code_Point}\u2800\ufffc]|\u{1d159})$/u
const VISIBLE = /^[\p{L}\p{N}\p{P}\p{S}]$/u
const MARK = /^\p{M}$/u
const PICTURE = /^\p{Extended_Pictographic}$/u
const BEFORE_JOINER = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)$/u
/** Scripts in which joiners change how a word is spelt. */
const JOINING =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/u

function escaped(char: string, { isUnicode }: Pick<Screen, "isUnicode">): string {
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
  return isUnicode ? `‹${code}›` : `<${code}>`
}

/** Text with every character that is not plainly visible spelt out. Newlines stay.
 *  The result holds no code point below U+0020 but newline, none from U+007F to U+009F, no bidi control and nothing invisible. */
export function harmless(text: string, screen: Pick<Screen, "isUnicode">): string {
  // Most of what is shown, and all of it in a long list, is plain.
  if (/^[ -~\n]*$/.test(text)) return text
  return screen.isUnicode ? withPlainHosts(visible(text, screen)) : visible(text, screen)
}

function visible(text: string, screen: Pick<Screen, "isUnicode">): string {
  const chars = Array.from(text.normalize("NFC").replaceAll("\r\n", "\n"))
  let out = ""
  /** Marks on the character before; `undefined` when there is none to carry one. */
  let marks: number | undefined
  for (const [at, char] of chars.entries()) {
    const [before, after] = [chars[at - 1] ?? "", chars[at + 1] ?? ""]
    if (char === "\n" || SPACES.test(char) || char === "\t") {
      out += char === "\n" ? char : char === "\t" ? "    " : " "
      marks = undefined
    } else if (/^[!-~]$/.test(char)) {
      out += char
      marks = 0
    } else if (!screen.isUnicode) {
      out += escaped(char, screen)
      marks = undefined
    } else if (marks !== undefined && isInPlace(char, before, after)) {
      out += char
    } else if (UNSEEN.test(char)) {
      out += escaped(char, screen)
      marks = undefined
    } else if (MARK.test(char) && marks !== undefined && marks < MAX_MARKS) {
      out += char
      marks++
    } else if (VISIBLE.test(char)) {
      out += char
      marks = 0
    } else out += escaped(char, screen) // and `marks` stays: what follows the fifth mark is a sixth
  }
  return out
}

/** Whether an invisible character stands where writing needs it: a joiner within a word or an emoji, an emoji's variation selector. */
function isInPlace(char: string, before: string, after: string): boolean {
  if (char === ZWJ && BEFORE_JOINER.test(before) && PICTURE.test(after)) return true
  if (char === ZWJ || char === ZWNJ) return JOINING.test(before) && JOINING.test(after)
  if (char === "\ufe0e" || char === "\ufe0f") return /^\p{Emoji}$/u.test(before)
  return false
}

/** The same for one line: a newline is spelt out as well. For names, ids, answers in a table, and texts of a server. */
export const harmlessLine = (text: string, screen: Pick<Screen, "isUnicode">): string =>
  harmless(text, screen).replaceAll("\n", escaped("\n", screen))

/** A stranger's text as lines for the screen. Each begins with a bar, so that it can never pass for something that we say. */
export function quoted(text: string, screen: Screen): readonly string[] {
  const bar = screen.isUnicode ? "│ " : "| "
  const width = Math.max(screen.columns - bar.length - 1, 8)
  return collapse(harmless(text, screen).split("\n"), screen).flatMap((line) => wrapped(line, width).map((part) => `${bar}${part}`))
}

/** A wall of blank lines could push what matters off the screen. */
function collapse(lines: readonly string[], { isUnicode }: Screen): readonly string[] {
  const out: string[] = []
  let blank = 0
  const flush = () => {
    if (blank > MAX_BLANK_LINES) out.push(isUnicode ? `‹${blank} blank lines›` : `<${blank} blank lines>`)
    else for (let i = 0; i < blank; i++) out.push("")
    blank = 0
  }
  for (const line of lines) {
    if (line.trim() === "") blank++
    else {
      flush()
      out.push(line)
    }
  }
  flush()
  return out
}

let segmenter: Intl.Segmenter | undefined
/** Made when it is first needed: it takes as long as the start of a command. */
function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" })
  return segmenter.segment(text)
}
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3001-\u3029\u3030-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u

/** Columns that a text takes: two for wide characters, one for others. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** Breaks a harmless line at spaces, and within a word that is longer than a line. */
export function wrapped(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let current = ""
  for (const word of line.split(/(?<= )/)) {
    if (current !== "" && widthOf(current) + widthOf(word.trimEnd()) > width) {
      lines.push(current.trimEnd())
      current = ""
    }
    if (widthOf(word.trimEnd()) <= width) current += word
    else {
      const pieces = broken(word, width)
      current = pieces.pop() ?? ""
      lines.push(...pieces)
    }
  }
  return [...lines, current.trimEnd()]
}

/** A word in pieces of at most `width`, never within what is seen as one character. */
function broken(word: string, width: number): string[] {
  const pieces = [""]
  let taken = 0
  for (const { segment } of graphemes(word)) {
    const more = widthOf(segment)
    if (taken + more > width) {
      pieces.push("")
      taken = 0
    }
    pieces[pieces.length - 1] += segment
    taken += more
  }
  return pieces
}
