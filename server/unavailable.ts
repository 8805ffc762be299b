/** What errors of the database mean for whoever asked: not now, or a fault of ours. */

import { nameOf } from "./log.ts"

const codeOf = (error: unknown): string => nameOf(error).split(" ")[1] ?? ""

/** Whether an error means that nothing can be done just now, and the request may be sent again: the database cannot be reached or is stopping,
 *  or somebody has had a lock for too long. */
export const isUnavailable = (error: unknown): boolean => isBroken(error) || isBusy(error)

/** Whether somebody else had a lock, or wanted ours, for too long: nothing was done, and it may be tried again. */
export const isBusy = (error: unknown): boolean => ["55P03", "40P01"].includes(codeOf(error))

/** As the driver says it. */
export const NO_ANSWER = "Query read timeout"
/** What the driver says without a code: a connection that was not made or not answered in time, or that has ended. */
const GONE = new RegExp(`timeout exceeded when trying to connect|timeout expired|${NO_ANSWER}|Connection terminated|not queryable`)
const SOCKET_CODES = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]

/** Whether the connection is of no more use. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error)
  // Class 08 connection, 53 resources (disk full, too many connections), 57P operator intervention; the rest are sockets and names.
  // 25006: this host takes no writes any more, or not yet.
  if (/^(08|53|57P|25006)/.test(code) || SOCKET_CODES.includes(code)) return true
  return error instanceof Error && GONE.test(error.message)
}
