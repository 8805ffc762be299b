/** The index on the disk: `index.age`, and a file for each thousand numbers beside it. One JSON object a line, sealed to the vault key. SPEC.md §7.
 *  A file is replaced as a whole, and what is new in the pages counts only once the head says so: a cut leaves the old state or the new one. */

import { type Bytes, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { changeJson } from "../../envelope/desk-letter.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { parseJson, type Shape } from "../../envelope/json.ts"
import type { Hash } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { type Marks, marksShape } from "./marks.ts"
import { Numbered } from "./numbered.ts"
import {
  type DayRecord,
  dayShape,
  headShape,
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

/** @throws Failure `failed`: sealed to another vault key, or a page is missing
 *  @throws EnvelopeError: damaged */
export async function readRecords({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Records> {
  const paths = homePaths(home)
  const head = await readIfThere(paths.index)
  if (head === undefined) return NO_RECORDS
  const pages = async (page: number): Promise<Bytes | undefined> => {
    const sealed = await readIfThere(paths.page(page))
    return sealed && openFromVault(sealed, keys, `index/${page}.age`)
  }
  const records = await parseRecords(await openFromVault(head, keys, "index.age"), pages)
  for (const { pages } of [records.tips, records.replies]) for (const page of pages.values()) durable.set(page, home)
  return records
}

/** @param pageOf - the plaintext of a page that the head names
 *  @throws EnvelopeError `bad-json`
 *  @throws Failure `failed`: a page is missing */
export async function parseRecords(head: Bytes | undefined, pageOf: (page: number) => Promise<Bytes | undefined>): Promise<Records> {
  if (head === undefined) return NO_RECORDS
  const [first = "", ...lines] = fromUtf8(head).split("\n").slice(0, -1)
  const { next, pages, away, stamp } = parseJson(first, headShape, "index.age")
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
    if (plain === undefined) throw new Failure("failed", `the index lacks index/${page}.age`, "put it back from a backup")
    const [itsTips, itsReplies] = parsePage(plain, page, next)
    if (itsTips.size > 0) tips.set(page, itsTips)
    if (itsReplies.size > 0) replies.set(page, itsReplies)
  }
  const more = { ...(away === undefined ? {} : { away }), ...(stamp === undefined ? {} : { stamp }) }
  return { next, tips: new Numbered(tips), replies: new Numbered(replies), days, waiting, outgoing, ...more }
}

/** A page is one JSON list and so parsed at once. Its spelling is not compared with what would be written, and its members are looked at only as far as
 *  the program relies on them: nobody but the holder of the vault key wrote it, and a hundred thousand records are read at every start.
 *  Numbers from `next` on are of a run that was cut, and do not count. */
function parsePage(plain: Bytes, page: number, next: number): readonly [Map<number, TipRecord>, Map<number, ReplyRecord>] {
  const name = `index/${page}.age`
  const bad = () => new EnvelopeError("bad-json", `${name}: not a page of an index`)
  let list: unknown
  try {
    list = JSON.parse(`[${fromUtf8(plain).slice(0, -1).replaceAll("\n", ",")}]`)
  } catch {
    throw bad()
  }
  const tips = new Map<number, TipRecord>()
  const replies = new Map<number, ReplyRecord>()
  if (!Array.isArray(list)) throw bad()
  for (const one of list as readonly unknown[]) {
    if (isTip(one)) {
      if (one.tip < next) tips.set(one.tip, one)
    } else if (isReply(one)) {
      if (one.reply < next) replies.set(one.reply, one)
    } else throw bad()
  }
  return [tips, replies]
}

const HASH_LENGTH = 43
const isHash = (value: unknown) => value === undefined || (typeof value === "string" && value.length === HASH_LENGTH)
const isText = (value: unknown) => value === undefined || typeof value === "string"
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0
const isMarks = (value: unknown) => value === undefined || isShaped(marksShape, value)

function isShaped(shape: Shape<unknown>, value: unknown): boolean {
  try {
    shape(value, "marks")
    return true
  } catch (error) {
    if (error instanceof EnvelopeError) return false
    throw error
  }
}

function isTip(one: unknown): one is TipRecord {
  if (typeof one !== "object" || one === null || !("tip" in one)) return false
  const { tip, day, state, files, envelope, callout, re, source, recipient, mailbox, to, unsigned, fault, marks } = one as Record<
    keyof TipRecord,
    unknown
  >
  return (
    isNumber(tip) &&
    typeof day === "string" &&
    (state === "new" || state === "read" || state === "broken" || state === "purged") &&
    isNumber(files) &&
    isText(envelope) &&
    isText(callout) &&
    isHash(re) &&
    isHash(source) &&
    isHash(recipient) &&
    isHash(mailbox) &&
    (to === undefined || (Array.isArray(to) && to.every(isText))) &&
    isText(unsigned) &&
    isText(fault) &&
    isMarks(marks)
  )
}

function isReply(one: unknown): one is ReplyRecord {
  if (typeof one !== "object" || one === null || !("reply" in one)) return false
  const { reply, day, state, from, source, re, signature, envelope } = one as Record<keyof ReplyRecord, unknown>
  return (
    isNumber(reply) &&
    typeof day === "string" &&
    (state === "new" || state === "read" || state === "purged") &&
    typeof from === "string" &&
    source !== undefined &&
    isHash(source) &&
    re !== undefined &&
    isHash(re) &&
    typeof signature === "string" &&
    isText(envelope)
  )
}

const lines = (values: Iterable<unknown>): Bytes => utf8(Array.from(values, (value) => `${JSON.stringify(value)}\n`).join(""))

/** Durable when it returns. Writes the pages that changed, then the head. */
export async function keepRecords(
  { home, disk }: Pick<Desk, "home" | "disk">,
  { recipient }: Pick<Secrets, "recipient">,
  records: Records,
): Promise<void> {
  const paths = homePaths(home)
  const { tips, replies } = records
  const pages = [...new Set([...tips.pages.keys(), ...replies.pages.keys()])].sort((a, b) => a - b)
  const isKept = (page: ReadonlyMap<number, unknown> | undefined) => page === undefined || durable.get(page) === home
  for (const page of pages) {
    const [itsTips, itsReplies] = [tips.pages.get(page), replies.pages.get(page)]
    if (isKept(itsTips) && isKept(itsReplies)) continue
    await disk.makeFolder(paths.pages)
    const content = lines([...(itsTips?.values() ?? []), ...(itsReplies?.values() ?? [])])
    await disk.replace(paths.page(page), await sealToVault(content, recipient))
    for (const part of [itsTips, itsReplies]) if (part !== undefined) durable.set(part, home)
  }
  const { next, away, stamp, days, waiting, outgoing } = records
  const head = { index: "sotto-index/2", next, pages, ...(away === undefined ? {} : { away }), ...(stamp === undefined ? {} : { stamp }) }
  const content = lines([
    head,
    ...[...days].map(([about, record]) => ({ about, ...record })),
    ...[...waiting].map(([tip, marks]) => ({ waiting: tip, marks })),
    ...outgoing.map(({ change, sent }) => ({ change: changeJson(change), sent })),
  ])
  await disk.replace(paths.index, await sealToVault(content, recipient))
}
