/** What the vault remembers: tips and replies by number, days, and what colleagues said. SPEC.md §7. How it lies on the disk: index-files.ts. */

import { type Day, day } from "../../envelope/day.ts"
import { changeShape, MAX_COUNTER } from "../../envelope/desk-letter.ts"
import { array, integer, literal, object, type Shaped, string } from "../../envelope/json.ts"
import { type Hash, hash, id } from "../../envelope/names.ts"
import { marksShape } from "./marks.ts"
import { Numbered } from "./numbered.ts"

/** An envelope's id at the server: a UUID in lower case. */
export const envelopeId = string({ max: 36, pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ })

export const tipShape = object(
  {
    tip: integer(1, 1e9),
    day,
    /** `broken`: kept, but this version cannot read it. `torn`: its message is good, its files are not. `purged`: its file is gone, its number stays. */
    state: literal("new", "read", "broken", "purged"),
    files: integer(0, 1_000),
  },
  {
    /** Absent: it came as a file, by post or by mail, and is not at the server as far as we know. */
    envelope: envelopeId,
    callout: id,
    /** SHA-256 of the letter's signature: replies and changes name the tip by it; seen again, it is a replay. */
    re: hash,
    /** The source's verify key, base64url: the same in a follow-up. */
    source: hash,
    /** Hash of the recipient that replies are sealed to, and the address they are left at: neither may change within a thread. */
    recipient: hash,
    mailbox: hash,
    /** The reporters whom the source chose. */
    to: array(id, { max: 32 }),
    /** Made by hand, with stock tools: no letter, no signature, no thread and no answer; `re` is the hash of its payload, by which a copy is known. SPEC.md §3.10. */
    unsigned: literal("yes"),
    /** Why it is broken, or why its files are. */
    fault: string({ max: 40 }),
    /** What the desk said of it. */
    marks: marksShape,
    /** The envelope's length where that is above 1 MiB: its files are at the server, and only its beginning is in the vault. */
    bytes: integer(1, 2 ** 32),
  },
)
export const replyShape = object(
  {
    /** A number like a tip's: none is used twice. */
    reply: integer(1, 1e9),
    day,
    state: literal("new", "read", "purged"),
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
export const dayShape = object(
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
/** What was said of a tip that is not here, or not yet. */
export const waitingShape = object({ waiting: hash, marks: marksShape })
/** A change of ours that some colleague may not have yet; `sent`: those to whom it was sealed. */
export const outgoingShape = object({ change: changeShape, sent: array(id, { max: 32 }) })
export const INDEX_FORMAT = "sotto-index/3"
export const headShape = object(
  // The one before had pages without a list.
  { index: literal(INDEX_FORMAT, "sotto-index/2"), next: integer(1, 1e9), pages: array(integer(0, 1e6), { max: 1_000_000 }) },
  {
    /** Days on which nobody is to seal to us. */
    away: object({ from: day, to: day }),
    /** The newest stamp that we know of: the next one is above it. */
    stamp: object({ day, counter: integer(0, MAX_COUNTER) }),
    /** `reached`: the last day on which the server took a signed request, and so agreed with our clock; `seen`: what our clock said at the last sync,
     *  whether or not it came through; `counted`: the day that it is at least, by the syncs since then. */
    clock: object({ reached: day, seen: day, counted: day }),
  },
)

export type TipRecord = Shaped<typeof tipShape>
export type ReplyRecord = Shaped<typeof replyShape>
export type DayRecord = Omit<Shaped<typeof dayShape>, "about">
export type DayNoteRecord = NonNullable<DayRecord["note"]>
export type Outgoing = Shaped<typeof outgoingShape>
export type ClockRecord = NonNullable<Shaped<typeof headShape>["clock"]>
export interface Records {
  /** The number of the next tip or reply: none is ever used again. */
  readonly next: number
  readonly tips: Numbered<TipRecord>
  readonly replies: Numbered<ReplyRecord>
  readonly days: ReadonlyMap<Day, DayRecord>
  readonly away?: Away
  readonly stamp?: NonNullable<Shaped<typeof headShape>["stamp"]>
  readonly clock?: ClockRecord
  /** By the hash of the signature of a tip that is not here. */
  readonly waiting: ReadonlyMap<Hash, Shaped<typeof marksShape>>
  readonly outgoing: readonly Outgoing[]
}
/** What is known by number: all of it, or as much as was asked for. Never written: what it lacks would be lost. */
export type Letters = Pick<Records, "next" | "tips" | "replies">
/** Both days included. */
export interface Away {
  readonly from: Day
  readonly to: Day
}

export const NO_RECORDS: Records = {
  next: 1,
  tips: new Numbered(),
  replies: new Numbered(),
  days: new Map(),
  waiting: new Map(),
  outgoing: [],
}
/** SHA-256 of nothing: the digest of a day without envelopes. */
export const EMPTY_DIGEST = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" as Hash

export const withDay = (records: Records, about: Day, change: Partial<DayRecord>): Records => ({
  ...records,
  days: new Map(records.days).set(about, { ...records.days.get(about), ...change }),
})

export const withTip = (records: Records, tip: TipRecord): Records => ({
  ...records,
  next: Math.max(records.next, tip.tip + 1),
  tips: records.tips.with(tip.tip, tip),
})

export const withReply = (records: Records, reply: ReplyRecord): Records => ({
  ...records,
  next: Math.max(records.next, reply.reply + 1),
  replies: records.replies.with(reply.reply, reply),
})
