/** One parser under test: what it is fed, and what must hold of every input. */

import type { Random } from "./random.ts"

export interface Target {
  readonly name: string
  /** Words of the format that noise would take too long to find. */
  readonly dictionary: readonly string[]
  readonly maxBytes: number
  /** Feeds one input in.
   *  @returns `taken`, or the code it was refused with
   *  @throws Finding when a promise is broken */
  run(input: Uint8Array): Promise<string>
  /** Changes a good input by the rules of its format, and makes it whole again (a checksum, a signature): so what stands behind is reached too. */
  change?(input: Buffer, random: Random): Buffer | Promise<Buffer>
}
