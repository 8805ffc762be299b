/** Day keys as reporters signed them: the newest of each reporter and day. */

import type { Day } from "../envelope/day.ts"
import type { Id } from "../envelope/names.ts"
import type { DayNote } from "../keyring/days.ts"
import type { Database } from "./database.ts"

export interface DayNoteStore {
  /** Stores notes that were verified. An older one never replaces a newer. */
  put(notes: readonly { readonly key: DayNote; readonly source: string }[]): Promise<void>
  on(day: Day): Promise<readonly string[]>
  /** A reporter's own, from a day on: so that a command line notices what a server has lost. */
  of(reporter: Id, from: Day): Promise<readonly { readonly day: Day; readonly made: Day; readonly seq: number }[]>
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
    async of(reporter, from) {
      const { rows } = await database.query<{ day: Day; made: Day; seq: number }>(
        "select day::text, made::text, seq from day_notes where reporter = $1::text and day >= $2::date order by day limit 100",
        [reporter, from],
      )
      return rows
    },
  }
}
