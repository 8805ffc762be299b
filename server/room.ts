/** How full the store is: a disk that is full would stop the database, and with it what is there already. docs/decisions/0039. */

import type { Database } from "./database.ts"
import type { Log } from "./log.ts"

export interface Room {
  /** The share that is free, 0 to 1. */
  freeShare(): Promise<number>
}

const LOOK_MS = 5_000
/** From here on only envelopes of the smallest size are taken: the last fifth is theirs. */
export const SMALLEST_ONLY_SHARE = 0.2

/** @param limitBytes - what the database may take, its indexes and what is not yet tidied up included */
export function watchRoom(database: Database, limitBytes: number, log: Log): Room {
  let looked = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let taken = 0
  let said: "storage low" | "storage full" | undefined

  async function look(): Promise<void> {
    const { rows } = await database.query<{ bytes: number }>("select pg_database_size(current_database())::float8 as bytes")
    taken = rows[0]?.bytes ?? 0
    looked = performance.now()
    const state = taken >= limitBytes ? "storage full" : taken >= limitBytes * (1 - SMALLEST_ONLY_SHARE) ? "storage low" : undefined
    // Once, when it changes: a line each time would tell how often somebody sends.
    if (state !== undefined && state !== said) log({ event: state })
    said = state
  }

  return {
    async freeShare() {
      if (performance.now() - looked > LOOK_MS) {
        looking ??= look().finally(() => (looking = undefined))
        await looking
      }
      return Math.max(0, 1 - taken / limitBytes)
    },
  }
}
