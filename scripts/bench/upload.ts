/** An envelope of 1 GiB over tus into PostgreSQL, beside a bare loop that writes the same rows; and what it costs the server in memory. */

import { randomFillSync } from "node:crypto"
import { Agent, request } from "node:http"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "../../envelope/header.ts"
import { randomBytes } from "../../envelope/keys.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { residentMB } from "./cpu.ts"
import { type MeasuredLine, measuredLine } from "./line.ts"
import { type Bench, inTurns, milliseconds, rounded } from "./measure.ts"

const MIB = 1_048_576
const PIECE_BYTES = 8 * MIB
const SLOTS = 8

interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: Uint8Array
}
/** One request on a connection that is kept. */
function ask(port: number, agent: Agent, { method, path, headers, body }: Wire): Promise<{ status: number; location: string }> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(body?.length ?? 0) }
    const asked = request({ host: "127.0.0.1", port, method, path, agent, headers: { "tus-resumable": "1.0.0", ...length, ...headers } })
    asked.once("error", reject)
    asked.once("response", (answer) => {
      answer.resume()
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "" }))
    })
    asked.end(body)
  })
}

/** A header that the server takes, and bytes that do not compress: what an envelope is from outside. */
async function firstPiece(): Promise<Buffer> {
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  const nobody = Array.from({ length: SLOTS + 1 }, () => undefined)
  const header = await writeHeader(await sealSlots(fileKey, nobody), fileKey)
  const piece = randomFillSync(Buffer.alloc(PIECE_BYTES))
  piece.set(header)
  return piece
}

async function upload({ server, today }: MeasuredLine, bytes: number, first: Buffer): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const begun = await ask(server.port, agent, {
    method: "POST",
    path: `/api/uploads?day=${today}`,
    headers: { "upload-length": String(bytes) },
  })
  if (begun.status !== 201) throw new Error(`an upload was answered with ${begun.status}`)
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(at) }
    const body = first.subarray(0, Math.min(PIECE_BYTES, bytes - at))
    const { status } = await ask(server.port, agent, { method: "PATCH", path: begun.location, headers, body })
    if (status !== 204) throw new Error(`a piece was answered with ${status}`)
  }
  agent.destroy()
}

/** The same rows, each in a transaction of its own, and nothing else. */
async function bareLoop({ database }: MeasuredLine, bytes: number, first: Buffer): Promise<void> {
  for (let at = 0; at < bytes; at += MIB)
    await database.query("insert into bare (at, bytes) values ($1::bigint, $2::bytea)", [
      at,
      first.subarray(at % PIECE_BYTES, (at % PIECE_BYTES) + MIB),
    ])
}

/** The most that the server holds while something goes on, MB. */
async function most(pid: number, work: () => Promise<unknown>): Promise<number> {
  let held = residentMB(pid)
  const look = setInterval(() => (held = Math.max(held, residentMB(pid))), 20)
  try {
    await work()
  } finally {
    clearInterval(look)
  }
  return held
}

export const uploadBench: Bench = async ({ rounds, isSmall, say }) => {
  const [bytes, little] = isSmall ? [16 * MIB, 2 * MIB] : [1_024 * MIB, 10 * MIB]
  const line = await measuredLine({ maxTipBytes: 4_096 * MIB })
  try {
    const { database } = line
    await database.query("create table bare (at bigint primary key, bytes bytea not null)")
    await database.query("alter table bare alter column bytes set storage external")
    const first = await firstPiece()
    const littleMB = await most(line.server.pid, () => upload(line, little, first))
    let mostMB = 0
    const clear = () => database.query("truncate bare, chunks, large_envelopes, uploads")
    const { oursMs, bareMs } = await inTurns(rounds, {
      async oursMs() {
        await clear()
        const ms = await milliseconds(
          async () => (mostMB = Math.max(mostMB, await most(line.server.pid, () => upload(line, bytes, first)))),
        )
        say(`over tus: ${Math.round(ms)} ms`)
        return ms
      },
      async bareMs() {
        await clear()
        const ms = await milliseconds(() => bareLoop(line, bytes, first))
        say(`bare loop: ${Math.round(ms)} ms`)
        return ms
      },
    })
    return {
      versions: { node: process.versions.node },
      results: {
        bytes,
        oursMs: rounded(oursMs),
        bareMs: rounded(bareMs),
        oursMBps: rounded(bytes / 1_000 / oursMs),
        bareMBps: rounded(bytes / 1_000 / bareMs),
        serverMB: rounded(mostMB),
        serverAtLittleMB: rounded(littleMB),
      },
      ratios: { uploadOverBarePg: rounded(bareMs / oursMs), serverGrowthMB: rounded(Math.max(0, mostMB - littleMB)) },
      notes: [
        "both write rows of 1 MiB, each durable before the next; ours receives them over HTTP, checks the offset and keeps it with each",
        ...(isSmall ? ["small sizes, to show that it works: no figure here means anything"] : []),
      ],
    }
  } finally {
    await line.remove()
  }
}
