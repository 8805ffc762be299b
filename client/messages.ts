/** What crosses between the page and its worker: a closed set of messages, each checked on arrival.
 *  Imports nothing that would bring libsodium into the page. */

import { MAX_FILES } from "../envelope/archive.ts"
import { type Day, day } from "../envelope/day.ts"
import { array, integer, literal, object, parseJson, type Shape, string, yes } from "../envelope/json.ts"

/** Why the page will not lock anything. A stranger's fault and ours look the same here: no form, no request. SPEC.md §5. */
export const REFUSALS = [
  "no-answer", // the server did not answer, or not with 200
  "bad-answer", // what it answered is not what SPEC.md §8 says
  "clock", // this device's day and the server's are more than a day apart
  "expired",
  "not-yet",
  "too-few-roots",
  "version-gap",
  "rolled-back",
  "forked",
  "foreign",
  "bad-keyring",
  "bad-newsroom",
  "unsupported", // this browser cannot run the worker
  "broken",
] as const
export type RefusalCode = (typeof REFUSALS)[number]

/** Why a tip was not sealed. */
export const SEAL_FAULTS = ["too-large", "unreadable-file", "not-reachable", "bad-draft", "broken"] as const
export type SealFault = (typeof SEAL_FAULTS)[number]

/** Why the mailbox could not be opened or emptied. */
export const MAIL_FAULTS = ["offline", "busy", "broken"] as const
export type MailFault = (typeof MAIL_FAULTS)[number]
/** How far back a mailbox can be asked for, from page 0. SPEC.md §8. */
export const LAST_PAGE = 99

export interface Channel {
  readonly name: string
  readonly address: string
  readonly drawback: string
}
export interface Labelled {
  readonly id: string
  readonly label: string
}
export interface AskedBand {
  readonly id: string
  readonly from: number
  readonly to?: number
}
/** A question of keyring/callout.ts, flat: `options` for one and several, `bands` for range, `first` and `last` for months. */
export interface AskedQuestion {
  readonly id: string
  readonly kind: "one" | "several" | "range" | "place" | "months" | "short" | "long"
  readonly label: string
  readonly why?: string
  readonly options?: readonly Labelled[]
  readonly bands?: readonly AskedBand[]
  readonly first?: string
  readonly last?: string
}
export interface AskedCallout {
  readonly id: string
  readonly title: string
  readonly lang: string
  readonly why?: string
  readonly next?: string
  readonly closes?: Day
  /** A closed one asks nothing more and still takes free words. */
  readonly isOpen: boolean
  readonly questions: readonly AskedQuestion[]
}
export interface Reader {
  readonly id: string
  readonly name: string
  readonly beat?: string
  readonly isReachable: boolean
}
/** What the page shows once everything has been verified. */
export interface View {
  readonly newsroom: { readonly name: string; readonly colour?: string; readonly leaveTo?: string }
  readonly channels: readonly Channel[]
  readonly readers: readonly Reader[]
  readonly callouts: readonly AskedCallout[]
  /** The largest envelope that may be sent, and how many bytes of archive it holds. */
  readonly limit: { readonly bytes: number; readonly holds: number }
  /** The smallest envelope: the size of every short tip without files. */
  readonly floor: number
  readonly retentionDays: number
}

export interface DraftFile {
  readonly name: string
  readonly type: string
  readonly blob: Blob
  /** Hidden data was taken out of it. */
  readonly cleaned?: true
}
export type DraftAnswer = string | readonly string[]
/** A tip as the source has written it. */
export interface Draft {
  readonly to: readonly string[]
  readonly callout?: string
  readonly answers: readonly (readonly [question: string, answer: DraftAnswer])[]
  readonly message: string
  readonly files: readonly DraftFile[]
  /** By the words that were typed, not by new ones: a further tip of the same source. */
  readonly again?: true
}

/** A reply as the source is shown it: opened, signed by a reporter of the newsroom, and meant for this source. */
export interface ShownReply {
  readonly day: Day
  /** The last day on which the server keeps it. */
  readonly until: Day
  readonly name: string
  readonly beat?: string
  /** The other reporters who can read it. */
  readonly others: readonly string[]
  /** Whoever wrote it is no longer in the keyring, since that day; and whether they had left before they wrote. */
  readonly left?: { readonly on: Day; readonly isBefore: boolean }
  /** Signed with a key that its writer had given up, on that day. */
  readonly replaced?: Day
  readonly message: string
}

export type ToWorker =
  | { readonly kind: "verify"; readonly pin: string; readonly answer: string; readonly today: Day }
  | { readonly kind: "weigh"; readonly draft: Draft }
  | { readonly kind: "seal"; readonly draft: Draft }
  /** The next bytes of the large envelope that is being sealed; `drop` gives it up. */
  | { readonly kind: "piece"; readonly bytes: number }
  | { readonly kind: "drop" }
  /** The words by which the tip was sealed that was just sent, to be shown once. */
  | { readonly kind: "words" }
  /** What a source typed who comes back. */
  | { readonly kind: "come-back"; readonly typed: string }
  | { readonly kind: "collect"; readonly page: number }
  | { readonly kind: "empty" }

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "not-ready" }
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "refused"; readonly code: RefusalCode }
  | { readonly kind: "weighed"; readonly bytes: number; readonly lockMs: number }
  | { readonly kind: "sealed"; readonly day: Day; readonly envelope: Uint8Array<ArrayBuffer> }
  /** Too large for one piece: it is asked for in several, and is `bytes` long. */
  | { readonly kind: "sealing"; readonly day: Day; readonly bytes: number }
  | { readonly kind: "piece"; readonly piece: Uint8Array<ArrayBuffer> }
  | { readonly kind: "dropped" }
  /** `file`: which one cannot be read, from 1. */
  | { readonly kind: "not-sealed"; readonly fault: SealFault; readonly file?: number }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "came-back" }
  /** The word at `place` is not in the list; or there are `count` words and not eight. */
  | { readonly kind: "unknown-word"; readonly place: number; readonly word: string; readonly near: readonly string[] }
  | { readonly kind: "not-eight"; readonly count: number }
  | { readonly kind: "collected"; readonly replies: readonly ShownReply[]; readonly refused: number }
  | { readonly kind: "emptied" }
  | { readonly kind: "no-mail"; readonly fault: MailFault }

const words = (max: number) => string({ max })
const id = words(32)
const bytes = integer(0, 2 ** 32)
/** Text as a person may have pasted it; what may stand in a letter is decided where it is sealed. */
const anyText: Shape<string> = (value, where) => {
  if (typeof value !== "string") throw new TypeError(`${where}: text`)
  return value
}
const flag: Shape<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw new TypeError(`${where}: true or false`)
  return value
}
const blob: Shape<Blob> = (value, where) => {
  if (!(value instanceof Blob)) throw new TypeError(`${where}: a file`)
  return value
}
const envelope: Shape<Uint8Array<ArrayBuffer>> = (value, where) => {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) throw new TypeError(`${where}: bytes`)
  return value as Uint8Array<ArrayBuffer>
}
const draftAnswer: Shape<DraftAnswer> = (value, where) =>
  Array.isArray(value) ? array(anyText, { max: 50 })(value, where) : anyText(value, where)
const answered: Shape<readonly [string, DraftAnswer]> = (value, where) => {
  if (!Array.isArray(value) || value.length !== 2) throw new TypeError(`${where}: a question and its answer`)
  return [id(value[0], where), draftAnswer(value[1], where)]
}

const channels = array(object({ name: words(50), address: words(200), drawback: words(200) }), { max: 10 })
const question = object(
  { id, kind: literal("one", "several", "range", "place", "months", "short", "long"), label: words(200) },
  {
    why: words(400),
    options: array(object({ id, label: words(100) }), { max: 50 }),
    bands: array(object({ id, from: bytes }, { to: bytes }), { max: 20 }),
    first: words(7),
    last: words(7),
  },
)
const callout = object(
  { id, title: words(200), lang: words(35), isOpen: flag, questions: array(question, { max: 7 }) },
  { why: words(1_000), next: words(1_000), closes: day },
)
const view: Shape<View> = object({
  newsroom: object(
    { name: words(100) },
    { colour: string({ max: 7, pattern: /^#[0-9a-f]{6}$/ }), leaveTo: string({ max: 200, pattern: /^https:\/\// }) },
  ),
  channels,
  readers: array(object({ id, name: words(80), isReachable: flag }, { beat: words(80) }), { max: 32 }),
  callouts: array(callout, { max: 50 }),
  limit: object({ bytes, holds: bytes }),
  floor: bytes,
  retentionDays: integer(0, 1_000),
})
const draft: Shape<Draft> = object(
  {
    to: array(id, { max: 32 }),
    answers: array(answered, { max: 20 }),
    message: anyText,
    files: array(object({ name: anyText, type: anyText, blob }, { cleaned: yes }), { max: MAX_FILES }),
  },
  { callout: id, again: yes },
)
const reply: Shape<ShownReply> = object(
  { day, until: day, name: words(80), others: array(words(80), { max: 32 }), message: anyText },
  { beat: words(80), left: object({ on: day, isBefore: flag }), replaced: day },
)
const count = integer(0, 1_000_000)

const fromWorker = {
  ready: object({ kind: literal("ready") }),
  "not-ready": object({ kind: literal("not-ready") }),
  view: object({ kind: literal("view"), view }),
  refused: object({ kind: literal("refused"), code: literal(...REFUSALS) }),
  weighed: object({ kind: literal("weighed"), bytes, lockMs: integer(0, 2 ** 52) }),
  sealed: object({ kind: literal("sealed"), day, envelope }),
  sealing: object({ kind: literal("sealing"), day, bytes }),
  piece: object({ kind: literal("piece"), piece: envelope }),
  dropped: object({ kind: literal("dropped") }),
  "not-sealed": object({ kind: literal("not-sealed"), fault: literal(...SEAL_FAULTS) }, { file: integer(1, MAX_FILES) }),
  words: object({ kind: literal("words"), words: array(words(20), { max: 8 }) }),
  "came-back": object({ kind: literal("came-back") }),
  "unknown-word": object({ kind: literal("unknown-word"), place: count, word: anyText, near: array(words(20), { max: 5 }) }),
  "not-eight": object({ kind: literal("not-eight"), count }),
  collected: object({ kind: literal("collected"), replies: array(reply, { max: 4 }), refused: count }),
  emptied: object({ kind: literal("emptied") }),
  "no-mail": object({ kind: literal("no-mail"), fault: literal(...MAIL_FAULTS) }),
} satisfies { readonly [Kind in FromWorker["kind"]]: Shape<Extract<FromWorker, { kind: Kind }>> }

const toWorker = {
  verify: object({ kind: literal("verify"), pin: anyText, answer: anyText, today: day }),
  weigh: object({ kind: literal("weigh"), draft }),
  seal: object({ kind: literal("seal"), draft }),
  piece: object({ kind: literal("piece"), bytes: integer(1, 16_777_216) }),
  drop: object({ kind: literal("drop") }),
  words: object({ kind: literal("words") }),
  "come-back": object({ kind: literal("come-back"), typed: anyText }),
  collect: object({ kind: literal("collect"), page: integer(0, LAST_PAGE) }),
  empty: object({ kind: literal("empty") }),
} satisfies { readonly [Kind in ToWorker["kind"]]: Shape<Extract<ToWorker, { kind: Kind }>> }

const kindOf = (value: unknown): unknown => (typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined)

const oneOf =
  <Value>(shapes: Readonly<Record<string, Shape<Value>>>): Shape<Value> =>
  (value, where) => {
    const kind = kindOf(value)
    const shape = typeof kind === "string" && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
    if (shape === undefined) throw new TypeError("a message of no known kind")
    return shape(value, where)
  }

/** A question and its answer have the same number. */
export interface Numbered<Message> {
  readonly number: number
  readonly message: Message
}
/** The number of the worker's first word, for which nobody asks. */
export const UNASKED = 0
const number = integer(UNASKED, 2 ** 52)
const answerShape = object({ number, message: oneOf<FromWorker>(fromWorker) })
const questionShape = object({ number, message: oneOf<ToWorker>(toWorker) })

/** @throws TypeError or EnvelopeError when it is not one of the messages */
export const parseFromWorker = (value: unknown): Numbered<FromWorker> => answerShape(value, "message")
/** @throws TypeError or EnvelopeError when it is not one of the messages */
export const parseToWorker = (value: unknown): Numbered<ToWorker> => questionShape(value, "message")

/** The channels of the pin, for when nothing else can be read or verified; none when even that fails. */
export function pinnedChannels(pin: string): readonly Channel[] {
  try {
    const found: Shape<readonly Channel[]> = (value, where) =>
      channels(typeof value === "object" && value !== null && "channels" in value ? value.channels : undefined, where)
    return parseJson(pin, found, "newsroom.json")
  } catch {
    return []
  }
}
