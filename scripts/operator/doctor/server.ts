/** Checks of a server from inside: its settings, its database, its log, its backups, its disk and its mail. */

import { daysBetween } from "../../../envelope/day.ts"
import { SETTINGS } from "../postgres.ts"
import { mailTrouble } from "../status.ts"
import { type Check, fail, fine, type ServerFacts, UNKNOWN, warn } from "./facts.ts"

/** What must be as we start PostgreSQL ourselves. The rest of ours is about where it listens. */
export const QUIET = [
  ...["fsync", "synchronous_commit", "full_page_writes", "track_commit_timestamp"],
  ...["log_min_error_statement", "log_min_duration_statement", "log_statement", "log_duration", "log_connections", "log_disconnections"],
  ...["log_parameter_max_length", "log_parameter_max_length_on_error", "log_lock_waits", "log_checkpoints"],
  ...["log_autovacuum_min_duration", "wal_recycle"],
] as const
/** Safer than ours, or the same by another name. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  synchronous_commit: ["remote_write", "remote_apply"],
  log_min_error_statement: ["fatal"],
  log_connections: [""],
}
const percent = (part: number, whole: number) => Math.round((100 * part) / whole)

export const SERVER_CHECKS: readonly Check<ServerFacts>[] = [
  {
    name: "settings",
    look({ settings, settingsMode }) {
      if (settings === undefined) return undefined
      // Its group may read it: that is the server's own user (deploy/install-debian.sh).
      if (settingsMode !== undefined && (settingsMode & 0o027) !== 0)
        return fail(
          "others on this machine can read the file of settings, a mail password included, or its group can change it",
          "chmod o=,g-w on the file that --env names",
        )
      const listens = settings.SOTTO_HOST ?? "127.0.0.1"
      if (settings.SOTTO_SOCKET === undefined && !/^(127\.|localhost$|::1$)/.test(listens))
        return fail("the server listens where the world can reach it without HTTPS", "set SOTTO_SOCKET, and unset SOTTO_HOST")
      return fine("the server listens for its proxy only, and its settings are its own")
    },
  },
  {
    name: "mail settings",
    look({ settings }) {
      if (settings === undefined) return undefined
      if (settings.SOTTO_SMTP === undefined)
        return warn("no mail is sent: reporters must look by themselves", "set SOTTO_SMTP and SOTTO_MAIL_FROM")
      if (/^every /.test(settings.SOTTO_MAIL_AT ?? ""))
        return fail(
          "mails go out when something comes, and tell their readers' provider when",
          "set SOTTO_MAIL_AT to times of day, such as 07:30 16:30",
        )
      return fine("mails go out at fixed times")
    },
  },
  {
    name: "mail relay",
    look: ({ mail }) =>
      mail &&
      (mail.reached
        ? mail.encrypted
          ? fine("the mail relay answers, encrypted")
          : warn("the mail relay takes mails unencrypted", "use smtps:// or a relay with STARTTLS")
        : fail("the mail relay does not answer: mails wait", "check SOTTO_SMTP, and whether this machine may connect to it")),
  },
  {
    name: "mails waiting",
    look({ waiting }) {
      if (waiting === undefined) return undefined
      const trouble = mailTrouble(waiting)
      const mend = "check SOTTO_SMTP with doctor --env .env, then the server's log: mail failed"
      if (trouble === undefined) return fine("no mail waits that the relay did not take")
      return waiting.mailOldestDays > 0 ? fail(trouble, mend) : warn(trouble, mend)
    },
  },
  {
    name: "database log",
    look({ database }) {
      if (database === undefined) return undefined
      const wrong = QUIET.filter((name) => database[name] !== SETTINGS[name] && !(ALSO[name] ?? []).includes(database[name] ?? ""))
      return wrong.length === 0
        ? fine("PostgreSQL keeps what it promised, and logs nothing of what sources do")
        : fail(
            `PostgreSQL would log what sources do, or lose what it promised: ${wrong.join(", ")}`,
            `alter system set ${wrong[0]} = '${SETTINGS[wrong[0] ?? "fsync"]}'; select pg_reload_conf();`,
          )
    },
  },
  {
    name: "archived log",
    look: ({ database }) =>
      database &&
      ((database.archive_mode ?? "off") === "off"
        ? fine("the write-ahead log is not archived")
        : warn(
            "the write-ahead log is archived: it holds the order in which tips came, for as long as it is kept",
            "keep it encrypted and for as few days as you can, or turn archive_mode off",
          )),
  },
  {
    name: "silence",
    look: ({ marked }) =>
      marked &&
      (marked === UNKNOWN
        ? warn(
            "the marked request got no answer, so that it is in no log means nothing",
            "mend what keeps the line from answering, and run this again",
          )
        : marked.length === 0
          ? fine("a marked request left no trace in the logs that were named")
          : fail(`a marked request was logged: ${marked.join(", ")}`, "turn access logs off in the proxy: deploy/Caddyfile")),
  },
  {
    name: "onion work",
    look: ({ onionWork }) =>
      onionWork === undefined
        ? undefined
        : onionWork === UNKNOWN
          ? warn("there is no onion service in these settings of Tor", "name the file that the running Tor reads: --torrc FILE")
          : onionWork
            ? fine("the onion service asks for work when many come at once")
            : warn(
                "the onion service asks nobody for work: a flood of visits shuts it",
                "add to torrc, below HiddenServiceDir: HiddenServicePoWDefensesEnabled 1, and reload tor",
              ),
  },
  {
    name: "backup",
    look({ backups, today }) {
      if (backups === undefined) return undefined
      if (backups.newest === undefined) return fail("there is no backup", "sotto operator backup --to FOLDER --recipient age1pq1…")
      const age = daysBetween(backups.newest, today)
      return age > 7
        ? fail(`the newest backup is ${age} days old`, "sotto operator backup --to FOLDER --recipient age1pq1…")
        : age > 2
          ? warn(`the newest backup is ${age} days old`, "make it nightly: deploy/sotto-backup.timer")
          : fine(`${backups.count} backups, the newest of ${backups.newest}`)
    },
  },
  {
    name: "backup tried",
    look({ backups, today }) {
      if (backups?.newest === undefined) return undefined
      if (backups.verified === undefined) return warn("no backup was ever tried", "sotto operator verify FILE --identity KEY")
      return daysBetween(backups.verified, today) > 40
        ? warn(`a backup was last tried on ${backups.verified}`, "sotto operator verify FILE --identity KEY")
        : fine(`a backup was tried on ${backups.verified}`)
    },
  },
  {
    name: "disk",
    look: ({ disk }) =>
      disk &&
      (disk.freeBytes < disk.allBytes * 0.03
        ? fail(
            `the disk with the backups has ${percent(disk.freeBytes, disk.allBytes)} % left: where the database is on it, tips are refused when it is full`,
            "make room, or grow it: docs/bad-days.md",
          )
        : disk.freeBytes < disk.allBytes * 0.15
          ? warn(
              `the disk with the backups has ${percent(disk.freeBytes, disk.allBytes)} % left`,
              "make room, or shorten retention: sotto rotate policy",
            )
          : fine(
              `the disk with the backups has ${percent(disk.freeBytes, disk.allBytes)} % left; look at the database's, if it is another`,
            )),
  },
]
