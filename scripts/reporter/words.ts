/** The words of a tip that a search finds: message, answers and the names of files; and how they are compared, without case, accents and marks. */

import type { OpenedTip } from "../../envelope/open.ts"
import type { Unsigned } from "../../envelope/unsigned.ts"

/** All that somebody wrote in a tip. */
export const wordsOf = ({ tip, message }: Pick<OpenedTip, "tip" | "message">): string =>
  [
    message,
    tip.callout ?? "",
    ...[...tip.answers.values()].map((answer) => (typeof answer === "string" ? answer : answer.join(" "))),
    ...tip.files.map(({ name }) => name),
  ].join("\n")

export const wordsOfUnsigned = ({ message, files }: Unsigned): string => [message, ...files.map(({ name }) => name)].join("\n")

/** What is compared: compatibility forms, without marks, in lower case, one space for whatever separates. On one line. */
export function folded(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, " ").trim()
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]+/gu, "")
    .toLowerCase()
    .replace(/[\s\p{Cc}\p{Z}]+/gu, " ")
    .trim()
}
