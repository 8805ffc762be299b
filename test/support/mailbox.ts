/** A source's look at a mailbox, made as the page's worker makes it. SPEC.md §8.1. */

import { createHash } from "node:crypto"
import { type Bytes, concat } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import type { SignKey } from "../../envelope/keys.ts"
import { signMailboxRequest } from "../../keyring/mailbox.ts"
import { PAGE_BODIES } from "../../server/mailbox.ts"
import { type Answered, ask } from "./server.ts"

export interface Look {
  readonly key: SignKey
  /** The server's. */
  readonly day: Day
  /** The newsroom's own address. */
  readonly url: string
  readonly page?: number
  /** Hashes of bodies to delete. */
  readonly named?: readonly Uint8Array[]
}
type Field = "host" | "content-type" | "content-digest" | "signature-input" | "signature"
export interface Signed {
  readonly headers: Record<Field, string>
  readonly body: Bytes
}

export const hashOfBody = (body: Uint8Array): Buffer => createHash("sha256").update(body).digest()

export const lookBody = (page = 0, named: readonly Uint8Array[] = []): Bytes =>
  concat(Uint8Array.of(page), ...Array.from({ length: PAGE_BODIES }, (_, at) => named[at] ?? new Uint8Array(32)))

export async function signedLook({ key, day, url, page, named }: Look, body = lookBody(page, named)): Promise<Signed> {
  const host = url.replace(/^https?:\/\//, "")
  const signed = await signMailboxRequest({ method: "POST", authority: host, path: "/api/mailbox", query: "?", body }, key, day)
  return { headers: { host, "content-type": "application/octet-stream", ...signed }, body }
}

export const look = async (base: string, made: Look): Promise<Answered> => ask(base, "POST", "/api/mailbox", await signedLook(made))
