/** Mails to be sent, as rows: put there in the transaction that keeps an envelope, taken away only after the mail was handed over. */

import type { Database } from "./database.ts"

export interface DueMail {
  readonly reporter: string
  readonly address: string
  /** Of the oldest row: becomes the Message-ID, so that a mail repeated after a crash is recognised. */
  readonly id: string
  /** Of the oldest row, milliseconds: becomes the Date. */
  readonly slot: number
}

export interface Outbox {
  /** Adds the mail of a time of the schedule for everybody who wants one each time; and for whoever wants one with news only, when half of the days
   *  are over for which their keys are prepared. It is the same mail: what it is for is said by `sync` alone. docs/decisions/0008. */
  tick(slot: number): Promise<void>
  /** Takes one reporter's due mails as one, leased: another process leaves them alone until the lease is over.
   *  @param ticking - at a time of the schedule; otherwise only what was tried before */
  claim(now: number, ticking: boolean): Promise<DueMail | undefined>
  /** The mail was handed over: its rows go. */
  sent(mail: DueMail, upTo: number): Promise<void>
  /** It was not: try again at `retryAt`. */
  failed(mail: DueMail, retryAt: number): Promise<void>
  /** When the next retry is due, or `undefined`. */
  nextRetry(): Promise<number | undefined>
}

const LEASE_MS = 120_000

export function outbox(database: Database): Outbox {
  return {
    async tick(slot) {
      await database.query(
        // The newest note was made when the last day was prepared: its day less that day is how far ahead its reporter prepares.
        `insert into mails (reporter, slot)
         select s.reporter, $1::timestamptz from subscriptions s
         left join lateral (
           select n.day, n.made from day_notes n where n.reporter = s.reporter order by n.day desc limit 1
         ) last on true
         where s.mode = 'always'
           or (s.mode = 'news' and (last.day - ($1::timestamptz at time zone 'UTC')::date) * 2 < last.day - last.made)
         on conflict (reporter, slot) do nothing`,
        [new Date(slot)],
      )
    },

    async claim(now, ticking) {
      const { rows } = await database.query<{ reporter: string; address: string; id: string; slot: Date }>(
        // random(): who is told first must not depend on who they are.
        `with due as (
           select m.reporter, m.slot from mails m
           where m.slot <= $1::timestamptz and coalesce(m.retry_at, m.slot) <= $1::timestamptz and (m.attempts > 0 or $2::boolean)
             and not exists (select from mails older where older.reporter = m.reporter and older.slot < m.slot)
           order by random() limit 1 for update skip locked
         )
         update mails m set attempts = m.attempts + 1, retry_at = $1::timestamptz + $3::int * interval '1 millisecond'
         from due, subscriptions s
         where m.reporter = due.reporter and m.slot = due.slot and s.reporter = m.reporter
         returning m.reporter, s.address, m.id, m.slot`,
        [new Date(now), ticking, LEASE_MS],
      )
      const row = rows[0]
      return row && { ...row, slot: row.slot.getTime() }
    },

    async sent({ reporter }, upTo) {
      // Whatever was due at the same time is said by the same mail.
      await database.query("delete from mails where reporter = $1::text and slot <= $2::timestamptz", [reporter, new Date(upTo)])
    },

    async failed({ reporter, slot }, retryAt) {
      await database.query("update mails set retry_at = $3::timestamptz where reporter = $1::text and slot = $2::timestamptz", [
        reporter,
        new Date(slot),
        new Date(retryAt),
      ])
    },

    async nextRetry() {
      const { rows } = await database.query<{ at: Date | null }>("select min(retry_at) as at from mails where attempts > 0")
      return rows[0]?.at?.getTime()
    },
  }
}
