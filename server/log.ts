/** The log: a closed union of events, none about a person, a tip or a request that succeeded. A line's time is whatever collects it
 *  stamps on it, so nothing is logged when a tip comes in: the stamp would be the tip's time of day. */

import { types } from "node:util"

const { isNativeError } = types

export type Event =
  | { readonly event: "listening"; readonly port: number }
  | { readonly event: "stopped" | "process ended" }
  | { readonly event: "migrated"; readonly migration: string }
  | { readonly event: "partition made" | "partition dropped" | "day closed"; readonly day: string }
  | { readonly event: "mails sent" }
  | { readonly event: "mail failed"; readonly reason: "connection" | "refused" | "other" }
  | { readonly event: "database unavailable" | "storage low" | "storage full" }
  | { readonly event: "postgres setting"; readonly setting: string }
  | { readonly event: "broken"; readonly where: string; readonly error: string }

export type Log = (event: Event) => void

export const logTo =
  (write: (line: string) => void): Log =>
  (event) =>
    write(`${JSON.stringify(event)}\n`)

/** An error as the log may know it: its class and code, never its message, which may quote what somebody sent. */
export function nameOf(error: unknown): string {
  if (!isNativeError(error)) return "unknown"
  const code = "code" in error && typeof error.code === "string" && /^[A-Za-z0-9_-]{1,40}$/.test(error.code) ? error.code : ""
  return `${error.name}${code ? ` ${code}` : ""}`
}
