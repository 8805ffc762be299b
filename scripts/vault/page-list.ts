/** The first line of a page of the index: what an inbox and a search ask of every letter, by columns. SPEC.md §7.
 *  It says nothing that the lines below do not say, is made from them whenever the page is written, and spares parsing a hundred thousand of them. */

import { EnvelopeError } from "../../envelope/errors.ts"
import { folded } from "../folded.ts"
import { saidOf } from "./marks.ts"
import type { ReplyRecord, TipRecord } from "./records.ts"

/** So much of a hash tells letters apart in a list, 96 bits; whoever relies on it looks at the whole hash in the record. */
export const SHORT = 16
/** In place of a hash that is not there: a period stands in none. */
export const NO_HASH = ".".repeat(SHORT)

/** A tag, say, and the numbers of the tips that have it. */
export type Having = readonly [what: string, numbers: readonly number[]]

export interface PageList {
  /** Ascending. */
  readonly numbers: readonly number[]
  /** A letter each: `n` new, `r` read, `b` broken, `p` purged; of a reply in capitals. */
  readonly states: string
  /** {@link SHORT} characters each: the source, the name that replies call a tip by, and where a tip wants its answer. */
  readonly sources: string
  readonly names: string
  readonly mailboxes: string
  readonly recipients: string
  readonly callouts: readonly Having[]
  readonly tags: readonly Having[]
  readonly assigned: readonly Having[]
  readonly spam: readonly number[]
  /** What the desk said in words, folded. */
  readonly said: readonly (readonly [number: number, words: string])[]
}

const LETTERS = { new: "n", read: "r", broken: "b", purged: "p" } as const
const short = (hash: string | undefined): string => hash?.slice(0, SHORT) ?? NO_HASH

export function listOf(tips: Iterable<TipRecord>, replies: Iterable<ReplyRecord>): PageList {
  const all = [...[...tips].map((tip) => [tip.tip, tip] as const), ...[...replies].map((reply) => [reply.reply, reply] as const)]
  all.sort(([a], [b]) => a - b)
  const columns = { numbers: [] as number[], states: "", sources: "", names: "", mailboxes: "", recipients: "" }
  const [callouts, tags, assigned] = [new Map<string, number[]>(), new Map<string, number[]>(), new Map<string, number[]>()]
  const spam: number[] = []
  const said: [number, string][] = []
  for (const [number, record] of all) {
    columns.numbers.push(number)
    columns.sources += short(record.source)
    if ("reply" in record) {
      columns.states += LETTERS[record.state].toUpperCase()
      for (const one of ["names", "mailboxes", "recipients"] as const) columns[one] += NO_HASH
      continue
    }
    columns.states += LETTERS[record.state]
    columns.names += short(record.re)
    // Of a tip without a source nobody can say who answers are for.
    columns.mailboxes += short(record.source && record.mailbox)
    columns.recipients += short(record.source && record.recipient)
    if (record.callout !== undefined) add(callouts, record.callout, number)
    if (record.marks === undefined) continue
    const marks = saidOf(record.marks, record.to)
    for (const tag of marks.tags) add(tags, tag, number)
    if (marks.assignee !== undefined) add(assigned, marks.assignee, number)
    if (marks.spam) spam.push(number)
    const words = folded([...marks.tags, ...marks.notes.map(({ text }) => text), marks.assignee ?? "", marks.hold ?? ""].join("\n"))
    if (words !== "") said.push([number, words])
  }
  return { ...columns, callouts: [...callouts], tags: [...tags], assigned: [...assigned], spam, said }
}

function add(to: Map<string, number[]>, what: string, number: number): void {
  const held = to.get(what)
  if (held === undefined) to.set(what, [number])
  else held.push(number)
}

/** A page's first line; a page that was written by an earlier version has none. */
export const LIST_BEGINS = '{"list":'
const FORMAT = "sotto-list/1"
export const listLine = (list: PageList): string => `${JSON.stringify({ list: FORMAT, ...list })}\n`

const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value)
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isWhole)
const isPairs = (value: unknown, first: (one: unknown) => boolean, second: (one: unknown) => boolean): boolean =>
  Array.isArray(value) &&
  (value as unknown[]).every((pair) => Array.isArray(pair) && pair.length === 2 && first(pair[0]) && second(pair[1]))
const isText = (value: unknown) => typeof value === "string"

/** As with a page's other lines nobody but the holder of the vault key wrote it: it is looked at as far as the program relies on it.
 *  @throws EnvelopeError `bad-json` */
export function parseList(line: string, name: string): PageList {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = undefined
  }
  if (!isList(value)) throw new EnvelopeError("bad-json", `${name}: its first line is no list`)
  return value
}

function isList(value: unknown): value is PageList {
  if (typeof value !== "object" || value === null) return false
  const { list, numbers, states, sources, names, mailboxes, recipients, callouts, tags, assigned, spam, said } = value as Record<
    keyof PageList | "list",
    unknown
  >
  if (list !== FORMAT) return false
  if (!isNumbers(numbers) || typeof states !== "string" || states.length !== numbers.length || !/^[nrbpNRP]*$/.test(states)) return false
  const isColumn = (one: unknown) => typeof one === "string" && one.length === SHORT * numbers.length
  return (
    [sources, names, mailboxes, recipients].every(isColumn) &&
    [callouts, tags, assigned].every((one) => isPairs(one, isText, isNumbers)) &&
    isNumbers(spam) &&
    isPairs(said, isWhole, isText)
  )
}
