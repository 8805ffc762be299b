/** What the readers of a photo's formats find, and how they refuse. SPEC.md §3.9. */

import type { Bytes } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"

/** In words that a source understands: where it was taken, with what or by whom, when; and whatever else is not the picture. */
export const HIDDEN = ["place", "device", "time", "other"] as const
export type Hidden = (typeof HIDDEN)[number]

/** Bytes of the original, `to` not included. */
export interface Span {
  readonly from: number
  readonly to: number
}
/** A span of the original, or bytes in the place of some. */
export type Part = Span | Bytes

export interface Found {
  readonly hidden: ReadonlySet<Hidden>
  /** What is left of the picture. */
  readonly parts: readonly Part[]
}

export const badPhoto = (rule: string) => new EnvelopeError("bad-photo", rule)
