/** PostgreSQL's write-ahead log has the microsecond of every commit, whatever `track_commit_timestamp` says, and the rows that it wrote: the time at
 *  which each tip came. On a quiet line one segment holds weeks. So once a day it is begun anew, and what lies before is removed.
 *  docs/decisions/0037. */

import type { Database } from "./database.ts"
import { nameOf } from "./log.ts"

/** Removes what the log says of until now, so far as nobody else needs it: a standby that is behind, an archive.
 *  @returns `false`: this database user may not (`grant pg_checkpoint`, `grant execute on function pg_switch_wal()`) */
export async function forgetLog({ query }: Pick<Database, "query">): Promise<boolean> {
  try {
    await query("select pg_switch_wal()")
    await query("checkpoint")
    return true
  } catch (error) {
    if (nameOf(error).endsWith(" 42501")) return false
    throw error
  }
}
