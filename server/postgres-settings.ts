/** What PostgreSQL itself may not do: write down what sources do, or say that something is durable when it is not. Checked at each start;
 *  what would break a promise is refused with a sentence that says how to mend it, what may be meant so is said in the log. */

import { ConfigError } from "./config.ts"
import type { Database } from "./database.ts"
import type { Log } from "./log.ts"

interface Rule {
  readonly name: string
  readonly isGood: (value: string) => boolean
  /** What to set. */
  readonly wanted: string
  readonly otherwise: "refused" | "said"
}

const is =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value)
/** Of levels from talkative to silent: messages about a failing statement quote what was sent. */
const isSilent = is("log", "fatal", "panic")

export const RULES: readonly Rule[] = [
  { name: "fsync", isGood: is("on"), wanted: "on", otherwise: "refused" },
  { name: "full_page_writes", isGood: is("on"), wanted: "on", otherwise: "refused" },
  // "local" is durable here, though not on a standby.
  { name: "synchronous_commit", isGood: is("on", "local", "remote_write", "remote_apply"), wanted: "on", otherwise: "refused" },
  { name: "track_commit_timestamp", isGood: is("off"), wanted: "off", otherwise: "refused" },
  { name: "log_statement", isGood: is("none", "ddl"), wanted: "none", otherwise: "refused" },
  { name: "log_min_duration_statement", isGood: is("-1"), wanted: "-1", otherwise: "refused" },
  { name: "log_min_duration_sample", isGood: is("-1"), wanted: "-1", otherwise: "refused" },
  { name: "log_transaction_sample_rate", isGood: is("0"), wanted: "0", otherwise: "refused" },
  { name: "log_duration", isGood: is("off"), wanted: "off", otherwise: "refused" },
  {
    name: "shared_preload_libraries",
    isGood: (value) => !/auto_explain|pgaudit/.test(value),
    wanted: "nothing that logs statements",
    otherwise: "refused",
  },
  { name: "log_min_error_statement", isGood: isSilent, wanted: "panic", otherwise: "said" },
  { name: "log_connections", isGood: is("off", ""), wanted: "off", otherwise: "said" },
  { name: "log_disconnections", isGood: is("off"), wanted: "off", otherwise: "said" },
  { name: "log_lock_waits", isGood: is("off"), wanted: "off", otherwise: "said" },
  { name: "log_checkpoints", isGood: is("off"), wanted: "off", otherwise: "said" },
  { name: "log_autovacuum_min_duration", isGood: is("-1"), wanted: "-1", otherwise: "said" },
  { name: "wal_recycle", isGood: is("off"), wanted: "off", otherwise: "said" },
  { name: "archive_mode", isGood: is("off"), wanted: "off, or an archive that is encrypted", otherwise: "said" },
]

/** @throws {@link ConfigError} that names the first setting that breaks a promise */
export async function checkPostgres(database: Pick<Database, "query">, log: Log): Promise<void> {
  const { rows } = await database.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1::text[])",
    [RULES.map(({ name }) => name)],
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  for (const { name, isGood, wanted, otherwise } of RULES) {
    const value = settings.get(name)
    if (value === undefined || isGood(value)) continue
    if (otherwise === "refused") throw new ConfigError(`PostgreSQL's setting ${name} must be ${wanted}: see docs/operating.md`)
    log({ event: "postgres setting", setting: name })
  }
  const { rows: may } = await database.query<{ both: boolean }>(
    "select pg_has_role(current_user, 'pg_checkpoint', 'usage') and has_function_privilege('pg_switch_wal()', 'execute') as both",
  )
  // Without it the log keeps moments until PostgreSQL comes to it by itself: server/write-ahead.ts.
  if (may[0]?.both !== true) log({ event: "postgres setting", setting: "pg_checkpoint" })
}
