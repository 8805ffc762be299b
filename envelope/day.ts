/** UTC days, the only measure of time that a tip has. SPEC.md §1. Never finer: an hour can name a source. */

import type { Brand } from "./brand.ts"
import { EnvelopeError } from "./errors.ts"
import type { Shape } from "./json.ts"

/** `YYYY-MM-DD`, a real day between 2000 and 2099. */
export type Day = Brand<string, "Day">

const DAY_MS = 86_400_000

/** Days since 1970-01-01. */
export const dayNumber = (day: Day): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS

export function dayOf(milliseconds: number): Day {
  return new Date(milliseconds).toISOString().slice(0, 10) as Day
}

export const addDays = (day: Day, days: number): Day => dayOf((dayNumber(day) + days) * DAY_MS)

/** How many days from `from` to `to`; negative when `to` is earlier. */
export const daysBetween = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from)

/** @throws {@link EnvelopeError} `bad-json` */
export const day: Shape<Day> = (value, where) => {
  const real = typeof value === "string" && /^20\d\d-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`))
  // Date.parse takes the 31st of a month of 30 for the next one's first: what comes back must be what went in.
  if (!real || dayOf(Date.parse(`${value}T00:00:00Z`)) !== value) throw new EnvelopeError("bad-json", `${where}: a UTC day, YYYY-MM-DD`)
  return value as Day
}
