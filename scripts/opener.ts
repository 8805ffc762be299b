/** Opens a long payload with a thread beside: it deciphers what has come while this one reads on, hashes and writes. SPEC.md §3.2. */

import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import type { Bytes } from "../envelope/bytes.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { SEALED_CHUNK_BYTES } from "../envelope/sizes.ts"
import { type Batch, openBatch } from "./chunks.ts"

const BATCH_BYTES = 16 * SEALED_CHUNK_BYTES
/** Batches in the thread's hands: enough that it never waits, few enough that memory stays flat. */
const UNDER_WAY = 4

export interface Payload {
  readonly key: Bytes
  /** The number of the chunk that comes first. */
  readonly first: number
  /** How many chunks the whole payload has. */
  readonly count: number
}

/** Built, the program lies beside the command. Run from the sources there is none, and one thread does both. */
const PROGRAM = fileURLToPath(new URL("opener.js", import.meta.url))

interface Opener {
  open(batch: Batch): Promise<Bytes | undefined>
  end(): Promise<unknown>
}

function startOpener(program: string): Opener {
  if (!existsSync(program)) return { open: async (batch) => openBatch(batch), end: async () => undefined }
  const worker = new Worker(program)
  const waiting: { resolve: (plain: Bytes | undefined) => void; reject: (error: Error) => void }[] = []
  worker.on("message", (plain: Bytes | undefined) => waiting.shift()?.resolve(plain))
  worker.on("error", (error) => {
    for (const one of waiting.splice(0)) one.reject(error)
  })
  return {
    open: (batch) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker.postMessage(batch, [batch.sealed.buffer])
      }),
    end: () => worker.terminate(),
  }
}

/** Opens chunks from a stream that begins with chunk `first` and goes to the payload's end.
 *  @throws {@link EnvelopeError} `bad-payload` */
export async function* openChunks(
  source: AsyncIterable<Uint8Array>,
  { key, first, count }: Payload,
  program = PROGRAM,
): AsyncGenerator<Uint8Array> {
  const opener = startOpener(program)
  const underWay: Promise<Bytes | undefined>[] = []
  let index = first
  const hand = (sealed: Bytes) => {
    // Before it is handed over: afterwards there is nothing left of it here.
    const chunks = Math.ceil(sealed.length / SEALED_CHUNK_BYTES)
    const opening = opener.open({ key, index, count, sealed })
    // Awaited in its turn; until then a failure must not count as unhandled.
    opening.catch(() => undefined)
    underWay.push(opening)
    index += chunks
  }
  async function opened(): Promise<Bytes> {
    const plain = await underWay.shift()
    if (plain === undefined) throw new EnvelopeError("bad-payload", "the payload was altered or is not whole")
    return plain
  }
  try {
    let batch = new Uint8Array(BATCH_BYTES)
    let filled = 0
    for await (const piece of source)
      for (let at = 0; at < piece.length; ) {
        const part = piece.subarray(at, at + BATCH_BYTES - filled)
        batch.set(part, filled)
        filled += part.length
        at += part.length
        if (filled < BATCH_BYTES) continue
        hand(batch)
        batch = new Uint8Array(BATCH_BYTES)
        filled = 0
        if (underWay.length >= UNDER_WAY) yield await opened()
      }
    if (filled > 0) hand(batch.slice(0, filled))
    while (underWay.length > 0) yield await opened()
    if (index !== count) throw new EnvelopeError("bad-payload", "the payload was altered or is not whole")
  } finally {
    await opener.end()
  }
}
