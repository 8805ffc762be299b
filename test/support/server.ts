/** The real server for tests: its own routes over a real database, with the test's clock. */

import { type RequestOptions, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { type Day, dayOf } from "../../envelope/day.ts"
import type { Signer } from "../../keyring/note.ts"
import { type SignedParts, signRequest } from "../../keyring/request.ts"
import type { AppServices } from "../../server/app.ts"
import { type Database, migrate, openDatabase, openLane } from "../../server/database.ts"
import { dayNoteStore } from "../../server/day-notes.ts"
import { envelopeStore } from "../../server/envelopes.ts"
import { makeServer } from "../../server/front.ts"
import { type GateLimits, makeGate } from "../../server/gate.ts"
import { keyringStore } from "../../server/keyrings.ts"
import { largeStore } from "../../server/large.ts"
import type { Event } from "../../server/log.ts"
import { mailboxStore } from "../../server/mailbox.ts"
import { nonceStore } from "../../server/nonces.ts"
import { type Page, pageFile } from "../../server/page.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { releaseStore } from "../../server/releases.ts"
import { watchRoom } from "../../server/room.ts"
import { parseSchedule } from "../../server/schedule.ts"
import { subscriptionStore } from "../../server/subscriptions.ts"
import { uploadLimits, uploadStore } from "../../server/uploads.ts"
import { batchWriter } from "../../server/writer.ts"
import { freshDatabase } from "./database.ts"
import type { TestNewsroom } from "./newsroom.ts"

export const MIGRATIONS = join(__dirname, "../../db/migrations")

export interface TestServer {
  readonly database: Database
  /** Of the database. */
  readonly url: string
  readonly base: string
  readonly server: Server
  readonly events: readonly Event[]
  /** What the server's clock says, milliseconds; may be set. */
  clock: { ms: number }
  today(): Day
  stop(): Promise<void>
}

const STORAGE_BYTES = 1_000_000_000_000

const EMPTY_PAGE: Page = {
  files: new Map(),
  html: pageFile("text/html; charset=utf-8", Buffer.from("<!doctype html><title>Contact</title>")),
}

/** A test's clock stands still, so its minute has no end. */
const ANY_NUMBER: GateLimits = { calm: 1_000_000, lane: 1_000_000 }

/** Starts it on a database of its own, with the newsroom's chain published.
 *  @param page - the built page where a test needs it
 *  @param requestMs - how long a request may take to come */
export async function startServer(
  newsroom: Pick<TestNewsroom, "id" | "pinned" | "chain">,
  at: Day,
  page: Page = EMPTY_PAGE,
  limits: GateLimits = ANY_NUMBER,
  requestMs?: number,
): Promise<TestServer> {
  const fresh = await freshDatabase()
  const events: Event[] = []
  const log = (event: Event) => void events.push(event)
  const database = openDatabase(fresh.url, log)
  await migrate(database, MIGRATIONS, log)
  const clock = { ms: Date.parse(`${at}T12:00:00Z`) }
  const today = () => dayOf(clock.ms)
  const keyrings = keyringStore(database, newsroom.id)
  for (const { source } of newsroom.chain) await keyrings.add(source)
  await keepPartitions(database, today(), undefined, log)
  const writer = batchWriter([openLane(fresh.url, log), openLane(fresh.url, log)])
  const [mailboxes, nonces] = [mailboxStore(database), nonceStore(database)]
  const room = watchRoom(database, STORAGE_BYTES, log)
  const testClock = { now: () => clock.ms, today }
  const services: AppServices = {
    gate: makeGate({ secret: () => mailboxes.fillerSeed(), nonces, clock: testClock, room, limits }),
    pinned: newsroom.pinned,
    keyrings,
    envelopes: envelopeStore(database, writer),
    uploads: uploadStore(database, uploadLimits(STORAGE_BYTES)),
    large: largeStore(database),
    mailboxes,
    dayNotes: dayNoteStore(database),
    subscriptions: subscriptionStore(database),
    releases: releaseStore(database),
    nonces,
    clock: testClock,
    schedule: parseSchedule("07:30 16:30", "UTC"),
    page,
    log,
    alive: async () => void (await database.query("select 1")),
  }
  const server = makeServer(services, requestMs)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    database,
    url: fresh.url,
    base: `http://127.0.0.1:${port}`,
    server,
    events,
    clock,
    today,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await writer.stop()
      await database.close()
      await fresh.drop()
    },
  }
}

export interface Answered {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Buffer
}

interface Asking {
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
}

/** One request, byte for byte as given: no header is added but what HTTP needs. */
export function ask(base: string, method: string, target: string, asking: Asking = {}): Promise<Answered> {
  const { hostname, port } = new URL(base)
  return askAt({ hostname, port }, method, target, asking)
}

/** As {@link ask}, to a server that listens on a socket in the file system. */
export const askSocket = (socketPath: string, method: string, target: string, asking: Asking = {}): Promise<Answered> =>
  askAt({ socketPath }, method, target, asking)

function askAt(place: RequestOptions, method: string, target: string, { headers = {}, body }: Asking): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...place,
        method,
        path: target,
        headers: body === undefined ? headers : { "content-length": String(body.length), ...headers },
      },
      (answer) => {
        const parts: Buffer[] = []
        answer.on("data", (part: Buffer) => parts.push(part))
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }))
        answer.on("error", reject)
      },
    )
    // A server that refuses early may close while the body is still being sent; the answer has come by then.
    asked.on("error", (error) => setTimeout(() => reject(error), 100))
    asked.end(body)
  })
}

/** The headers of a signed request to the newsroom's own address. */
export async function signedHeaders(
  newsroom: TestNewsroom,
  by: Signer,
  seconds: number,
  parts: Partial<SignedParts> & { target?: string },
): Promise<Record<string, string>> {
  const host = newsroom.url.replace(/^https?:\/\//, "")
  const [path = "/", query] = (parts.target ?? "/").split("?")
  const whole = { method: "GET", authority: host, path, query: query === undefined ? "?" : `?${query}`, body: new Uint8Array(0), ...parts }
  return { host, ...(await signRequest(whole, by, Math.floor(seconds))) }
}
