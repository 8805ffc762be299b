/** Large envelopes as they are read: their beginnings in bulk, and any range of one, in batches that hold no connection while a slow reader takes them. */

import type { Day } from "../envelope/day.ts"
import { SMALL_BYTES } from "../envelope/sizes.ts"
import type { Database } from "./database.ts"
import { PIECE_BYTES } from "./uploads.ts"

/** How much of a large envelope every reporter fetches: header, letter and message lie in it, whoever may open them. SPEC.md §8.2. */
export const BEGINNING_BYTES = SMALL_BYTES
const BATCH_BYTES = 8 * PIECE_BYTES

export interface Range {
  readonly from: number
  /** Not included. */
  readonly to: number
}

export interface LargeStore {
  /** The length of an envelope that is whole, small or large; `undefined`: there is none. */
  length(day: Day, id: string): Promise<number | undefined>
  /** The bytes of a range, piece by piece; the next batch is read while the last is being taken. */
  read(day: Day, id: string, range: Range): AsyncGenerator<Buffer>
}

/** Never input as it came: a day and an id of the only form they can have. COPY takes no parameters. */
function literal(text: string, form: RegExp): string {
  if (!form.test(text)) throw new TypeError("not a day or an id")
  return `'${text}'`
}

export function largeStore(database: Database): LargeStore {
  async function batch(day: Day, id: string, from: number, isFirst: boolean): Promise<readonly { at: number; bytes: Buffer }[]> {
    const of = `day = ${literal(day, /^\d{4}-\d\d-\d\d$/)}::date and envelope = ${literal(id, /^[0-9a-f-]{36}$/)}::uuid`
    // A piece that began before the range may reach into it, and none is longer than this.
    const first = isFirst ? Math.max(0, from - PIECE_BYTES + 1) : from
    return database.copyPieces(
      `copy (select at, bytes from chunks where ${of} and at >= ${first} and at < ${from + BATCH_BYTES} order by at) to stdout (format binary)`,
    )
  }

  return {
    async length(day, id) {
      const { rows } = await database.query<{ bytes: number }>(
        `select octet_length(bytes)::float8 as bytes from envelopes where day = $1::date and id = $2::uuid
         union all select bytes::float8 from large_envelopes where day = $1::date and id = $2::uuid`,
        [day, id],
      )
      return rows[0]?.bytes
    },

    async *read(day, id, { from, to }) {
      const { rows } = await database.query<{ bytes: Buffer }>(
        "select substring(bytes from $3::int for $4::int) as bytes from envelopes where day = $1::date and id = $2::uuid",
        [day, id, Math.min(from, SMALL_BYTES) + 1, Math.min(to - from, SMALL_BYTES)],
      )
      if (rows[0] !== undefined) return yield rows[0].bytes
      let at = from
      let next = batch(day, id, at, true)
      while (at < to) {
        let pieces = await next
        // COPY looks before it waits for a lock: of a day that was written anew meanwhile it finds nothing. The next one looks again.
        if (pieces.length === 0) pieces = await batch(day, id, at, at === from)
        const last = pieces.at(-1)
        const end = last === undefined ? at : last.at + last.bytes.length
        // Dropped by retention while it was being read.
        if (end <= at) throw new Error("a large envelope has a gap")
        if (end < to) {
          next = batch(day, id, end, false)
          next.catch(() => undefined) // awaited above, in the next round
        }
        for (const { at: begin, bytes } of pieces) {
          if (begin + bytes.length <= from || begin >= to) continue
          yield bytes.subarray(Math.max(0, from - begin), Math.min(bytes.length, to - begin))
        }
        at = end
      }
    },
  }
}

/** What a Range header asks for of so many bytes: one range, from the beginning. RFC 9110 §14.
 *  @returns `undefined`: no such range, or several */
export function parseRange(header: string, bytes: number): Range | undefined {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header) ?? []
  if (first === undefined) return undefined
  const [from, to] = [Number(first), last === undefined || last === "" ? bytes : Math.min(Number(last) + 1, bytes)]
  return from < to ? { from, to } : undefined
}
