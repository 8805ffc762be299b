/** The command line's only door to the time. There is no switch to set it: a test brings its own clock. */

import { type Day, dayOf } from "../envelope/day.ts"

export interface Clock {
  /** The UTC day. */
  today(): Day
  /** Whole seconds since 1970, for the signatures on requests. */
  seconds(): number
}

/** @param now - milliseconds since 1970 */
export const clockOf = (now: () => number): Clock => ({ today: () => dayOf(now()), seconds: () => Math.floor(now() / 1_000) })

export const systemClock: Clock = clockOf(Date.now)
