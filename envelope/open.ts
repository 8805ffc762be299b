/** An envelope and an identity become a letter again, every check made before a word is shown. SPEC.md §3, §5. Never on the server. */

import type { Aead } from "./aead.ts"
import { checkPadding, type Entry, entryHeader, paddedBytes, readBody, readEntry } from "./archive.ts"
import { type Bytes, concat, equal, fromUtf8 } from "./bytes.ts"
import type { Day } from "./day.ts"
import type { DeskLetter } from "./desk-letter.ts"
import { EnvelopeError } from "./errors.ts"
import { checkMac, type FileKey, type Header, readHeader, writeHeader } from "./header.ts"
import { type Identity, type Recipient, SIGNATURE_BYTES, type VerifyKey } from "./keys.ts"
import {
  checkReporterSignature,
  checkTipSignature,
  FILES_SIGNATURE_ENTRY,
  fileEntryName,
  LETTER_ENTRY,
  MAX_LETTER_BYTES,
  MAX_MESSAGE_BYTES,
  MESSAGE_ENTRY,
  parseLetter,
  type Reply,
  SIGNATURE_ENTRY,
  type Signed,
  type Tip,
  type TipFile,
} from "./letter.ts"
import type { Id, NewsroomId } from "./names.ts"
import { checkSlots } from "./outside.ts"
import { ByteReader, type ByteSource, collect } from "./reader.ts"
import type { SlotCount } from "./sizes.ts"
import { openSlot, sealSlot } from "./slots.ts"
import { openPayload } from "./stream.ts"
import { Tree } from "./tree.ts"

/** An envelope whose file key we have; `payload` stands at the nonce. */
export interface Unlocked {
  readonly fileKey: FileKey
  readonly header: Header
  readonly payload: ByteReader
}

/** Opens one slot of an envelope and checks the header's MAC: the file key is then the one that all slots carry.
 *  @param by - `slot` from 1; 0 is the source's, for a reply
 *  @returns `undefined`: this slot is a decoy, or another's
 *  @throws {@link EnvelopeError} `bad-header`, `wrong-slots`, `bad-stanza`, `bad-mac` */
export async function unlock(
  source: ByteSource,
  by: { identity: Identity; slot: number; slots: SlotCount },
): Promise<Unlocked | undefined> {
  const payload = new ByteReader(source)
  const header = await readHeader(payload)
  checkSlots(header, by.slots)
  return unlockStanza(header, by.slot, by.identity, payload)
}

/** Opens an envelope as the vault keeps it: one stanza, for the vault key. Errors as {@link unlock}. */
export async function unlockKept(source: ByteSource, vault: Identity): Promise<Unlocked | undefined> {
  const payload = new ByteReader(source)
  const header = await readHeader(payload)
  if (header.stanzas.length !== 1) throw new EnvelopeError("wrong-slots", "a kept envelope has one stanza")
  return unlockStanza(header, 0, vault, payload)
}

async function unlockStanza(header: Header, index: number, identity: Identity, payload: ByteReader): Promise<Unlocked | undefined> {
  const stanza = header.stanzas[index]
  const fileKey = stanza && (await openSlot(stanza, identity))
  if (fileKey === undefined) return undefined
  await checkMac(header, fileKey)
  return { fileKey, header, payload }
}

/** The same payload under a header for one recipient: age derives the payload's key from the file key alone. SPEC.md §7. */
export async function* rehead({ fileKey, payload }: Unlocked, to: Recipient): AsyncGenerator<Uint8Array> {
  yield await writeHeader([await sealSlot(fileKey, to)], fileKey)
  yield* payload.rest()
}

export interface OpenedFile {
  /** From 1. */
  readonly number: number
  readonly file: TipFile
  readonly bytes: AsyncGenerator<Bytes>
}
export interface OpenedTip {
  readonly tip: Tip
  readonly message: string
  /** Names this letter: no two have the same. */
  readonly signature: Bytes
  /** The files in order, each to be read before the next. Keep none under its final name before this generator has ended:
   *  only then has the signature over them been checked. May be called once.
   *  @throws {@link EnvelopeError} `bad-payload`, `bad-archive`, `bad-signature` */
  files(): AsyncGenerator<OpenedFile>
}

/** A reply that was opened, its signature checked. */
export interface OpenedReply {
  readonly reply: Reply
  readonly message: string
  /** Names this reply: no two have the same. */
  readonly signature: Bytes
}
/** What a colleague says about tips, its signature checked. */
export interface OpenedDesk {
  readonly desk: DeskLetter
  readonly signature: Bytes
}
export type OpenedLetter =
  | (OpenedTip & { readonly kind: "tip" })
  | (OpenedReply & { readonly kind: "reply" })
  | (OpenedDesk & { readonly kind: "desk" })
/** The key of the reporter that a letter names, in the keyring that it names, once that keyring is verified; `undefined`: there is none. */
export type SignerOf = (letter: Signed) => VerifyKey | undefined

/** Reads a letter of any kind: JSON, message and the signature over both, checked. A tip's files are read when they are asked for;
 *  the other kinds have none and are read to their end.
 *  @throws {@link EnvelopeError} `bad-payload`, `bad-archive`, `bad-letter`, `bad-json`, `bad-signature` */
export async function readLetter(
  { fileKey, payload }: Pick<Unlocked, "fileKey" | "payload">,
  signerOf: SignerOf,
  aead?: Aead,
): Promise<OpenedLetter> {
  return readLetterFrom(new ByteReader(openPayload(fileKey, payload, aead)), signerOf)
}

/** As {@link readLetter}, from where the archive begins. Of a tip's the beginning is enough, until its files are asked for. */
export async function readLetterFrom(reader: ByteReader, signerOf: SignerOf): Promise<OpenedLetter> {
  const tree = new Tree()
  const letter = parseLetter(fromUtf8(await take(reader, tree, LETTER_ENTRY, MAX_LETTER_BYTES)))
  const message = fromUtf8(await take(reader, tree, MESSAGE_ENTRY, MAX_MESSAGE_BYTES))
  if (letter.kind === "tip") {
    const { tip } = letter
    const signature = await takeSignature(reader, tree, SIGNATURE_ENTRY, tip)
    return { kind: "tip", tip, message, signature, files: () => files(reader, tree, tip) }
  }
  const before = await tree.value()
  const signature = await take(reader, tree, SIGNATURE_ENTRY, SIGNATURE_BYTES)
  const signed: Signed = letter.kind === "reply" ? letter.reply : letter.desk
  await checkReporterSignature(letter.kind, signed, signerOf(signed), { signature, tree: before })
  await expectEnd(reader)
  if (letter.kind === "reply") return { kind: "reply", reply: letter.reply, message, signature }
  if (message !== "") throw new EnvelopeError("bad-letter", "a desk's letter has no message")
  return { kind: "desk", desk: letter.desk, signature }
}

/** As {@link readLetter}, where only a tip will do: a reply is `bad-json`. */
export const readTip = ({ fileKey, payload }: Pick<Unlocked, "fileKey" | "payload">, aead?: Aead): Promise<OpenedTip> =>
  readTipArchive(openPayload(fileKey, payload, aead))
/** As {@link readLetterFrom}, where only a tip will do. */
export async function readTipArchive(plaintext: ByteSource): Promise<OpenedTip> {
  const letter = await readLetterFrom(new ByteReader(plaintext), refuseReply)
  return letter.kind === "tip" ? letter : refuseReply()
}
function refuseReply(): never {
  throw new EnvelopeError("bad-json", "sotto.json.format: a reply where a tip was expected")
}

async function expect(reader: ByteReader, name: string): Promise<Entry> {
  const entry = await readEntry(reader)
  if (entry?.name !== name) throw new EnvelopeError("bad-letter", "a letter's entries are the ones it declares, in order")
  return entry
}

/** Takes a small entry into the tree and out of it. */
async function take(reader: ByteReader, tree: Tree, name: string, maxBytes: number): Promise<Bytes> {
  const entry = await expect(reader, name)
  if (entry.bytes > maxBytes) throw new EnvelopeError("too-large", "an entry of a letter is longer than it may be")
  const body = await collect(readBody(reader, entry))
  await tree.add(concat(entryHeader(entry), body, new Uint8Array(paddedBytes(body.length) - body.length)))
  return body
}

async function takeSignature(reader: ByteReader, tree: Tree, name: string, tip: Tip): Promise<Bytes> {
  const before = await tree.value()
  const signature = await take(reader, tree, name, SIGNATURE_BYTES)
  await checkTipSignature(tip, signature, before)
  return signature
}

async function* files(reader: ByteReader, tree: Tree, tip: Tip): AsyncGenerator<OpenedFile> {
  for (const [index, file] of tip.files.entries()) {
    const entry = await expect(reader, fileEntryName(index + 1, file))
    if (entry.bytes !== file.bytes) throw new EnvelopeError("bad-letter", "a file has the length that the letter declares")
    await tree.add(entryHeader(entry))
    const bytes = inTree(readBody(reader, entry), tree)
    yield { number: index + 1, file, bytes }
    // Whoever skipped the file still gets the signature checked: what is left of it is read here.
    for await (const _ of bytes);
    await tree.add(new Uint8Array(paddedBytes(file.bytes) - file.bytes))
  }
  if (tip.files.length > 0) await takeSignature(reader, tree, FILES_SIGNATURE_ENTRY, tip)
  await expectEnd(reader)
}

async function expectEnd(reader: ByteReader): Promise<void> {
  if ((await readEntry(reader)) !== undefined) throw new EnvelopeError("bad-letter", "nothing follows the entries that a letter declares")
  await checkPadding(reader)
}

async function* inTree(source: AsyncGenerator<Bytes>, tree: Tree): AsyncGenerator<Bytes> {
  for await (const piece of source) {
    await tree.add(piece)
    yield piece
  }
}

/** Checks that a tip is ours, for this day, and for us: an envelope passed on by somebody else fails here. SPEC.md §5.
 *  @throws {@link EnvelopeError} `wrong-newsroom`, `wrong-day`, `not-addressed` */
export function checkAddressed(tip: Tip, reader: { newsroom: NewsroomId; day: Day; reporter: Id }): void {
  if (tip.newsroom.some((byte, index) => byte !== reader.newsroom[index]))
    throw new EnvelopeError("wrong-newsroom", "this tip was written to another newsroom")
  if (tip.day !== reader.day) throw new EnvelopeError("wrong-day", "this tip was sealed for another day")
  if (!tip.to.includes(reader.reporter)) throw new EnvelopeError("not-addressed", "the source did not choose this reporter")
}

/** Checks that a reply or a desk's letter which a reporter's slot opened is ours, for this day, and for this colleague. Errors as {@link checkAddressed}. */
export function checkReplyTo(reply: Signed & Pick<Reply, "to">, reader: { newsroom: NewsroomId; day: Day; reporter: Id }): void {
  checkNewsroom(reply, reader)
  if (reply.day !== reader.day) throw new EnvelopeError("wrong-day", "this reply was sealed for another day")
  if (!reply.to.includes(reader.reporter)) throw new EnvelopeError("not-addressed", "this reply was not sealed to this reporter")
}

/** Checks that a reply which the source's slot opened was written to this source: one passed on from another thread fails here.
 *  @throws {@link EnvelopeError} `wrong-newsroom`, `not-addressed` */
export function checkReplyFor(reply: Reply, source: { newsroom: NewsroomId; verify: VerifyKey }): void {
  checkNewsroom(reply, source)
  if (!equal(reply.for, source.verify)) throw new EnvelopeError("not-addressed", "this reply was written to another source")
}

function checkNewsroom(letter: { newsroom: NewsroomId }, { newsroom }: { newsroom: NewsroomId }): void {
  if (!equal(letter.newsroom, newsroom)) throw new EnvelopeError("wrong-newsroom", "this letter is another newsroom's")
}
