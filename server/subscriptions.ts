/** Where each reporter wants to be told, and when. The only addresses that the server knows. */

import type { Id } from "../envelope/names.ts"
import type { Database } from "./database.ts"

/** `always`: at each time of the schedule, news or not. `news`: only when there may be something, which tells a mail provider on which days. */
export const MODES = ["always", "news", "never"] as const
/** How often, at most: at each time of the schedule, at a day's first, or at a Monday's first. */
export const PACES = ["each", "daily", "weekly"] as const
export type Pace = (typeof PACES)[number]
export interface Subscription {
  readonly address: string
  readonly mode: (typeof MODES)[number]
  readonly pace: Pace
  /** An armored public key: the mail holds a status sealed to it. Only with `always`: a size that comes and goes would tell. */
  readonly openpgp?: string
}

export interface SubscriptionStore {
  set(reporter: Id, subscription: Subscription): Promise<void>
  /** Forgets the addresses of everybody else: who has left gets no mail, and leaves no address behind. */
  keepOnly(reporters: readonly Id[]): Promise<void>
}

export function subscriptionStore(database: Database): SubscriptionStore {
  return {
    async set(reporter, { address, mode, pace, openpgp }) {
      await database.transaction(async ({ query }) => {
        await query(
          `insert into subscriptions (reporter, address, mode, pace, openpgp) values ($1::text, $2::text, $3::text, $4::text, $5::text)
           on conflict (reporter) do update set
             address = excluded.address, mode = excluded.mode, pace = excluded.pace, openpgp = excluded.openpgp`,
          [reporter, address, mode, pace, openpgp ?? null],
        )
        // Whoever wants no mail gets none, also not the one that was due.
        if (mode === "never") await query("delete from mails where reporter = $1::text", [reporter])
      })
    },
    async keepOnly(reporters) {
      await database.query("delete from subscriptions where reporter <> all($1::text[])", [reporters])
    },
  }
}
