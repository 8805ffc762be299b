/** `keys publish` and `keys status`: a key for each day that is prepared, durable here before anybody can seal to it. SPEC.md §4.4. */

import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import { type Recipient, recipientOf, wipe } from "../../envelope/keys.ts"
import { MAX_SEQ, signDayKey } from "../../keyring/days.ts"
import { checkCurrent, type Keyring } from "../../keyring/keyring.ts"
import { getFeed, putDays, type ShownNote } from "../api.ts"
import type { Desk } from "../desk.ts"
import { reach, type ServerAddress } from "../http.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { type Away, type DayNoteRecord, type Records, withDay } from "../vault/records.ts"
import { ensureSeed, heldDays } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"

/** The server, with our signature on what needs one. */
export const serverOf = (desk: Desk, { secrets }: Pick<Vault, "secrets">, { newsroom }: Pick<Keyring, "newsroom">): ServerAddress => ({
  url: newsroom.url,
  clock: desk.clock,
  signer: secrets.signer,
  ...reach(desk),
})

/** @returns the days for which notes were published
 *  @throws Failure `not-set-up`, `vault-in-use`, `wrong-passphrase`, `failed` */
export const publishKeys = (desk: Desk): Promise<readonly Day[]> =>
  locked(desk, async () => {
    const { vault } = await fetchChain(desk, await openVault(desk))
    const current = currentOf(vault.chain)
    requireOurselves(current, vault.secrets)
    const { notes } = await getFeed(serverOf(desk, vault, current))
    const { days } = await prepareDays(desk, vault, notes)
    desk.terminal.answer(
      days.length === 0 ? "every day key is published" : `published ${days.length} day keys, ${days[0]} to ${days.at(-1)}`,
    )
    desk.terminal.say(`you can be reached until ${addDays(desk.clock.today(), current.policy.noteDays)}; each sync prepares more days`)
    return days
  })

/** The days from today to `noteDays` ahead. */
export const preparedDays = ({ policy }: Pick<Keyring, "policy">, today: Day): readonly Day[] =>
  Array.from({ length: policy.noteDays + 1 }, (_, days) => addDays(today, days))

export const isAwayOn = (away: Away | undefined, day: Day): boolean => away !== undefined && away.from <= day && day <= away.to

/** Makes and publishes, in one request, what is missing from today to `noteDays` ahead, was signed under an older keyring, or has been lost by the server.
 *  To be called under the lock.
 *  @param shown - our notes as the server has them
 *  @throws KeyringError `expired`, `not-yet`: nobody may be asked to seal under this keyring */
export async function prepareDays(
  desk: Desk,
  vault: Vault,
  shown: readonly ShownNote[],
): Promise<{ readonly records: Records; readonly days: readonly Day[] }> {
  const { secrets, pin } = vault
  const current = currentOf(vault.chain)
  const { slot, id } = requireOurselves(current, secrets)
  const today = desk.clock.today()
  checkCurrent(current, today)
  const held = new Set(await heldDays(desk))
  const there = new Map(shown.map((note) => [note.day, note]))
  const { away } = vault.records
  const days = preparedDays(current, today).filter((day) => {
    const note = vault.records.days.get(day)?.note
    return !(isUpToDate(note, current, isAwayOn(away, day)) && (held.has(day) || note?.away === "yes") && isThere(note, there.get(day)))
  })
  if (days.length === 0) return { records: vault.records, days }
  sayLost(desk, vault.records, days, there)
  let { records } = vault
  const notes: string[] = []
  for (const day of days) {
    const isAway = isAwayOn(away, day)
    const seq = nextSeq(today, records.days.get(day)?.note, there.get(day))
    const recipient = isAway ? null : await recipientFor(desk, vault, day)
    const keyring = { version: current.version, hash: current.hash }
    notes.push(await signDayKey({ newsroom: pin.id, reporter: id, slot, day, recipient, made: today, seq, keyring }, secrets.signer))
    const note = { made: today, seq, keyring: current.version, published: "no" as const, ...(isAway ? { away: "yes" as const } : {}) }
    records = withDay(records, day, { note })
  }
  // Before they are out: a note that reached the server and was forgotten here could never be replaced by a newer one.
  await keepRecords(desk, secrets, records)
  await putDays(serverOf(desk, vault, current), notes)
  for (const day of days) {
    const note = records.days.get(day)?.note
    if (note !== undefined) records = withDay(records, day, { note: { ...note, published: "yes" } })
  }
  await keepRecords(desk, secrets, records)
  return { records, days }
}

async function recipientFor(desk: Desk, { secrets }: Vault, day: Day): Promise<Recipient> {
  const seed = await ensureSeed(desk, secrets, day)
  const recipient = await recipientOf(seed)
  await wipe(seed)
  return recipient
}

const isUpToDate = (note: DayNoteRecord | undefined, { version }: Keyring, isAway: boolean): boolean =>
  note !== undefined && note.published === "yes" && note.keyring === version && (note.away === "yes") === isAway

const isThere = (note: DayNoteRecord | undefined, shown: ShownNote | undefined): boolean =>
  note !== undefined && note.made === shown?.made && note.seq === shown.seq

/** Of two notes made on one day the higher number wins: one above ours, and above the one that the server has, which after a restore may be newer.
 *  A server that invents an absurd number is passed over: it could always have hidden our note. */
function nextSeq(today: Day, ...notes: readonly (Pick<DayNoteRecord, "made" | "seq"> | undefined)[]): number {
  const taken = notes.flatMap((note) => (note?.made === today && note.seq < MAX_SEQ ? [note.seq] : []))
  return Math.max(-1, ...taken) + 1
}

function sayLost({ terminal }: Desk, { days: known }: Records, days: readonly Day[], there: ReadonlyMap<Day, ShownNote>): void {
  const lost = days.filter((day) => known.get(day)?.note?.published === "yes" && !isThere(known.get(day)?.note, there.get(day)))
  if (lost.length > 0)
    terminal.say(
      `warning: the server did not have your keys of ${lost.length} days as you had published them: it was put back from a backup, or another copy of this vault is in use, or it hid them. They are published again`,
    )
}

export interface DayKeyStatus {
  readonly day: Day
  /** An envelope sealed with it is taken until the end of this day. */
  readonly acceptedUntil: Day
  /** The last day on which the seed is here in any case. */
  readonly destroyedAfter: Day
  /** `ready`: published ahead. `open`: today's, or not yet destroyed. `away`: published as "nobody". `unpublished`: made and not out. */
  readonly state: "ready" | "open" | "away" | "unpublished"
}
export interface KeysStatus {
  readonly v: 1
  readonly days: readonly DayKeyStatus[]
  /** The last of the days in a row, from today, on which sources can reach us; `null`: not even today. */
  readonly reachableUntil: Day | null
  /** Half of the prepared days are over: time for a sync. */
  readonly isHalfOver: boolean
  readonly away: Away | null
}

/** What the vault knows of its day keys, without asking the server. */
export async function keysOf(desk: Pick<Desk, "home" | "clock">, { chain, records }: Vault): Promise<KeysStatus> {
  const today = desk.clock.today()
  const policy = chain.at(-1)?.policy
  const held = new Set(await heldDays(desk))
  const noted = [...records.days].flatMap(([day, { note }]) => (note !== undefined && day >= today ? [day] : []))
  const all = [...new Set([...held, ...noted])].sort((a, b) => daysBetween(b, a))
  const days = all.map((day): DayKeyStatus => {
    const note = records.days.get(day)?.note
    const state = note?.published !== "yes" ? "unpublished" : note.away === "yes" ? "away" : day <= today ? "open" : "ready"
    return { day, acceptedUntil: addDays(day, policy?.acceptDays ?? 0), destroyedAfter: addDays(day, policy?.seedDays ?? 0), state }
  })
  const isReachable = (day: Day) => days.some((one) => one.day === day && (one.state === "ready" || one.state === "open"))
  let reachableUntil: Day | null = null
  for (let day = today; isReachable(day); day = addDays(day, 1)) reachableUntil = day
  const last = noted
    .filter((day) => records.days.get(day)?.note?.published === "yes")
    .sort()
    .at(-1)
  const isHalfOver = policy !== undefined && (last === undefined || daysBetween(today, last) * 2 < policy.noteDays)
  return { v: 1, days, reachableUntil, isHalfOver, away: records.away ?? null }
}

/** Half of the prepared days is the time to say so: later there may be nobody who reads it. */
export function warnOfKeys({ terminal }: Pick<Desk, "terminal">, { reachableUntil, isHalfOver, away }: KeysStatus): void {
  if (away !== null) terminal.say(`you are away from ${away.from} to ${away.to}; \`away --back\` ends it`)
  if (!isHalfOver) return
  terminal.say(
    reachableUntil === null
      ? "warning: sources cannot reach you today: run sotto sync"
      : `warning: sources can reach you until ${reachableUntil} and not after: run sotto sync, which prepares more days`,
  )
}

/** @throws Failure `not-set-up`, `wrong-passphrase` */
export async function keysStatus(desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<KeysStatus> {
  const found = await keysOf(desk, await openVault(desk))
  const { terminal } = desk
  if (json) terminal.json(found)
  else {
    terminal.answer("seal on     accepted until  destroyed by  state")
    for (const { day, acceptedUntil, destroyedAfter, state } of found.days)
      terminal.answer(`${day}  ${acceptedUntil}      ${destroyedAfter}    ${state}`)
    terminal.answer(
      found.reachableUntil === null ? "sources cannot reach you today" : `sources can reach you until ${found.reachableUntil}`,
    )
    terminal.say('an "open" day of the past ends with the first complete sync after it is accepted no more; its seed is in no backup')
  }
  warnOfKeys(desk, found)
  return found
}
