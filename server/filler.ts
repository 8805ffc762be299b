/** Bodies that hold nothing and look like sealed envelopes: the same lines, the same lengths, and numbers drawn as the KEM would draw them.
 *  SPEC.md §8.1. Nothing is sealed here and no key is kept: whoever could open an envelope would find that these open for nobody.
 *
 *  Plain random bytes would not do. ML-KEM's ciphertexts are rounded, so some values come up more often than others, and an X25519 share is
 *  always a point of the curve, which a random string is half of the time: nine stanzas are enough to tell with a few sums. */

import { createCipheriv, createHmac } from "node:crypto"
import { type Bytes, concat, toBase64, toBase64url, utf8 } from "../envelope/bytes.ts"
import { FILE_KEY_BYTES, VERSION_LINE } from "../envelope/header.ts"
import { identity, RECIPIENT_BYTES, recipientOf } from "../envelope/keys.ts"
import { STANZA_KIND } from "../envelope/outside.ts"
import { floorBytes, type SlotCount, TAG_BYTES } from "../envelope/sizes.ts"

const SEED_BYTES = 32
const SHARE_BYTES = 32
const SEALED_FILE_KEY_BYTES = FILE_KEY_BYTES + TAG_BYTES
const MAC_BYTES = 32

/** Random bytes out of a seed: AES-256 in counter mode. */
type Draw = (length: number) => Buffer

function drawFrom(seed: Bytes, mailbox: Bytes, place: string): Draw {
  const key = createHmac("sha256", seed)
    .update(`sotto/v1/filler ${toBase64url(mailbox)} ${place}`)
    .digest()
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16))
  return (length) => stream.update(Buffer.alloc(length))
}

/** A filler of floor size. The same for the same mailbox and place each time: who sees two answers must not learn from what changed
 *  between them which bodies were real. From a seed that only the server has: whoever sees a request must not be able to make its fillers.
 *  @param mailbox - the address
 *  @param place - page and place on it */
export async function filler(seed: Bytes, mailbox: Bytes, place: string, slots: SlotCount): Promise<Bytes> {
  const draw = drawFrom(seed, mailbox, place)
  let header = VERSION_LINE
  for (let slot = 0; slot <= slots; slot++) {
    const enc = concat(mlkemCiphertext(draw), await x25519Share(draw))
    header += `-> ${STANZA_KIND} ${toBase64(enc)}\n${toBase64(draw(SEALED_FILE_KEY_BYTES))}\n`
  }
  const start = utf8(`${header}--- ${toBase64(draw(MAC_BYTES))}\n`)
  return concat(start, draw(floorBytes(slots) - start.length))
}

const Q = 3_329
const DRAWN_BYTES = 2_560
/** ML-KEM-768: 3 polynomials of 256 coefficients rounded to 10 bits, then one rounded to 4. FIPS 203, §4.2.1 and table 2. */
const ROUNDED = [
  { coefficients: 768, bits: 10 },
  { coefficients: 256, bits: 4 },
] as const

/** What uniform coefficients modulo q become when they are rounded and packed: 1,088 bytes. */
function mlkemCiphertext(draw: Draw): Bytes {
  const bytes = new Uint8Array(ROUNDED.reduce((sum, { coefficients, bits }) => sum + (coefficients * bits) / 8, 0))
  const next = coefficientsOf(draw)
  let [at, held, heldBits] = [0, 0, 0]
  for (const { coefficients, bits } of ROUNDED)
    for (let index = 0; index < coefficients; index++) {
      const rounded = Math.floor((next() * 2 ** bits + Math.floor(Q / 2)) / Q) % 2 ** bits
      held |= rounded << heldBits
      for (heldBits += bits; heldBits >= 8; heldBits -= 8) {
        bytes[at++] = held & 0xff
        held >>>= 8
      }
    }
  return bytes
}

/** Uniform numbers below q: 12 bits of each two bytes, and those that are not below it thrown away. */
function coefficientsOf(draw: Draw): () => number {
  let drawn = draw(0)
  let at = 0
  return () => {
    for (;;) {
      if (at === drawn.length) {
        drawn = draw(DRAWN_BYTES)
        at = 0
      }
      const value = drawn.readUInt16LE(at) & 0x0fff
      at += 2
      if (value < Q) return value
    }
  }
}

/** A true public share: the last part of an X-Wing recipient, whose seed is forgotten. */
async function x25519Share(draw: Draw): Promise<Bytes> {
  const recipient = await recipientOf(identity(new Uint8Array(draw(SEED_BYTES))))
  return recipient.slice(RECIPIENT_BYTES - SHARE_BYTES) as Bytes
}
