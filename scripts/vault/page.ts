/** A page of the index: a thousand numbers, one JSON object a line below the line that lists them. SPEC.md §7. */

import { type Bytes, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import type { Shape } from "../../envelope/json.ts"
import { marksShape } from "./marks.ts"
import { LIST_BEGINS, listLine, listOf } from "./page-list.ts"
import type { ReplyRecord, TipRecord } from "./records.ts"

export interface PageAt {
  readonly page: number
  /** The number that the head gives to the next letter. */
  readonly next: number
}
export interface PageRecords {
  readonly tips: Map<number, TipRecord>
  readonly replies: Map<number, ReplyRecord>
  /** Whether it begins with a list: those of earlier versions do not. */
  readonly isListed: boolean
}

/** For people. */
export const pageName = (page: number): string => `index/${page}.age`

/** @throws EnvelopeError `bad-json`: a record that would not be read again. One such line would shut the whole vault for good */
export function pageBytes(tips: ReadonlyMap<number, TipRecord>, replies: ReadonlyMap<number, ReplyRecord>): Bytes {
  if (![...tips.values()].every(isTip) || ![...replies.values()].every(isReply))
    throw new EnvelopeError("bad-json", "the index: a record that could not be read again; nothing was written")
  // The number first: by it a line is found without parsing those before it.
  const lines = [
    ...[...tips.values()].map(({ tip, ...record }) => ({ tip, ...record })),
    ...[...replies.values()].map(({ reply, ...record }) => ({ reply, ...record })),
  ]
  return utf8(listLine(listOf(tips.values(), replies.values())) + lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
}

/** One letter of a page that begins with a list, found by its number and parsed alone.
 *  @throws EnvelopeError `bad-json` */
export function recordIn(plain: Buffer, kind: "tip" | "reply", number: number, page: number): TipRecord | ReplyRecord | undefined {
  const before = plain.indexOf(`\n{"${kind}":${number},`, 0, "latin1")
  if (before === -1) return undefined
  const found = parsed(plain.toString("utf8", before + 1, plain.indexOf("\n", before + 1, "latin1")), page)
  if (isTip(found) || isReply(found)) return found
  throw bad(page)
}

const bad = (page: number) => new EnvelopeError("bad-json", `${pageName(page)}: not a page of an index`)
function parsed(text: string, page: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without its cause, which quotes the text.
    throw bad(page)
  }
}

/** A page is one JSON list and so parsed at once. Its spelling is not compared with what would be written, and its members are looked at only as far as
 *  the program relies on them: nobody but the holder of the vault key wrote it, and a hundred thousand records are read at every start.
 *  Numbers from `next` on are of a run that was cut, and do not count. */
export function parsePage(plain: Bytes, { page, next }: PageAt): PageRecords {
  const text = fromUtf8(plain)
  const isListed = text.startsWith(LIST_BEGINS)
  const list = parsed(`[${text.slice(isListed ? text.indexOf("\n") + 1 : 0, -1).replaceAll("\n", ",")}]`, page)
  const tips = new Map<number, TipRecord>()
  const replies = new Map<number, ReplyRecord>()
  if (!Array.isArray(list)) throw bad(page)
  for (const one of list as readonly unknown[]) {
    if (isTip(one)) {
      if (one.tip < next) tips.set(one.tip, one)
    } else if (isReply(one)) {
      if (one.reply < next) replies.set(one.reply, one)
    } else throw bad(page)
  }
  return { tips, replies, isListed }
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
