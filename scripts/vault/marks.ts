/** What the desk said of a tip: tags, notes, who takes it, what was read. A register for each, of which the latest setting wins,
 *  so that vaults that have heard the same agree, in whatever order they heard it. SPEC.md §3.8. */

import { addDays, type Day, day } from "../../envelope/day.ts"
import { type Change, type Field, MAX_COUNTER, MAX_FIELD_NAME, type MarkValue, markValue, type Stamp } from "../../envelope/desk-letter.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { integer, record, type Shape, string } from "../../envelope/json.ts"
import { type Id, id } from "../../envelope/names.ts"

/** What was set last, when, and by whom. */
export type Register = readonly [value: MarkValue, day: Day, counter: number, by: Id]
export type Marks = Readonly<Record<Field, Register>>

const counter = integer(1, MAX_COUNTER)
const MAX_REGISTERS = 10_000
/** The last thousand are for what is said here: colleagues who fill a tip must not silence its reader. */
export const MAX_HEARD = 9_000
/** One writer brings no more fields than this into a tip, so that nobody alone fills it. */
export const MAX_BY_ONE = 1_000
/** Foreign counters above this do not move our own: what is left above is room for a day of ours. */
const MAX_FOREIGN_COUNTER = 900_000
const registers = record(string({ max: MAX_FIELD_NAME }), (value) => value, MAX_REGISTERS)
export const marksShape: Shape<Marks> = (value, where) => {
  const marks: Record<Field, Register> = {}
  for (const [field, register] of registers(value, where)) {
    if (!Array.isArray(register) || register.length !== 4) throw new EnvelopeError("bad-json", `${where}: value, day, counter and writer`)
    marks[field] = [markValue(field, register[0], where), day(register[1], where), counter(register[2], where), id(register[3], where)]
  }
  return marks
}

/** Whether the first was set later. Days first: a counter that somebody made absurdly high wins for a day and not for ever. */
function isLater([, day, counter, by]: Register, [, otherDay, otherCounter, otherBy]: Register): boolean {
  if (day !== otherDay) return day > otherDay
  if (counter !== otherCounter) return counter > otherCounter
  return by > otherBy
}

/** Only its reader says that something was read. */
const isTheirs = (field: Field, by: Id): boolean => !field.startsWith("read:") || field === `read:${by}`

/** Marks with one more change. The order of changes does not matter, nor how often one comes, as long as a tip is not full:
 *  what is read back has bounds, so what is kept has them too, and a field that is new beyond them is passed over.
 *  @param most - so many registers has a tip at the most */
export function merged(marks: Marks | undefined, change: Omit<Change, "tip">, by: Id, most = MAX_REGISTERS): Marks {
  const all: Record<Field, Register> = { ...marks }
  const held = Object.values(all)
  let [count, own] = [held.length, held.filter((register) => register[3] === by).length]
  for (const [field, value] of change.set) {
    if (!isTheirs(field, by)) continue
    const register: Register = [value, change.day, change.counter, by]
    const before = all[field]
    if (before === undefined) {
      if (count >= most || own >= MAX_BY_ONE) continue
      count++
      own++
    } else if (!isLater(register, before)) continue
    all[field] = register
  }
  return all
}

/** All that both have. */
export function mergedBoth(marks: Marks | undefined, other: Marks): Marks {
  const all: Record<Field, Register> = { ...marks }
  for (const [field, register] of Object.entries(other)) {
    const held = all[field]
    if (held === undefined || isLater(register, held)) all[field] = register
  }
  return all
}

/** The next stamp: above all that were seen, and of today unless somebody is ahead. A day whose counters are used up is followed by the next. */
export function nextStamp(seen: Stamp | undefined, today: Day): Stamp {
  if (seen === undefined || seen.day < today) return { day: today, counter: 1 }
  return seen.counter < MAX_COUNTER ? { day: seen.day, counter: seen.counter + 1 } : { day: addDays(seen.day, 1), counter: 1 }
}
/** A stamp that sets these fields of a tip: the one given, unless what is there is later. */
export function stampAbove(marks: Marks | undefined, fields: Iterable<Field>, stamp: Stamp): Stamp {
  let above = stamp
  for (const field of fields) {
    const [, day, counter] = marks?.[field] ?? []
    if (day !== undefined && counter !== undefined && (day > above.day || (day === above.day && counter >= above.counter)))
      above = nextStamp({ day, counter }, above.day)
  }
  return above
}
export const laterOf = (one: Stamp | undefined, other: Stamp): Stamp =>
  one === undefined || other.day > one.day || (other.day === one.day && other.counter > one.counter)
    ? { day: other.day, counter: other.counter }
    : one
/** What was seen, with a stamp of somebody else. */
export const withForeign = (seen: Stamp | undefined, { day, counter }: Stamp): Stamp =>
  laterOf(seen, { day, counter: Math.min(counter, MAX_FOREIGN_COUNTER) })

export interface Note {
  readonly id: string
  readonly by: Id
  readonly day: Day
  readonly text: string
}
/** Marks as people see them. */
export interface Said {
  readonly tags: readonly string[]
  readonly assignee?: Id
  /** Why it is kept beyond its time. */
  readonly hold?: string
  readonly spam: boolean
  readonly notes: readonly Note[]
  /** Who has read it. */
  readonly readBy: readonly Id[]
}
/** The same everywhere, whatever the language of the machine. */
const byText = (a: string, b: string): number => (a < b ? -1 : 1)
const NOTHING: Said = { tags: [], spam: false, notes: [], readBy: [] }

/** @param to - those who have the tip: what others say of it does not count; absent: not known */
export function saidOf(marks: Marks | undefined, to?: readonly Id[]): Said {
  if (marks === undefined) return NOTHING
  const tags: string[] = []
  const notes: Note[] = []
  const readBy: Id[] = []
  let [assignee, hold, spam]: [Id | undefined, string | undefined, boolean] = [undefined, undefined, false]
  for (const [field, [value, day, , by]] of Object.entries(marks)) {
    if (to !== undefined && !to.includes(by)) continue
    const [kind = "", name = ""] = field.includes(":") ? [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1)] : [field]
    if (kind === "tag" && value === true) tags.push(name)
    else if (kind === "note" && typeof value === "string") notes.push({ id: name, by, day, text: value })
    else if (kind === "read") readBy.push(by)
    else if (kind === "assignee" && typeof value === "string") assignee = value as Id
    else if (kind === "hold" && typeof value === "string") hold = value
    else if (kind === "spam") spam = value === true
  }
  return {
    tags: tags.sort(byText),
    notes: notes.sort((a, b) => (a.id < b.id ? -1 : 1)),
    readBy: readBy.sort(byText),
    spam,
    ...(assignee === undefined ? {} : { assignee }),
    ...(hold === undefined ? {} : { hold }),
  }
}
