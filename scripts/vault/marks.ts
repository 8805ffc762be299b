/** What the desk said of a tip: tags, notes, who takes it, what was read. A register for each, of which the latest setting wins,
 *  so that vaults that have heard the same agree, in whatever order they heard it. SPEC.md §3.8. */

import { type Day, day } from "../../envelope/day.ts"
import { type Change, type Field, type MarkValue, markValue, type Stamp } from "../../envelope/desk-letter.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { integer, record, type Shape, string } from "../../envelope/json.ts"
import { type Id, id } from "../../envelope/names.ts"

/** What was set last, when, and by whom. */
export type Register = readonly [value: MarkValue, day: Day, counter: number, by: Id]
export type Marks = Readonly<Record<Field, Register>>

const counter = integer(1, 1_000_000)
const MAX_REGISTERS = 10_000
const registers = record(string({ max: 64 }), (value) => value, MAX_REGISTERS)
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

/** Marks with one more change. The order of changes does not matter, nor how often one comes. */
export function merged(marks: Marks | undefined, change: Omit<Change, "tip">, by: Id): Marks {
  let all = marks ?? {}
  for (const [field, value] of change.set) {
    const register: Register = [value, change.day, change.counter, by]
    const held = all[field]
    if (isTheirs(field, by) && (held === undefined || isLater(register, held))) all = { ...all, [field]: register }
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

/** The next stamp: above all that were seen, and of today unless somebody is ahead. */
export function nextStamp(seen: Stamp | undefined, today: Day): Stamp {
  if (seen === undefined || seen.day < today) return { day: today, counter: 1 }
  return { day: seen.day, counter: seen.counter + 1 }
}
export const laterOf = (one: Stamp | undefined, other: Stamp): Stamp =>
  one === undefined || other.day > one.day || (other.day === one.day && other.counter > one.counter)
    ? { day: other.day, counter: other.counter }
    : one

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
