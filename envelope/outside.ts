/** What anybody can check of an envelope without opening it, the server first: its slots and its size class. SPEC.md §3. */

import { type Bytes, base64Length, fromBase64 } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { FILE_KEY_BYTES, type Header, parseHeader, type Stanza } from "./header.ts"
import { isSizeClass, type SlotCount, TAG_BYTES } from "./sizes.ts"

export const STANZA_KIND = "mlkem768x25519"
export const ENC_BYTES = 1_120

/** Whether this is canonical base64 of 1,120 bytes. Nothing but that has this length: `atob` would pass over white space and padding, but then
 *  fewer bytes come out. The last character carries two bits, so its other four are zero. The engine's own decoder, because this is done for
 *  every slot of every envelope, and also where nothing is compiled: an expression that looks at each character takes five times as long. */
function isEnc(text: string): boolean {
  if (text.length !== base64Length(ENC_BYTES) || !"AQgw".includes(text.at(-1) ?? " ")) return false
  try {
    return atob(text).length === ENC_BYTES
  } catch {
    return false
  }
}

/** Checks that a stanza is a slot.
 *  @returns the KEM's `enc` in base64
 *  @throws {@link EnvelopeError} `bad-stanza` */
export function checkSlot({ args, body }: Stanza): string {
  const [kind, enc, ...rest] = args
  if (kind !== STANZA_KIND || enc === undefined || rest.length > 0)
    throw new EnvelopeError("bad-stanza", "a slot is one mlkem768x25519 stanza and nothing more")
  if (!isEnc(enc)) throw new EnvelopeError("bad-stanza", "a slot's enc is 1,120 bytes in canonical base64")
  // A body of another length could hide a second file key from whoever checks only that it opens (age.md, partitioning).
  if (body.length !== FILE_KEY_BYTES + TAG_BYTES) throw new EnvelopeError("bad-stanza", "a slot's body is 32 bytes")
  return enc
}

/** A stanza as a slot: the KEM's `enc` and the sealed file key.
 *  @throws {@link EnvelopeError} `bad-stanza` */
export const parseSlot = (stanza: Stanza): { enc: Bytes; sealed: Bytes } => ({ enc: fromBase64(checkSlot(stanza)), sealed: stanza.body })

/** Checks that a header has one slot for the source and one for each of the newsroom's.
 *  @throws {@link EnvelopeError} `wrong-slots`, `bad-stanza` */
export function checkSlots(header: Header, slots: SlotCount): void {
  if (header.stanzas.length !== slots + 1) throw new EnvelopeError("wrong-slots", `an envelope of this newsroom has ${slots + 1} stanzas`)
  for (const stanza of header.stanzas) checkSlot(stanza)
}

/** @throws {@link EnvelopeError} `wrong-class` */
export function checkClass(total: number, slots: SlotCount): void {
  if (!isSizeClass(slots, total)) throw new EnvelopeError("wrong-class", "an envelope's length is one of the size classes")
}

/** Checks a whole envelope from outside.
 *  @param total - the whole length in bytes, of which `prefix` may be only the beginning
 *  @throws {@link EnvelopeError} `wrong-class`, `bad-header`, `wrong-slots`, `bad-stanza` */
export function checkOutside(prefix: Uint8Array, total: number, slots: SlotCount): void {
  checkClass(total, slots)
  checkSlots(parseHeader(prefix), slots)
}
