/** Opens one envelope as it came from the server with the seed of its day and makes every check of SPEC.md §5, but for what depends on the rest
 *  of the vault. It reads nothing and writes nothing, and so can be done in any thread. */

import { type Bytes, concat, equal, toBase64url } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import type { DeskLetter } from "../../envelope/desk-letter.ts"
import { EnvelopeError, type EnvelopeErrorCode } from "../../envelope/errors.ts"
import { writeHeader } from "../../envelope/header.ts"
import { type Identity, type Recipient, wipe } from "../../envelope/keys.ts"
import { type Hash, hashOf, type Id, type NewsroomId } from "../../envelope/names.ts"
import {
  checkAddressed,
  checkReplyTo,
  type OpenedReply,
  type OpenedTip,
  type SignerOf,
  type Unlocked,
  unlock,
} from "../../envelope/open.ts"
import { checkClass } from "../../envelope/outside.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { floorBytes, type SlotCount, SMALL_BYTES } from "../../envelope/sizes.ts"
import { sealSlot } from "../../envelope/slots.ts"
import { openBeginning, sealPayload } from "../../envelope/stream.ts"
import { readLetterOrUnsigned } from "../../envelope/unsigned.ts"
import { writerOf } from "../../keyring/writers.ts"
import { nodeAead } from "../engine.ts"
import type { Chain } from "../vault/chain.ts"
import type { ReplyRecord, TipRecord } from "../vault/records.ts"
import { wordsOf, wordsOfUnsigned } from "./words.ts"

/** By whom and with what envelopes of one day are opened. */
export interface Opener {
  readonly day: Day
  readonly seed: Identity
  readonly slot: number
  readonly slots: SlotCount
  readonly newsroom: NewsroomId
  readonly reporter: Id
  /** By which a colleague's reply is checked. */
  readonly chain: Chain
  /** The key that our own canaries are signed with, if we ever sent one. */
  readonly canary?: Bytes
}

/** The key of whoever a reply says it is from, in the keyring that it names. */
export const signerIn =
  (chain: Chain): SignerOf =>
  (reply) =>
    writerOf(reply, chain)?.reporter.verify.key

/** What an envelope is, before the vault is asked whether it has it already. */
export type Look =
  /** A decoy, or a colleague's. */
  | { readonly what: "not-ours" }
  | { readonly what: "broken"; readonly code: EnvelopeErrorCode }
  /** What a colleague says about tips: nothing to keep but in the index. */
  | { readonly what: "desk"; readonly letter: DeskLetter }
  /** Our own canary, whose signature holds: no tip. */
  | { readonly what: "canary"; readonly mark: string }
  /** `kept`: as the vault keeps it. `words`: all that can be searched for. */
  | { readonly what: "tip"; readonly record: Omit<TipRecord, "tip">; readonly kept: Bytes; readonly words: string }
  | { readonly what: "reply"; readonly record: Omit<ReplyRecord, "reply">; readonly kept: Bytes }

/** Letters that a later version may be able to read: they opened for us, and are kept. All other faults mean that somebody tampered. */
const UNREADABLE: readonly EnvelopeErrorCode[] = ["bad-archive", "bad-json", "bad-letter"]

/** An envelope as the server gave it: whole, or of a large one the first 1 MiB. */
export interface Fetched {
  /** Its id at the server, if it came from there. */
  readonly envelope?: string
  readonly bytes: Bytes
  /** Its length, where these are not all of it. */
  readonly total?: number
}

/** The whole chunks of a large payload's beginning as a payload of their own: with the same file key, so that with what is kept the rest can
 *  be opened later, and another nonce, so that no key is used twice. */
async function beginningOf({ fileKey, header }: Unlocked, bytes: Bytes): Promise<Bytes> {
  return collect(sealPayload(fileKey, openBeginning(fileKey, bytes.subarray(header.bytes), nodeAead), nodeAead))
}

/** @param vault - what the letter is sealed to again, to be kept */
export async function look(opener: Opener, vault: Recipient, { envelope, bytes, total }: Fetched): Promise<Look> {
  let unlocked: Unlocked | undefined
  try {
    const isBeginning = total !== undefined
    checkClass(total ?? bytes.length, opener.slots)
    if (isBeginning && bytes.length !== SMALL_BYTES)
      throw new EnvelopeError("wrong-class", "of a large envelope the first mebibyte is given")
    unlocked = await unlock([bytes], { identity: opener.seed, slot: opener.slot, slots: opener.slots })
    if (unlocked === undefined) return { what: "not-ours" }
    const payload = isBeginning ? await beginningOf(unlocked, bytes) : bytes.slice(unlocked.header.bytes)
    const at = { ...(envelope === undefined ? {} : { envelope }), ...(isBeginning ? { bytes: total } : {}) }
    const found = await examine(unlocked, payload, opener, at)
    // Others than sources write letters of one size only: a larger one was made by somebody else.
    if (found.what !== "tip" && bytes.length !== floorBytes(opener.slots)) return { what: "broken", code: "wrong-class" }
    return found.what === "desk" || found.what === "canary" ? found : { ...found, kept: await keptBytes(unlocked, vault, payload) }
  } catch (error) {
    if (error instanceof EnvelopeError) return { what: "broken", code: error.code }
    throw error
  } finally {
    if (unlocked !== undefined) await wipe(unlocked.fileKey)
  }
}

/** A letter as the vault keeps it: the same payload under a header for the vault key. */
export async function keptBytes({ fileKey }: Pick<Unlocked, "fileKey">, vault: Recipient, payload: Bytes): Promise<Bytes> {
  return concat(await writeHeader([await sealSlot(fileKey, vault)], fileKey), payload)
}

type Examined =
  | Omit<Extract<Look, { what: "tip" }>, "kept">
  | Omit<Extract<Look, { what: "reply" }>, "kept">
  | Extract<Look, { what: "desk" | "canary" }>

/** Makes every check. A tip whose files alone are damaged is kept with its fault, for its words. */
async function examine(
  { fileKey }: Unlocked,
  payload: Bytes,
  opener: Opener,
  at: Pick<TipRecord, "envelope" | "bytes">,
): Promise<Examined> {
  const base = { day: opener.day, ...at }
  let opened: Awaited<ReturnType<typeof readLetterOrUnsigned>>
  try {
    opened = await readLetterOrUnsigned({ fileKey, payload: new ByteReader([payload]) }, signerIn(opener.chain), nodeAead)
  } catch (error) {
    if (!(error instanceof EnvelopeError) || !UNREADABLE.includes(error.code)) throw error
    return { what: "tip", record: { ...base, state: "broken", files: 0, fault: error.code }, words: "" }
  }
  if (opened.kind === "unsigned") {
    const record = { ...base, state: "new", files: opened.files.length, unsigned: "yes", re: await hashOf(payload) } as const
    return { what: "tip", record, words: wordsOfUnsigned(opened) }
  }
  if (opened.kind === "reply") {
    checkReplyTo(opened.reply, opener)
    return { what: "reply", record: { ...replyRecord(opened), ...at } }
  }
  if (opened.kind === "desk") {
    checkReplyTo(opened.desk, opener)
    checkWriter(opened.desk, opener.chain)
    checkChanges(opened.desk)
    return { what: "desk", letter: opened.desk }
  }
  const { tip, signature } = opened
  checkAddressed(tip, opener)
  // Only now: by then it is signed with that key, and for this day and us.
  if (opener.canary !== undefined && equal(tip.source.verify, opener.canary)) return { what: "canary", mark: opened.message }
  // A large tip's files are looked at when somebody wants them: fetching them shows who can read it.
  const fault = at.bytes === undefined ? await filesFault(opened) : undefined
  const record: Omit<TipRecord, "tip"> = {
    ...base,
    state: "new",
    files: tip.files.length,
    ...(tip.callout === undefined ? {} : { callout: tip.callout }),
    re: await hashOf(signature),
    source: toBase64url(tip.source.verify) as Hash,
    recipient: await hashOf(tip.source.recipient),
    mailbox: tip.source.mailbox,
    to: tip.to,
    ...(fault === undefined ? {} : { fault }),
  }
  return { what: "tip", record, words: wordsOf(opened) }
}

/** After they have left, or have another key, whoever holds the old one must not call tips spam, and so due. SPEC.md §3.8. */
function checkWriter(letter: DeskLetter, chain: Chain): void {
  const writer = writerOf(letter, chain)
  if (writer?.left?.isBefore || writer?.replaced !== undefined)
    throw new EnvelopeError("bad-signature", "a desk letter is signed with a key that was no longer its writer's")
}

/** A change that is dated after its letter could win for ever. SPEC.md §3.8. */
function checkChanges({ day, changes }: DeskLetter): void {
  if (changes.some((change) => change.day > day))
    throw new EnvelopeError("bad-letter", "a change is not dated after the letter that carries it")
}

export const replyRecord = ({ reply, signature }: OpenedReply): Omit<ReplyRecord, "reply" | "envelope"> => ({
  day: reply.day,
  state: "new",
  from: reply.from,
  source: toBase64url(reply.for) as Hash,
  re: reply.re,
  signature: toBase64url(signature),
})

async function filesFault({ files }: OpenedTip): Promise<EnvelopeErrorCode | undefined> {
  try {
    for await (const { bytes } of files()) for await (const _ of bytes);
    return undefined
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error
  }
}
