/** Uploads that are under way: begun, gone on with from an exact offset, ended, expired. SPEC.md §8.2.
 *
 *  No process holds a lock. Each piece is one statement that moves the offset from where the sender says it stands, so of two senders
 *  at one offset exactly one gets through, whichever process each is at. The last piece makes the envelope, in the same transaction. */

import { createHash } from "node:crypto"
import type { Bytes } from "../envelope/bytes.ts"
import { addDays, type Day, dayNumber } from "../envelope/day.ts"
import type { Database, Queries } from "./database.ts"
import { DAY_LOCK, UPLOADS_LOCK } from "./locks.ts"

/** What is written at once: what a source may have to send again is no more than this, and a reader of ranges finds its row by it. */
export const PIECE_BYTES = 1_048_576

export interface Upload {
  readonly day: Day
  /** The envelope's whole length. */
  readonly bytes: number
  /** So many are kept, durably. The envelope exists once this is {@link bytes}. */
  readonly received: number
}

/** What uploads that are under way may take together. */
export interface UploadLimits {
  /** Uploads without a byte. Beyond it some of them, at random, give way to new ones: whoever means it sends at once. */
  readonly empty: number
  /** Bytes of envelopes that are not whole. Beyond it nothing new is begun. */
  readonly bytes: number
}
/** @param storageBytes - what the database may take: half of it at the most is for what may never become whole */
export const uploadLimits = (storageBytes: number): UploadLimits => ({
  empty: 1_000,
  bytes: Math.min(64 * 1_073_741_824, storageBytes / 2),
})

export interface Piece {
  readonly upload: Upload
  readonly at: number
  readonly bytes: Uint8Array
}

export interface UploadStore {
  /** @param secret - what names it to its sender; only its hash is kept
   *  @returns `false`: too much is under way already */
  begin(secret: Bytes, day: Day, bytes: number, today: Day): Promise<boolean>
  find(secret: Bytes): Promise<Upload | undefined>
  /** Keeps a piece; with the last one the envelope, and a mail for everybody who may want to know. Durable when it returns.
   *  @param slot - the time of the schedule at which mails go out, in milliseconds
   *  @returns `false`: the upload does not stand at `at` any more, or its day is closed; nothing was kept */
  append(secret: Bytes, piece: Piece, today: Day, slot: number): Promise<boolean>
  /** Removes an upload that is not whole, and what came of it.
   *  @returns `false`: there is none */
  end(secret: Bytes): Promise<boolean>
}

const nameOf = (secret: Bytes): Buffer => createHash("sha256").update(secret).digest()

export function uploadStore(database: Database, limits: UploadLimits): UploadStore {
  return {
    async begin(secret, day, bytes, today) {
      return database.transaction(async ({ query }) => {
        // One at a time: the limits hold, and beginning is rare beside the pieces.
        await query("select pg_advisory_xact_lock($1::bigint)", [UPLOADS_LOCK])
        const { rows } = await query<{ empty: number; held: number }>(
          `select count(*) filter (where received = 0)::int as empty, coalesce(sum(received) filter (where received < bytes), 0)::float8 as held
           from uploads`,
        )
        const { empty, held } = rows[0] ?? { empty: 0, held: 0 }
        if (held >= limits.bytes) return false
        if (empty >= limits.empty)
          // Chosen once, before anything is deleted: in an `in (select …)` some plans choose anew for each row, and more would go.
          await query(
            `with chosen as materialized (
               select id from uploads where received = 0 order by random() limit $1::int for update skip locked
             )
             delete from uploads u using chosen where u.id = chosen.id and u.received = 0`,
            [empty - limits.empty + 1],
          )
        await query("insert into uploads (id, day, bytes, touched) values ($1::bytea, $2::date, $3::bigint, $4::date)", [
          nameOf(secret),
          day,
          bytes,
          today,
        ])
        return true
      })
    },

    async find(secret) {
      const { rows } = await database.query<{ day: Day; bytes: number; received: number }>(
        "select day::text, bytes::float8, received::float8 from uploads where id = $1::bytea",
        [nameOf(secret)],
      )
      return rows[0]
    },

    async append(secret, { upload, at, bytes }, today, slot) {
      const id = nameOf(secret)
      if (at + bytes.length < upload.bytes) return appendInside(database, id, at, bytes, today)
      return database.transaction(async ({ query }) => {
        // As for an envelope that comes whole: it is in before its day closes, or refused.
        await query("select pg_advisory_xact_lock_shared($1::int, $2::int)", [DAY_LOCK, dayNumber(upload.day)])
        return appendLast({ query }, id, at, bytes, today, slot)
      })
    },

    async end(secret) {
      return database.transaction(async ({ query }) => {
        const { rows } = await query<Given>(
          "delete from uploads where id = $1::bytea and received < bytes returning day::text, envelope, received::float8",
          [nameOf(secret)],
        )
        await removeChunks({ query }, rows)
        return rows.length === 1
      })
    },
  }
}

async function appendInside({ query }: Queries, id: Buffer, at: number, bytes: Uint8Array, today: Day): Promise<boolean> {
  const { rowCount } = await query(
    `with moved as (
       update uploads set received = received + octet_length($3::bytea), touched = $4::date
       where id = $1::bytea and received = $2::bigint and received + octet_length($3::bytea) < bytes
       returning day, envelope
     )
     insert into chunks (day, envelope, at, bytes) select day, envelope, $2::bigint, $3::bytea from moved`,
    [id, at, bytes, today],
  )
  return rowCount === 1
}

async function appendLast({ query }: Queries, id: Buffer, at: number, bytes: Uint8Array, today: Day, slot: number): Promise<boolean> {
  const { rows } = await query<{ whole: number }>(
    `with moved as (
       update uploads set received = bytes, touched = $4::date
       where id = $1::bytea and received = $2::bigint and received + octet_length($3::bytea) = bytes
         and not exists (select from closed_days c where c.day = uploads.day)
       returning day, envelope, bytes
     ), last as (
       insert into chunks (day, envelope, at, bytes) select day, envelope, $2::bigint, $3::bytea from moved
     ), kept as (
       insert into large_envelopes (day, id, bytes) select day, envelope, bytes from moved returning id
     ), noted as (
       insert into mails (reporter, slot, news)
       select s.reporter, $5::timestamptz, true from subscriptions s, kept where s.mode <> 'never'
         and not exists (select from mails m where m.reporter = s.reporter and m.slot = $5::timestamptz and m.news)
       on conflict (reporter, slot) do update set news = true where not mails.news
     )
     select count(*)::int as whole from kept`,
    [id, at, bytes, today, new Date(slot)],
  )
  return rows[0]?.whole === 1
}

interface Given {
  readonly day: Day
  readonly envelope: string
  readonly received: number
}
/** So much goes in one statement: gigabytes in one would take longer than an answer may. */
const REMOVED_BYTES = 268_435_456

/** In statements of their own: they see the pieces that came until the upload's row was gone. */
async function removeChunks({ query }: Queries, uploads: readonly Given[]): Promise<void> {
  for (const { day, envelope, received } of uploads)
    for (let at = 0; at < received; at += REMOVED_BYTES)
      await query("delete from chunks where day = $1::date and envelope = $2::uuid and at >= $3::bigint and at < $4::bigint", [
        day,
        envelope,
        at,
        at + REMOVED_BYTES,
      ])
}

/** Removes what nobody goes on with: nothing came for a whole UTC day, or the day is closed. A whole one is an envelope, and only its
 *  upload is forgotten. In a transaction.
 *  @returns whether bytes went */
export async function expireUploads({ query }: Queries, today: Day): Promise<boolean> {
  const { rows } = await query<Given & { whole: boolean }>(
    `delete from uploads where touched < $1::date or (received < bytes and exists (select from closed_days c where c.day = uploads.day))
     returning day::text, envelope, received::float8, received = bytes as whole`,
    [addDays(today, -1)],
  )
  const given = rows.filter(({ whole }) => !whole)
  await removeChunks({ query }, given)
  return given.length > 0
}
