/** Pulls exact numbers of bytes from a stream, and says where it ended. Holds no more than one piece beyond what was asked for,
 *  and copies only where what was asked for lies in several pieces. */

import { type Bytes, concat } from "./bytes.ts"

/** Any stream of bytes: a file's, a response's, a generator's. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

async function* once(source: ByteSource): AsyncGenerator<Uint8Array> {
  yield* source
}

export class ByteReader {
  readonly #source: AsyncGenerator<Uint8Array>
  /** Pieces that came and were not given out yet; none is empty. */
  #pieces: Uint8Array[] = []
  #held = 0

  constructor(source: ByteSource) {
    this.#source = once(source)
  }

  async #hold(length: number): Promise<void> {
    while (this.#held < length) {
      const next = await this.#source.next()
      if (next.done) return
      if (next.value.length === 0) continue
      this.#pieces.push(next.value)
      this.#held += next.value.length
    }
  }

  /** Takes the first `length` held bytes off the pieces. */
  #cut(length: number): Uint8Array {
    const parts: Uint8Array[] = []
    for (let left = length; left > 0; ) {
      const first = this.#pieces[0] ?? new Uint8Array(0)
      const part = first.length > left ? first.subarray(0, left) : first
      if (part === first) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(left)
      parts.push(part)
      left -= part.length
    }
    this.#held -= length
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : concat(...parts)
  }

  /** The next bytes without taking them: fewer than asked for only at the end. */
  async peek(length: number): Promise<Uint8Array> {
    await this.#hold(length)
    if ((this.#pieces[0]?.length ?? 0) < Math.min(length, this.#held)) this.#pieces = [concat(...this.#pieces)]
    return this.#pieces[0]?.subarray(0, length) ?? new Uint8Array(0)
  }

  /** Takes the next bytes: fewer than asked for only at the end. They may share memory with what the source gave. */
  async take(length: number): Promise<Bytes> {
    await this.#hold(length)
    return this.#cut(Math.min(length, this.#held)) as Bytes
  }

  /** Takes what is at hand, at most `length` bytes and at least one; none only at the end. Never copies. */
  async takeSome(length: number): Promise<Bytes> {
    await this.#hold(1)
    return this.#cut(Math.min(length, this.#pieces[0]?.length ?? 0)) as Bytes
  }

  async atEnd(): Promise<boolean> {
    await this.#hold(1)
    return this.#held === 0
  }

  /** Everything that is left, piece by piece. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.takeSome(Number.MAX_SAFE_INTEGER)
      if (piece.length === 0) return
      yield piece
    }
  }
}

/** All of a source in one piece; for what is known to be small. */
export async function collect(source: ByteSource): Promise<Bytes> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return concat(...pieces)
}
