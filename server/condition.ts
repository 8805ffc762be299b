/** How the server is: what an operator has to know, and nothing that a source could move from one minute to the next. docs/decisions/0023. */

import type { Queries } from "./database.ts"

export interface Condition {
  /** Mails that were tried and not taken by the relay, and still wait. Never how many: that is how many reporters there are. */
  readonly mailFailing: boolean
  /** How many whole days ago the oldest mail that waits was due. */
  readonly mailOldestDays: number
  /** What the envelopes of closed days take, bytes: they come no more, so no minute of anybody's shows in it. */
  readonly closedDaysBytes: number
}

const DAY_MS = 86_400_000

/** @param now - milliseconds */
export async function conditionOf({ query }: Queries, now: number): Promise<Condition> {
  const { rows: mails } = await query<{ failing: boolean; oldest: Date | null }>(
    // Once is the one in flight.
    "select coalesce(bool_or(attempts > 1), false) as failing, min(slot) as oldest from mails where retry_at is not null",
  )
  const { rows: closed } = await query<{ bytes: number }>(
    `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes
     from closed_days d
     cross join unnest(array['envelopes', 'large_envelopes', 'chunks']) p (parent)
     join pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = p.parent || to_char(d.day, '_YYYY_MM_DD')`,
  )
  const oldest = mails[0]?.oldest?.getTime()
  return {
    mailFailing: mails[0]?.failing ?? false,
    mailOldestDays: oldest === undefined ? 0 : Math.max(0, Math.floor((now - oldest) / DAY_MS)),
    closedDaysBytes: closed[0]?.bytes ?? 0,
  }
}
