/** Writes a stream to an open file: many pieces in one call, and the next ones made while the last are being written. */

import type { FileHandle } from "node:fs/promises"

const BATCH_BYTES = 2_097_152

/** Writes all of `source` at the file's position. The pieces must not change after they were given.
 *  @returns how many bytes were written */
export async function pour(source: AsyncIterable<Uint8Array>, file: FileHandle): Promise<number> {
  let writing: Promise<unknown> = Promise.resolve()
  let batch: Uint8Array[] = []
  let held = 0
  let total = 0
  async function flush(): Promise<void> {
    // One batch on its way at a time: memory stays flat, and a failed write is noticed before the next.
    await writing
    writing = writeFully(file, batch)
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

async function writeFully(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const wanted = pieces.reduce((sum, { length }) => sum + length, 0)
  const { bytesWritten } = await file.writev(pieces)
  if (bytesWritten === wanted) return
  // A short write: the disk is nearly full, or a signal came. What is left goes by the call that goes on by itself.
  await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten))
}
