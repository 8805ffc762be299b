/** The server put together: database, routes, notifier. Stops after the requests that are under way. */

import { createServer, type Server } from "node:http"
import { fileURLToPath } from "node:url"
import { addDays, type Day } from "../envelope/day.ts"
import type { Policy } from "../keyring/keyring.ts"
import type { AppServices } from "./app.ts"
import { systemClock } from "./clock.ts"
import { closeDays, tidyDays } from "./closing.ts"
import type { Config } from "./config.ts"
import { type Database, migrate, openDatabase, openLane } from "./database.ts"
import { dayNoteStore } from "./day-notes.ts"
import { envelopeStore } from "./envelopes.ts"
import { makeServer } from "./front.ts"
import { GATE_LIMITS, makeGate } from "./gate.ts"
import { keyringStore } from "./keyrings.ts"
import { largeStore } from "./large.ts"
import { listen } from "./listen.ts"
import { type Log, nameOf } from "./log.ts"
import { mailboxStore } from "./mailbox.ts"
import { metricsListener } from "./metrics.ts"
import { nonceStore } from "./nonces.ts"
import { smtpPost, startNotifier } from "./notify.ts"
import { outbox } from "./outbox.ts"
import { loadPage } from "./page.ts"
import { keepPartitions } from "./partitions.ts"
import { checkPostgres } from "./postgres-settings.ts"
import { releaseStore } from "./releases.ts"
import { watchRoom } from "./room.ts"
import { subscriptionStore } from "./subscriptions.ts"
import { isUnavailable } from "./unavailable.ts"
import { uploadLimits, uploadStore } from "./uploads.ts"
import { forgetLog } from "./write-ahead.ts"
import { batchWriter } from "./writer.ts"

const MIGRATIONS = fileURLToPath(new URL("../db/migrations", import.meta.url))
const PAGE = fileURLToPath(new URL("page", import.meta.url))
/** Where a monitor on this machine asks, and nobody else can. */
const LOOPBACK = "127.0.0.1"
const HOUSEKEEPING_MS = 600_000
const GRACE_MS = 10_000
/** Batches under way at once: one writes to disk while the next is sent, and one more for the processor's sake. */
const LANES = 3

export interface Running {
  readonly port: number
  stop(): Promise<void>
}

/** Brings the database up to date: once, before any process serves. */
export async function prepare(config: Config, log: Log): Promise<void> {
  const database = openDatabase(config.databaseUrl, log, { isPatient: true })
  try {
    await checkPostgres(database, log)
    await migrate(database, MIGRATIONS, log)
  } finally {
    await database.close()
  }
}

/** Starts serving on a database that was prepared. */
export async function serve(config: Config, log: Log, pageFolder = PAGE): Promise<Running> {
  const { pinned, schedule, smtp } = config
  const database = openDatabase(config.databaseUrl, log)
  // What is not asked for by anybody has connections of its own, and waits for as long as it must.
  const chores = openDatabase(config.databaseUrl, log, { most: 3, isPatient: true })
  const keyrings = keyringStore(database, pinned.id)
  const housekeeping = keepHouse(chores, async () => (await keyrings.current())?.policy, log)
  await housekeeping.first
  const lanes = Array.from({ length: LANES }, () => openLane(config.databaseUrl, log))
  const writer = batchWriter(lanes)
  const [mailboxes, nonces] = [mailboxStore(database), nonceStore(database)]
  const room = watchRoom(database, config.storageBytes, log)
  const gate = makeGate({
    secret: () => mailboxes.fillerSeed(),
    nonces,
    clock: systemClock,
    room,
    limits: { ...GATE_LIMITS, calm: config.calm },
  })
  const services: AppServices = {
    gate,
    pinned,
    schedule,
    keyrings,
    envelopes: envelopeStore(database, writer),
    uploads: uploadStore(database, uploadLimits(config.storageBytes)),
    large: largeStore(database),
    mailboxes,
    dayNotes: dayNoteStore(database),
    subscriptions: subscriptionStore(database),
    releases: releaseStore(database),
    nonces,
    clock: systemClock,
    page: await loadPage(pageFolder, pinned),
    log,
    alive: async () => void (await database.query("select 1")),
  }
  const server = makeServer(services)
  const port = await listen(server, config)
  const notifier = smtp && startNotifier({ outbox: outbox(chores), post: smtpPost(smtp), schedule, clock: systemClock, log })
  const { dayNotes } = services
  const metrics = { database, keyrings, dayNotes, room, limitBytes: config.storageBytes, clock: systemClock }
  const metricsServer = config.metricsPort === undefined ? undefined : createServer(metricsListener(metrics))
  if (metricsServer !== undefined && config.metricsPort !== undefined)
    await listen(metricsServer, { host: LOOPBACK, port: config.metricsPort })
  log({ event: "listening", port })
  return {
    port,
    async stop() {
      await closeServer(server)
      if (metricsServer !== undefined) await closeServer(metricsServer)
      await writer.stop()
      await notifier?.stop()
      await housekeeping.stop()
      await chores.close()
      await database.close()
      log({ event: "stopped" })
    },
  }
}

/** Ends after the requests that are under way; whoever sends so slowly that theirs is not over by then is cut. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  const patience = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearInterval(idle)
  clearTimeout(patience)
}

/** What has to be done once in a while, by whichever process comes first. The server serves when there are partitions; closing can wait. */
function keepHouse(database: Database, policyNow: () => Promise<Policy | undefined>, log: Log) {
  const partitions = async () => keepPartitions(database, systemClock.today(), await policyNow(), log)
  /** The day on which the write-ahead log was last begun anew. */
  let forgot: Day | undefined
  const closing = async () => {
    const policy = await policyNow()
    if (policy === undefined) return
    const today = systemClock.today()
    await closeDays(database, addDays(today, -policy.retentionDays), addDays(today, -policy.acceptDays - 1))
    await tidyDays(database, log)
    if (forgot === today) return
    await forgetLog(database)
    forgot = today
  }
  const logged = (error: unknown) =>
    log(isUnavailable(error) ? { event: "database unavailable" } : { event: "broken", where: "housekeeping", error: nameOf(error) })
  const first = partitions()
  let last: Promise<void> = first.then(closing).catch(logged)
  const timer = setInterval(() => {
    last = last.then(partitions).then(closing).catch(logged)
  }, HOUSEKEEPING_MS)
  timer.unref()
  return {
    first,
    async stop() {
      clearInterval(timer)
      await last
    },
  }
}
