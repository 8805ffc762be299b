/** Changes to a JSON value that is then written as compact as our formats demand: past the spelling, to the rules behind it. */

import type { Random } from "./random.ts"

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53,
  1e21,
  "",
  " ",
  "a",
  "A",
  "-",
  "a".repeat(33),
  "x".repeat(4_001),
  "\n",
  "\t",
  "\0",
  "\u001b[2J",
  "\u009b",
  "\ud800",
  "\ufeff",
  "\u202e",
  "2026-11-22",
  "2026-02-30",
  "9999-99-99",
  "constructor",
  "__proto__",
  "@deep@",
  [],
  {},
  [[]],
  [null],
  { a: 1 },
]
/** Stands for lists in lists, deeper than a value could hold that JSON.stringify is to write. */
const DEEP = "@deep@"
const NAMES = ["__proto__", "constructor", "toString", "length", "0", "", "format", "id", "slot", "\ud800"]

type Holder = { [name: string]: unknown } | unknown[]
const isHolder = (value: unknown): value is Holder => typeof value === "object" && value !== null

/** Every place in a value, as holder and name. */
function places(value: unknown, found: [Holder, string][] = []): [Holder, string][] {
  if (!isHolder(value)) return found
  for (const [name, inner] of Object.entries(value)) {
    found.push([value, name])
    places(inner, found)
  }
  return found
}

/** @returns `undefined` if this is no JSON to begin with */
export function mutateJson(text: string, random: Random, words: readonly string[]): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
    for (let left = 1 + random.below(3); left > 0; left--) change(value, random, words)
    const depth = random.pick([1, 64, 10_000, 60_000])
    return JSON.stringify(value).replaceAll(`"${DEEP}"`, () => `${"[".repeat(depth)}${"]".repeat(depth)}`)
  } catch {
    return undefined
  }
}

function change(value: unknown, random: Random, words: readonly string[]): void {
  const all = places(value)
  if (all.length === 0) return
  const [holder, name] = random.pick(all)
  const held = at(holder, name)
  // defineProperty, because a member called __proto__ is a member here.
  const set = (to: unknown, where = name) => {
    Object.defineProperty(holder, where, { value: to, enumerable: true, configurable: true, writable: true })
  }
  const changes: (() => void)[] = [
    () => set(structuredClone(random.pick(VALUES))),
    () => set(structuredClone(at(...random.pick(all)))),
    () => set(random.pick(words)),
    () => set(held, random.pick(NAMES)),
    () => {
      if (Array.isArray(holder)) holder.splice(Number(name), 1)
      else delete holder[name]
    },
    () => {
      if (Array.isArray(held)) held.push(...Array.from({ length: random.chance(4) ? 1_100 : 1 }, () => structuredClone(held[0])))
    },
    () => set(near(held, random, words)),
  ]
  random.pick(changes)()
}

const at = (holder: Holder, name: string): unknown => (holder as { [name: string]: unknown })[name]

/** A value that is almost the same. */
function near(value: unknown, random: Random, words: readonly string[]): unknown {
  if (typeof value === "number") return value + random.pick([1, -1, 0.5, 100])
  if (typeof value !== "string") return value
  if (random.chance(8)) return random.chance(2) ? value.toUpperCase() : value.toLowerCase()
  const from = random.below(value.length + 1)
  if (random.chance(2)) return `${value.slice(0, from)}${random.pick(words)}${value.slice(from)}`
  return `${value.slice(0, from)}${String.fromCharCode(value.charCodeAt(from) + 1)}${value.slice(from + 1)}`
}
