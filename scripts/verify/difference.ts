/** What can differ between what is served and what the newsroom's roots have signed, as a closed set of kinds. */

export type DifferenceKind =
  | "bytes" // a file is another one
  | "pin" // the page believes other roots, or other words stand where the pin does
  | "status" // another status than the release's
  | "redirect" // leads elsewhere
  | "type" // another media type
  | "encoding" // compressed in another way than asked for, or broken
  | "length" // more or fewer bytes than announced
  | "header-missing"
  | "header-value"
  | "header-extra"
  | "beside" // an informational answer, or fields after the body
  | "today" // `/api/today` is not what SPEC.md section 8 says
  | "keyring" // another history, an old or expired one, or signatures missing
  | "day-note" // a day key that nobody signed, of another, or older than one seen
  | "release" // none that the keyring names and its roots signed

export interface Difference {
  readonly kind: DifferenceKind
  /** Where: a path, with what was asked in another way than a browser would. */
  readonly at: string
  /** In words. What the server sent stands in it at most as a quotation, in ASCII. */
  readonly says: string
}

const MAX_QUOTED = 120
/** A stranger's text inside one of our sentences: ASCII, in quotation marks, cut. */
export function quote(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
  return JSON.stringify(short).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === "…" ? "..." : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}
