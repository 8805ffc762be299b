/** Gathers the envelopes that arrive while others are being committed, and commits them together: one statement, one flush to disk, one
 *  lock and one look at the mail list for all of them. Each answer still waits for the commit of its own. docs/decisions/0036. */

import type { Bytes } from "../envelope/bytes.ts"
import { type Day, dayNumber } from "../envelope/day.ts"
import type { Lane, Statement } from "./database.ts"
import { DAY_LOCK } from "./locks.ts"
import { Problem } from "./problem.ts"

export interface Writer {
  /** Keeps one envelope, as {@link EnvelopeStore.keep} does.
   *  @throws {@link Problem} `not-ready`: more is waiting than may wait; nothing was kept */
  keep(day: Day, bytes: Bytes, slot: number): Promise<boolean>
  /** Whether {@link keep} would refuse an envelope of this length: known before its body is read. */
  isFull(length: number): boolean
  /** Ends after what is waiting has been committed. */
  stop(): Promise<void>
}

/** Batches have these sizes only, so that each is one prepared statement. */
const BATCH_SIZES = [32, 16, 8, 4, 2, 1] as const
const BATCH_BYTES = 4_194_304
const WAITING_BYTES = 67_108_864

interface Waiting {
  readonly day: Day
  readonly bytes: Bytes
  readonly slot: number
  readonly settle: (kept: boolean) => void
  readonly fail: (error: unknown) => void
}

/** @param lanes - as many batches are under way at once; two or three keep processor and disk busy
 *  @param most - how many bytes may wait */
export function batchWriter(lanes: readonly Lane[], most: number = WAITING_BYTES): Writer {
  const free = [...lanes]
  const waiting: Waiting[] = []
  let waitingBytes = 0
  let isTurnPlanned = false
  let underWay = 0
  let whenIdle: (() => void) | undefined

  const isFull = (length: number) => waitingBytes + length > most

  async function commit(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    underWay++
    try {
      const [row] = await lane.transaction<{ kept: number }>(keeping(batch))
      for (const { settle } of batch) settle(row?.kept === batch.length)
    } catch (error) {
      for (const { fail } of batch) fail(error)
    } finally {
      underWay--
      free.push(lane)
      planTurn()
    }
  }

  function turn(): void {
    isTurnPlanned = false
    while (waiting.length > 0) {
      const lane = free.pop()
      if (lane === undefined) return
      const batch = takeBatch(waiting)
      for (const { bytes } of batch) waitingBytes -= bytes.length
      void commit(lane, batch)
    }
    if (underWay === 0) whenIdle?.()
  }

  /** After this turn of the event loop, not at once: whatever else has arrived by then goes into the same batch. */
  function planTurn(): void {
    if (isTurnPlanned) return
    isTurnPlanned = true
    setImmediate(turn)
  }

  return {
    isFull,
    keep(day, bytes, slot) {
      if (isFull(bytes.length))
        return Promise.reject(
          new Problem("not-ready", "The server has more to keep than it can at the moment. Nothing was kept; try again."),
        )
      return new Promise((settle, fail) => {
        waiting.push({ day, bytes, slot, settle, fail })
        waitingBytes += bytes.length
        planTurn()
      })
    },
    async stop() {
      const idle = new Promise<void>((resolve) => (whenIdle = resolve))
      planTurn()
      await idle
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

/** Takes the next batch off: envelopes of one day, in the order in which they came, no more bytes than a statement should carry. */
function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  const [first] = waiting
  const fitting: Waiting[] = []
  let bytes = 0
  for (const one of waiting) {
    if (one.day !== first?.day) continue
    bytes += one.bytes.length
    if (fitting.length > 0 && bytes > BATCH_BYTES) break
    if (fitting.push(one) === BATCH_SIZES[0]) break
  }
  const size = BATCH_SIZES.find((size) => size <= fitting.length) ?? 1
  const batch = new Set(fitting.slice(0, size))
  const rest = waiting.filter((one) => !batch.has(one))
  waiting.splice(0, waiting.length, ...rest)
  return [...batch]
}

/** The statements that keep a batch: all of it, or, when its day is closed, nothing. */
function keeping(batch: readonly Waiting[]): readonly Statement[] {
  const day = batch[0]?.day
  const slot = batch.at(-1)?.slot
  if (day === undefined || slot === undefined) throw new Error("a batch has at least one envelope")
  return [
    // First, in a statement of its own: a closed day is seen only by a look that begins after the lock is held (docs/decisions/0005).
    {
      name: "lock-day",
      text: "select pg_advisory_xact_lock_shared($1::int, $2::int)",
      values: [DAY_LOCK, dayNumber(day)],
    },
    { ...keepStatement(batch.length), values: [day, new Date(slot), ...batch.map(({ bytes }) => bytes)] },
  ]
}

function keepStatement(size: number): Statement {
  const rows = Array.from({ length: size }, (_, index) => `($${index + 3}::bytea)`).join(", ")
  return {
    name: `keep-${size}`,
    text: `with kept as (
             insert into envelopes (day, bytes)
             select $1::date, v.bytes from (values ${rows}) v (bytes) where not exists (select from closed_days where day = $1::date)
             returning 1
           ), noted as (
             insert into mails (reporter, slot, news)
             select s.reporter, $2::timestamptz, true from subscriptions s where s.mode <> 'never' and exists (select from kept)
               and not exists (select from mails m where m.reporter = s.reporter and m.slot = $2::timestamptz and m.news)
             on conflict (reporter, slot) do update set news = true where not mails.news
           )
           select count(*)::int as kept from kept`,
  }
}
