/** Pulls exact numbers of bytes from a stream, and says where it ended. Holds no more than one piece beyond what was asked for. */

import { type Bytes, concat } from "./bytes.ts"

/** Any stream of bytes: a file's, a response's, a generator's. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

async function* once(source: ByteSource): AsyncGenerator<Uint8Array> {
  yield* source
}

export class ByteReader {
  readonly #pieces: AsyncGenerator<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)
  /** How many bytes have been given out so far. */
  position = 0

  constructor(source: ByteSource) {
    this.#pieces = once(source)
  }

  async #hold(length: number): Promise<void> {
    if (this.#held.length >= length) return
    const pieces = [this.#held]
    let sum = this.#held.length
    while (sum < length) {
      const next = await this.#pieces.next()
      if (next.done) break
      pieces.push(next.value)
      sum += next.value.length
    }
    this.#held = concat(...pieces)
  }

  /** The next bytes without taking them: fewer than asked for only at the end. */
  async peek(length: number): Promise<Uint8Array> {
    await this.#hold(length)
    return this.#held.subarray(0, length)
  }

  /** Takes the next bytes: fewer than asked for only at the end. */
  async take(length: number): Promise<Bytes> {
    await this.#hold(length)
    const taken = this.#held.slice(0, length) as Bytes
    this.#held = this.#held.subarray(taken.length)
    this.position += taken.length
    return taken
  }

  async atEnd(): Promise<boolean> {
    await this.#hold(1)
    return this.#held.length === 0
  }

  /** Everything that is left, piece by piece. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#held.length > 0) {
      const held = this.#held
      this.#held = new Uint8Array(0)
      this.position += held.length
      yield held
    }
    for await (const piece of this.#pieces) {
      this.position += piece.length
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
