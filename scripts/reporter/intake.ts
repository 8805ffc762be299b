/** One envelope as it came from the server: opened with the seed of its day, checked as SPEC.md §5 says, and written to the vault. */

import { type Bytes, concat, toBase64url } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { EnvelopeError, type EnvelopeErrorCode } from "../../envelope/errors.ts"
import { writeHeader } from "../../envelope/header.ts"
import { type Identity, wipe } from "../../envelope/keys.ts"
import type { Id, NewsroomId } from "../../envelope/names.ts"
import { checkAddressed, type OpenedTip, readTip, type Unlocked, unlock } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { ByteReader } from "../../envelope/reader.ts"
import type { SlotCount } from "../../envelope/sizes.ts"
import { sealSlot } from "../../envelope/slots.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { homePaths } from "../vault/home.ts"
import type { TipRecord } from "../vault/records.ts"
import type { Secrets } from "../vault/secrets.ts"

/** By whom and with what envelopes of one day are opened. */
export interface Opener {
  readonly day: Day
  readonly seed: Identity
  readonly slot: number
  readonly slots: SlotCount
  readonly newsroom: NewsroomId
  readonly reporter: Id
}

/** What became of an envelope. */
export type Taken =
  /** A decoy, or a colleague's. */
  | { readonly what: "not-ours" }
  | { readonly what: "broken"; readonly code: EnvelopeErrorCode }
  | { readonly what: "replay"; readonly of: number }
  | { readonly what: "kept"; readonly record: TipRecord }

/** Letters that a later version may be able to read: they opened for us, and are kept. All other faults mean that somebody tampered. */
const UNREADABLE: readonly EnvelopeErrorCode[] = ["bad-archive", "bad-json", "bad-letter"]

/** Opens an envelope and keeps it in the vault as tip `number`, durably; the index still has to say so.
 *  @param known - the number of the tip that has this signature, if one has */
export async function takeIn(
  desk: Pick<Desk, "home" | "disk">,
  { secrets, opener, number }: { readonly secrets: Secrets; readonly opener: Opener; readonly number: number },
  { envelope, bytes }: { readonly envelope: string; readonly bytes: Bytes },
  known: (signature: string) => number | undefined,
): Promise<Taken> {
  let unlocked: Unlocked | undefined
  try {
    checkOutside(bytes, bytes.length, opener.slots)
    unlocked = await unlock([bytes], { identity: opener.seed, slot: opener.slot, slots: opener.slots })
    if (unlocked === undefined) return { what: "not-ours" }
    const payload = bytes.slice(unlocked.header.bytes)
    const record = await examine(unlocked, payload, { opener, number, envelope })
    const of = record.signature === undefined ? undefined : known(record.signature)
    if (of !== undefined) return { what: "replay", of }
    await desk.disk.makeFolder(homePaths(desk.home).tips)
    const header = await writeHeader([await sealSlot(unlocked.fileKey, secrets.recipient)], unlocked.fileKey)
    await desk.disk.replace(homePaths(desk.home).tip(number), concat(header, payload))
    return { what: "kept", record }
  } catch (error) {
    if (error instanceof EnvelopeError) return { what: "broken", code: error.code }
    throw error
  } finally {
    if (unlocked !== undefined) await wipe(unlocked.fileKey)
  }
}

/** Makes every check. A tip whose files alone are damaged is kept with its fault, for its words. */
async function examine(
  { fileKey }: Unlocked,
  payload: Bytes,
  { opener, number, envelope }: { readonly opener: Opener; readonly number: number; readonly envelope: string },
): Promise<TipRecord> {
  const base = { tip: number, day: opener.day, envelope }
  let opened: OpenedTip
  try {
    opened = await readTip({ fileKey, payload: new ByteReader([payload]) }, nodeAead)
  } catch (error) {
    if (!(error instanceof EnvelopeError) || !UNREADABLE.includes(error.code)) throw error
    return { ...base, state: "broken", files: 0, fault: error.code }
  }
  const { tip, signature } = opened
  checkAddressed(tip, opener)
  const fault = await filesFault(opened)
  return {
    ...base,
    state: "new",
    files: tip.files.length,
    ...(tip.callout === undefined ? {} : { callout: tip.callout }),
    signature: toBase64url(signature),
    source: toBase64url(tip.source.verify) as NonNullable<TipRecord["source"]>,
    ...(fault === undefined ? {} : { fault }),
  }
}

async function filesFault({ files }: OpenedTip): Promise<EnvelopeErrorCode | undefined> {
  try {
    for await (const { bytes } of files()) for await (const _ of bytes);
    return undefined
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error
  }
}
