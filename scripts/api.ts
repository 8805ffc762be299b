/** The server's interface, a function for each request that the command line makes. SPEC.md §8. */

import { type Bytes, concat, fromUtf8 } from "../envelope/bytes.ts"
import { type Day, day } from "../envelope/day.ts"
import { array, distinct, integer, literal, object, type Shape, type Shaped, string } from "../envelope/json.ts"
import { type Hash, hash } from "../envelope/names.ts"
import { LARGEST_BYTES } from "../envelope/sizes.ts"
import { MAX_SEQ } from "../keyring/days.ts"
import { call, callJson, jsonBody, noteBody, Refused, type ServerAddress, Unreachable } from "./http.ts"
import { envelopeId } from "./vault/records.ts"

/** A note as it came; what it says is checked by whoever reads it. */
const note: Shape<string> = string({ max: 1_000_000, lines: true })
const MAX_JSON_BYTES = 128 * 1_048_576
const PAGE = 100

const feedShape = object({
  today: day,
  days: distinct(
    array(object({ day, state: literal("open", "closed"), envelopes: integer(0, 1e9), digest: hash }), { max: 400 }),
    (one) => one.day,
  ),
  notes: distinct(array(object({ day, made: day, seq: integer(0, MAX_SEQ) }), { max: 100 }), (one) => one.day),
})
export type Feed = Shaped<typeof feedShape>
export type FeedDay = Feed["days"][number]
/** A day note of ours as the server has it. */
export type ShownNote = Feed["notes"][number]

const listed: Shape<readonly [id: string, bytes: number]> = (value, where) => {
  const [id, bytes] = array((item) => item, { min: 2, max: 2 })(value, where)
  return [envelopeId(id, where), integer(1, LARGEST_BYTES)(bytes, where)]
}
const dayShape = object({ day, envelopes: distinct(array(listed, { max: 1_000_000 }), ([id]) => id) })

/** Every keyring from that version on. */
export async function getKeyrings(server: ServerAddress, from: number): Promise<readonly string[]> {
  const all: string[] = []
  for (;;) {
    const request = { method: "GET", target: `/api/keyrings?from=${from + all.length}`, maxBytes: MAX_JSON_BYTES, signed: false } as const
    const { keyrings } = await callJson(server, request, object({ keyrings: array(note, { max: PAGE }) }))
    all.push(...keyrings)
    if (keyrings.length < PAGE) return all
  }
}

/** The notes of a day, as anybody may ask for them. */
export async function getDayNotes(server: ServerAddress, on: Day): Promise<readonly string[]> {
  const request = { method: "GET", target: `/api/days/${on}`, maxBytes: 1_048_576, signed: false } as const
  return (await callJson(server, request, object({ days: array(note, { max: 100 }) }))).days
}

export const todayShape = object({
  format: literal("sotto-today/1"),
  day,
  keyrings: array(note, { max: 1_000 }),
  days: array(note, { max: 100 }),
})
/** What a page is told before it seals. */
export const getToday = (server: ServerAddress): Promise<Shaped<typeof todayShape>> =>
  callJson(server, { method: "GET", target: "/api/today", maxBytes: MAX_JSON_BYTES, signed: false }, todayShape)

export async function postKeyring(server: ServerAddress, keyring: string): Promise<void> {
  await call(server, { method: "POST", target: "/api/keyring", body: noteBody(keyring), maxBytes: 65_536, signed: false })
}

/** The note of a release by the hash of its text, as it came; `undefined` where the server has none. */
export async function getRelease(server: ServerAddress, wanted: Hash): Promise<string | undefined> {
  try {
    return fromUtf8(await call(server, { method: "GET", target: `/api/release/${wanted}`, maxBytes: 1_048_576, signed: false }))
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined
    throw error
  }
}

export async function postRelease(server: ServerAddress, release: string): Promise<void> {
  await call(server, { method: "POST", target: "/api/release", body: noteBody(release), maxBytes: 65_536, signed: false })
}

/** The days that the server has something for, each with a digest of its ids; and our own day notes as it has them. */
export const getFeed = (server: ServerAddress): Promise<Feed> =>
  callJson(server, { method: "GET", target: "/api/feed", maxBytes: 1_048_576, signed: true }, feedShape)

/** The day's ids and sizes, ids ascending. */
export async function getDay(server: ServerAddress, of: Day): Promise<readonly (readonly [id: string, bytes: number])[]> {
  const answer = await callJson(server, { method: "GET", target: `/api/feed/${of}`, maxBytes: MAX_JSON_BYTES, signed: true }, dayShape)
  if (answer.day !== of) throw new Unreachable("the server answered for another day")
  return [...answer.envelopes].sort(([a], [b]) => (a < b ? -1 : 1))
}

export const MAX_FETCH_IDS = 64

/** Envelopes by id, those that are still there.
 *  @param ids - 1 to {@link MAX_FETCH_IDS} */
export async function fetchEnvelopes(
  server: ServerAddress,
  of: Day,
  ids: readonly string[],
  maxBytes: number,
): Promise<ReadonlyMap<string, Bytes>> {
  const overhead = 24 * ids.length
  const target = "/api/feed/fetch"
  const answer = await call(server, {
    method: "POST",
    target,
    body: jsonBody({ day: of, ids }),
    maxBytes: maxBytes + overhead,
    signed: true,
  })
  const found = new Map<string, Bytes>()
  const view = new DataView(answer.buffer)
  for (let at = 0; at < answer.length; ) {
    if (at + 24 > answer.length) throw new Unreachable("the server's envelopes are cut short")
    const id = uuidText(answer.subarray(at, at + 16))
    const length = Number(view.getBigUint64(at + 16))
    at += 24
    if (at + length > answer.length) throw new Unreachable("the server's envelopes are cut short")
    // What was not asked for could be of another day: it would be tried with the wrong seed and remembered as not ours.
    if (!ids.includes(id)) throw new Unreachable("the server sent an envelope that was not asked for")
    found.set(id, answer.slice(at, at + length))
    at += length
  }
  return found
}

function uuidText(bytes: Uint8Array): string {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

export const uuidBytes = (id: string): Bytes =>
  Uint8Array.from(id.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** @param notes - 1 to 31 */
export async function putDays(server: ServerAddress, notes: readonly string[]): Promise<void> {
  await call(server, { method: "PUT", target: "/api/days", body: jsonBody({ notes }), maxBytes: 65_536, signed: true })
}

/** An envelope as anybody may post one: unsigned. */
export async function postEnvelope(server: ServerAddress, on: Day, envelope: Bytes): Promise<void> {
  const body = { type: "application/age", bytes: envelope }
  await call(server, { method: "POST", target: `/api/envelopes?day=${on}`, body, maxBytes: 65_536, signed: false })
}

/** A reply, by address alone. Unsigned: the server is not told who answers. */
export async function postReply(server: ServerAddress, on: Day, mailbox: Bytes, envelope: Bytes): Promise<void> {
  const body = { type: "application/octet-stream", bytes: concat(mailbox, envelope) }
  await call(server, { method: "POST", target: `/api/replies?day=${on}`, body, maxBytes: 65_536, signed: false })
}

export type NotifyMode = "always" | "news" | "never"
/** How often, at most. */
export type NotifyPace = "each" | "daily" | "weekly"
export interface Notify {
  readonly address: string
  readonly mode: NotifyMode
  readonly pace?: NotifyPace
  /** An armored OpenPGP public key. */
  readonly openpgp?: string
}
export async function putNotify(server: ServerAddress, notify: Notify): Promise<void> {
  await call(server, { method: "PUT", target: "/api/notify", body: jsonBody(notify), maxBytes: 65_536, signed: true })
}
