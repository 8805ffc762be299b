/** The envelopes of a day that are new here: fetched, opened, written, with one step under way for each. */

import { concat } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { wipe } from "../../envelope/keys.ts"
import { hashOf, type Id } from "../../envelope/names.ts"
import { SMALL_BYTES } from "../../envelope/sizes.ts"
import { type FeedDay, fetchEnvelopes, getDay, MAX_FETCH_IDS, uuidBytes } from "../api.ts"
import type { ServerAddress } from "../http.ts"
import { keepArrived, keyOfOwnCanary } from "../vault/canary.ts"
import { currentOf } from "../vault/chain.ts"
import type { Replacement } from "../vault/disk.ts"
import { keepRecords } from "../vault/index-files.ts"
import { withDay } from "../vault/records.ts"
import { readSeed } from "../vault/seeds.ts"
import { requireOurselves } from "../vault/vault.ts"
import { keepFiles, takeIn } from "./intake.ts"
import type { Fetched, Look, Opener } from "./look.ts"
import { type Looks, startLooks } from "./looks.ts"
import { note, type Round } from "./round.ts"

export async function takeDay(round: Round, { day }: FeedDay): Promise<void> {
  const { desk, vault, server } = round
  const listed = await getDay(server, day)
  const seen = new Set(round.records.days.get(day)?.seen)
  const unseen = listed.filter(([id]) => !seen.has(id))
  const seed = await readSeed(desk, vault.secrets, day)
  // Without a seed there is nothing to try: the day is from before we joined, or its seed was destroyed once the day was closed.
  if (seed === undefined && seen.size > 0 && unseen.length > 0)
    desk.terminal.say(
      `warning: the server shows ${unseen.length} more for ${day}, after its key was destroyed; they cannot be opened any more`,
    )
  if (seed !== undefined) {
    const current = currentOf(vault.chain)
    const { id, slot } = requireOurselves(current, vault.secrets)
    const opener: Opener = {
      day,
      seed,
      slot,
      slots: current.policy.slots,
      newsroom: vault.pin.id,
      reporter: id,
      chain: vault.chain,
      ...(await keyOfOwnCanary(desk, vault)),
    }
    const looks = startLooks(opener, vault.secrets.recipient, unseen.length)
    try {
      await takeUnseen(round, { day, reporter: id, looks }, unseen)
    } finally {
      await looks.end()
      await wipe(seed)
    }
  }
  const tried = new Set(round.records.days.get(day)?.seen)
  const left = seed === undefined ? [] : listed.filter(([id]) => !tried.has(id))
  if (left.length > 0) {
    desk.terminal.say(`warning: the server listed ${left.length} for ${day} and did not send them; the next sync asks again`)
    return
  }
  const digest = await hashOf(concat(...listed.map(([id]) => uuidBytes(id))))
  round.records = withDay(round.records, day, { digest, seen: [...tried] })
  await keepRecords(desk, vault.secrets, round.records)
}

const MAX_BATCH_BYTES = 16 * 1_048_576

/** What is fetched of an envelope: all of it, or of a large one its beginning, whether or not it is for us: so nobody learns who can read it. */
const fetchedBytes = (bytes: number) => Math.min(bytes, SMALL_BYTES)

type Listed = readonly [id: string, bytes: number]

/** At most 64 ids and 16 MiB a request. */
function* batches(listed: readonly Listed[]): Generator<readonly Listed[]> {
  let batch: Listed[] = []
  let sum = 0
  for (const one of listed) {
    if (batch.length > 0 && (batch.length === MAX_FETCH_IDS || sum + fetchedBytes(one[1]) > MAX_BATCH_BYTES)) {
      yield batch
      batch = []
      sum = 0
    }
    batch.push(one)
    sum += fetchedBytes(one[1])
  }
  if (batch.length > 0) yield batch
}

interface Taking {
  readonly day: Day
  /** Our id. */
  readonly reporter: Id
  readonly looks: Looks
}

/** While one batch is opened, the next is on its way and the one before is being written. */
async function takeUnseen(round: Round, taking: Taking, unseen: readonly Listed[]): Promise<void> {
  const { desk, vault, server } = round
  const { day, looks } = taking
  let keeping: Promise<void> = Promise.resolve()
  try {
    for await (const fetched of ahead([...batches(unseen)].map((batch) => () => fetchBatch(server, day, batch)))) {
      const files = takeBatch(round, taking, fetched, await looks.at(fetched))
      // Durable before the envelope counts as seen: cut in between, it is found again.
      await keepArrived(desk, vault.secrets, round.canaries.splice(0))
      const seen = [...(round.records.days.get(day)?.seen ?? []), ...fetched.map(({ envelope }) => envelope)]
      const records = withDay(round.records, day, { seen })
      round.records = records
      await keeping
      // Only when the index says so do the numbers count: what was written before a cut is written over by the next run.
      keeping = keepFiles(desk, files).then(() => keepRecords(desk, vault.secrets, records))
      keeping.catch(() => undefined) // heard of where it is awaited
    }
  } finally {
    await keeping
  }
}

/** What each of these gives, in their order, the next one begun while one is being used. */
async function* ahead<One>(works: readonly (() => Promise<One>)[]): AsyncGenerator<One> {
  const start = (work: (() => Promise<One>) | undefined) => {
    const begun = work?.()
    begun?.catch(() => undefined) // heard of in its turn
    return begun
  }
  let next = start(works[0])
  for (let index = 1; next !== undefined; index++) {
    const one = await next
    next = start(works[index])
    yield one
  }
}

type FetchedHere = Fetched & { readonly envelope: string }

async function fetchBatch(server: ServerAddress, day: Day, batch: readonly Listed[]): Promise<readonly FetchedHere[]> {
  const total = batch.reduce((sum, [, bytes]) => sum + fetchedBytes(bytes), 0)
  const lengths = new Map(batch)
  const ids = batch.map(([id]) => id)
  return [...(await fetchEnvelopes(server, day, ids, total))].map(([envelope, bytes]) => {
    // Only where the listing says that there is more: of what comes whole the bytes decide.
    const listed = lengths.get(envelope) ?? 0
    return { envelope, bytes, ...(listed > SMALL_BYTES ? { total: listed } : {}) }
  })
}

/** @returns what is to be written */
function takeBatch(round: Round, taking: Taking, fetched: readonly FetchedHere[], looks: readonly Look[]): readonly Replacement[] {
  const files: Replacement[] = []
  for (const [index, { envelope }] of fetched.entries()) {
    const look = looks[index]
    if (look === undefined) throw new Error("an envelope was not looked at")
    const taken = takeIn(round.desk, look, round.records.next, (name) => round.known.get(name))
    if (taken.what === "kept" && taken.record.re !== undefined) round.known.set(taken.record.re, taken.record.tip)
    if (taken.what === "reply") round.known.set(taken.record.signature, taken.record.reply)
    if (taken.what === "kept" || taken.what === "reply") files.push(taken.file)
    note(round, taking, envelope, taken)
  }
  return files
}
