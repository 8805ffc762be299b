/** `sync`: the keyring, the day keys ahead, what is new, and the seeds that are due. SPEC.md §5, the reporter's steps.
 *  Everything is durable before the next step relies on it: tip, then index, then the seed's end. Cut anywhere and run again, it comes out right. */

import { concat } from "../../envelope/bytes.ts"
import { type Day, daysBetween } from "../../envelope/day.ts"
import { wipe } from "../../envelope/keys.ts"
import { hashOf } from "../../envelope/names.ts"
import { SMALL_BYTES } from "../../envelope/sizes.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { type FeedDay, fetchEnvelopes, getDay, getFeed, MAX_FETCH_IDS, type ShownNote, uuidBytes } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Refused, type ServerAddress } from "../http.ts"
import { remind } from "../vault/acknowledged.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { EMPTY_DIGEST, type Records, type ReplyRecord, type TipRecord, withDay, withReply, withTip } from "../vault/records.ts"
import { readSeed } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"
import { destroyDue, destroyOverdue } from "./due.ts"
import { heard } from "./heard.ts"
import { inboxLine, replyLine } from "./inbox.ts"
import { type Opener, type Taken, takeIn } from "./intake.ts"
import { prepareDays, serverOf } from "./keys.ts"
import { indexWords } from "./search.ts"
import { atOnce, firstOf, markOf, markText, type Threads, threadsOf } from "./threads.ts"

export interface Synced {
  readonly kept: readonly TipRecord[]
  /** Colleagues' replies that are new here. */
  readonly replies: readonly ReplyRecord[]
  /** Envelopes that opened for us and are damaged, or were tampered with. */
  readonly broken: number
  readonly replays: number
  /** Days whose seeds were destroyed. */
  readonly destroyed: readonly string[]
  /** Keyring versions that nobody here has acknowledged yet. */
  readonly unacknowledged: number
}

/** @throws Failure `not-set-up`, `vault-in-use`, `wrong-passphrase`, `failed`
 *  @throws KeyringError: the server shows another history, or an expired keyring */
export const sync = (desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<Synced> =>
  locked(desk, async () => {
    const opened = await openVault(desk)
    let synced: Omit<Synced, "unacknowledged">
    try {
      synced = await syncOpened(desk, opened)
    } catch (error) {
      // A host that blocks syncing must not be able to keep seeds alive for ever.
      // But a refused signature may mean that our own clock is wrong, and then the days would be, too.
      if (!(error instanceof Refused && error.type === "bad-signature")) await destroyOverdue(desk, opened)
      throw error
    }
    const waiting = await remind(desk, await readChain(desk, opened.pin))
    const all = { ...synced, unacknowledged: waiting }
    const { kept, ...counts } = all
    if (json) desk.terminal.json({ v: 1, tips: kept, ...counts })
    else say(desk, all)
    return all
  })

async function syncOpened(desk: Desk, opened: Vault): Promise<Omit<Synced, "unacknowledged">> {
  const { vault: known } = await fetchChain(desk, opened)
  const current = currentOf(known.chain)
  requireOurselves(current, known.secrets)
  const server = serverOf(desk, known, current)
  const feed = await getFeed(server)
  const vault = { ...known, records: await prepared(desk, known, feed.notes) }
  const round: Round = {
    desk,
    vault,
    server,
    records: withoutOld(vault.records, desk.clock.today(), current, feed.days),
    threads: threadsOf(vault.records),
    known: new Map(),
    words: new Map(),
    kept: [],
    replies: [],
    broken: 0,
    replays: 0,
  }
  for (const { re, tip } of round.records.tips.values()) if (re !== undefined) round.known.set(re, tip)
  for (const { signature, reply } of round.records.replies.values()) round.known.set(signature, reply)
  for (const one of feed.days) if (one.digest !== (round.records.days.get(one.day)?.digest ?? EMPTY_DIGEST)) await takeDay(round, one)
  await indexWords(desk, vault, round.words)
  const destroyed = await destroyDue(desk, { ...vault, records: round.records }, feed.days)
  return { kept: round.kept, replies: round.replies, broken: round.broken, replays: round.replays, destroyed }
}

/** Days that the server has forgotten need no remembering: replays are known by their signatures. */
function withoutOld(records: Records, today: Day, { policy }: Keyring, feed: readonly FeedDay[]): Records {
  const isNeeded = (day: Day) => daysBetween(day, today) <= policy.retentionDays || feed.some((one) => one.day === day)
  return { ...records, days: new Map([...records.days].filter(([day]) => isNeeded(day))) }
}

/** Day keys ahead. When that cannot be done, tips are fetched all the same. */
async function prepared(desk: Desk, vault: Vault, shown: readonly ShownNote[]): Promise<Records> {
  try {
    const { records, days } = await prepareDays(desk, vault, shown)
    if (days.length > 0) desk.terminal.say(`published ${days.length} day keys, ${days[0]} to ${days.at(-1)}`)
    return records
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "KeyringError") throw error
    desk.terminal.say(`warning: no day keys were published: ${error.message}`)
    return vault.records
  }
}

/** What one sync carries from day to day. */
interface Round {
  readonly desk: Desk
  readonly vault: Vault
  readonly server: ServerAddress
  records: Records
  /** Grows with the records. */
  readonly threads: Threads
  /** By a tip's name or a reply's signature, its number: what is there already. */
  readonly known: Map<string, number>
  /** What can be searched for in tips that are new. */
  readonly words: Map<number, string>
  readonly kept: TipRecord[]
  readonly replies: ReplyRecord[]
  broken: number
  replays: number
}

async function takeDay(round: Round, { day }: FeedDay): Promise<void> {
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
    const opener = { day, seed, slot, slots: current.policy.slots, newsroom: vault.pin.id, reporter: id, chain: vault.chain }
    for (const batch of batches(unseen)) await takeBatch(round, opener, batch)
    await wipe(seed)
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

/** At most 64 ids and 16 MiB a request. */
function* batches(listed: readonly (readonly [id: string, bytes: number])[]): Generator<(readonly [id: string, bytes: number])[]> {
  let batch: (readonly [id: string, bytes: number])[] = []
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

async function takeBatch(round: Round, opener: Opener, batch: readonly (readonly [id: string, bytes: number])[]): Promise<void> {
  const { desk, vault, server } = round
  const total = batch.reduce((sum, [, bytes]) => sum + fetchedBytes(bytes), 0)
  const lengths = new Map(batch)
  const found = await fetchEnvelopes(
    server,
    opener.day,
    batch.map(([id]) => id),
    total,
  )
  for (const [envelope, bytes] of found) {
    const number = round.records.next
    // Only where the listing says that there is more: of what comes whole the bytes decide.
    const listed = lengths.get(envelope) ?? 0
    const fetched = { envelope, bytes, ...(listed > SMALL_BYTES ? { total: listed } : {}) }
    const taken = await takeIn(desk, { secrets: vault.secrets, opener, number }, fetched, (name) => round.known.get(name))
    if (taken.what === "kept" && taken.record.re !== undefined) round.known.set(taken.record.re, taken.record.tip)
    if (taken.what === "reply") round.known.set(taken.record.signature, taken.record.reply)
    note(round, opener, envelope, taken)
  }
  round.records = withDay(round.records, opener.day, { seen: [...(round.records.days.get(opener.day)?.seen ?? []), ...found.keys()] })
  // Only now do the numbers count: what was written before a cut is written over by the next run.
  await keepRecords(desk, vault.secrets, round.records)
}

function note(round: Round, { day, reporter }: Opener, envelope: string, taken: Taken): void {
  const { terminal } = round.desk
  switch (taken.what) {
    case "not-ours":
      return
    case "broken":
      round.broken++
      terminal.say(`warning: an envelope of ${day} is broken (${taken.code}) and was not kept`)
      return
    case "replay": {
      const own = round.records.replies.get(taken.of)
      if (own !== undefined && own.envelope === undefined) {
        // Ours, which the server shows us for the first time.
        round.records = withReply(round.records, { ...own, envelope })
        return
      }
      round.replays++
      terminal.say(`warning: an envelope of ${day} is a copy of tip ${taken.of} and was not kept again`)
      return
    }
    case "reply": {
      // Sent from here, and cut before it was written down.
      const isOurs = taken.record.from === reporter
      const record: ReplyRecord = isOurs ? { ...taken.record, state: "read" } : taken.record
      round.records = withReply(round.records, record)
      round.threads.addReply(record)
      if (!isOurs) round.replies.push(record)
      sayAtOnce(round, record)
      return
    }
    case "kept":
      if (taken.record.fault !== undefined) {
        round.broken++
        terminal.say(`warning: tip ${taken.record.tip} cannot be read in full (${taken.record.fault})`)
      }
      round.kept.push(taken.record)
      round.words.set(taken.record.tip, taken.words)
      keepTip(round, taken.record)
      round.threads.addTip(taken.record)
      sayThread(round, taken.record)
      return
    case "desk":
      round.records = heard(round.records, taken.letter, (re) => round.threads.named(re))
  }
}

/** A tip, with what colleagues said of it before it came. */
function keepTip(round: Round, record: TipRecord): void {
  const marks = record.re && round.records.waiting.get(record.re)
  const waiting = marks === undefined ? round.records.waiting : new Map([...round.records.waiting].filter(([re]) => re !== record.re))
  round.records = withTip({ ...round.records, waiting }, marks === undefined ? record : { ...record, marks })
}

function sayThread({ desk, threads }: Round, record: TipRecord): void {
  const [follows, mark] = [firstOf(threads, record), markOf(threads, record)]
  if (mark !== undefined) desk.terminal.say(`warning: ${markText(record.tip, mark)}`)
  else if (follows !== undefined) desk.terminal.say(`tip ${record.tip} is by the same source as tip ${follows}`)
}

function sayAtOnce({ desk, threads }: Round, record: ReplyRecord): void {
  for (const other of atOnce(threads, record))
    desk.terminal.say(
      `warning: ${other.from} and ${record.from} answered the same source at once, on ${other.day} and ${record.day}: read replies ${other.reply} and ${record.reply}, and agree who writes next`,
    )
  if (threads.of(record.source).tips.length === 0)
    desk.terminal.say(`warning: reply ${record.reply} by ${record.from} answers somebody whose tip is not in this vault`)
}

function say({ terminal }: Desk, { kept, replies, destroyed }: Synced): void {
  for (const record of kept) terminal.answer(inboxLine(record))
  for (const record of replies) terminal.answer(replyLine(record))
  if (destroyed.length > 0)
    terminal.say(`destroyed the keys of ${destroyed.join(", ")}: what was sealed with them opens nowhere but in your vault`)
  const first = kept[0]?.tip ?? replies[0]?.reply
  if (first === undefined) terminal.say("nothing new")
  else terminal.next(`read ${first}`)
}
