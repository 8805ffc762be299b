/** Day keys as reporters signed them: the newest of each reporter and day. */

import type { Day } from "../envelope/day.ts"
import type { DayKey } from "../keyring/days.ts"
import type { Database } from "./database.ts"

export interface DayNoteStore {
  /** Stores notes that were verified. An older one never replaces a newer. */
  put(notes: readonly { readonly key: DayKey; readonly source: string }[]): Promise<void>
  on(day: Day): Promise<readonly string[]>
}

export function dayNoteStore(database: Database): DayNoteStore {
  return {
    async put(notes) {
      await database.transaction(async ({ query }) => {
        for (const { key, source } of notes)
          await query(
            `insert into day_notes (reporter, day, made, seq, note) values ($1::text, $2::date, $3::date, $4::int, $5::text)
             on conflict (reporter, day) do update set made = excluded.made, seq = excluded.seq, note = excluded.note
             where (excluded.made, excluded.seq) > (day_notes.made, day_notes.seq)`,
            [key.reporter, key.day, key.made, key.seq, source],
          )
      })
    },
    async on(day) {
      const { rows } = await database.query<{ note: string }>("select note from day_notes where day = $1::date order by reporter", [day])
      return rows.map(({ note }) => note)
    },
  }
}
