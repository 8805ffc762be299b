/** An upload as its sender makes it, one request at a time: for tests that cut, repeat and reorder. */

import { request } from "node:http"
import type { Day } from "../../envelope/day.ts"
import { type Answered, ask } from "./server.ts"

const TUS = { "tus-resumable": "1.0.0" }
export const OFFSET_TYPE = "application/offset+octet-stream"

export const begin = (base: string, day: Day, bytes: number): Promise<Answered> =>
  ask(base, "POST", `/api/uploads?day=${day}`, { headers: { ...TUS, "upload-length": String(bytes) } })

/** Begins one. @returns its path */
export async function begun(base: string, day: Day, bytes: number): Promise<string> {
  const { status, headers } = await begin(base, day, bytes)
  if (status !== 201 || typeof headers.location !== "string") throw new Error(`no upload was begun: ${status}`)
  return headers.location
}

export const look = (base: string, path: string): Promise<Answered> => ask(base, "HEAD", path, { headers: TUS })
/** Where it stands; `undefined`: there is none. */
export async function offsetOf(base: string, path: string): Promise<number | undefined> {
  const { status, headers } = await look(base, path)
  return status === 200 ? Number(headers["upload-offset"]) : undefined
}

export const patch = (base: string, path: string, at: number, piece: Uint8Array, headers: Record<string, string> = {}): Promise<Answered> =>
  ask(base, "PATCH", path, { headers: { ...TUS, "content-type": OFFSET_TYPE, "upload-offset": String(at), ...headers }, body: piece })

export const end = (base: string, path: string): Promise<Answered> => ask(base, "DELETE", path, { headers: TUS })

/** Announces the whole piece, sends the first `sent` bytes of it, and cuts the line.
 *  @returns once the line is gone */
export function cut(base: string, path: string, at: number, piece: Uint8Array, sent: number): Promise<void> {
  const { hostname, port } = new URL(base)
  const headers = { ...TUS, "content-type": OFFSET_TYPE, "upload-offset": String(at), "content-length": String(piece.length) }
  return new Promise((resolve) => {
    const asked = request({ hostname, port, method: "PATCH", path, headers, agent: false })
    asked.on("error", () => undefined)
    asked.on("close", resolve)
    // In the socket's hands, not yet in the server's: where exactly the line breaks is left to chance.
    asked.write(piece.subarray(0, sent), () => asked.destroy())
  })
}
