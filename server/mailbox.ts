/** Where a source collects what was answered. Whoever holds the key gets four bodies, always, and nobody can tell how many of them
 *  are replies: the rest is filler. The same statement, the same rows and the same lengths with replies and without. SPEC.md §8.1. */

import type { Bytes } from "../envelope/bytes.ts"
import type { Database } from "./database.ts"

/** So many bodies a page. */
export const PAGE_BODIES = 4
export const MAX_PAGE = 99

export interface Mailboxes {
  /** Four bodies in order: replies, newest day first, then fillers.
   *  @param page - from 0; later ones hold older replies
   *  @param fillers - {@link PAGE_BODIES} bodies, whether they are needed or not */
  page(mailbox: Bytes, page: number, fillers: readonly Bytes[]): Promise<Buffer>
  /** Takes replies away, from the feed too: what a source deletes is gone from this server.
   *  @param named - SHA-256 of each body to delete; one that is no reply of this mailbox is passed over */
  drop(mailbox: Bytes, named: readonly Bytes[]): Promise<void>
  /** What fillers are made from: 32 bytes, the same for every process and for ever. */
  fillerSeed(): Promise<Bytes>
}

export function mailboxStore(database: Database): Mailboxes {
  let seed: Bytes | undefined
  return {
    async page(mailbox, page, fillers) {
      // The fillers go to the database and come back, so that as many bytes move when all four bodies are replies as when none is.
      const { rows } = await database.query<{ bytes: Buffer }>(
        `select coalesce(e.bytes, f.bytes) as bytes
         from unnest($2::bytea[]) with ordinality f (bytes, place)
         left join (
           select r.day, r.id, row_number() over (order by r.day desc, r.id) as place
           from replies r where r.mailbox = $1::bytea
           order by r.day desc, r.id limit $4::int offset $3::int
         ) r on r.place = f.place + $3::int
         left join envelopes e on e.day = r.day and e.id = r.id
         order by f.place`,
        [mailbox, fillers.map((filler) => Buffer.from(filler.buffer)), page * PAGE_BODIES, PAGE_BODIES],
      )
      return Buffer.concat(rows.map(({ bytes }) => bytes))
    },

    async drop(mailbox, named) {
      await database.query(
        `with gone as (
           delete from replies r using envelopes e
           where r.mailbox = $1::bytea and e.day = r.day and e.id = r.id and sha256(e.bytes) = any($2::bytea[])
           returning r.day, r.id
         ), uncounted as (
           update closed_days c set envelopes = null, digest = null from gone where c.day = gone.day
         )
         delete from envelopes e using gone where e.day = gone.day and e.id = gone.id`,
        [mailbox, named.map((one) => Buffer.from(one))],
      )
    },

    async fillerSeed() {
      if (seed === undefined) {
        const { rows } = await database.query<{ seed: Buffer }>("select seed from fillers")
        const [row] = rows
        if (row === undefined) throw new Error("the table fillers has lost its row")
        seed = new Uint8Array(row.seed)
      }
      return seed
    },
  }
}
