/** Size classes: the only lengths that an envelope can have, so that its size says little. SPEC.md §3.3. */

import { base64Length } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { FILE_KEY_BYTES, FOOTER_BYTES, VERSION_LINE } from "./header.ts"

export const SLOT_COUNTS = [4, 8, 16, 32] as const
/** How many reporters a newsroom can have; fixed when it is made. */
export type SlotCount = (typeof SLOT_COUNTS)[number]

const KEM_ENC_BYTES = 1_120
export const TAG_BYTES = 16
export const NONCE_BYTES = 16
export const CHUNK_BYTES = 65_536
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
/** Up to here an envelope is posted whole; above it is uploaded in pieces. */
export const SMALL_BYTES = 1_048_576
export const LARGEST_BYTES = 4_294_967_296
/** What the floor leaves at least for the sealed payload. */
const FLOOR_PAYLOAD_BYTES = 16_384

/** One slot in the header: its argument line and its body line. */
export const SLOT_BYTES =
  "-> mlkem768x25519 \n".length + base64Length(KEM_ENC_BYTES) + base64Length(FILE_KEY_BYTES + TAG_BYTES) + "\n".length

/** The header of an envelope with so many slots: one stanza more, for the source. */
export const headerBytes = (slots: SlotCount): number => VERSION_LINE.length + (slots + 1) * SLOT_BYTES + FOOTER_BYTES

/** How many plaintext bytes fill an envelope of exactly `total` bytes, or `undefined` if none do. */
export function capacity(slots: SlotCount, total: number): number | undefined {
  const sealed = total - headerBytes(slots) - NONCE_BYTES
  const chunks = Math.ceil(sealed / SEALED_CHUNK_BYTES)
  // The last chunk holds at least one byte and its tag: some lengths cannot be reached, and are no class.
  return sealed - (chunks - 1) * SEALED_CHUNK_BYTES > TAG_BYTES ? sealed - chunks * TAG_BYTES : undefined
}

/** The smallest envelope: every text-only tip of ordinary length, and every reply, has this size. */
export function floorBytes(slots: SlotCount): number {
  let floor = 1
  while (floor < headerBytes(slots) + NONCE_BYTES + FLOOR_PAYLOAD_BYTES) floor *= 2
  return floor
}

function steps(slots: SlotCount): number[] {
  const classes: number[] = []
  for (let total = floorBytes(slots); total <= SMALL_BYTES; total *= 2) classes.push(total)
  // Four steps an octave above 1 MiB: padding stays below 25 %, and a size still stands for many.
  for (let octave = SMALL_BYTES; octave < LARGEST_BYTES; octave *= 2)
    for (const quarter of [5, 6, 7, 8]) classes.push((octave / 4) * quarter)
  return classes.filter((total) => capacity(slots, total) !== undefined)
}
const classes = new Map(SLOT_COUNTS.map((slots) => [slots, steps(slots)]))

/** Every size class of a newsroom with so many slots, ascending, in bytes. */
export const sizeClasses = (slots: SlotCount): readonly number[] => classes.get(slots) ?? []
export const isSizeClass = (slots: SlotCount, total: number): boolean => sizeClasses(slots).includes(total)

/** The least class that holds an archive of so many bytes, and how long the archive becomes with its padding.
 *  @throws {@link EnvelopeError} `too-large` */
export function classFor(slots: SlotCount, archiveBytes: number): { total: number; padded: number } {
  for (const total of sizeClasses(slots)) {
    const padded = capacity(slots, total)
    if (padded !== undefined && padded >= archiveBytes) return { total, padded }
  }
  throw new EnvelopeError("too-large", "an envelope holds at most 4 GiB")
}
