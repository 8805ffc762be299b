/** A large tip whole: its beginning from the vault, what an earlier run has written from the disk, the rest from the server. SPEC.md §7, §8.2.
 *
 *  All three are put behind each other as the one archive that was signed, and every byte of it goes through the same checks: so a run that
 *  was cut is gone on with, and what lies on the disk counts for nothing until the signature over it holds. */

import { createReadStream } from "node:fs"
import { entryBytes, entryHeader, paddedBytes, readEntry } from "../../envelope/archive.ts"
import type { Bytes } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { wipe } from "../../envelope/keys.ts"
import { fileEntryName, type TipFile } from "../../envelope/letter.ts"
import { type OpenedTip, readTipArchive, type Unlocked } from "../../envelope/open.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { CHUNK_BYTES, headerBytes, NONCE_BYTES, SEALED_CHUNK_BYTES, type SlotCount } from "../../envelope/sizes.ts"
import { openPayload, payloadKey } from "../../envelope/stream.ts"
import { download } from "../download.ts"
import { nodeAead } from "../engine.ts"
import type { ServerAddress } from "../http.ts"
import { openChunks } from "../opener.ts"
import type { TipRecord } from "../vault/records.ts"

/** What an earlier run has written: for each file its place on the disk and how many bytes stand there. */
export interface Written {
  readonly path: string
  readonly bytes: number
}
export interface WholeTip {
  readonly opened: OpenedTip
  /** Of each file the part that is taken from the disk, and so is checked as it stands there: everything else is to be written. */
  readonly kept: readonly Kept[]
}
export interface Kept {
  readonly from: number
  /** Not included. */
  readonly to: number
}
export interface From {
  readonly server: ServerAddress
  readonly slots: SlotCount
  /** Told how many bytes of the envelope have come, and of how many. */
  readonly progress: (bytes: number, total: number) => void
  readonly waiting: (seconds: number) => void
  /** Looked for once the letter is known. */
  readonly written: (files: readonly TipFile[]) => Promise<readonly Written[]>
}

/** @param unlocked - the vault's file of this tip
 *  @throws EnvelopeError: what came is not what was signed; while the files are read, too
 *  @throws Failure `failed`: the server has it no more, or cannot be reached */
export async function openWhole(
  { fileKey, payload }: Unlocked,
  { day, envelope = "", bytes: total = 0 }: TipRecord,
  { server, slots, progress, waiting, written }: From,
): Promise<WholeTip> {
  const beginning = await collect(openPayload(fileKey, payload, nodeAead))
  const { tip } = await readTipArchive([beginning])
  const place = placeOf(await filesBegin(beginning), tip.files)
  const before = resumeAt(place, tip.files, await written(tip.files), beginning.length)

  const target = `/api/envelopes/${day}/${envelope}`
  const start = headerBytes(slots)
  const nonce = await collect(download(server, { target, from: start, to: start + NONCE_BYTES, total }, waiting))
  const key = await payloadKey(fileKey, nonce)
  await wipe(fileKey)
  const first = before.archiveBytes / CHUNK_BYTES
  const from = start + NONCE_BYTES + first * SEALED_CHUNK_BYTES
  const count = Math.ceil((total - start - NONCE_BYTES) / SEALED_CHUNK_BYTES)

  async function* told(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let at = from
    for await (const piece of source) {
      at += piece.length
      progress(at, total)
      yield piece
    }
  }
  async function* archive(): AsyncGenerator<Uint8Array> {
    try {
      yield beginning
      yield* before.fromDisk(beginning.length)
      if (from < total) yield* openChunks(told(download(server, { target, from, to: total, total }, waiting)), { key, first, count })
    } finally {
      await wipe(key)
    }
  }
  return { opened: await readTipArchive(archive()), kept: before.kept }
}

/** Where the first file's entry begins: behind the three that every tip has. */
async function filesBegin(beginning: Bytes): Promise<number> {
  const reader = new ByteReader([beginning])
  let at = 0
  for (let entries = 0; entries < 3; entries++) {
    const entry = await readEntry(reader)
    if (entry === undefined) throw new EnvelopeError("bad-letter", "a letter's entries are the ones it declares, in order")
    await reader.take(paddedBytes(entry.bytes))
    at += entryBytes(entry.bytes)
  }
  return at
}

/** Where each file's entry begins in the archive. */
function placeOf(first: number, files: readonly TipFile[]): readonly number[] {
  let at = first
  return files.map(({ bytes }) => {
    const begin = at
    at += entryBytes(bytes)
    return begin
  })
}

/** From which chunk to go on: files that are whole count, and the first that is not as far as it goes. */
function resumeAt(place: readonly number[], files: readonly TipFile[], written: readonly Written[], beginning: number) {
  let reached = beginning
  for (const [index, { bytes }] of files.entries()) {
    const [begin = 0, there = 0] = [place[index], written[index]?.bytes]
    const content = begin + entryBytes(0)
    if (there < bytes) {
      reached = Math.max(reached, there > 0 ? content + there : begin)
      break
    }
    reached = Math.max(reached, begin + entryBytes(bytes))
  }
  const archiveBytes = Math.max(beginning, Math.floor(reached / CHUNK_BYTES) * CHUNK_BYTES)
  // What stands behind that point comes from the server again, and is written again.
  const kept = files.map(({ bytes }, index): Kept => {
    const content = (place[index] ?? 0) + entryBytes(0)
    const to = Math.min(bytes, written[index]?.bytes ?? 0, Math.max(0, archiveBytes - content))
    // What the vault has too comes from there, and nobody would look at what the disk says.
    const from = Math.max(0, beginning - content)
    return from < to ? { from, to } : { from: 0, to: 0 }
  })

  /** The archive from `from` to the point, made of the files on the disk. */
  async function* fromDisk(from: number): AsyncGenerator<Uint8Array> {
    for (const [index, file] of files.entries()) {
      const begin = place[index] ?? 0
      if (begin >= archiveBytes) return
      if (begin + entryBytes(file.bytes) <= from) continue
      const header = entryHeader({ name: fileEntryName(index + 1, file), bytes: file.bytes })
      let at = begin
      for await (const piece of pieces(header, written[index]?.path ?? "", file.bytes)) {
        const part = piece.subarray(Math.max(0, from - at), Math.max(0, Math.min(piece.length, archiveBytes - at)))
        at += piece.length
        if (part.length > 0) yield part
        if (at >= archiveBytes) return
      }
    }
  }
  return { archiveBytes, kept, fromDisk }
}

async function* pieces(header: Bytes, path: string, bytes: number): AsyncGenerator<Uint8Array> {
  yield header
  if (bytes > 0) yield* createReadStream(path, { highWaterMark: 1_048_576, end: bytes - 1 }) as AsyncIterable<Uint8Array>
  yield new Uint8Array(paddedBytes(bytes) - bytes)
}
