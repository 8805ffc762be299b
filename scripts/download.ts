/** A large body over a bad line: asked for by range, and where the line breaks, from there again. */

import { setTimeout as sleep } from "node:timers/promises"
import { Failure } from "./failure.ts"
import { callRange, Refused, type ServerAddress, Unreachable } from "./http.ts"
import { TooSlow } from "./transport.ts"

export interface Wanted {
  readonly target: string
  readonly from: number
  /** Not included. */
  readonly to: number
  /** The whole length. */
  readonly total: number
}
/** How long to wait after each failure in a row, milliseconds. What comes begins the row anew. */
export const WAITS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000]

/** Gives all of it, each byte once and in order.
 *  @param waiting - told before each wait
 *  @throws {@link Refused}: the server will not; {@link Unreachable}: the line stayed broken for as long as the waits */
export async function* download(
  server: ServerAddress,
  { target, from, to, total }: Wanted,
  waiting: (seconds: number) => void = () => undefined,
  waits: readonly number[] = WAITS_MS,
): AsyncGenerator<Uint8Array> {
  let at = from
  for (let failures = 0; at < to; ) {
    try {
      for await (const piece of await callRange(server, target, { from: at, to, total })) {
        // More than was announced is nobody's: what counts is where we stand.
        const part = piece.subarray(0, to - at)
        at += part.length
        failures = 0
        if (part.length > 0) yield part
      }
      if (at < to) throw new Unreachable("the server stopped in the middle")
    } catch (error) {
      const wait = waits[failures++]
      if (wait === undefined || !isPassing(error)) throw asFailure(error)
      waiting(Math.ceil(wait / 1_000))
      await sleep(wait)
    }
  }
}

/** Whether it may be better in a moment. */
function isPassing(error: unknown): boolean {
  if (error instanceof Refused) return error.status === 503
  return error instanceof Unreachable || isNetwork(error)
}
/** Whatever the system says about a connection has a code. */
const isNetwork = (error: unknown) => typeof error === "object" && error !== null && "code" in error
function asFailure(error: unknown): unknown {
  // Not asked again: each time a little would come, and it would never end.
  if (error instanceof TooSlow) return new Unreachable("the server is too slow", { cause: error })
  return isNetwork(error) && !(error instanceof Failure) ? new Unreachable("the connection to the server broke", { cause: error }) : error
}
