/** What a signature covers: the length and the 1 MiB blocks of everything before it. SPEC.md §3.5.
 *  WebCrypto hashes whole buffers only; this hashes a stream of any length in constant memory, natively even where there is no JIT. */

import { type Bytes, bigEndian, concat } from "./bytes.ts"
import { sha256 } from "./hash.ts"

export const TREE_BLOCK_BYTES = 1_048_576

/** How many blocks may be in the hasher's hands at once: it works beside us, and holds a copy of each. */
const UNDER_WAY = 3

export class Tree {
  readonly #hashes: Bytes[] = []
  #underWay: Promise<Bytes>[] = []
  /** The block that is being filled. It grows to its size: most tips never fill one. */
  #block = new Uint8Array(4_096)
  #filled = 0
  #length = 0

  async add(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + TREE_BLOCK_BYTES - this.#filled)
      this.#grow(this.#filled + part.length)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled < TREE_BLOCK_BYTES) continue
      // The hasher takes its copy before this returns, so the block can be filled again.
      this.#underWay.push(sha256(this.#block))
      this.#filled = 0
      if (this.#underWay.length >= UNDER_WAY) await this.#settle()
    }
  }

  #grow(length: number): void {
    if (length <= this.#block.length) return
    const larger = new Uint8Array(Math.min(TREE_BLOCK_BYTES, Math.max(length, 4 * this.#block.length)))
    larger.set(this.#block.subarray(0, this.#filled))
    this.#block = larger
  }

  async #settle(): Promise<void> {
    this.#hashes.push(...(await Promise.all(this.#underWay)))
    this.#underWay = []
  }

  /** The hash of all that was added so far, 32 bytes; more may be added after. */
  async value(): Promise<Bytes> {
    await this.#settle()
    const last = this.#filled > 0 ? [await sha256(this.#block.slice(0, this.#filled))] : []
    return sha256(concat(bigEndian(this.#length, 8), ...this.#hashes, ...last))
  }
}
