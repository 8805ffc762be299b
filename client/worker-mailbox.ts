/** The mailbox over HTTP, from the worker: the key that opens it is made here and signs each request; it never leaves the worker, and nothing of a
 *  mailbox stands in an address, which histories and logs keep. SPEC.md §8.1. */

import { type Bytes, concat } from "../envelope/bytes.ts"
import type { Day } from "../envelope/day.ts"
import { HASH_BYTES, sha256 } from "../envelope/hash.ts"
import { array, object, parseJson, string } from "../envelope/json.ts"
import type { SignKey } from "../envelope/keys.ts"
import { signMailboxRequest } from "../keyring/mailbox.ts"
import { earnField, PLAIN, problemOf, wantsWork } from "./earning.ts"
import type { MailFault } from "./messages.ts"

const PATH = "/api/mailbox"
const BODIES = 4
/** A line that is silent for longer is not waited for. */
const LOOK_MS = 120_000
const PAGE_NOTES = 100
const MAX_KEYRINGS = 10_000
const keyringsShape = object({ keyrings: array(string({ max: 1_000_000, lines: true }), { max: PAGE_NOTES }) })

/** Thrown when the server did not give what it was asked for. */
export class NoMail extends Error {
  override readonly name = "NoMail"
  readonly fault: MailFault
  constructor(fault: MailFault) {
    super(fault)
    this.fault = fault
  }
}

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    const over = new AbortController()
    // Also over what the answer says, which is read later; where all of that was quick, it ends nothing.
    setTimeout(() => over.abort(), LOOK_MS)
    return await fetch(path, { ...PLAIN, ...init, signal: over.signal })
  } catch {
    throw new NoMail("offline")
  }
}
function expected(response: Response, status: number): Response {
  if (response.status === status) return response
  throw new NoMail(response.status === 503 || response.status === 429 ? "busy" : "broken")
}
const asked = async (path: string, init: RequestInit, status: number): Promise<Response> => expected(await reached(path, init), status)

/** Whose mailbox is asked, of whom, and when. */
export interface MailboxAsked {
  readonly key: SignKey
  /** Host and port of this page: a signature made for another server is worth nothing at ours. */
  readonly authority: string
  /** The server's own, as it told it. */
  readonly day: Day
  /** The size of one body. */
  readonly floor: number
}

/** One page of the mailbox: always the same lengths there and back, whether anything was answered or not, deleted or not.
 *  @param named - hashes of at most four bodies to delete first
 *  @throws {@link NoMail} */
export async function fetchMailbox(
  { key, authority, day, floor }: MailboxAsked,
  page: number,
  named: readonly Bytes[] = [],
): Promise<Uint8Array> {
  const hashes = Array.from({ length: BODIES }, (_, at) => named[at] ?? new Uint8Array(HASH_BYTES))
  const body = concat(Uint8Array.of(page), ...hashes)
  const signed = await signMailboxRequest({ method: "POST", authority, path: PATH, query: "?", body }, key, day)
  const headers = { ...signed, "content-type": "application/octet-stream" }
  const response = await lookedInto({ method: "POST", headers, body })
  let bodies: Uint8Array
  try {
    bodies = new Uint8Array(await response.arrayBuffer())
  } catch {
    throw new NoMail("offline")
  }
  if (bodies.length !== BODIES * floor) throw new NoMail("broken")
  return bodies
}

/** Asks, and where many ask, once more with a small sum (SPEC.md §8.3): the same signed request, whatever waits in the mailbox. */
async function lookedInto(init: RequestInit & { readonly headers: Readonly<Record<string, string>> }): Promise<Response> {
  const first = await reached(PATH, init)
  if (!(await wantsWork(first))) return expected(first, 200)
  const work = await earnField(new AbortController().signal) // it ends with the worker
  if (work === undefined) throw new NoMail("busy")
  const second = await reached(PATH, { ...init, headers: { ...init.headers, "sotto-work": work } })
  // The sum came too late, or more are asking by now: the next one may be enough.
  if (second.status === 422 && (await problemOf(second.clone())) === "bad-work") throw new NoMail("busy")
  return expected(second, 200)
}

/** What each body of a page is deleted by: its hash. */
export const namesOf = (bodies: Uint8Array, floor: number): Promise<readonly Bytes[]> =>
  Promise.all(Array.from({ length: BODIES }, (_, at) => sha256(bodies.slice(at * floor, (at + 1) * floor))))

/** Deletes bodies by name, four a request, and gives page 0 as it is after that.
 *  @throws {@link NoMail} */
export async function emptyMailbox(asked: MailboxAsked, named: readonly Bytes[]): Promise<Uint8Array> {
  for (let at = BODIES; at < named.length; at += BODIES) await fetchMailbox(asked, 0, named.slice(at, at + BODIES))
  return fetchMailbox(asked, 0, named.slice(0, BODIES))
}

/** Keyrings from version 1 on, as many as there are below `before`. Asked for in the same way whether there is a reply or not.
 *  @throws {@link NoMail} */
export async function fetchKeyrings(before: number): Promise<readonly string[]> {
  const all: string[] = []
  while (all.length < Math.min(before - 1, MAX_KEYRINGS)) {
    const text = await (await asked(`/api/keyrings?from=${all.length + 1}`, {}, 200)).text()
    let keyrings: readonly string[]
    try {
      keyrings = parseJson(text, keyringsShape, "keyrings").keyrings
    } catch {
      throw new NoMail("broken")
    }
    all.push(...keyrings)
    if (keyrings.length < PAGE_NOTES) break
  }
  return all
}
