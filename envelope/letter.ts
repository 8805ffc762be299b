/** What a letter says, a tip's, a reply's and a desk's: `sotto.json`, the message, the files' entries, and what is signed. SPEC.md §3.4 to §3.6. */

import { MAX_FILES } from "./archive.ts"
import { type Bytes, concat, toBase64url, utf8 } from "./bytes.ts"
import type { Answer, SourceKeys } from "./contents.ts"
import { type Day, day } from "./day.ts"
import { DESK_FORMAT, type DeskLetter, parseDeskLetter } from "./desk-letter.ts"
import { EnvelopeError } from "./errors.ts"
import { array, distinct, integer, literal, object, parseJson, record, type Shape, string, yes } from "./json.ts"
import { parseRecipient, type Recipient, recipientText, type SignKey, sign, type VerifyKey, verifies } from "./keys.ts"
import { type Hash, hash, type Id, id, idList, type NewsroomId, newsroomIdShape, newsroomIdText, verifyKeyShape } from "./names.ts"

export const LETTER_ENTRY = "sotto.json"
export const MESSAGE_ENTRY = "message.txt"
export const SIGNATURE_ENTRY = "signature"
export const FILES_SIGNATURE_ENTRY = "files/signature"
export const MAX_LETTER_BYTES = 262_144
export const MAX_MESSAGE_BYTES = 524_288
export { MAX_FILES }

/** A signature under one label is none under the other: a tip can never be shown as a reply. */
const TIP_LABEL = utf8("sotto/v1/tip\n")
const REPLY_LABEL = utf8("sotto/v1/reply\n")
const DESK_LABEL = utf8("sotto/v1/desk\n")

/** One file of a tip. Its name is the source's text: hostile until shown otherwise. */
export interface TipFile {
  readonly name: string
  /** A media type as the browser gave it; a claim, not a fact. */
  readonly type: string
  readonly bytes: number
  /** Hidden data was taken out of it before it was locked: what the page says, as all of a letter. */
  readonly cleaned?: true
}

export interface Tip {
  readonly newsroom: NewsroomId
  /** Hash of the keyring that the source's page showed. */
  readonly keyring: Hash
  /** The day whose keys it was sealed with. */
  readonly day: Day
  /** The reporters whom the source chose. */
  readonly to: readonly Id[]
  /** The reporters whom the page could have sealed to: readers see if a host pretended that a colleague was away. */
  readonly reachable: readonly Id[]
  readonly callout?: Id
  readonly answers: ReadonlyMap<Id, Answer>
  readonly source: SourceKeys
  readonly files: readonly TipFile[]
}

/** What a reporter answers. Sealed to the source and to the colleagues who had the tip; always of floor size, never with files. */
export interface Reply {
  readonly newsroom: NewsroomId
  /** Hash of the keyring that lists {@link from}: its key there must have signed. */
  readonly keyring: Hash
  /** The day whose keys it was sealed with. What the reporter says: a source has no day keys to hold it to. */
  readonly day: Day
  readonly from: Id
  /** The source's verify key: what was written to another source is not shown to this one. */
  readonly for: VerifyKey
  /** SHA-256 of the signature of the tip that is answered. */
  readonly re: Hash
  /** The reporters who can read it. */
  readonly to: readonly Id[]
}

export type Letter =
  | { readonly kind: "tip"; readonly tip: Tip }
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "desk"; readonly desk: DeskLetter }
/** What names the reporter that signed it. */
export type Signed = Pick<Reply, "newsroom" | "keyring" | "from" | "day">

const recipientShape: Shape<Recipient> = (value, where) => {
  try {
    return parseRecipient(string({ max: 2_000 })(value, where))
  } catch (cause) {
    throw new EnvelopeError("bad-json", `${where}: an age recipient`, { cause })
  }
}
const answerText = string({ min: 0, max: 4_000, lines: true })
const answer: Shape<Answer> = (value, where) =>
  Array.isArray(value) ? distinct(array(id, { max: 50 }), (one) => one)(value, where) : answerText(value, where)

const tipShape = object(
  {
    format: literal("sotto-tip/1"),
    newsroom: newsroomIdShape,
    keyring: hash,
    day,
    to: idList,
    reachable: idList,
    answers: record(id, answer, 20) as Shape<ReadonlyMap<Id, Answer>>,
    source: object({ recipient: recipientShape, verify: verifyKeyShape, mailbox: hash }),
    files: array(object({ name: string({ max: 255 }), type: string({ min: 0, max: 100 }), bytes: integer(0, 2 ** 32) }, { cleaned: yes }), {
      max: MAX_FILES,
    }),
  },
  { callout: id },
)

const REPLY_FORMAT = "sotto-reply/1"
const replyShape = object({
  format: literal(REPLY_FORMAT),
  newsroom: newsroomIdShape,
  keyring: hash,
  day,
  from: id,
  for: verifyKeyShape,
  re: hash,
  to: idList,
})

/** @throws {@link EnvelopeError} `bad-json` */
export function parseTip(text: string): Tip {
  const { format: _, ...tip } = parseJson(text, tipShape, LETTER_ENTRY)
  return tip
}

/** @throws {@link EnvelopeError} `bad-json` */
export function parseReply(text: string): Reply {
  const { format: _, ...reply } = parseJson(text, replyShape, LETTER_ENTRY)
  return reply
}

const formatOf: Shape<unknown> = (value) => (typeof value === "object" && value !== null && "format" in value ? value.format : undefined)

/** Any kind, by its format.
 *  @throws {@link EnvelopeError} `bad-json` */
export function parseLetter(text: string): Letter {
  const format = parseJson(text, formatOf, LETTER_ENTRY)
  if (format === REPLY_FORMAT) return { kind: "reply", reply: parseReply(text) }
  if (format === DESK_FORMAT) return { kind: "desk", desk: parseDeskLetter(text) }
  return { kind: "tip", tip: parseTip(text) }
}

/** The text of `sotto.json`. What it gives, {@link parseTip} takes.
 *  @throws {@link EnvelopeError} `bad-json` when a member is out of bounds: nothing unreadable is ever sealed */
export function tipText({ newsroom, keyring, day, to, reachable, callout, answers, source, files }: Tip): string {
  const text = JSON.stringify({
    format: "sotto-tip/1",
    newsroom: newsroomIdText(newsroom),
    keyring,
    day,
    to,
    reachable,
    ...(callout === undefined ? {} : { callout }),
    answers: Object.fromEntries(answers),
    source: { recipient: recipientText(source.recipient), verify: toBase64url(source.verify), mailbox: source.mailbox },
    files: files.map(({ name, type, bytes, cleaned }) => ({ name, type, bytes, ...(cleaned ? { cleaned } : {}) })),
  })
  parseTip(text)
  return text
}

/** As {@link tipText}. @throws {@link EnvelopeError} `bad-json` */
export function replyText({ newsroom, keyring, day, from, for: source, re, to }: Reply): string {
  const text = JSON.stringify({
    format: REPLY_FORMAT,
    newsroom: newsroomIdText(newsroom),
    keyring,
    day,
    from,
    for: toBase64url(source),
    re,
    to,
  })
  parseReply(text)
  return text
}

/** The name under which file `number` (from 1) stands in the archive. Only a short plain extension is kept of the source's name,
 *  so that a hostile one never reaches whoever unpacks it with a stock `tar`. */
export function fileEntryName(number: number, { name }: TipFile): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase()
  return `files/${number}${extension === undefined ? "" : `.${extension}`}`
}

const signed = (label: Bytes, newsroom: NewsroomId, tree: Bytes): Bytes => concat(label, newsroom, tree)

/** The source's signature.
 *  @param tree - the {@link Tree} over every archive byte before the signature's entry */
export const signTip = (key: SignKey, newsroom: NewsroomId, tree: Bytes): Promise<Bytes> => sign(key, signed(TIP_LABEL, newsroom, tree))
/** The reporter's signature, by the identity that signs day keys. */
export const signReply = (key: SignKey, newsroom: NewsroomId, tree: Bytes): Promise<Bytes> => sign(key, signed(REPLY_LABEL, newsroom, tree))
/** The same key, under a label of its own: what was said among colleagues is never an answer. */
export const signDesk = (key: SignKey, newsroom: NewsroomId, tree: Bytes): Promise<Bytes> => sign(key, signed(DESK_LABEL, newsroom, tree))

/** @throws {@link EnvelopeError} `bad-signature` */
export async function checkTipSignature(tip: Tip, signature: Uint8Array, tree: Bytes): Promise<void> {
  if (!(await verifies(tip.source.verify, signature, signed(TIP_LABEL, tip.newsroom, tree))))
    throw new EnvelopeError("bad-signature", "the letter is not signed by the source it names")
}

/** Of a reply or a desk's letter.
 *  @param by - the key of the reporter it names, in the keyring it names; `undefined`: there is none
 *  @throws {@link EnvelopeError} `bad-signature` */
export async function checkReporterSignature(
  kind: "reply" | "desk",
  { newsroom }: Signed,
  by: VerifyKey | undefined,
  { signature, tree }: { readonly signature: Uint8Array; readonly tree: Bytes },
): Promise<void> {
  if (by === undefined)
    throw new EnvelopeError("bad-signature", "a reply names a keyring that we do not have, or somebody who is not in it")
  if (!(await verifies(by, signature, signed(kind === "reply" ? REPLY_LABEL : DESK_LABEL, newsroom, tree))))
    throw new EnvelopeError("bad-signature", "a reply is not signed by the reporter it names")
}
