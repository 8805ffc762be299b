/** Sentences with values in them, and values in the reader's language. */

import type { Day } from "../envelope/day.ts"
import { locale, words } from "./language.ts"
import { dayIn, fill } from "./speaking.ts"

export { fill }

const KIB = 1_024
const number = (value: number, digits = 0) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value)
export const numberText = (value: number): string => number(value)

/** A size as people know it from their devices, rounded up: never less than it is. */
export function sizeText(bytes: number): string {
  if (bytes >= KIB * KIB * KIB) return fill(words.units.gb, { size: number(Math.ceil((bytes / KIB / KIB / KIB) * 10) / 10, 1) })
  if (bytes >= KIB * KIB) return fill(words.units.mb, { size: number(Math.ceil((bytes / KIB / KIB) * 10) / 10, 1) })
  return fill(words.units.kb, { size: number(Math.ceil(bytes / KIB)) })
}

/** How long something takes, roughly. */
export function durationText(seconds: number): string {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5_400 ? [seconds / 60, "minute"] : [seconds / 3_600, "hour"]
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(Math.max(1, Math.ceil(value)))
}

export const dayText = (day: Day): string => dayIn(words, day)

export const monthText = (month: string): string =>
  new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`))

export const listText = (items: readonly string[]): string => new Intl.ListFormat(locale(), { type: "conjunction" }).format(items)
