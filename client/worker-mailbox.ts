/** The mailbox over HTTP, from the worker: the secret that opens it is made here, goes into one header field of one request, and never
 *  reaches the page. Not into an address, which histories and logs keep. SPEC.md §8.1. */

import { toBase64url } from "../envelope/bytes.ts"
import { array, object, parseJson, string } from "../envelope/json.ts"
import type { MailFault } from "./messages.ts"

const PLAIN: RequestInit = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", redirect: "error" }
const BODIES = 4
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

async function asked(path: string, init: RequestInit, status: number): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, { ...PLAIN, ...init })
  } catch {
    throw new NoMail("offline")
  }
  if (response.status === status) return response
  throw new NoMail(response.status === 503 || response.status === 429 ? "busy" : "broken")
}

const bearer = (secret: Uint8Array): Record<string, string> => ({ authorization: `Bearer ${toBase64url(secret)}` })

/** One page of the mailbox: always the same length, whether anything was answered or not.
 *  @param floor - the size of one body
 *  @throws {@link NoMail} */
export async function fetchMailbox(secret: Uint8Array, page: number, floor: number): Promise<Uint8Array> {
  const headers = { ...bearer(secret), "content-type": "application/json" }
  const response = await asked("/api/mailbox", { method: "POST", headers, body: JSON.stringify({ page }) }, 200)
  let bodies: Uint8Array
  try {
    bodies = new Uint8Array(await response.arrayBuffer())
  } catch {
    throw new NoMail("offline")
  }
  if (bodies.length !== BODIES * floor) throw new NoMail("broken")
  return bodies
}

/** @throws {@link NoMail} */
export async function emptyMailbox(secret: Uint8Array): Promise<void> {
  await asked("/api/mailbox", { method: "DELETE", headers: bearer(secret) }, 204)
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
