/** JSON with one spelling, checked completely at the door. SPEC.md §1.
 *  A shape turns `unknown` into a checked value, or says which member is wrong (never its value). */

import { isWellFormed } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"

/** Checks a value found at `where` and gives it its type. */
export type Shape<Value> = (value: unknown, where: string) => Value
export type Shaped<S> = S extends Shape<infer Value> ? Value : never

const bad = (where: string, rule: string) => new EnvelopeError("bad-json", `${where}: ${rule}`)

/** Parses compact JSON: no white space, no member twice, numbers and strings as ECMAScript writes them.
 *  @throws {@link EnvelopeError} `bad-json` */
export function parseJson<Value>(text: string, shape: Shape<Value>, what: string): Value {
  let value: unknown
  let again: string | undefined
  try {
    value = JSON.parse(text)
    // Written again here too: JSON.stringify runs out of stack on lists within lists that JSON.parse still takes.
    again = JSON.stringify(value)
  } catch {
    // Without its cause, which quotes the text: a letter must not reach whoever prints an error.
    throw bad(what, "not JSON")
  }
  // One spelling only: a repeated member, a space or another escape would mean two readers may disagree on what was signed.
  if (again !== text) throw bad(what, "compact JSON, each member once")
  return shape(value, what)
}

/** Text of so many UTF-16 units. Control characters are refused, but for newline and tab where `lines` is set. */
export const string =
  ({ min = 1, max, pattern, lines = false }: { min?: number; max: number; pattern?: RegExp; lines?: boolean }): Shape<string> =>
  (value, where) => {
    if (typeof value !== "string") throw bad(where, "text")
    if (value.length < min || value.length > max) throw bad(where, `${min} to ${max} characters`)
    if (!isWellFormed(value)) throw bad(where, "well-formed text")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
    if ((lines ? /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/ : /[\u0000-\u001f\u007f-\u009f]/).test(value))
      throw bad(where, "no control characters")
    if (pattern && !pattern.test(value)) throw bad(where, "not of the required form")
    return value
  }

export const integer =
  (min: number, max: number): Shape<number> =>
  (value, where) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max)
      throw bad(where, `a whole number from ${min} to ${max}`)
    return value
  }

export const literal =
  <const Value extends string>(...allowed: readonly Value[]): Shape<Value> =>
  (value, where) => {
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw bad(where, `one of ${allowed.join(", ")}`)
    return found
  }

/** What is said by being there. */
export const yes: Shape<true> = (value, where) => {
  if (value !== true) throw bad(where, "true, or absent")
  return value
}

export const nullable =
  <Value>(shape: Shape<Value>): Shape<Value | null> =>
  (value, where) =>
    value === null ? null : shape(value, where)

export const array =
  <Value>(shape: Shape<Value>, { min = 0, max }: { min?: number; max: number }): Shape<readonly Value[]> =>
  (value, where) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) throw bad(where, `a list of ${min} to ${max}`)
    return value.map((item, index) => shape(item, `${where}[${index}]`))
  }

/** An array in which no two items share what `of` gives. */
export const distinct =
  <Value>(shape: Shape<readonly Value[]>, of: (item: Value) => string | number): Shape<readonly Value[]> =>
  (value, where) => {
    const items = shape(value, where)
    if (new Set(items.map(of)).size !== items.length) throw bad(where, "no two alike")
    return items
  }

function members(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(where, "an object")
  return Object.entries(value)
}

/** A map from checked names to checked values. */
export const record =
  <Value>(name: Shape<string>, shape: Shape<Value>, max: number): Shape<ReadonlyMap<string, Value>> =>
  (value, where) => {
    const entries = members(value, where)
    if (entries.length > max) throw bad(where, `at most ${max} members`)
    return new Map(entries.map(([key, item]) => [name(key, `${where}: a name`), shape(item, `${where}.*`)]))
  }

type Members = Readonly<Record<string, Shape<unknown>>>
type ObjectOf<Required extends Members, Optional extends Members> = { readonly [K in keyof Required]: Shaped<Required[K]> } & {
  readonly [K in keyof Optional]?: Shaped<Optional[K]>
}

/** An object with these members and no others. */
export const object =
  <Required extends Members, Optional extends Members = Record<never, never>>(
    required: Required,
    optional?: Optional,
  ): Shape<ObjectOf<Required, Optional>> =>
  (value, where) => {
    const given = new Map(members(value, where))
    const checked: Record<string, unknown> = {}
    for (const [key, shape] of Object.entries(required)) {
      if (!given.has(key)) throw bad(`${where}.${key}`, "missing")
      checked[key] = shape(given.get(key), `${where}.${key}`)
    }
    for (const [key, shape] of Object.entries(optional ?? {})) if (given.has(key)) checked[key] = shape(given.get(key), `${where}.${key}`)
    // The name of an unknown member is the sender's text: say that there is one, not what it is called.
    for (const key of given.keys()) if (!Object.hasOwn(checked, key)) throw bad(where, "a member that does not belong here")
    return checked as ObjectOf<Required, Optional>
  }
