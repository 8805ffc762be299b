/** `away` and `handover`: who is reached while somebody is on leave. No key is given to anybody: what a day key was made for stays with who made it. SPEC.md §4.4. */

import { addDays, type Day, day, daysBetween } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import { reachableOn } from "../../keyring/days.ts"
import type { Keyring, Reporter } from "../../keyring/keyring.ts"
import { getDayNotes, getFeed } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import type { Away } from "../vault/records.ts"
import { heldDays } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"
import { isAwayOn, prepareDays, preparedDays, serverOf } from "./keys.ts"

export interface AwayOptions {
  /** `2026-12-01..2026-12-20`, both days included. */
  readonly span: string
  /** Also where nobody else can be reached: then the page sends sources to the other channels. */
  readonly anyway?: boolean
  readonly dryRun?: boolean
}
export interface HandoverOptions extends AwayOptions {
  /** The reporter who can be reached meanwhile. */
  readonly to: string
}
/** Who can be reached on a day besides us. */
export interface Cover {
  readonly day: Day
  readonly others: readonly Id[]
}

/** @throws Failure `usage` */
export function parseSpan(text: string): Away {
  const [from = "", to = "", ...rest] = text.split("..")
  const refused = (cause?: unknown) => new Failure("usage", "days are written FIRST..LAST", "such as 2026-12-01..2026-12-20", { cause })
  try {
    const span = { from: day(from, "the first day"), to: day(to, "the last day") }
    if (rest.length === 0 && span.from <= span.to) return span
  } catch (cause) {
    throw refused(cause)
  }
  throw refused()
}

/** Says to sources that they cannot reach us on these days. Prepared keys are taken back by newer notes; what was sealed to them opens all the same.
 *  @returns whom sources can reach on the prepared days of the span
 *  @throws Failure `failed`: nobody else can be reached on one of those days */
export const away = (desk: Desk, options: AwayOptions): Promise<readonly Cover[]> =>
  locked(desk, async () => leave(desk, await fetched(desk), options, undefined))

/** As `away`, for a leave with a deputy: refused unless the deputy can be reached on every day that is prepared. */
export const handover = (desk: Desk, { to, ...options }: HandoverOptions): Promise<readonly Cover[]> =>
  locked(desk, async () => {
    const vault = await fetched(desk)
    const current = currentOf(vault.chain)
    const deputy = current.reporters.find(({ id }) => id === to)
    if (deputy === undefined || deputy.id === requireOurselves(current, vault.secrets).id)
      throw new Failure("failed", "a deputy is another reporter in the keyring", "`keyring log` shows who there is")
    return leave(desk, vault, options, deputy)
  })

/** Ends a leave: the same keys are offered again. */
export const back = (desk: Desk): Promise<void> =>
  locked(desk, async () => {
    const vault = await fetched(desk)
    const { away: _, ...records } = vault.records
    await keepRecords(desk, vault.secrets, records)
    await publish(desk, { ...vault, records })
    desk.terminal.answer("sources can reach you again")
  })

async function fetched(desk: Desk): Promise<Vault> {
  const { vault } = await fetchChain(desk, await openVault(desk))
  requireOurselves(currentOf(vault.chain), vault.secrets)
  return vault
}

async function publish(desk: Desk, vault: Vault): Promise<void> {
  const { notes } = await getFeed(serverOf(desk, vault, currentOf(vault.chain)))
  await prepareDays(desk, vault, notes)
}

async function leave(
  desk: Desk,
  vault: Vault,
  { span, anyway = false, dryRun = false }: AwayOptions,
  deputy: Reporter | undefined,
): Promise<readonly Cover[]> {
  const { terminal, clock } = desk
  const wanted = parseSpan(span)
  const current = currentOf(vault.chain)
  const today = clock.today()
  if (wanted.to < today) throw new Failure("usage", "these days are over", "name days that are to come")
  const cover = await coverOn(desk, vault, current, wanted)
  const isCovered = ({ others }: Cover) => (deputy === undefined ? others.length > 0 : others.includes(deputy.id))
  const bare = uncovered(cover, isCovered)
  if (bare.length > 0 && !anyway)
    throw new Failure(
      "failed",
      `${deputy === undefined ? "nobody else can" : `"${deputy.name}" cannot`} be reached on ${bare.join(", ")}: nothing was changed`,
      deputy === undefined
        ? "alone, do nothing: your keys stay, nothing is lost, and what comes waits on this machine; --anyway closes the line instead"
        : `"${deputy.name}" runs sync first; or choose another deputy`,
    )
  for (const line of await terms(desk, current, wanted, deputy)) terminal.say(line)
  if (dryRun) {
    terminal.say("nothing was changed; without --dry-run the same command does it")
    return cover
  }
  const records = { ...vault.records, away: wanted }
  await keepRecords(desk, vault.secrets, records)
  await publish(desk, { ...vault, records })
  const reached = deputy === undefined ? "the others" : `"${deputy.name}"`
  terminal.answer(`away from ${wanted.from} to ${wanted.to}; the page says so and offers ${reached}`)
  return cover
}

/** The days on which nobody stands in. The last ones may be bare where the first half is not: whoever synced yesterday has prepared a day less
 *  than we have, and prepares it with the next sync. */
function uncovered(cover: readonly Cover[], isCovered: (one: Cover) => boolean): readonly Day[] {
  if (!cover.some(isCovered)) return cover.map(({ day }) => day)
  const last = cover.length - 1 - [...cover].reverse().findIndex(isCovered)
  const counted = (last + 1) * 2 >= cover.length ? cover.slice(0, last + 1) : cover
  return counted.filter((one) => !isCovered(one)).map(({ day }) => day)
}

/** For each day of the span that is prepared: who else has a key that the page would take. */
async function coverOn(desk: Desk, vault: Vault, current: Keyring, wanted: Away): Promise<readonly Cover[]> {
  const { id } = requireOurselves(current, vault.secrets)
  const server = serverOf(desk, vault, current)
  const cover: Cover[] = []
  for (const on of preparedDays(current, desk.clock.today()).filter((day) => isAwayOn(wanted, day))) {
    const notes = await getDayNotes(server, on)
    const reachable = await reachableOn(notes, { chain: vault.chain, newsroom: vault.pin.id, on, today: on })
    cover.push({ day: on, others: [...reachable.keys()].filter((one) => one !== id) })
  }
  return cover
}

/** What a leave does and what it cannot do, with its dates. */
async function terms(desk: Desk, { policy }: Keyring, { from, to }: Away, deputy: Reporter | undefined): Promise<readonly string[]> {
  const today = desk.clock.today()
  const [oldest = today] = await heldDays(desk)
  const name = deputy === undefined ? "a colleague" : `"${deputy.name}"`
  const prepared = addDays(today, policy.noteDays)
  const said = [
    `from ${from} to ${to} the page will say that you cannot be reached; nobody's keys change, and none is given to ${name}`,
    `what was or is sealed to you alone ${name} CANNOT open: it waits for you, and pages that are open already may still seal to you`,
    `keys of yours that wait for a sync die ${policy.seedDays} days after their day, the first of them after ${addDays(oldest, policy.seedDays)}: be back and sync before, or what came for you is lost`,
    `${name} can be reached only as long as they sync: at least every ${policy.noteDays} days`,
    "a host that hides your notice of absence can show your older keys on: tips that come so are not lost, they wait for you",
  ]
  if (to > prepared) said.push(`your keys are prepared until ${prepared}: after that you cannot be reached in any case until you sync`)
  if (daysBetween(today, to) > policy.seedDays)
    said.push(`this leave is longer than keys live (${policy.seedDays} days): finish what is open first, with a sync on the day you go`)
  return said
}
