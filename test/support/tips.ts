/** Tips for tests of the envelope: sealed by the project's own code, to whichever slots a test names. */

import { randomFillSync } from "node:crypto"
import type { Bytes } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { type Identity, newIdentity, recipientOf } from "../../envelope/keys.ts"
import type { Tip, TipFile } from "../../envelope/letter.ts"
import { type Hash, type Id, newsroomId } from "../../envelope/names.ts"
import { type ByteSource, collect } from "../../envelope/reader.ts"
import { type Sealed, sealTip } from "../../envelope/seal.ts"
import type { SlotCount } from "../../envelope/sizes.ts"
import { deriveSource, newWords, type SourceSecrets } from "../../keyring/words.ts"

export const HASH = Buffer.alloc(32, 7).toString("base64url") as Hash
export const DAY = "2026-11-22" as Day

export interface Desk {
  readonly source: SourceSecrets
  /** By slot, from 1. */
  readonly identities: ReadonlyMap<number, Identity>
  readonly slots: SlotCount
}
export async function makeDesk(chosen: readonly number[] = [2], slots: SlotCount = 8): Promise<Desk> {
  const identities = new Map<number, Identity>()
  for (const slot of chosen) identities.set(slot, await newIdentity())
  return { source: await deriveSource(await newWords(), newsroomId(HASH)), identities, slots }
}

export interface TipOptions {
  readonly message?: string
  readonly files?: readonly (TipFile & { readonly content: ByteSource })[]
  readonly change?: Partial<Tip>
  readonly maxBytes?: number
}
export async function seal(
  { source, identities, slots }: Desk,
  { message = "hello", files = [], change = {}, maxBytes = 2 ** 32 }: TipOptions = {},
): Promise<Sealed> {
  const recipients = await Promise.all(
    Array.from({ length: slots + 1 }, async (_, slot) => {
      const identity = identities.get(slot)
      return identity && recipientOf(identity)
    }),
  )
  const to = [...identities.keys()].map((slot) => `reporter-${slot}` as Id)
  const tip: Tip = {
    newsroom: newsroomId(HASH),
    keyring: HASH,
    day: DAY,
    to,
    reachable: to,
    answers: new Map(),
    source: source.keys,
    files: files.map(({ name, type, bytes }) => ({ name, type, bytes })),
    ...change,
  }
  return sealTip({ tip, message, files: files.map(({ content }) => content), sign: source.sign, slots: recipients, maxBytes })
}
export const sealed = async (desk: Desk, options?: TipOptions): Promise<Bytes> => collect((await seal(desk, options)).stream)

export const file = (name: string, content: Uint8Array): TipFile & { content: ByteSource } => ({
  name,
  type: "",
  bytes: content.length,
  content: [content],
})
export const noise = (bytes: number): Uint8Array => randomFillSync(new Uint8Array(bytes))
