/** What a signature covers: the length and the 1 MiB blocks of everything before it. SPEC.md §3.5.
 *  WebCrypto hashes whole buffers only; this hashes a stream of any length in constant memory, natively even where there is no JIT. */

import { type Bytes, bigEndian, concat } from "./bytes.ts"
import { sha256 } from "./hash.ts"

export const TREE_BLOCK_BYTES = 1_048_576

export class Tree {
  readonly #hashes: Bytes[] = []
  /** The block that is being filled, in pieces: most tips never fill one. */
  #pieces: Uint8Array[] = []
  #filled = 0
  #length = 0

  async add(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.slice(at, at + TREE_BLOCK_BYTES - this.#filled)
      this.#pieces.push(part)
      this.#filled += part.length
      at += part.length
      if (this.#filled < TREE_BLOCK_BYTES) continue
      this.#hashes.push(await sha256(concat(...this.#pieces)))
      this.#pieces = []
      this.#filled = 0
    }
  }

  /** The hash of all that was added so far, 32 bytes; more may be added after. */
  async value(): Promise<Bytes> {
    const last = this.#filled > 0 ? [await sha256(concat(...this.#pieces))] : []
    return sha256(concat(bigEndian(this.#length, 8), ...this.#hashes, ...last))
  }
}
