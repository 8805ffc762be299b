/** Markdown in which a stranger's words are code: there nothing is a link, an image or a heading, whatever stands in them. */

import { harmless, harmlessLine } from "../harmless.ts"

const longestRun = (text: string, of: RegExp): number => Math.max(0, ...[...text.matchAll(of)].map(([run]) => run.length))

/** Words on lines of their own, within a fence that is longer than any in them. */
export function fenced(text: string): string {
  const shown = harmless(text, { isUnicode: true })
  const fence = "`".repeat(Math.max(3, longestRun(shown, /`+/g) + 1))
  return `${fence}text\n${shown}${shown.endsWith("\n") ? "" : "\n"}${fence}\n`
}

/** Words within a line. */
export function inline(text: string): string {
  const shown = harmlessLine(text, { isUnicode: true })
  const fence = "`".repeat(longestRun(shown, /`+/g) + 1)
  // A space on each side, which Markdown takes away again: without it, words that begin with a mark would lengthen the fence.
  return shown === "" ? "" : `${fence} ${shown} ${fence}`
}
