/** The worker's two jobs, without the worker: believe what the server shows or refuse it, and seal a tip. SPEC.md §4.4, §5.
 *  Nothing here reaches out; the tests run it in Node. */

import { type Day, daysBetween } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { type Recipient, wipe } from "../envelope/keys.ts"
import { MAX_FILES, type Tip } from "../envelope/letter.ts"
import { type Id, id, newsroomId } from "../envelope/names.ts"
import { ByteReader } from "../envelope/reader.ts"
import { type Sealed, sealTip } from "../envelope/seal.ts"
import { capacity, floorBytes, type SlotCount, SMALL_BYTES, sizeClasses } from "../envelope/sizes.ts"
import { type Callout, fits } from "../keyring/callout.ts"
import { type DayKey, reachableOn } from "../keyring/days.ts"
import { KeyringError } from "../keyring/errors.ts"
import { checkCurrent, type Keyring, verifyChain } from "../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned } from "../keyring/newsroom.ts"
import { parseTold } from "../keyring/today.ts"
import { deriveSource, newWords, type SourceSecrets, type Words } from "../keyring/words.ts"
import { type AskedCallout, type Draft, type DraftAnswer, REFUSALS, type RefusalCode, type SealFault, type View } from "./messages.ts"

/** Thrown when nothing may be sealed. */
export class Refused extends Error {
  override readonly name = "Refused"
  readonly code: RefusalCode
  constructor(code: RefusalCode, options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}
/** Thrown when this draft cannot be sealed. */
export class NotSealed extends Error {
  override readonly name = "NotSealed"
  readonly fault: SealFault
  /** Which file cannot be read, from 1. */
  readonly file?: number
  constructor(fault: SealFault, options?: ErrorOptions & { readonly file?: number }) {
    super(fault, options)
    this.fault = fault
    if (options?.file !== undefined) this.file = options.file
  }
}

/** Verified: who belongs to the newsroom, whom a tip may be sealed to, and for which day. */
export interface Believed {
  readonly pinned: PinnedNewsroom
  /** Oldest first; the last is {@link keyring}. */
  readonly chain: readonly Keyring[]
  readonly keyring: Keyring
  /** The source's own UTC day. */
  readonly today: Day
  /** The server's. */
  readonly told: Day
  /** The day whose keys are used: today, or the server's day beside it. */
  readonly day: Day
  /** Empty on a day on which nobody can be reached: then nothing can be sealed, and replies can still be read. */
  readonly reachable: ReadonlyMap<Id, DayKey>
  readonly limit: { readonly bytes: number; readonly holds: number }
}

/** Verifies what the page was told at `/api/today` under what is pinned in its HTML.
 *  @param pin - the text of newsroom.json
 *  @param answer - the body of the answer, with the spaces after it
 *  @param today - this device's UTC day
 *  @throws {@link Refused} on anything but a chain that holds today */
export async function believe({ pin, answer, today }: { pin: string; answer: string; today: Day }): Promise<Believed> {
  const pinned = await refusing("bad-newsroom", () => parsePinned(pin))
  const told = await refusing("bad-answer", () => parseTold(answer))
  const chain = await refusing("bad-keyring", () => verifyChain(told.keyrings, { pinned }))
  const keyring = chain.at(-1)
  if (keyring === undefined) throw new Refused("too-few-roots")
  const first = chain.find(({ version }) => version === 1)
  if (first !== undefined && newsroomId(first.hash).some((byte, index) => byte !== pinned.id[index])) throw new Refused("foreign")
  if (Math.abs(daysBetween(today, told.day)) > 1) throw new Refused("clock")
  await refusing("bad-keyring", () => checkCurrent(keyring, today))
  // Our own day first: the server's comes into play only around midnight and where a clock is a little off.
  const sure = { pinned, chain, keyring, today, told: told.day, limit: limitOf(keyring) }
  for (const on of new Set([today, told.day])) {
    const reachable = await reachableOn(told.days, { chain, newsroom: pinned.id, on, today })
    if (reachable.size > 0) return { ...sure, day: on, reachable }
  }
  return { ...sure, day: today, reachable: new Map() }
}

/** Runs a check; what it finds wrong becomes a refusal with its own code where the page has one. */
async function refusing<Value>(otherwise: RefusalCode, check: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await check()
  } catch (cause) {
    if (!(cause instanceof KeyringError) && !(cause instanceof EnvelopeError)) throw cause
    throw new Refused(REFUSALS.find((code) => code === cause.code) ?? otherwise, { cause })
  }
}

/** The largest class that the newsroom takes, and what it holds. */
function limitOf({ policy: { slots, maxTipBytes } }: Keyring): { bytes: number; holds: number } {
  const bytes = sizeClasses(slots)
    .filter((total) => total <= maxTipBytes)
    .at(-1)
  const holds = bytes === undefined ? undefined : capacity(slots, bytes)
  if (bytes === undefined || holds === undefined) throw new Refused("bad-keyring")
  return { bytes, holds }
}

const isOpen = ({ closes }: Callout, today: Day) => closes === undefined || daysBetween(today, closes) >= 0

function asked(callout: Callout, today: Day): AskedCallout {
  const open = isOpen(callout, today)
  return { ...callout, isOpen: open, questions: open ? callout.questions : [] }
}

export function viewOf({ pinned, keyring, today, reachable, limit }: Believed): View {
  const { newsroom, policy, reporters, callouts } = keyring
  const { name, colour, leaveTo } = newsroom
  return {
    newsroom: { name, ...(colour === undefined ? {} : { colour }), ...(leaveTo === undefined ? {} : { leaveTo }) },
    channels: newsroom.channels ?? pinned.channels,
    readers: reporters.map(({ id, name, beat }) => ({ id, name, ...(beat === undefined ? {} : { beat }), isReachable: reachable.has(id) })),
    callouts: callouts.map((callout) => asked(callout, today)),
    limit,
    floor: floorBytes(policy.slots),
    retentionDays: policy.retentionDays,
  }
}

/** So much of a large envelope is locked to see how long all of it will take. */
const TRIAL_CHUNKS = 4

/** How long the envelope of this draft will be, and for how long this device will be locking it, in milliseconds: of a large one the beginning
 *  is tried, a short one takes no time worth telling. The keys are thrown away.
 *  @throws {@link NotSealed} */
export async function weigh(believed: Believed, draft: Draft): Promise<{ readonly bytes: number; readonly lockMs: number }> {
  const source = await newSource(believed)
  try {
    const { bytes, stream } = prepare(believed, draft, source)
    return { bytes, lockMs: bytes > SMALL_BYTES ? await tried(stream, bytes) : 0 }
  } finally {
    await forget(source)
  }
}

async function tried(stream: AsyncGenerator<Uint8Array>, bytes: number): Promise<number> {
  const begun = performance.now()
  try {
    await stream.next() // the header: its work is the same however much follows
    await stream.next() // a nonce
    const afterHeader = performance.now()
    let locked = 0
    for (let count = 0; count < TRIAL_CHUNKS; count++) locked += (await stream.next()).value?.length ?? 0
    const now = performance.now()
    return Math.round(afterHeader - begun + ((now - afterHeader) / locked) * bytes)
  } catch (cause) {
    throw asNotSealed(cause)
  } finally {
    await stream.return(undefined)
  }
}

/** An envelope that is being sealed as it is asked for. */
export interface Pieces {
  readonly day: Day
  /** Its whole length. */
  readonly bytes: number
  /** The next bytes, at most so many; none at the end.
   *  @throws {@link NotSealed} */
  next(most: number): Promise<Uint8Array<ArrayBuffer>>
  /** Ends it, and destroys its keys. Idempotent. */
  drop(): Promise<void>
}

/** Seals a draft to the reporters it names and to nobody else.
 *  @param words - the source's: new ones for a first tip, those that were typed for a further one
 *  @throws {@link NotSealed} */
export async function seal(believed: Believed, draft: Draft, words: Words): Promise<Pieces> {
  const source = await deriveSource(words, believed.pinned.id)
  try {
    const { bytes, stream } = prepare(believed, draft, source)
    const reader = new ByteReader(stream)
    return {
      day: believed.day,
      bytes,
      async next(most) {
        try {
          const piece = await reader.take(most)
          // It is handed over with its buffer, and so must have one of its own.
          return piece.length === piece.buffer.byteLength ? piece : piece.slice()
        } catch (cause) {
          throw asNotSealed(cause)
        }
      },
      async drop() {
        await stream.return(undefined)
        await forget(source)
      },
    }
  } catch (cause) {
    await forget(source)
    throw asNotSealed(cause)
  }
}

const newSource = async ({ pinned }: Believed): Promise<SourceSecrets> => deriveSource(await newWords(), pinned.id)
export const forget = ({ identity, sign, mailbox }: SourceSecrets): Promise<void> => wipe(identity, sign, mailbox)

function prepare({ pinned, keyring, today, day, reachable, limit }: Believed, draft: Draft, source: SourceSecrets): Sealed {
  const to = draft.to.map((one) => checkedId(one))
  if (to.length === 0) throw new NotSealed("bad-draft")
  const files = draft.files.map(({ name, type, blob, cleaned }) => ({
    name: tidyName(name),
    type: tidyType(type),
    bytes: blob.size,
    ...(cleaned ? { cleaned } : {}),
  }))
  if (files.length > MAX_FILES) throw new NotSealed("too-large")
  const callout = keyring.callouts.find(({ id }) => id === draft.callout)
  if (callout === undefined && draft.callout !== undefined) throw new NotSealed("bad-draft")
  const tip: Tip = {
    newsroom: pinned.id,
    keyring: keyring.hash,
    day,
    to,
    reachable: [...reachable.keys()],
    ...(callout === undefined ? {} : { callout: callout.id }),
    answers: answersTo(callout, draft.answers, today),
    source: source.keys,
    files,
  }
  try {
    return sealTip({
      tip,
      message: tidyText(draft.message),
      files: draft.files.map(({ blob }, index) => readBlob(blob, index + 1)),
      sign: source.sign,
      slots: slotsFor(to, reachable, keyring.policy.slots),
      maxBytes: limit.bytes,
    })
  } catch (cause) {
    throw asNotSealed(cause)
  }
}

/** Slot 0 first, a decoy in a tip; then one for each slot of the newsroom. */
function slotsFor(to: readonly Id[], reachable: ReadonlyMap<Id, DayKey>, count: SlotCount): readonly (Recipient | undefined)[] {
  const slots: (Recipient | undefined)[] = Array.from({ length: count + 1 }, () => undefined)
  for (const reporter of to) {
    const key = reachable.get(reporter)
    // Never to the others instead: the page asks the source again.
    if (key === undefined) throw new NotSealed("not-reachable")
    slots[key.slot] = key.recipient
  }
  return slots
}

function answersTo(callout: Callout | undefined, given: Draft["answers"], today: Day): ReadonlyMap<Id, DraftAnswer> {
  const answers = new Map<Id, DraftAnswer>()
  for (const [questionId, answer] of given) {
    const question = callout?.questions.find(({ id }) => id === questionId)
    const tidy = typeof answer === "string" ? tidyAnswer(answer) : answer
    if (question === undefined || callout === undefined || !isOpen(callout, today) || !fits(question, tidy))
      throw new NotSealed("bad-draft")
    answers.set(question.id, tidy)
  }
  return answers
}

function checkedId(text: string): Id {
  try {
    return id(text, "id")
  } catch (cause) {
    throw new NotSealed("bad-draft", { cause })
  }
}

/** Reads a file as its stream comes: the browser fetches the next part while the last is being sealed, which separate reads of slices do half as fast.
 *  @param file - its number, from 1 */
async function* readBlob(blob: Blob, file: number): AsyncGenerator<Uint8Array> {
  // Not every browser can iterate a stream.
  const reader = blob.stream().getReader()
  try {
    let read = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      read += value.length
      if (read > blob.size) break
      yield value
    }
    if (read !== blob.size) throw new Error("a file has another length than it had")
  } catch (cause) {
    // Gone, or changed since it was chosen: browsers refuse to mix the two.
    throw new NotSealed("unreadable-file", { cause, file })
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function asNotSealed(cause: unknown): unknown {
  if (!(cause instanceof EnvelopeError)) return cause
  if (cause.code === "too-large") return new NotSealed("too-large", { cause })
  // What a file holds is no longer what it held when it was chosen.
  if (cause.code === "bad-letter") return new NotSealed("unreadable-file", { cause })
  return new NotSealed("bad-draft", { cause })
}

// Pasted text may hold halves of characters, which have no UTF-8 form, and control characters, which a letter's JSON refuses.
const tidyText = (text: string) => text.replace(/\p{Surrogate}/gu, "\uFFFD")
const tidyAnswer = (text: string) =>
  tidyText(text)
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Control}\n\t]/gu, " ")
const tidyType = (type: string) => (/^[\x20-\x7e]{0,100}$/.test(type) ? type : "")

/** At most 255 characters, the extension kept. */
function tidyName(name: string): string {
  const tidy = tidyText(name)
    .replace(/\p{Control}/gu, " ")
    .trim()
  if (tidy.length <= 255) return tidy === "" ? "file" : tidy
  const extension = /\.[A-Za-z0-9]{1,5}$/.exec(tidy)?.[0] ?? ""
  return tidyText(tidy.slice(0, 255 - extension.length)) + extension
}
