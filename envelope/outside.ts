/** What anybody can check of an envelope without opening it, the server first: its slots and its size class. SPEC.md §3. */

import { type Bytes, base64Length, fromBase64 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { FILE_KEY_BYTES, type Header, parseHeader, type Stanza } from "./header.ts"
import { isSizeClass, type SlotCount, TAG_BYTES } from "./sizes.ts"

export const STANZA_KIND = "mlkem768x25519"
export const ENC_BYTES = 1_120

/** A stanza as a slot: the KEM's `enc` and the sealed file key.
 *  @throws {@link EnvelopeError} `bad-stanza` */
export function parseSlot({ args, body }: Stanza): { enc: Bytes; sealed: Bytes } {
  const [kind, enc, ...rest] = args
  if (kind !== STANZA_KIND || enc === undefined || rest.length > 0 || enc.length !== base64Length(ENC_BYTES))
    throw new EnvelopeError("bad-stanza", "a slot is one mlkem768x25519 stanza and nothing more")
  // A body of another length could hide a second file key from whoever checks only that it opens (age.md, partitioning).
  if (body.length !== FILE_KEY_BYTES + TAG_BYTES) throw new EnvelopeError("bad-stanza", "a slot's body is 32 bytes")
  try {
    return { enc: fromBase64(enc), sealed: body }
  } catch (cause) {
    throw new EnvelopeError("bad-stanza", "a slot's enc is canonical base64", { cause })
  }
}

/** Checks that a header has one slot for the source and one for each of the newsroom's.
 *  @throws {@link EnvelopeError} `wrong-slots`, `bad-stanza` */
export function checkSlots(header: Header, slots: SlotCount): void {
  if (header.stanzas.length !== slots + 1) throw new EnvelopeError("wrong-slots", `an envelope of this newsroom has ${slots + 1} stanzas`)
  for (const stanza of header.stanzas) parseSlot(stanza)
}

/** Checks a whole envelope from outside.
 *  @param total - the whole length in bytes, of which `prefix` may be only the beginning
 *  @throws {@link EnvelopeError} `wrong-class`, `bad-header`, `wrong-slots`, `bad-stanza` */
export function checkOutside(prefix: Uint8Array, total: number, slots: SlotCount): void {
  if (!isSizeClass(slots, total)) throw new EnvelopeError("wrong-class", "an envelope's length is one of the size classes")
  checkSlots(parseHeader(prefix), slots)
}
