/** The index on the disk: `index.age`, and a file for each thousand numbers beside it. One JSON object a line, sealed to the vault key. SPEC.md §7.
 *  A file is replaced as a whole, and what is new in the pages counts only once the head says so: a cut leaves the old state or the new one. */

import { type Bytes, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { changeJson } from "../../envelope/desk-letter.ts"
import { parseJson, type Shaped } from "../../envelope/json.ts"
import type { Hash } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import type { Marks } from "./marks.ts"
import { Numbered } from "./numbered.ts"
import { pageBytes, pageName, parsePage } from "./page.ts"
import {
  type DayRecord,
  dayShape,
  headShape,
  INDEX_FORMAT,
  NO_RECORDS,
  type Outgoing,
  outgoingShape,
  type Records,
  type ReplyRecord,
  type TipRecord,
  waitingShape,
} from "./records.ts"
import { openFromVault, sealToVault } from "./sealed.ts"
import type { Secrets, VaultKeys } from "./secrets.ts"

/** Pages that lie on the disk as they are, by the home where they do. */
const durable = new WeakMap<ReadonlyMap<number, unknown>, string>()
const unlisted = new WeakSet<ReadonlyMap<number, unknown>>()

/** @throws Failure `failed`: sealed to another vault key, or a page is missing
 *  @throws EnvelopeError: damaged */
export async function readRecords({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Records> {
  const paths = homePaths(home)
  const head = await readIfThere(paths.index)
  if (head === undefined) return NO_RECORDS
  const pages = async (page: number): Promise<Bytes | undefined> => {
    const sealed = await readIfThere(paths.page(page))
    return sealed && openFromVault(sealed, keys, pageName(page))
  }
  const records = await parseRecords(await openFromVault(head, keys, "index.age"), pages)
  for (const { pages } of [records.tips, records.replies])
    for (const page of pages.values()) if (!unlisted.has(page)) durable.set(page, home)
  return records
}

/** The head alone: which pages there are, and the number of the next letter. Errors as {@link readRecords}. */
export async function readHead({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Shaped<typeof headShape>> {
  const head = await readIfThere(homePaths(home).index)
  if (head === undefined) return { index: INDEX_FORMAT, next: NO_RECORDS.next, pages: [] }
  const [first = ""] = fromUtf8(await openFromVault(head, keys, "index.age")).split("\n", 1)
  return parseJson(first, headShape, "index.age")
}

/** @param pageOf - the plaintext of a page that the head names
 *  @throws EnvelopeError `bad-json`
 *  @throws Failure `failed`: a page is missing */
export async function parseRecords(head: Bytes | undefined, pageOf: (page: number) => Promise<Bytes | undefined>): Promise<Records> {
  if (head === undefined) return NO_RECORDS
  const [first = "", ...lines] = fromUtf8(head).split("\n").slice(0, -1)
  const { next, pages, away, stamp, clock } = parseJson(first, headShape, "index.age")
  const days = new Map<Day, DayRecord>()
  const waiting = new Map<Hash, Marks>()
  const outgoing: Outgoing[] = []
  for (const line of lines) {
    if (line.startsWith('{"waiting":')) {
      const one = parseJson(line, waitingShape, "index.age")
      waiting.set(one.waiting, one.marks)
    } else if (line.startsWith('{"change":')) outgoing.push(parseJson(line, outgoingShape, "index.age"))
    else {
      const { about, ...record } = parseJson(line, dayShape, "index.age")
      days.set(about, record)
    }
  }
  const tips = new Map<number, Map<number, TipRecord>>()
  const replies = new Map<number, Map<number, ReplyRecord>>()
  for (const page of pages) {
    const plain = await pageOf(page)
    if (plain === undefined) throw new Failure("failed", `the index lacks ${pageName(page)}`, "put it back from a backup")
    const { tips: itsTips, replies: itsReplies, isListed } = parsePage(plain, { page, next })
    if (itsTips.size > 0) tips.set(page, itsTips)
    if (itsReplies.size > 0) replies.set(page, itsReplies)
    // A page of an earlier version is written again the next time anything is.
    if (!isListed) for (const one of [itsTips, itsReplies]) unlisted.add(one)
  }
  return { next, tips: new Numbered(tips), replies: new Numbered(replies), days, waiting, outgoing, ...given({ away, stamp, clock }) }
}

/** Without the members that are absent. */
const given = ({ away, stamp, clock }: { [Name in "away" | "stamp" | "clock"]: Records[Name] | undefined }): Partial<Records> => ({
  ...(away === undefined ? {} : { away }),
  ...(stamp === undefined ? {} : { stamp }),
  ...(clock === undefined ? {} : { clock }),
})

const lines = (values: Iterable<unknown>): Bytes => utf8(Array.from(values, (value) => `${JSON.stringify(value)}\n`).join(""))

/** Durable when it returns. Writes the pages that changed, then the head.
 *  @throws EnvelopeError `bad-json`: what could not be read again, before it is written */
export async function keepRecords(
  { home, disk }: Pick<Desk, "home" | "disk">,
  { recipient }: Pick<Secrets, "recipient">,
  records: Records,
): Promise<void> {
  const paths = homePaths(home)
  const { tips, replies } = records
  const pages = [...new Set([...tips.pages.keys(), ...replies.pages.keys()])].sort((a, b) => a - b)
  const { next, away, stamp, clock, days, waiting, outgoing } = records
  const head = { index: INDEX_FORMAT, next, pages, ...given({ away, stamp, clock }) }
  const said = [
    ...[...waiting].map(([tip, marks]) => ({ waiting: tip, marks })),
    ...outgoing.map(({ change, sent }) => ({ change: changeJson(change), sent })),
  ]
  // Before anything is written: what cannot be read back would shut the vault for good. Ids were checked when they came.
  const unseen = [...days].map(([about, { seen: _, ...record }]) => ({ about, ...record }))
  await parseRecords(lines([{ ...head, pages: [] }, ...unseen, ...said]), () => Promise.resolve(undefined))
  const isKept = (page: ReadonlyMap<number, unknown> | undefined) => page === undefined || durable.get(page) === home
  for (const page of pages) {
    const [itsTips, itsReplies] = [tips.pages.get(page), replies.pages.get(page)]
    if (isKept(itsTips) && isKept(itsReplies)) continue
    await disk.makeFolder(paths.pages)
    await disk.replace(paths.page(page), await sealToVault(pageBytes(itsTips ?? new Map(), itsReplies ?? new Map()), recipient))
    for (const part of [itsTips, itsReplies]) if (part !== undefined) durable.set(part, home)
  }
  const content = lines([head, ...[...days].map(([about, record]) => ({ about, ...record })), ...said])
  await disk.replace(paths.index, await sealToVault(content, recipient))
}
