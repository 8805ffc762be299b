/** One envelope as it came from the server: opened with the seed of its day, checked as SPEC.md §5 says, and written to the vault. */

import { type Bytes, concat, toBase64url } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import type { DeskLetter } from "../../envelope/desk-letter.ts"
import { EnvelopeError, type EnvelopeErrorCode } from "../../envelope/errors.ts"
import { writeHeader } from "../../envelope/header.ts"
import { type Identity, wipe } from "../../envelope/keys.ts"
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
import { checkOutside } from "../../envelope/outside.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { floorBytes, type SlotCount, SMALL_BYTES } from "../../envelope/sizes.ts"
import { sealSlot } from "../../envelope/slots.ts"
import { openBeginning, sealPayload } from "../../envelope/stream.ts"
import { readLetterOrUnsigned } from "../../envelope/unsigned.ts"
import { writerOf } from "../../keyring/writers.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import type { Chain } from "../vault/chain.ts"
import { homePaths } from "../vault/home.ts"
import type { ReplyRecord, TipRecord } from "../vault/records.ts"
import type { Secrets } from "../vault/secrets.ts"
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
}

/** The key of whoever a reply says it is from, in the keyring that it names. */
export const signerIn =
  (chain: Chain): SignerOf =>
  (reply) =>
    writerOf(reply, chain)?.reporter.verify.key

/** What became of an envelope. */
export type Taken =
  /** A decoy, or a colleague's. */
  | { readonly what: "not-ours" }
  | { readonly what: "broken"; readonly code: EnvelopeErrorCode }
  | { readonly what: "replay"; readonly of: number }
  /** `words`: all that can be searched for. */
  | { readonly what: "kept"; readonly record: TipRecord; readonly words: string }
  /** What a colleague says about tips: nothing to keep but in the index. */
  | { readonly what: "desk"; readonly letter: DeskLetter }
  /** A reply, ours come back or a colleague's. */
  | { readonly what: "reply"; readonly record: ReplyRecord }

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

/** Opens an envelope and keeps it in the vault as tip `number`, durably; the index still has to say so.
 *  @param known - the number of the tip that has this name, or the reply that has this signature, if one has */
export async function takeIn(
  desk: Pick<Desk, "home" | "disk">,
  { secrets, opener, number }: { readonly secrets: Secrets; readonly opener: Opener; readonly number: number },
  { envelope, bytes, total }: Fetched,
  known: (name: string) => number | undefined,
): Promise<Taken> {
  let unlocked: Unlocked | undefined
  try {
    const isBeginning = total !== undefined
    checkOutside(bytes, total ?? bytes.length, opener.slots)
    if (isBeginning && bytes.length !== SMALL_BYTES)
      throw new EnvelopeError("wrong-class", "of a large envelope the first mebibyte is given")
    unlocked = await unlock([bytes], { identity: opener.seed, slot: opener.slot, slots: opener.slots })
    if (unlocked === undefined) return { what: "not-ours" }
    const payload = isBeginning ? await beginningOf(unlocked, bytes) : bytes.slice(unlocked.header.bytes)
    const found = await examine(unlocked, payload, {
      opener,
      number,
      ...(envelope === undefined ? {} : { envelope }),
      ...(isBeginning ? { total } : {}),
    })
    const isFloor = bytes.length === floorBytes(opener.slots)
    if ("letter" in found) return isFloor ? { what: "desk", letter: found.letter } : { what: "broken", code: "wrong-class" }
    const { record } = found
    if ("reply" in record && !isFloor) return { what: "broken", code: "wrong-class" }
    const name = "reply" in record ? record.signature : record.re
    const of = name === undefined ? undefined : known(name)
    if (of !== undefined) return { what: "replay", of }
    await keepPayload(desk, secrets, unlocked, { number, payload })
    return "reply" in record ? { what: "reply", record } : { what: "kept", record, words: found.words ?? "" }
  } catch (error) {
    if (error instanceof EnvelopeError) return { what: "broken", code: error.code }
    throw error
  } finally {
    if (unlocked !== undefined) await wipe(unlocked.fileKey)
  }
}

/** Writes a letter to the vault: the same payload under a header for the vault key. Durable when it returns. */
export async function keepPayload(
  desk: Pick<Desk, "home" | "disk">,
  { recipient }: Pick<Secrets, "recipient">,
  { fileKey }: Pick<Unlocked, "fileKey">,
  { number, payload }: { readonly number: number; readonly payload: Bytes },
): Promise<void> {
  await desk.disk.makeFolder(homePaths(desk.home).tips)
  const header = await writeHeader([await sealSlot(fileKey, recipient)], fileKey)
  await desk.disk.replace(homePaths(desk.home).tip(number), concat(header, payload))
}

/** Makes every check. A tip whose files alone are damaged is kept with its fault, for its words. */
async function examine(
  { fileKey }: Unlocked,
  payload: Bytes,
  {
    opener,
    number,
    envelope,
    total,
  }: { readonly opener: Opener; readonly number: number; readonly envelope?: string; readonly total?: number },
): Promise<{ readonly record: TipRecord | ReplyRecord; readonly words?: string } | { readonly letter: DeskLetter }> {
  const at = envelope === undefined ? {} : { envelope }
  const large = total === undefined ? {} : { bytes: total }
  const base = { tip: number, day: opener.day, ...at, ...large }
  let opened: Awaited<ReturnType<typeof readLetterOrUnsigned>>
  try {
    opened = await readLetterOrUnsigned({ fileKey, payload: new ByteReader([payload]) }, signerIn(opener.chain), nodeAead)
  } catch (error) {
    if (!(error instanceof EnvelopeError) || !UNREADABLE.includes(error.code)) throw error
    return { record: { ...base, state: "broken", files: 0, fault: error.code } }
  }
  if (opened.kind === "unsigned") {
    const record: TipRecord = { ...base, state: "new", files: opened.files.length, unsigned: "yes", re: await hashOf(payload) }
    return { record, words: wordsOfUnsigned(opened) }
  }
  if (opened.kind === "reply") {
    checkReplyTo(opened.reply, opener)
    return { record: { ...replyRecord(opened, number), ...at } }
  }
  if (opened.kind === "desk") {
    checkReplyTo(opened.desk, opener)
    checkChanges(opened.desk)
    return { letter: opened.desk }
  }
  const { tip, signature } = opened
  checkAddressed(tip, opener)
  // A large tip's files are looked at when somebody wants them: fetching them shows who can read it.
  const fault = total === undefined ? await filesFault(opened) : undefined
  const record: TipRecord = {
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
  return { record, words: wordsOf(opened) }
}

/** A change that is dated after its letter could win for ever. SPEC.md §3.8. */
function checkChanges({ day, changes }: DeskLetter): void {
  if (changes.some((change) => change.day > day))
    throw new EnvelopeError("bad-letter", "a change is not dated after the letter that carries it")
}

export const replyRecord = ({ reply, signature }: OpenedReply, number: number): Omit<ReplyRecord, "envelope"> => ({
  reply: number,
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
