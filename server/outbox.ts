/** Mails to be sent, as rows. A row is put there in the transaction that keeps an envelope, for the next time of the schedule; at that time it
 *  becomes a mail, one a reporter; it is taken away only after the mail was handed over. */

import type { Day } from "../envelope/day.ts"
import type { Database } from "./database.ts"
import type { Pace } from "./subscriptions.ts"

export interface DueMail {
  readonly reporter: string
  readonly address: string
  /** Becomes the Message-ID, so that a mail repeated after a crash is recognised. */
  readonly id: string
  /** The time of the schedule, milliseconds: becomes the Date. */
  readonly slot: number
  /** How often it was tried, this time included. */
  readonly attempts: number
  /** What a sealed status is made of, where one is wanted. */
  readonly status?: { readonly openpgp: string; readonly hasNews: boolean; readonly keysUntil?: Day }
}

export interface Outbox {
  /** Queues the mails of a time of the schedule, once, whichever process comes first: for everybody of these paces who wants one each time;
   *  for whoever wants one with news only, if something came, or half of the days are over for which their keys are prepared. It is the same
   *  mail: what it is for is said by `sync` alone (docs/decisions/0008). What came since an earlier time that was missed is in it.
   *  @param jitterMs - each leaves at a moment of its own, so much later at most */
  tick(slot: number, paces: readonly Pace[], jitterMs: number): Promise<void>
  /** Takes one reporter's oldest queued mail, leased: another process leaves it alone until the lease is over. */
  claim(now: number): Promise<DueMail | undefined>
  /** The mail was handed over: it goes, and whatever was queued for its reporter by then goes with it. */
  sent(mail: DueMail, upTo: number): Promise<void>
  /** It was not: try again at `retryAt`. */
  failed(mail: DueMail, retryAt: number): Promise<void>
  /** How many whole days ago the oldest mail that is still queued was due. */
  oldestDays(now: number): Promise<number>
}

/** Longer than one mail may take. */
const LEASE_MS = 120_000
/** What is further ahead than this was written when a clock was wrong, and is not waited for: no time of the schedule that is waited for is a
 *  day away, and no mail is tried later than in an hour. */
const AHEAD = "interval '2 days'"
const DAY_MS = 86_400_000

export function outbox(database: Database): Outbox {
  return {
    async tick(slot, paces, jitterMs) {
      const at = new Date(slot)
      await database.transaction(async ({ query }) => {
        const { rows: due } = await query<{ reporter: string; mode: string }>(
          `update subscriptions set told = $1::timestamptz
           where mode <> 'never' and pace = any($2::text[]) and (told is null or told < $1::timestamptz or told > $1::timestamptz + ${AHEAD})
           returning reporter, mode`,
          [at, paces],
        )
        const { rows: gathered } = await query<{ reporter: string; news: boolean }>(
          `with gone as (
             delete from mails
             where reporter = any($1::text[])
               and (slot <= $2::timestamptz and retry_at is null or slot > $2::timestamptz + ${AHEAD})
             returning reporter, news
           ) select reporter, bool_or(news) as news from gone group by reporter`,
          [due.map(({ reporter }) => reporter), at],
        )
        const withNews = new Set(gathered.filter(({ news }) => news).map(({ reporter }) => reporter))
        const always = due.filter(({ mode }) => mode === "always").map(({ reporter }) => reporter)
        const others = due.filter(({ mode }) => mode === "news").map(({ reporter }) => reporter)
        // The newest note was made when the last day was prepared: its day less that day is how far ahead its reporter prepares.
        const { rows: warned } = await query<{ reporter: string }>(
          `select r.reporter from unnest($1::text[]) r (reporter)
           left join lateral (
             select n.day, n.made from day_notes n where n.reporter = r.reporter order by n.day desc limit 1
           ) last on true
           where (last.day - ($2::timestamptz at time zone 'UTC')::date) * 2 < last.day - last.made`,
          [others, at],
        )
        const warnings = new Set(warned.map(({ reporter }) => reporter))
        const told = [...always, ...others.filter((reporter) => withNews.has(reporter) || warnings.has(reporter))]
        await query(
          `insert into mails (reporter, slot, retry_at, news)
           select r.reporter, $2::timestamptz, $2::timestamptz + random() * $3::float8 * interval '1 millisecond', r.reporter = any($4::text[])
           from unnest($1::text[]) r (reporter)
           -- A tip that was on its way when its time came has put its row back meanwhile. Left as it is, nobody would ever send it.
           on conflict (reporter, slot) do update set retry_at = excluded.retry_at, news = mails.news or excluded.news
             where mails.retry_at is null`,
          [told, at, jitterMs, [...withNews]],
        )
      })
    },

    async claim(now) {
      const { rows } = await database.query<{
        reporter: string
        address: string
        id: string
        slot: Date
        attempts: number
        openpgp: string | null
        news: boolean
        keys_until: Day | null
      }>(
        // random(): who is told first must not depend on who they are.
        `with due as (
           select m.reporter, m.slot from mails m
           where (m.retry_at <= $1::timestamptz or m.retry_at > $1::timestamptz + ${AHEAD})
             and not exists (select from mails older where older.reporter = m.reporter and older.slot < m.slot and older.retry_at is not null)
           order by random() limit 1 for update skip locked
         )
         update mails m set attempts = m.attempts + 1, retry_at = $1::timestamptz + $2::int * interval '1 millisecond'
         from due, subscriptions s
         where m.reporter = due.reporter and m.slot = due.slot and s.reporter = m.reporter
         returning m.reporter, s.address, m.id, m.slot, m.attempts, s.openpgp,
           (select bool_or(n.news) from mails n where n.reporter = m.reporter and n.retry_at is not null) as news,
           (select max(d.day)::text from day_notes d where d.reporter = m.reporter) as keys_until`,
        [new Date(now), LEASE_MS],
      )
      const [row] = rows
      if (row === undefined) return undefined
      const { openpgp, news, keys_until, ...mail } = row
      const status =
        openpgp === null ? {} : { status: { openpgp, hasNews: news, ...(keys_until === null ? {} : { keysUntil: keys_until }) } }
      return { ...mail, slot: row.slot.getTime(), ...status }
    },

    async sent({ reporter }, upTo) {
      await database.query("delete from mails where reporter = $1::text and slot <= $2::timestamptz and retry_at is not null", [
        reporter,
        new Date(upTo),
      ])
    },

    async failed({ reporter, slot }, retryAt) {
      await database.query("update mails set retry_at = $3::timestamptz where reporter = $1::text and slot = $2::timestamptz", [
        reporter,
        new Date(slot),
        new Date(retryAt),
      ])
    },

    async oldestDays(now) {
      const { rows } = await database.query<{ slot: Date | null }>("select min(slot) as slot from mails where retry_at is not null")
      const oldest = rows[0]?.slot?.getTime()
      return oldest === undefined ? 0 : Math.max(0, Math.floor((now - oldest) / DAY_MS))
    },
  }
}
