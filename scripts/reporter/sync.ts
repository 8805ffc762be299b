/** `sync`: the keyring, the day keys ahead, what is new, and the seeds that are due. SPEC.md §5, the reporter's steps.
 *  Everything is durable before the next step relies on it: tip, then index, then the seed's end. Cut anywhere and run again, it comes out right. */

import { type Day, daysBetween } from "../../envelope/day.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { type FeedDay, getFeed, type ShownNote } from "../api.ts"
import type { Desk } from "../desk.ts"
import { remind } from "../vault/acknowledged.ts"
import { type CanaryState, canaryWarning, keepCanary, readCanary, stateOf, withLook } from "../vault/canary.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { EMPTY_DIGEST, type Records, type ReplyRecord, type TipRecord } from "../vault/records.ts"
import { openVault, type Reading, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"
import { destroyDue, destroyUnreached, withReached } from "./due.ts"
import { inboxLine, replyLine } from "./inbox.ts"
import { prepareDays, serverOf } from "./keys.ts"
import type { Round } from "./round.ts"
import { indexWords } from "./search.ts"
import { takeDay } from "./take-day.ts"
import { threadsOf } from "./threads.ts"

export interface Synced {
  readonly kept: readonly TipRecord[]
  /** Colleagues' replies that are new here. */
  readonly replies: readonly ReplyRecord[]
  /** Envelopes that opened for us and are damaged, or were tampered with. */
  readonly broken: number
  readonly replays: number
  /** Our own test tips. */
  readonly canary: CanaryState
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
      // A host that blocks syncing must not be able to keep seeds alive for ever, nor a wrong clock to end them.
      await destroyUnreached(desk, opened)
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
  // That request was signed: were our clock wrong, it would have been refused.
  const reached = { ...known, records: withReached(known.records, desk.clock.today()) }
  if (reached.records !== known.records) await keepRecords(desk, known.secrets, reached.records)
  const vault = { ...reached, records: await prepared(desk, reached, feed.notes) }
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
    canaries: [],
  }
  for (const { re, tip } of round.records.tips.values()) if (re !== undefined) round.known.set(re, tip)
  for (const { signature, reply } of round.records.replies.values()) round.known.set(signature, reply)
  for (const one of feed.days) if (one.digest !== (round.records.days.get(one.day)?.digest ?? EMPTY_DIGEST)) await takeDay(round, one)
  await indexWords(desk, vault, round.words)
  const canary = await lookedFor(desk, vault)
  const destroyed = await destroyDue(desk, { ...vault, records: round.records }, feed.days)
  return { kept: round.kept, replies: round.replies, broken: round.broken, replays: round.replays, canary, destroyed }
}

/** Once everything that the server shows was looked at: what is outstanding from a day before is missing. */
async function lookedFor(desk: Desk, { secrets }: Reading): Promise<CanaryState> {
  const canary = await readCanary(desk, secrets)
  if (canary === undefined) return stateOf(canary)
  const looked = withLook(canary, desk.clock.today())
  await keepCanary(desk, secrets, looked)
  const state = stateOf(looked)
  const warning = canaryWarning(state)
  if (warning !== undefined) desk.terminal.say(warning)
  return state
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

function say({ terminal }: Desk, { kept, replies, destroyed }: Synced): void {
  for (const record of kept) terminal.answer(inboxLine(record))
  for (const record of replies) terminal.answer(replyLine(record))
  if (destroyed.length > 0)
    terminal.say(`destroyed the keys of ${destroyed.join(", ")}: what was sealed with them opens nowhere but in your vault`)
  const first = kept[0]?.tip ?? replies[0]?.reply
  if (first === undefined) terminal.say("nothing new")
  else terminal.next(`read ${first}`)
}
