/** Envelopes as they came: kept durably, listed by day, given back whole. */

import type { Bytes } from "../envelope/bytes.ts"
import { type Day, dayNumber } from "../envelope/day.ts"
import { closeDays } from "./closing.ts"
import type { Database } from "./database.ts"
import { BEGINNING_BYTES } from "./large.ts"
import { DAY_LOCK } from "./locks.ts"
import type { Writer } from "./writer.ts"

export interface FeedDay {
  readonly day: Day
  readonly state: "open" | "closed"
  readonly envelopes: number
  /** SHA-256 over the day's ids in ascending order, base64url. */
  readonly digest: string
}
export interface Stored {
  readonly id: string
  readonly bytes: Buffer
}

export interface EnvelopeStore {
  /** Keeps one envelope and, in the same transaction, a mail for everybody who may want to know. Durable when it returns.
   *  @param slot - the time of the schedule at which mails go out, in milliseconds
   *  @param mailbox - for a reply: the address under which its source asks for it
   *  @returns `false`: the day is closed, nothing was kept */
  keep(day: Day, bytes: Bytes, slot: number, mailbox?: Bytes): Promise<boolean>
  /** Closes the days from `first` to `last` that are not closed yet, each once nothing for it is under way. */
  close(first: Day, last: Day): Promise<void>
  /** @param firstOpen - every day before it has been closed */
  feed(firstOpen: Day): Promise<readonly FeedDay[]>
  list(day: Day): Promise<readonly (readonly [id: string, bytes: number])[]>
  /** In id order; of a large one the first {@link BEGINNING_BYTES}. */
  fetch(day: Day, ids: readonly string[]): Promise<readonly Stored[]>
}

async function beginnings({ query }: Database, day: Day, ids: readonly string[]): Promise<readonly Stored[]> {
  const { rows } = await query<Stored>(
    `select c.envelope as id, c.bytes from chunks c join large_envelopes l on l.day = c.day and l.id = c.envelope
     where c.day = $1::date and c.envelope = any($2::uuid[]) and c.at < $3::bigint order by c.envelope, c.at`,
    [day, ids, BEGINNING_BYTES],
  )
  const pieces = new Map<string, Buffer[]>()
  for (const { id, bytes } of rows) pieces.set(id, [...(pieces.get(id) ?? []), bytes])
  return [...pieces].map(([id, parts]) => ({ id, bytes: Buffer.concat(parts).subarray(0, BEGINNING_BYTES) }))
}

/** @param writer - keeps what needs no address; without one each envelope is a transaction of its own */
export function envelopeStore(database: Database, writer?: Writer): EnvelopeStore {
  return {
    async keep(day, bytes, slot, mailbox) {
      if (writer !== undefined && mailbox === undefined) return writer.keep(day, bytes, slot)
      return database.transaction(async ({ query }) => {
        // Shared with other writers of this day, against its closing: what is under way when a day closes is either in before, or refused.
        await query("select pg_advisory_xact_lock_shared($1::int, $2::int)", [DAY_LOCK, dayNumber(day)])
        const { rows } = await query<{ kept: number }>(
          `with kept as (
             insert into envelopes (day, bytes)
             select $1::date, $2::bytea where not exists (select from closed_days where day = $1::date)
             returning id
           ), addressed as (
             insert into replies (mailbox, day, id) select $4::bytea, $1::date, id from kept where $4::bytea is not null
           ), noted as (
             insert into mails (reporter, slot, news)
             select s.reporter, $3::timestamptz, true from subscriptions s, kept where s.mode <> 'never'
               and not exists (select from mails m where m.reporter = s.reporter and m.slot = $3::timestamptz and m.news)
             on conflict (reporter, slot) do update set news = true where not mails.news
           )
           select count(*)::int as kept from kept`,
          [day, bytes, new Date(slot), mailbox ?? null],
        )
        return rows[0]?.kept === 1
      })
    },

    close: (first, last) => closeDays(database, first, last),

    async feed(firstOpen) {
      await countClosed(database)
      const { rows } = await database.query<{ day: Day; state: "open" | "closed"; envelopes: number; digest: Buffer }>(
        // Of the open days every id is looked at; from a day on, so that no other partition is touched.
        `select day::text, 'closed' as state, envelopes, digest from closed_days where digest is not null
         union all
         select e.day::text, 'open', count(*)::int, sha256(string_agg(uuid_send(e.id), ''::bytea order by e.id))
         from (
           select day, id from envelopes where day >= $1::date
           union all select day, id from large_envelopes where day >= $1::date
         ) e
         where not exists (select from closed_days c where c.day = e.day)
         group by e.day
         order by 1`,
        [firstOpen],
      )
      return rows.map(({ digest, ...row }) => ({ ...row, digest: digest.toString("base64url") }))
    },

    async list(day) {
      const { rows } = await database.query<{ id: string; bytes: number }>(
        `select id, octet_length(bytes)::float8 as bytes from envelopes where day = $1::date
         union all select id, bytes::float8 from large_envelopes where day = $1::date
         order by id`,
        [day],
      )
      return rows.map(({ id, bytes }) => [id, bytes] as const)
    },

    async fetch(day, ids) {
      const { rows } = await database.query<Stored>(
        "select id, bytes from envelopes where day = $1::date and id = any($2::uuid[]) order by id",
        [day, ids],
      )
      const large = await beginnings(database, day, ids)
      return [...rows, ...large].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

/** Counts the closed days that were not counted yet: once a day, and again after something was deleted. */
async function countClosed(database: Database): Promise<void> {
  const { rows } = await database.query<{ day: Day }>("select day::text from closed_days where digest is null order by day")
  for (const { day } of rows)
    await database.transaction(async ({ query }) => {
      // Locked first and counted by a statement of its own: who deletes meanwhile takes the count away again after us.
      await query("select from closed_days where day = $1::date for update", [day])
      await query(
        `update closed_days set (envelopes, digest) = (
           select count(*)::int, sha256(coalesce(string_agg(uuid_send(id), ''::bytea order by id), ''::bytea))
           from (
             select id from envelopes where day = $1::date union all select id from large_envelopes where day = $1::date
           ) e
         ) where day = $1::date`,
        [day],
      )
    })
}
