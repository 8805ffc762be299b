/** The clock, as an argument: whoever tests brings their own. */

import { type Day, dayOf } from "../envelope/day.ts"

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** The UTC day. */
  today(): Day
}

export const systemClock: Clock = { now: () => Date.now(), today: () => dayOf(Date.now()) }
