/** The words of a tip that a search finds: message, answers and the names of files. How they are compared: folded.ts. */

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
