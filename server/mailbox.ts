/** Where a source collects what was answered. Whoever shows the secret gets four bodies, always, and nobody can tell how many of them
 *  are replies: the rest is filler. The same statement, the same rows and the same lengths with replies and without. SPEC.md §8.1. */

import { type Bytes, fromBase64url } from "../envelope/bytes.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { sha256 } from "../envelope/hash.ts"
import type { Database } from "./database.ts"

/** So many bodies a page. */
export const PAGE_BODIES = 4
export const MAX_PAGE = 99

/** SHA-256 of the mailbox secret, 32 bytes. */
export const mailboxOf = (secret: Bytes): Promise<Bytes> => sha256(secret)

/** The mailbox secret of an `Authorization` field, 32 bytes; `undefined`: there is none. RFC 6750. */
export function bearerSecret(field: string | undefined): Bytes | undefined {
  const [, token] = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(field ?? "") ?? []
  try {
    return token === undefined ? undefined : fromBase64url(token)
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined // a second spelling of the same secret
    throw error
  }
}

export interface Mailboxes {
  /** Four bodies in order: replies, newest day first, then fillers.
   *  @param page - from 0; later ones hold older replies
   *  @param fillers - {@link PAGE_BODIES} bodies, whether they are needed or not */
  page(mailbox: Bytes, page: number, fillers: readonly Bytes[]): Promise<Buffer>
  /** Takes the replies away, from the feed too: what a source deletes is gone from this server. */
  empty(mailbox: Bytes): Promise<void>
}

export function mailboxStore(database: Database): Mailboxes {
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

    async empty(mailbox) {
      await database.query(
        `with gone as (delete from replies where mailbox = $1::bytea returning day, id)
         delete from envelopes e using gone where e.day = gone.day and e.id = gone.id`,
        [mailbox],
      )
    },
  }
}
