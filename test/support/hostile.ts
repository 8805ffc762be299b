/** Texts that somebody might send to make a screen, a file or a page do what its reader did not ask for. Whatever shows a stranger's words is fed all of them. */

const ESC = "\u001b"

/** Each with what may not come through, and how it is shown. */
export const HOSTILE: readonly (readonly [what: string, text: string, shown: string])[] = [
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

/** Everything that must never reach a terminal, whoever wrote it: controls but newline, bidi controls, what shows nothing. */
export const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\p{Cs}\p{Co}\p{Cn}]/u

/** Texts against files and pages: markup, formulas, headers, and ends of whatever a text may stand in. */
export const MARKUP: readonly (readonly [what: string, text: string])[] = [
  ["a script", "<script>globalThis.ran=1</script>"],
  ["an image that fails", '<img src=x onerror="globalThis.ran=1">'],
  ["a drawing", "<svg/onload=globalThis.ran=1>"],
  ["a style", "</style><style>*{display:none}</style>"],
  ["the end of an attribute", '" onmouseover="globalThis.ran=1'],
  ["the end of a title and a text field", "</title></textarea><script>globalThis.ran=1</script>"],
  ["the end of a comment", "--><script>globalThis.ran=1</script>"],
  ["an entity", "&lt;script&gt;&#0;&#x202e;"],
  ["a link that runs", "[click](javascript:globalThis.ran=1) <javascript:globalThis.ran=1>"],
  ["a picture from elsewhere", "![x](https://tracker.example/x.png)"],
  ["a heading, a rule and a list", "# Heading\n---\n- item\n1. item\n> quote\n```\ncode\n```\n| a | b |"],
  ["the end of a code fence", "```\n~~~\n````\n<b>bold</b>"],
  ["a formula", '=HYPERLINK("https://tracker.example","x")'],
  ["a command", "=cmd|' /C calc'!A0"],
  ["a formula by plus, minus, at", "+1+1\n-1+1\n@SUM(1)"],
  ["a formula of full width", "\uff1d1+1"],
  ["a formula after a tab", "\t=1+1"],
  ["a quote and a new row", '","=1+1"\r\n"=1+1'],
  ["a mail header", "x\r\nBcc: everybody@example.org\r\n\r\nbody"],
  ["a mail boundary", "\n--sotto\nContent-Type: text/html\n\n<b>x</b>\n--sotto--"],
  ["a mail's from line and a dot", "\nFrom somebody\n.\nQUIT"],
  ["a path", "../../etc/passwd"],
  ["a device", "CON"],
]
