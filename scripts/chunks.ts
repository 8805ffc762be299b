/** Many sealed chunks at once, as one buffer: what a thread beside is handed. The same for whoever opens them here. SPEC.md §3.2. */

import type { Bytes } from "../envelope/bytes.ts"
import { CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES } from "../envelope/sizes.ts"
import { chunkNonce } from "../envelope/stream.ts"
import { nodeAead } from "./engine.ts"

export interface Batch {
  readonly key: Bytes
  /** The number of the first chunk. */
  readonly index: number
  /** How many chunks the whole payload has: the last one is sealed as the last. */
  readonly count: number
  /** Whole chunks, one behind the other; the payload's last may be shorter. */
  readonly sealed: Bytes
}

/** @returns the plaintext of all of them; `undefined`: one was altered, or is not the one of this number */
export function openBatch({ key, index, count, sealed }: Batch): Bytes | undefined {
  const chunks = Math.ceil(sealed.length / SEALED_CHUNK_BYTES)
  // An empty last chunk behind a full one would give two spellings of the same plaintext; only a payload of one may be empty.
  if (sealed.length < (chunks - 1) * SEALED_CHUNK_BYTES + TAG_BYTES + (count === 1 ? 0 : 1)) return undefined
  const plain = new Uint8Array(sealed.length - chunks * TAG_BYTES)
  for (let at = 0; at < chunks; at++) {
    const chunk = sealed.subarray(at * SEALED_CHUNK_BYTES, (at + 1) * SEALED_CHUNK_BYTES)
    const opened = nodeAead.open(key, chunkNonce(index + at, index + at === count - 1), chunk)
    if (opened === undefined) return undefined
    plain.set(opened, at * CHUNK_BYTES)
  }
  return plain
}
