/** Writes a stream to an open file: many pieces in one call, and the next ones made while the last are being written. */

import type { FileHandle } from "node:fs/promises"

const BATCH_BYTES = 2_097_152

/** Writes all of `source` from a place in the file on. The pieces must not change after they were given.
 *  @returns how many bytes were written */
export async function pour(source: AsyncIterable<Uint8Array>, file: FileHandle, from = 0): Promise<number> {
  let writing: Promise<unknown> = Promise.resolve()
  let batch: Uint8Array[] = []
  let held = 0
  let written = 0
  let total = 0
  async function flush(): Promise<void> {
    // One batch on its way at a time: memory stays flat, and a failed write is noticed before the next.
    await writing
    writing = writeFully(file, batch, from + written)
    written += held
    // It is awaited above or below; until then a failure must not count as unhandled.
    writing.catch(() => undefined)
    batch = []
    held = 0
  }
  try {
    for await (const piece of source) {
      batch.push(piece)
      held += piece.length
      total += piece.length
      if (held >= BATCH_BYTES) await flush()
    }
    await flush()
  } finally {
    await writing
  }
  return total
}

async function writeFully(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  const wanted = pieces.reduce((sum, { length }) => sum + length, 0)
  let { bytesWritten: done } = await file.writev(pieces, position)
  if (done === wanted) return
  // A short write: the disk is nearly full, or a signal came.
  for (const all = Buffer.concat(pieces); done < wanted; )
    done += (await file.write(all, done, wanted - done, position + done)).bytesWritten
}
