/** A mail message as a file (RFC 5322, RFC 2045). Every header is ours and constant but for numbers and days; the body is base64,
 *  so that nothing in it can end it, begin another part or look like a header. */

import type { Day } from "../../envelope/day.ts"
import { harmless } from "../harmless.ts"

const LINE = 76

/** @param subject - of ours, in ASCII
 *  @param day - the only time that a tip has */
export function eml({ subject, day, text }: { readonly subject: string; readonly day: Day; readonly text: string }): string {
  if (!/^[ -~]{1,200}$/.test(subject)) throw new TypeError("a subject is one line of ASCII")
  const date = new Date(`${day}T00:00:00Z`).toUTCString().replace("GMT", "+0000")
  const body = Buffer.from(harmless(text, { isUnicode: true }).replaceAll("\n", "\r\n")).toString("base64")
  return [
    `Subject: ${subject}`,
    "From: Sotto <sotto@localhost.invalid>",
    "To: undisclosed-recipients:;",
    `Date: ${date}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(body.match(new RegExp(`.{1,${LINE}}`, "g")) ?? []),
    "",
  ].join("\r\n")
}
