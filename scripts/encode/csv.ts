/** CSV (RFC 4180) that a spreadsheet takes for text: every field in quotes, and nothing that it would run.
 *  A formula in a tip would otherwise be run on the reporter's machine, and could fetch an address with what is in the sheet. */

import { harmless } from "../harmless.ts"

/** A number of ours, which stays one; or text, of whoever. */
export type Cell = number | string

/** What makes a spreadsheet compute, in the forms of full width too. */
const COMPUTES = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]/

/** The same behind what some readers take for the end of a cell, quotes or not: a sheet for which `;`, a tab or `|` divides would compute the rest. */
const COMPUTES_BEHIND = /([;\t|][\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20%|])/g

export function csvCell(cell: Cell): string {
  if (typeof cell === "number") return String(cell)
  // On one line: a reader that breaks at newlines would begin a cell of its own there.
  const text = harmless(cell, { isUnicode: true }).replaceAll("\n", " ↵ ")
  const whole = COMPUTES.test(text.replace(/^[\s"]+/, "")) || COMPUTES.test(cell) ? `'${text}` : text
  const safe = whole.replaceAll(COMPUTES_BEHIND, "$1'")
  return `"${safe.replaceAll('"', '""')}"`
}

export const csv = (rows: readonly (readonly Cell[])[]): string => rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("")
