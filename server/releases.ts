/** The notes of releases: what the newsroom's roots say that this server hands out. Signed elsewhere, kept here for whoever checks. SPEC.md §14. */

import type { Hash } from "../envelope/names.ts"
import type { Release } from "../keyring/release.ts"
import type { Database } from "./database.ts"

export interface ReleaseStore {
  /** The note whose text has this hash. */
  get(hash: Hash): Promise<string | undefined>
  /** Keeps a verified note.
   *  @returns whether it is new */
  add(release: Release): Promise<boolean>
}

export function releaseStore(database: Database): ReleaseStore {
  return {
    async get(hash) {
      const { rows } = await database.query<{ note: string }>("select note from releases where hash = $1::text", [hash])
      return rows[0]?.note
    },
    async add({ hash, source }) {
      const { rowCount } = await database.query(
        "insert into releases (hash, note) values ($1::text, $2::text) on conflict (hash) do nothing",
        [hash, source],
      )
      return rowCount === 1
    },
  }
}
