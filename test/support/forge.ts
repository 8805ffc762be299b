/** Archives that a test writes byte by byte, really sealed: what a reader does with what no sealer of ours would make.
 *  Every signature is made over whatever stands before it, so a vector has the one fault that its name says and no other. */

import { BLOCK_BYTES } from "../../envelope/archive.ts"
import { type Bytes, concat, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "../../envelope/header.ts"
import { type Recipient, randomBytes, recipientOf, sign } from "../../envelope/keys.ts"
import { type Tip, tipText } from "../../envelope/letter.ts"
import { type Id, newsroomId } from "../../envelope/names.ts"
import { type OpenedTip, readTip, unlock } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { classFor } from "../../envelope/sizes.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { sealPayload } from "../../envelope/stream.ts"
import { Tree } from "../../envelope/tree.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { DAY, type Desk, HASH } from "./tips.ts"

/** A header block that any tar reads: right for a regular file unless `change` says otherwise; the checksum is made to fit. */
export function tarHeader(name: string, bytes: number, change: (block: Buffer) => void = () => undefined): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write(name, 0, 100, "latin1")
  const write = (at: number, ...fields: readonly string[]) => block.write(fields.join("\0"), at, "latin1")
  write(100, "0000600", "0000000", "0000000", bytes.toString(8).padStart(11, "0"), "00000000000", "") // mode, owner, group, size, time
  write(148, "        0") // a checksum of spaces while it is made, and the type
  write(257, "ustar", "00")
  write(329, "0000000", "0000000") // device numbers
  change(block)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return block
}

/** An entry as a test wants it; `"signed"`: the signature over all that stands before. */
export interface ForgedEntry {
  readonly name: string
  readonly content: Uint8Array | "signed"
  readonly header?: Buffer
  /** What follows the content up to a whole block; zeros unless a test says otherwise. */
  readonly padding?: Uint8Array
}
export const END_MARK = new Uint8Array(2 * BLOCK_BYTES)

async function treeOf(bytes: Uint8Array): Promise<Bytes> {
  const tree = new Tree()
  await tree.add(bytes)
  return tree.value()
}

export interface Signing {
  readonly label?: string
  readonly key?: Desk["source"]["sign"]
  readonly newsroom?: Bytes
}

/** Entries, each with its header, content and padding, then `end`. */
export async function tarOf(
  desk: Desk,
  entries: readonly ForgedEntry[],
  end: Uint8Array = END_MARK,
  signing: Signing = {},
): Promise<Bytes> {
  const { label = "sotto/v1/tip\n", key = desk.source.sign, newsroom = newsroomId(HASH) } = signing
  let archive: Bytes = new Uint8Array(0)
  for (const { name, content, header, padding } of entries) {
    const bytes = content === "signed" ? await sign(key, utf8(label), newsroom, await treeOf(archive)) : content
    const zeros = new Uint8Array((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)
    archive = concat(archive, header ?? tarHeader(name, bytes.length), bytes, padding ?? zeros)
  }
  return concat(archive, end)
}

export function tipOf(desk: Desk, change: Partial<Tip> = {}): Tip {
  const to = [...desk.identities.keys()].map((slot) => `reporter-${slot}` as Id)
  const source = desk.source.keys
  return { newsroom: newsroomId(HASH), keyring: HASH, day: DAY, to, reachable: to, answers: new Map(), source, files: [], ...change }
}

export interface Letter {
  /** The text of `sotto.json`. */
  readonly letter?: string
  readonly message?: Uint8Array
  /** Contents by entry name; the letter must declare them, or not. */
  readonly files?: Readonly<Record<string, Uint8Array>>
}
/** The entries of an ordinary tip. */
export function tipEntries(desk: Desk, { letter = tipText(tipOf(desk)), message = utf8("hello"), files = {} }: Letter = {}): ForgedEntry[] {
  const contents = Object.entries(files).map(([name, content]) => ({ name, content }))
  return [
    { name: "sotto.json", content: utf8(letter) },
    { name: "message.txt", content: message },
    { name: "signature", content: "signed" },
    ...contents,
    ...(contents.length > 0 ? [{ name: "files/signature", content: "signed" as const }] : []),
  ]
}

export async function recipientsOf({ identities, slots }: Desk): Promise<(Recipient | undefined)[]> {
  const recipientAt = async (slot: number) => {
    const identity = identities.get(slot)
    return identity && (await recipientOf(identity))
  }
  return Promise.all(Array.from({ length: slots + 1 }, (_, slot) => recipientAt(slot)))
}

/** Zeros behind an archive, up to what fills its size class. */
export function toClass(desk: Desk, archive: Uint8Array): Bytes {
  return concat(archive, new Uint8Array(classFor(desk.slots, archive.length).padded - archive.length))
}

/** Seals a plaintext as it is, to everybody at the desk, with the project's own header and stream. */
export async function sealRaw(desk: Desk, plaintext: Uint8Array): Promise<Bytes> {
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  const header = await writeHeader(await sealSlots(fileKey, await recipientsOf(desk)), fileKey)
  return concat(header, await collect(sealPayload(fileKey, [plaintext], nodeAead)))
}

/** Opens an envelope as a reporter does, letter and files, and says how that went: the code of what was wrong, or `opened`. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    return (await work) === undefined ? "not for us" : "opened"
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error // anything else is a bug, whatever the input
  }
}
export async function openAll(desk: Desk, envelope: Uint8Array | Iterable<Uint8Array>): Promise<OpenedTip | undefined> {
  const [first] = desk.identities
  if (first === undefined) throw new Error("nobody at this desk")
  const [slot, identity] = first
  const unlocked = await unlock(envelope instanceof Uint8Array ? [envelope] : envelope, { identity, slot, slots: desk.slots })
  if (unlocked === undefined) return undefined
  const opened = await readTip(unlocked, nodeAead)
  for await (const { bytes } of opened.files()) await collect(bytes)
  return opened
}
