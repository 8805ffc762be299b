/** tus 1.0, the parts we speak: core, creation, termination. What is said and in which header; what is kept stands in uploads.ts. SPEC.md §8.2.
 *  Written by hand: docs/decisions/0020-tus-by-hand.md. */

import { randomBytes } from "node:crypto"
import { type Bytes, fromBase64url } from "../envelope/bytes.ts"
import { type Day, daysBetween } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { parseHeader } from "../envelope/header.ts"
import { checkSlots } from "../envelope/outside.ts"
import { headerBytes, isSizeClass, type SlotCount, SMALL_BYTES } from "../envelope/sizes.ts"
import type { Policy } from "../keyring/keyring.ts"
import type { Clock } from "./clock.ts"
import type { Gate } from "./gate.ts"
import { Problem } from "./problem.ts"
import type { Schedule } from "./schedule.ts"
import { PIECE_BYTES, type Upload, type UploadStore } from "./uploads.ts"

export const TUS_VERSION = "1.0.0"
export const OFFSET_TYPE = "application/offset+octet-stream"
const SECRET_BYTES = 32

/** What a request says in headers; absent ones are `undefined`. */
export type TusHeader = "tus-resumable" | "upload-length" | "upload-offset" | "upload-metadata" | "upload-defer-length" | "content-length"
export type TusHeaders = Readonly<Partial<Record<TusHeader, string>>>
export const TUS_HEADERS: readonly TusHeader[] = [
  ...(["tus-resumable", "upload-length", "upload-offset"] as const),
  ...(["upload-metadata", "upload-defer-length", "content-length"] as const),
]

export interface TusServices {
  readonly uploads: UploadStore
  readonly clock: Clock
  readonly schedule: Schedule
  readonly gate: Pick<Gate, "admitPiece">
}

/** @throws {@link Problem} `wrong-version` */
export function checkVersion(headers: TusHeaders): void {
  if (headers["tus-resumable"] !== TUS_VERSION) throw new Problem("wrong-version", "Uploads speak tus 1.0.0 and say so with each request.")
}

export const capabilities = ({ maxTipBytes }: Policy): Record<string, string> => ({
  "Tus-Version": TUS_VERSION,
  "Tus-Extension": "creation,termination",
  "Tus-Max-Size": String(maxTipBytes),
})

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined
}

/** Nothing is taken for a day that is not open by the server's own clock. @throws {@link Problem} `day-closed` */
export function checkOpen(day: Day, today: Day, { acceptDays }: Policy): void {
  const age = daysBetween(day, today)
  if (age < -1 || age > acceptDays) throw new Problem("day-closed", "Nothing is taken for this day; check your device's date.")
}

/** Whether an upload of this form may begin.
 *  @returns its whole length
 *  @throws {@link Problem} `wrong-version`, `bad-query`, `wrong-length`, `too-large`, `day-closed` */
export function checkUpload(day: Day, headers: TusHeaders, policy: Policy, { clock }: Pick<TusServices, "clock">): number {
  checkVersion(headers)
  // Names of files would stand in it, in clear.
  if (headers["upload-metadata"] !== undefined)
    throw new Problem("bad-query", "An upload carries no metadata: everything is in the envelope.")
  if ((headers["content-length"] ?? "0") !== "0") throw new Problem("bad-query", "An upload is begun without a body.")
  const bytes = wholeNumber(headers["upload-length"])
  if (bytes === undefined || headers["upload-defer-length"] !== undefined)
    throw new Problem("wrong-length", "An upload says its whole length when it begins.")
  checkLength(bytes, policy)
  checkOpen(day, clock.today(), policy)
  return bytes
}

/** Begins an upload.
 *  @returns where it goes on: relative, so that whoever reaches us by another name stays there
 *  @throws {@link Problem} `wrong-version`, `wrong-length`, `too-large`, `day-closed`, `not-ready` */
export async function createUpload(day: Day, headers: TusHeaders, policy: Policy, services: TusServices): Promise<string> {
  const { uploads, clock } = services
  const bytes = checkUpload(day, headers, policy, services)
  const secret = new Uint8Array(randomBytes(SECRET_BYTES))
  if (!(await uploads.begin(secret, day, bytes, clock.today())))
    throw new Problem("not-ready", "Too much is being uploaded right now. Nothing was kept; try again later.")
  return `/api/uploads/${Buffer.from(secret).toString("base64url")}`
}

function checkLength(bytes: number, { slots, maxTipBytes }: Policy): void {
  if (bytes <= SMALL_BYTES || !isSizeClass(slots, bytes))
    throw new Problem("wrong-length", "An uploaded envelope's length is one of the size classes above 1 MiB.")
  if (bytes > maxTipBytes) throw new Problem("too-large", "This is more than the newsroom takes.")
}

/** @throws {@link Problem} `not-found`: misspelt, ended, expired, or never begun */
export async function findUpload(name: string | undefined, { uploads }: TusServices): Promise<{ secret: Bytes; upload: Upload }> {
  const secret = secretOf(name)
  const upload = secret && (await uploads.find(secret))
  if (secret === undefined || upload === undefined) throw gone()
  return { secret, upload }
}
const gone = () => new Problem("not-found", "There is no such upload: it was ended, or nothing came for a day.")

function secretOf(name: string | undefined): Bytes | undefined {
  try {
    const secret = fromBase64url(name ?? "")
    return secret.length === SECRET_BYTES ? secret : undefined
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined
    throw error
  }
}

/** Where the upload stands. */
export const uploadState = ({ bytes, received }: Upload): Record<string, string> => ({
  "Upload-Offset": String(received),
  "Upload-Length": String(bytes),
})

/** Takes a piece as it comes, in rows of 1 MiB, each durable before the next. What a broken line brought is kept to the byte.
 *  @returns the offset after it
 *  @throws {@link Problem} `conflict`: the upload does not stand there; `wrong-length`, `too-large`, `bad-envelope`, `day-closed`, `not-found`,
 *  `not-ready`: the store is filling; what came before stays */
export async function receive(
  { secret, upload }: { secret: Bytes; upload: Upload },
  headers: TusHeaders,
  source: AsyncIterable<Uint8Array>,
  policy: Policy,
  services: TusServices,
): Promise<number> {
  const { uploads, clock, schedule, gate } = services
  const offset = wholeNumber(headers["upload-offset"])
  const announced = wholeNumber(headers["content-length"])
  if (offset === undefined) throw new Problem("bad-query", "A piece says at which offset it begins.")
  if (announced === undefined) throw new Problem("wrong-length", "A piece says how long it is.")
  if (offset !== upload.received) throw conflict()
  if (offset + announced > upload.bytes) throw new Problem("too-large", "The piece goes beyond the length that was announced.")
  if (announced === 0) throw new Problem("wrong-length", "A piece has at least one byte.")
  // With a header to look at from the first row on, nothing that is no envelope is ever kept.
  const least = offset === 0 ? headerBytes(policy.slots) : 0
  if (announced < least) throw new Problem("wrong-length", "The first piece holds the envelope's header.")
  checkOpen(upload.day, clock.today(), policy)

  let at = offset
  const row = rowOf(PIECE_BYTES)
  let underWay: Promise<unknown> = Promise.resolve()
  const keep = async (bytes: Uint8Array): Promise<void> => {
    await underWay
    // With each row: a few long uploads that were begun while there was room could fill all of it.
    await gate.admitPiece()
    if (at === 0) await checkBeginning(bytes, policy.slots, () => uploads.end(secret))
    const from = at
    at += bytes.length
    underWay = uploads.append(secret, { upload, at: from, bytes }, clock.today(), schedule.next(clock.now())).then(async (isKept) => {
      if (!isKept) throw await whyNot(secret, from, uploads)
    })
    // It is awaited before the next row, or at the end; until then a failure must not count as unhandled.
    underWay.catch(() => undefined)
  }
  try {
    for await (const piece of source) for (const full of row.fill(piece)) await keep(full)
  } catch (error) {
    if (error instanceof Problem) throw error
    // The line broke: what came counts.
    if (row.held().length >= (at === 0 ? Math.max(least, 1) : 1)) await keep(row.held())
    await underWay
    throw error
  }
  if (row.held().length > 0) await keep(row.held())
  await underWay
  return at
}

/** Another sender was quicker, the upload has gone meanwhile, or the day was closed before the last piece. */
async function whyNot(secret: Bytes, at: number, uploads: UploadStore): Promise<Problem> {
  const now = await uploads.find(secret)
  if (now === undefined) return gone()
  return now.received === at ? new Problem("day-closed", "Nothing is taken for this day any more.") : conflict()
}
const conflict = () => new Problem("conflict", "The upload does not stand at this offset.")

/** Refused before the second row is read; the upload can never become an envelope, and goes. */
async function checkBeginning(bytes: Uint8Array, slots: SlotCount, end: () => Promise<unknown>): Promise<void> {
  try {
    checkSlots(parseHeader(bytes), slots)
  } catch (cause) {
    if (!(cause instanceof EnvelopeError)) throw cause
    await end()
    throw new Problem("bad-envelope", `This is not an envelope of this newsroom: ${cause.message}.`, { cause })
  }
}

/** Gathers what comes into rows of one length. Two buffers in turns: one is filled while the other is being written. */
function rowOf(length: number): { fill(piece: Uint8Array): Generator<Uint8Array>; held(): Uint8Array } {
  const buffers = [new Uint8Array(0), new Uint8Array(0)]
  let turn = 0
  let filled = 0
  const current = (): Uint8Array => {
    // Made when first needed: a short piece needs one.
    if (buffers[turn]?.length !== length) buffers[turn] = new Uint8Array(length)
    return buffers[turn] ?? new Uint8Array(0)
  }
  return {
    *fill(piece) {
      for (let at = 0; at < piece.length; ) {
        const part = piece.subarray(at, at + length - filled)
        current().set(part, filled)
        filled += part.length
        at += part.length
        if (filled < length) continue
        const full = current()
        turn = 1 - turn
        filled = 0
        yield full
      }
    },
    held: () => current().subarray(0, filled),
  }
}
