/** How much of bodies that are still coming in may be held at once. Who sends slowly takes room for what has come of theirs; when there is none
 *  left, those make way that have been silent the longest. So ten thousand unfinished requests cost a bounded amount of memory, and whoever
 *  goes on sending, however slowly, is not among them while somebody fills the room and stops. Envelopes of the smallest sizes have room of their own, which no large one can take. */

import type { IncomingMessage, RequestListener } from "node:http"
import type { Socket } from "node:net"
import { PIECE_BYTES } from "./uploads.ts"

const SMALL_BODY_BYTES = 131_072
const SMALL_ROOM_BYTES = 134_217_728
const LARGE_ROOM_BYTES = 268_435_456
const UPLOAD_ROOM_BYTES = 268_435_456
/** Of a piece of an upload no more is held than is being written and the next as much. What came of one that makes way is kept. */
const UPLOAD_BODY_BYTES = 2 * PIECE_BYTES
/** A body that announces no length is counted as the largest that a route holds in memory. */
const UNANNOUNCED_BYTES = 1_048_576
/** What a request costs before anything of its body has come. */
const REQUEST_BYTES = 4_096
/** How often the rooms are looked at while something is coming in. */
const LOOK_MS = 100

interface Body {
  /** What the connection had brought before. */
  readonly before: number
  /** No more than this is ever held. */
  readonly most: number
  /** What has come, at the last look. */
  came: number
  /** When more had come than at the look before. */
  moved: number
}
interface Room {
  readonly limit: number
  readonly bodies: Map<IncomingMessage, Body>
}

/** @param rooms - bytes, for tests: small bodies, large bodies, pieces of uploads */
export function boundedBodies(
  others: RequestListener,
  rooms: readonly [small: number, large: number, uploads?: number] = [SMALL_ROOM_BYTES, LARGE_ROOM_BYTES],
): RequestListener {
  const room = (limit: number): Room => ({ limit, bodies: new Map() })
  const [small, large, uploads] = [room(rooms[0]), room(rooms[1]), room(rooms[2] ?? UPLOAD_ROOM_BYTES)]
  /** What a connection had brought when its last request was over: the next one's headers count as its own. */
  const brought = new WeakMap<Socket, number>()
  let looking: NodeJS.Timeout | undefined

  function enter({ bodies }: Room, req: IncomingMessage, most: number): void {
    const { socket } = req
    bodies.set(req, { before: brought.get(socket) ?? 0, most, came: 0, moved: performance.now() })
    looking ??= setInterval(look, LOOK_MS).unref()
    const done = () => {
      if (bodies.delete(req)) brought.set(socket, socket.bytesRead)
    }
    req.once("end", done)
    req.once("close", done)
  }

  function look(): void {
    for (const room of [small, large, uploads]) makeRoom(room)
    if (small.bodies.size + large.bodies.size + uploads.bodies.size > 0) return
    clearInterval(looking)
    looking = undefined
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

/** Sees what has come, and cuts bodies off until what is held fits. */
function makeRoom({ limit, bodies }: Room): void {
  const now = performance.now()
  const bytesOf = ({ came, most }: Body) => REQUEST_BYTES + Math.min(came, most)
  let taken = 0
  for (const [{ socket }, body] of bodies) {
    const came = socket.bytesRead - body.before
    if (came > body.came) body.moved = now
    body.came = came
    taken += bytesOf(body)
  }
  if (taken <= limit) return
  for (const [req, body] of [...bodies].sort(([, one], [, other]) => one.moved - other.moved)) {
    if (taken <= limit) return
    taken -= bytesOf(body)
    bodies.delete(req)
    req.socket.destroy()
  }
}
