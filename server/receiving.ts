/** How much of bodies that are still coming in may be held at once. Who sends slowly takes room for as long as they send; when there is none
 *  left, the body that has been coming the longest makes way. So ten thousand unfinished requests cost a bounded amount of memory, and
 *  nobody who sends at an ordinary pace notices them. Envelopes of the smallest sizes have room of their own, which no large one can take. */

import type { IncomingMessage, RequestListener } from "node:http"
import { PIECE_BYTES } from "./uploads.ts"

const SMALL_BODY_BYTES = 131_072
const SMALL_ROOM_BYTES = 134_217_728
const LARGE_ROOM_BYTES = 268_435_456
const UPLOAD_ROOM_BYTES = 268_435_456
/** Of a piece of an upload no more is held than is being written and the next as much. What came of one that makes way is kept. */
const UPLOAD_BODY_BYTES = 2 * PIECE_BYTES
/** A body that announces no length is counted as the largest that a route holds in memory. */
const UNANNOUNCED_BYTES = 1_048_576

interface Room {
  readonly limit: number
  taken: number
  /** In the order in which they began. */
  readonly bodies: Map<IncomingMessage, number>
}

/** @param rooms - bytes, for tests: small bodies, large bodies, pieces of uploads */
export function boundedBodies(
  others: RequestListener,
  rooms: readonly [small: number, large: number, uploads?: number] = [SMALL_ROOM_BYTES, LARGE_ROOM_BYTES],
): RequestListener {
  const room = (limit: number): Room => ({ limit, taken: 0, bodies: new Map() })
  const [small, large, uploads] = [room(rooms[0]), room(rooms[1]), room(rooms[2] ?? UPLOAD_ROOM_BYTES)]

  function leave(room: Room, req: IncomingMessage): void {
    room.taken -= room.bodies.get(req) ?? 0
    room.bodies.delete(req)
  }

  function enter(room: Room, req: IncomingMessage, bytes: number): void {
    room.bodies.set(req, bytes)
    room.taken += bytes
    for (const oldest of room.bodies.keys()) {
      if (room.taken <= room.limit || oldest === req) break
      leave(room, oldest)
      oldest.socket.destroy()
    }
    const done = () => leave(room, req)
    req.once("end", done)
    req.once("close", done)
  }

  return (req, res) => {
    const announced = req.headers["content-length"]
    const hasBody = announced === undefined ? req.headers["transfer-encoding"] !== undefined : Number(announced) > 0
    if (hasBody && req.url?.startsWith("/api/uploads")) enter(uploads, req, UPLOAD_BODY_BYTES)
    else if (hasBody) {
      const bytes = Math.min(Number(announced ?? UNANNOUNCED_BYTES), UNANNOUNCED_BYTES)
      enter(bytes <= SMALL_BODY_BYTES ? small : large, req, bytes)
    }
    others(req, res)
  }
}
