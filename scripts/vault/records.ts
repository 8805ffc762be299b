/** What the vault remembers: `index.age`, one JSON object a line, sealed to the vault key. SPEC.md §7.
 *  It is replaced as a whole, so that a cut leaves the old or the new one and nothing between. */

import type { Bytes } from "../../envelope/bytes.ts"
import { fromUtf8, toBase64url, utf8 } from "../../envelope/bytes.ts"
import { type Day, day } from "../../envelope/day.ts"
import { array, integer, literal, object, parseJson, type Shape, type Shaped, string } from "../../envelope/json.ts"
import { type Hash, hash, id } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { openFromVault, sealToVault } from "./sealed.ts"
import type { Secrets, VaultKeys } from "./secrets.ts"

/** An envelope's id at the server: a UUID in lower case. */
export const envelopeId = string({ max: 36, pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ })

const tipShape = object(
  {
    tip: integer(1, 1e9),
    day,
    envelope: envelopeId,
    /** `broken`: kept, but this version cannot read it. `torn`: its message is good, its files are not. */
    state: literal("new", "read", "broken"),
    files: integer(0, 1_000),
  },
  {
    callout: id,
    /** The letter's signature, 64 bytes in base64url: seen again, it is a replay. */
    signature: string({ max: 86 }),
    /** The source's verify key, base64url: the same in a follow-up. */
    source: hash,
    /** Hash of the recipient that replies are sealed to, and the address they are left at: neither may change within a thread. */
    recipient: hash,
    mailbox: hash,
    /** Why it is broken, or why its files are. */
    fault: string({ max: 40 }),
  },
)
const replyShape = object(
  {
    /** A number like a tip's: none is used twice. */
    reply: integer(1, 1e9),
    day,
    state: literal("new", "read"),
    /** Who signed it. */
    from: id,
    /** The source it was written to, as in a tip's record; and the hash of the signature of the tip that it answers. */
    source: hash,
    re: hash,
    signature: string({ max: 86 }),
  },
  {
    /** Absent: ours, and not seen at the server yet. */
    envelope: envelopeId,
  },
)
const dayShape = object(
  { about: day },
  {
    /** The newest note we signed for this day. Not published: it may or may not have reached the server. */
    note: object(
      { made: day, seq: integer(0, 1_000_000), keyring: integer(1, 1_000_000), published: literal("yes", "no") },
      { away: literal("yes") },
    ),
    /** Envelopes that were tried, whatever came of it. */
    seen: array(envelopeId, { max: 10_000_000 }),
    /** The feed's digest of the day when all of it had been tried. */
    digest: hash,
  },
)
const headShape = object(
  { index: literal("sotto-index/1"), next: integer(1, 1e9) },
  {
    /** Days on which nobody is to seal to us. */
    away: object({ from: day, to: day }),
  },
)

export type TipRecord = Shaped<typeof tipShape>
export type ReplyRecord = Shaped<typeof replyShape>
export type DayRecord = Omit<Shaped<typeof dayShape>, "about">
export type DayNoteRecord = NonNullable<DayRecord["note"]>
export interface Records {
  /** The number of the next tip or reply: none is ever used again. */
  readonly next: number
  readonly tips: ReadonlyMap<number, TipRecord>
  readonly replies: ReadonlyMap<number, ReplyRecord>
  readonly days: ReadonlyMap<Day, DayRecord>
  readonly away?: Away
}
/** Both days included. */
export interface Away {
  readonly from: Day
  readonly to: Day
}

export const NO_RECORDS: Records = { next: 1, tips: new Map(), replies: new Map(), days: new Map() }
/** SHA-256 of nothing: the digest of a day without envelopes. */
export const EMPTY_DIGEST = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" as Hash

/** @throws Failure `failed`: sealed to another vault key
 *  @throws EnvelopeError: damaged */
export async function readRecords({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Records> {
  const sealed = await readIfThere(homePaths(home).index)
  return parseRecords(sealed && (await openFromVault(sealed, keys, "index.age")))
}

/** @param opened - the index's plaintext; absent: nothing was kept yet
 *  @throws EnvelopeError `bad-json` */
export function parseRecords(opened: Bytes | undefined): Records {
  if (opened === undefined) return NO_RECORDS
  const [head = "", ...lines] = fromUtf8(opened).split("\n").slice(0, -1)
  const tips = new Map<number, TipRecord>()
  const replies = new Map<number, ReplyRecord>()
  const days = new Map<Day, DayRecord>()
  for (const line of lines) {
    if (line.startsWith('{"tip":')) {
      const record = parseJson(line, tipShape, "index.age")
      tips.set(record.tip, record)
    } else if (line.startsWith('{"reply":')) {
      const record = parseJson(line, replyShape, "index.age")
      replies.set(record.reply, record)
    } else {
      const { about, ...record } = parseJson(line, dayShape as Shape<Shaped<typeof dayShape>>, "index.age")
      days.set(about, record)
    }
  }
  const { next, away } = parseJson(head, headShape, "index.age")
  return { next, tips, replies, days, ...(away === undefined ? {} : { away }) }
}

/** Durable when it returns. */
export async function keepRecords(
  { home, disk }: Pick<Desk, "home" | "disk">,
  { recipient }: Pick<Secrets, "recipient">,
  records: Records,
): Promise<void> {
  const lines = [
    { index: "sotto-index/1", next: records.next, ...(records.away === undefined ? {} : { away: records.away }) },
    ...records.tips.values(),
    ...records.replies.values(),
    ...[...records.days].map(([about, record]) => ({ about, ...record })),
  ].map((line) => `${JSON.stringify(line)}\n`)
  await disk.replace(homePaths(home).index, await sealToVault(utf8(lines.join("")), recipient))
}

export const withDay = (records: Records, about: Day, change: Partial<DayRecord>): Records => ({
  ...records,
  days: new Map(records.days).set(about, { ...records.days.get(about), ...change }),
})

export const withTip = (records: Records, tip: TipRecord): Records => ({
  ...records,
  next: Math.max(records.next, tip.tip + 1),
  tips: new Map(records.tips).set(tip.tip, tip),
})

export const withReply = (records: Records, reply: ReplyRecord): Records => ({
  ...records,
  next: Math.max(records.next, reply.reply + 1),
  replies: new Map(records.replies).set(reply.reply, reply),
})

export const signatureText = (signature: Bytes): string => toBase64url(signature)
