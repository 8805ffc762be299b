/** What a monitor is told, in Prometheus' text format (0.0.4), on a loopback port of its own and nowhere else. No counter of visits, tips, looks,
 *  sums or errors, no processor time, no memory, no size of the database: read every few seconds, each of them would be a list of the moments at
 *  which sources came. docs/decisions/0023. */

import type { RequestListener } from "node:http"
import { daysBetween } from "../envelope/day.ts"
import type { Keyring } from "../keyring/keyring.ts"
import type { Clock } from "./clock.ts"
import { type Condition, conditionOf } from "./condition.ts"
import type { Database } from "./database.ts"
import type { DayNoteStore } from "./day-notes.ts"
import type { KeyringStore } from "./keyrings.ts"
import { type Room, SMALLEST_ONLY_SHARE } from "./room.ts"

export interface Measured {
  /** Absent: the database does not answer, and nothing but that is known. */
  readonly known?: {
    readonly condition: Condition
    /** 0: there is room; 1: only the smallest are taken; 2: nothing is. As the log says it when it changes. */
    readonly storageState: 0 | 1 | 2
    readonly limitBytes: number
    readonly keyring?: { readonly version: number; readonly daysLeft: number }
    /** How many reporters published a key for today: what /api/today tells anybody. */
    readonly reachable: number
  }
}

interface Metric {
  readonly name: string
  readonly help: string
  readonly value: (measured: NonNullable<Measured["known"]>) => number | undefined
}
const METRICS: readonly Metric[] = [
  { name: "sotto_keyring_version", help: "Version of the newest keyring.", value: ({ keyring }) => keyring?.version },
  {
    name: "sotto_keyring_days_left",
    help: "Days until the keyring expires; the page refuses below 0.",
    value: ({ keyring }) => keyring?.daysLeft,
  },
  {
    name: "sotto_reporters_reachable",
    help: "Reporters with a key for today; at 0 the page refuses.",
    value: ({ reachable }) => reachable,
  },
  {
    name: "sotto_storage_state",
    help: "0: room; 1: only the smallest tips are taken; 2: none are.",
    value: ({ storageState }) => storageState,
  },
  { name: "sotto_storage_limit_bytes", help: "What the database may take (SOTTO_STORAGE_GB).", value: ({ limitBytes }) => limitBytes },
  {
    name: "sotto_closed_days_bytes",
    help: "What closed days take; open days are in no number.",
    value: ({ condition }) => condition.closedDaysBytes,
  },
  {
    name: "sotto_mail_failing",
    help: "1: the relay did not take a mail that still waits.",
    value: ({ condition }) => Number(condition.mailFailing),
  },
  {
    name: "sotto_mail_oldest_unsent_days",
    help: "Whole days since the oldest waiting mail was due.",
    value: ({ condition }) => condition.mailOldestDays,
  },
]

/** All of them are gauges: a counter is a list of moments to whoever reads it often. */
export function metricsText({ known }: Measured): string {
  const lines = (name: string, help: string, value: number) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`
  const rest =
    known === undefined
      ? []
      : METRICS.flatMap(({ name, help, value }) => {
          const measured = value(known)
          return measured === undefined ? [] : [lines(name, help, measured)]
        })
  return lines("sotto_database_up", "Whether the database answers.", Number(known !== undefined)) + rest.join("")
}

export interface MetricsServices {
  readonly database: Database
  readonly keyrings: KeyringStore
  readonly dayNotes: DayNoteStore
  readonly room: Room
  readonly limitBytes: number
  readonly clock: Clock
}

export async function measure({ database, keyrings, dayNotes, room, limitBytes, clock }: MetricsServices): Promise<Measured> {
  try {
    const today = clock.today()
    const [condition, current, notes, free] = await Promise.all([
      conditionOf(database, clock.now()),
      keyrings.recent(),
      dayNotes.on(today),
      room.freeShare(),
    ])
    return {
      known: {
        condition,
        limitBytes,
        storageState: free <= 0 ? 2 : free <= SMALLEST_ONLY_SHARE ? 1 : 0,
        reachable: notes.length,
        ...(current === undefined ? {} : { keyring: ofKeyring(current, clock) }),
      },
    }
  } catch {
    return {} // that it does not answer is what is told
  }
}

const ofKeyring = ({ version, expires }: Keyring, clock: Clock) => ({ version, daysLeft: daysBetween(clock.today(), expires) })

const TYPE = "text/plain; version=0.0.4; charset=utf-8"

/** `GET /metrics`, and 404 for everything else. */
export const metricsListener =
  (services: MetricsServices): RequestListener =>
  (req, res) => {
    if (req.url !== "/metrics" || (req.method !== "GET" && req.method !== "HEAD")) {
      res.writeHead(404, { "Content-Length": 0 })
      res.end()
      return
    }
    void measure(services).then((measured) => {
      const body = metricsText(measured)
      res.writeHead(200, { "Content-Type": TYPE, "Content-Length": Buffer.byteLength(body), "Cache-Control": "no-store" })
      res.end(req.method === "HEAD" ? undefined : body)
    })
  }
