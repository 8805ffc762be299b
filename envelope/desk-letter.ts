/** What reporters tell each other about tips: tags, notes, who takes it, what was read. A letter of its own kind, outside like any tip. SPEC.md §3.8. */

import { type Day, day } from "./day.ts"
import { EnvelopeError } from "./errors.ts"
import { array, integer, literal, nullable, object, parseJson, record, type Shape, string } from "./json.ts"
import { type Hash, hash, type Id, id, idList, type NewsroomId, newsroomIdShape, newsroomIdText } from "./names.ts"

/** What can be set of a tip: `assignee`, `hold`, `spam`, `tag:NAME`, `note:ID`, `read:REPORTER`. */
export type Field = string
export type MarkValue = string | boolean | null

/** When something was set, and by whom: of two the later wins, and no two are the same. */
export interface Stamp {
  readonly day: Day
  /** Above every counter of that day that its writer had seen. */
  readonly counter: number
}
/** Things said of one tip at one moment. */
export interface Change extends Stamp {
  /** SHA-256 of the tip's signature. */
  readonly tip: Hash
  readonly set: ReadonlyMap<Field, MarkValue>
}
export interface DeskLetter {
  readonly newsroom: NewsroomId
  /** Hash of the keyring that lists {@link from}: its key there must have signed. */
  readonly keyring: Hash
  readonly day: Day
  readonly from: Id
  /** The reporters it is sealed to. */
  readonly to: readonly Id[]
  readonly changes: readonly Change[]
}

export const DESK_FORMAT = "sotto-desk/1"
export const MAX_COUNTER = 1_000_000
export const MAX_CHANGES = 400
export const MAX_FIELDS = 20
/** In UTF-16 code units: a tag of letters beyond the first plane is shorter than 32 of them. */
export const MAX_FIELD_NAME = 64
export const MAX_NOTE = 4_000
export const MAX_REASON = 500

const words = (max: number) => nullable(string({ max, lines: true }))
const flag: Shape<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw new EnvelopeError("bad-json", `${where}: true or false`)
  return value
}
/** By the beginning of its name, what a field may hold. */
const VALUES: readonly (readonly [name: RegExp, shape: Shape<MarkValue>])[] = [
  [/^assignee$/, nullable(id)],
  [/^hold$/, words(MAX_REASON)],
  [/^spam$/, flag],
  [/^tag:[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,31}$/u, flag],
  [/^note:20\d\d-\d\d-\d\d\.\d{1,7}\.[a-z0-9-]{1,32}$/, words(MAX_NOTE)],
  [/^read:[a-z0-9-]{1,32}$/, literalTrue],
]
function literalTrue(value: unknown, where: string): true {
  if (value !== true) throw new EnvelopeError("bad-json", `${where}: true`)
  return value
}

/** The value of a field, checked as that field wants it.
 *  @throws {@link EnvelopeError} `bad-json` */
export function markValue(field: string, value: unknown, where: string): MarkValue {
  const shape = VALUES.find(([name]) => name.test(field))?.[1]
  if (shape === undefined || field.length > MAX_FIELD_NAME)
    throw new EnvelopeError("bad-json", `${where}: a field that does not belong here`)
  return shape(value, where)
}

const fields = record(string({ max: MAX_FIELD_NAME }), (value) => value, MAX_FIELDS)
const set: Shape<ReadonlyMap<Field, MarkValue>> = (value, where) => {
  const given = fields(value, where)
  if (given.size === 0) throw new EnvelopeError("bad-json", `${where}: at least one field`)
  return new Map([...given].map(([field, one]) => [field, markValue(field, one, `${where}.*`)]))
}
export const changeShape: Shape<Change> = object({ tip: hash, day, counter: integer(1, MAX_COUNTER), set })

const shape = object({
  format: literal(DESK_FORMAT),
  newsroom: newsroomIdShape,
  keyring: hash,
  day,
  from: id,
  to: idList,
  changes: array(changeShape, { min: 1, max: MAX_CHANGES }),
})

/** @throws {@link EnvelopeError} `bad-json` */
export function parseDeskLetter(text: string): DeskLetter {
  const { format: _, ...letter } = parseJson(text, shape, "sotto.json")
  return letter
}

export const changeJson = ({ tip, day, counter, set }: Change): unknown => ({ tip, day, counter, set: Object.fromEntries(set) })

/** The text of `sotto.json`. @throws {@link EnvelopeError} `bad-json` when a member is out of bounds */
export function deskLetterText({ newsroom, keyring, day, from, to, changes }: DeskLetter): string {
  const text = JSON.stringify({
    format: DESK_FORMAT,
    newsroom: newsroomIdText(newsroom),
    keyring,
    day,
    from,
    to,
    changes: changes.map(changeJson),
  })
  parseDeskLetter(text)
  return text
}
