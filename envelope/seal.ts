/** A letter and its slots become an envelope, as a stream: never whole in memory. SPEC.md §3. */

import type { Aead } from "./aead.ts"
import { BLOCK_BYTES, entryBytes, entryHeader, paddedBytes } from "./archive.ts"
import { type Bytes, utf8 } from "./bytes.ts"
import { type DeskLetter, deskLetterText } from "./desk-letter.ts"
import { EnvelopeError } from "./errors.ts"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "./header.ts"
import { type Recipient, randomBytes, SIGNATURE_BYTES, type SignKey, wipe } from "./keys.ts"
import {
  FILES_SIGNATURE_ENTRY,
  fileEntryName,
  LETTER_ENTRY,
  MAX_LETTER_BYTES,
  MAX_MESSAGE_BYTES,
  MESSAGE_ENTRY,
  type Reply,
  replyText,
  SIGNATURE_ENTRY,
  signDesk,
  signReply,
  signTip,
  type Tip,
  type TipFile,
  tipText,
} from "./letter.ts"
import { type ByteSource, collect } from "./reader.ts"
import { classFor, floorBytes, SLOT_COUNTS, type SlotCount } from "./sizes.ts"
import { sealSlots } from "./slots.ts"
import { sealPayload } from "./stream.ts"
import { Tree } from "./tree.ts"

export interface TipToSeal {
  readonly tip: Tip
  readonly message: string
  /** One stream a file, in the order of `tip.files`, of exactly the bytes that are declared there. */
  readonly files: readonly ByteSource[]
  readonly sign: SignKey
  /** Slot 0 first (the source's; a decoy in a tip), then the newsroom's; `undefined` where nobody is to read. */
  readonly slots: readonly (Recipient | undefined)[]
  /** At most so many bytes in all; the newsroom's `maxTipBytes`. */
  readonly maxBytes: number
  readonly aead?: Aead
}

export interface Sealed {
  /** The envelope's whole length: a size class, known before the first byte is read. */
  readonly bytes: number
  readonly stream: AsyncGenerator<Uint8Array>
}

const END_BYTES = 2 * BLOCK_BYTES
const ZEROS = new Uint8Array(65_536)

/** Seals a tip. Nothing is read of the files before the stream is.
 *  @throws {@link EnvelopeError} `wrong-slots`, `too-large`, `bad-json`; while streaming `bad-letter` when a file changed */
export function sealTip({ tip, message, files, sign, slots, maxBytes, aead }: TipToSeal): Sealed {
  const count = slotCount(slots)
  if (files.length !== tip.files.length) throw new EnvelopeError("bad-letter", "one stream for each file")
  const letter = utf8(tipText(tip))
  const text = utf8(message)
  if (letter.length > MAX_LETTER_BYTES) throw new EnvelopeError("too-large", "a letter has at most 256 KiB without its message")
  if (text.length > MAX_MESSAGE_BYTES) throw new EnvelopeError("too-large", "a message has at most 512 KiB")
  const filesBytes = tip.files.reduce((sum, { bytes }) => sum + entryBytes(bytes), 0) + (files.length > 0 ? entryBytes(SIGNATURE_BYTES) : 0)
  const archiveBytes = entryBytes(letter.length) + entryBytes(text.length) + entryBytes(SIGNATURE_BYTES) + filesBytes + END_BYTES
  const { total, padded } = classFor(count, archiveBytes)
  if (total > maxBytes) throw new EnvelopeError("too-large", "this is more than the newsroom takes")
  const signing = (tree: Bytes) => signTip(sign, tip.newsroom, tree)
  const plaintext = withPadding(archive(letter, text, tip.files, files, signing), padded - archiveBytes + END_BYTES)
  return { bytes: total, stream: sealArchive(plaintext, slots, aead) }
}

export interface ReplyToSeal {
  readonly reply: Reply
  readonly message: string
  readonly sign: SignKey
  /** The source's recipient first, then the newsroom's slots; `undefined` where nobody is to read. */
  readonly slots: readonly (Recipient | undefined)[]
  readonly aead?: Aead
}

/** Seals a reply: always exactly of floor size, so that a mailbox says nothing by its length.
 *  @throws {@link EnvelopeError} `wrong-slots`, `bad-json`; `too-large`: more words than the floor holds */
export async function sealReply({ reply, message, sign, slots, aead }: ReplyToSeal): Promise<Bytes> {
  return sealShort([utf8(replyText(reply)), utf8(message)], (tree) => signReply(sign, reply.newsroom, tree), slots, aead)
}

export interface DeskToSeal {
  readonly desk: DeskLetter
  readonly sign: SignKey
  /** Slot 0 first, a decoy; `undefined` where nobody is to read. */
  readonly slots: readonly (Recipient | undefined)[]
  readonly aead?: Aead
}

/** Seals what one reporter tells others about tips: always exactly of floor size, like a tip of ordinary length. Errors as {@link sealReply}. */
export const sealDesk = async ({ desk, sign, slots, aead }: DeskToSeal): Promise<Bytes> =>
  sealShort([utf8(deskLetterText(desk)), new Uint8Array(0)], (tree) => signDesk(sign, desk.newsroom, tree), slots, aead)

async function sealShort(
  [letter, text]: readonly [letter: Bytes, text: Bytes],
  signing: (tree: Bytes) => Promise<Bytes>,
  slots: readonly (Recipient | undefined)[],
  aead: Aead | undefined,
): Promise<Bytes> {
  const count = slotCount(slots)
  const archiveBytes = entryBytes(letter.length) + entryBytes(text.length) + entryBytes(SIGNATURE_BYTES) + END_BYTES
  const { total, padded } = classFor(count, archiveBytes)
  if (total !== floorBytes(count)) throw new EnvelopeError("too-large", "a reply is longer than the smallest envelope holds")
  return collect(sealArchive(withPadding(archive(letter, text, [], [], signing), padded - archiveBytes + END_BYTES), slots, aead))
}

function slotCount(slots: readonly unknown[]): SlotCount {
  const count = SLOT_COUNTS.find((one) => one + 1 === slots.length)
  if (count === undefined) throw new EnvelopeError("wrong-slots", "a newsroom has 4, 8, 16 or 32 slots, and the source's")
  return count
}

/** Seals an archive that is already padded to its class. */
async function* sealArchive(plaintext: ByteSource, slots: readonly (Recipient | undefined)[], aead?: Aead): AsyncGenerator<Uint8Array> {
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  try {
    yield await writeHeader(await sealSlots(fileKey, slots), fileKey)
    yield* sealPayload(fileKey, plaintext, aead)
  } finally {
    await wipe(fileKey)
  }
}

async function* withPadding(archive: ByteSource, zeros: number): AsyncGenerator<Uint8Array> {
  yield* archive
  for (let left = zeros; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

async function* archive(
  letter: Bytes,
  message: Bytes,
  declared: readonly TipFile[],
  files: readonly ByteSource[],
  signing: (tree: Bytes) => Promise<Bytes>,
): AsyncGenerator<Uint8Array> {
  const tree = new Tree()
  async function* counted(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    await tree.add(piece)
    yield piece
  }
  async function* entry(name: string, bytes: Bytes): AsyncGenerator<Uint8Array> {
    yield* counted(entryHeader({ name, bytes: bytes.length }))
    yield* counted(bytes)
    yield* counted(ZEROS.subarray(0, paddedBytes(bytes.length) - bytes.length))
  }
  yield* entry(LETTER_ENTRY, letter)
  yield* entry(MESSAGE_ENTRY, message)
  yield* entry(SIGNATURE_ENTRY, await signing(await tree.value()))
  if (files.length === 0) return
  for (const [index, file] of declared.entries()) {
    yield* counted(entryHeader({ name: fileEntryName(index + 1, file), bytes: file.bytes }))
    let read = 0
    for await (const piece of files[index] ?? []) {
      read += piece.length
      if (read > file.bytes) break
      yield* counted(piece)
    }
    if (read !== file.bytes) throw new EnvelopeError("bad-letter", `file ${index + 1} changed while it was being read`)
    yield* counted(ZEROS.subarray(0, paddedBytes(file.bytes) - file.bytes))
  }
  yield* entry(FILES_SIGNATURE_ENTRY, await signing(await tree.value()))
}
