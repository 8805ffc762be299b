/** What a route is, and what every handler is given and may use. */

import { type Bytes, fromUtf8 } from "../envelope/bytes.ts"
import { type Day, day } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { parseJson, type Shape } from "../envelope/json.ts"
import type { Keyring, Reporter } from "../keyring/keyring.ts"
import type { PinnedNewsroom } from "../keyring/newsroom.ts"
import type { Clock } from "./clock.ts"
import type { DayNoteStore } from "./day-notes.ts"
import type { EnvelopeStore } from "./envelopes.ts"
import type { Gate } from "./gate.ts"
import type { KeyringStore } from "./keyrings.ts"
import type { LargeStore } from "./large.ts"
import type { Mailboxes } from "./mailbox.ts"
import type { Page } from "./page.ts"
import { Problem } from "./problem.ts"
import type { ReleaseStore } from "./releases.ts"
import type { Schedule } from "./schedule.ts"
import type { SubscriptionStore } from "./subscriptions.ts"
import type { UploadStore } from "./uploads.ts"

export interface Services {
  readonly pinned: PinnedNewsroom
  readonly envelopes: EnvelopeStore
  readonly mailboxes: Mailboxes
  readonly keyrings: KeyringStore
  readonly dayNotes: DayNoteStore
  readonly subscriptions: SubscriptionStore
  readonly releases: ReleaseStore
  readonly gate: Gate
  readonly clock: Clock
  readonly schedule: Schedule
  /** Throws when the database does not answer. */
  readonly alive: () => Promise<void>
  readonly uploads: UploadStore
  readonly large: LargeStore
  readonly page: Page
}

/** A request whose form has been checked: exactly these parameters, a body of the declared type and length. */
export interface Checked {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Bytes
  /** Who signed; only where access is `reporter`. */
  readonly reporter?: Reporter
  /** The address of the mailbox whose key signed; only where access is `source`. */
  readonly mailbox?: Bytes
  /** The headers that the route names; absent ones are `undefined`. */
  readonly headers?: Readonly<Partial<Record<string, string>>>
  /** The body as it comes; only where the route takes it as a stream. */
  readonly stream?: AsyncIterable<Uint8Array>
}
export interface Answer {
  readonly status: number
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | Streamed
}
export interface Streamed {
  readonly bytes: number
  /** Asked for only where a body is sent. */
  pieces(): AsyncIterable<Uint8Array>
}
export interface Route {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS"
  readonly path: string
  /** `source`: whoever signs with a mailbox key. Any key is taken: a mailbox is there for each, and nearly all are empty. */
  readonly access: "anyone" | "reporter" | "source"
  /** The query parameters, all of them required, each once. */
  readonly query: readonly string[]
  /** A stream is handed on as it comes; everything else is read whole first. */
  readonly body?: {
    readonly type: string
    readonly maxBytes: number
    readonly isStream?: true
    /** The type is followed by a boundary that the browser chose. */
    readonly hasBoundary?: true
  }
  /** Request headers that the handler reads, in lower case. */
  readonly headers?: readonly string[]
  /** Refuses by the announced length, before the body is read. */
  readonly checkLength?: (length: number, services: Services) => Promise<void>
  readonly answer: (request: Checked, services: Services) => Promise<Answer>
  /** What a person is shown instead of a problem document; absent where a program asks. */
  readonly refused?: (problem: Problem, services: Services) => Promise<Answer>
}

export const JSON_TYPE = "application/json"
export const NOTE_TYPE = "text/plain; charset=utf-8"
export const BYTES_TYPE = "application/octet-stream"

export const json = (value: unknown): Answer => ({ status: 200, type: JSON_TYPE, body: JSON.stringify(value) })

/** What `parse` gives; what it refuses becomes this problem. */
export function parsed<Value>(parse: () => Value, type: "bad-query" | "bad-body" | "not-found", rule: string): Value {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw new Problem(type, rule, { cause })
    throw cause
  }
}
export const bodyJson = <Value>(body: Bytes, shape: Shape<Value>, rule: string): Value =>
  parsed(() => parseJson(fromUtf8(body), shape, "body"), "bad-body", rule)
export const pathDay = (text: string | undefined): Day => parsed(() => day(text, "day"), "not-found", "There is nothing at this address.")

export async function currentKeyring({ keyrings }: Services): Promise<Keyring> {
  const current = await keyrings.recent()
  if (current === undefined) throw new Problem("not-ready", "No keyring has been published yet.")
  return current
}
