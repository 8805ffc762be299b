/** `status`: what this folder knows, without asking the server. */

import type { Day } from "../../envelope/day.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { replaceFrom, warnOfExpiry } from "../admin/change.ts"
import type { Desk } from "../desk.ts"
import { remind, unacknowledged } from "../vault/acknowledged.ts"
import { type CanaryState, canaryWarning, readCanary, stateOf } from "../vault/canary.ts"
import { saidOf } from "../vault/marks.ts"
import { heldDays } from "../vault/seeds.ts"
import { openVault, ourselvesIn } from "../vault/vault.ts"
import { oldestPromise } from "./inbox.ts"
import { keysOf, warnOfKeys } from "./keys.ts"
import { type Promised, promisedText, threadsOf } from "./threads.ts"

export interface Status {
  readonly v: 1
  readonly newsroom: string
  readonly url: string
  readonly keyring: { readonly version: number; readonly replaceFrom: Day; readonly expires: Day } | null
  /** Keyring versions that nobody here has acknowledged yet. */
  readonly unacknowledged: number
  /** `null`: not admitted yet, or not any more. */
  readonly reporter: { readonly id: string; readonly slot: number; readonly name: string } | null
  readonly tips: number
  readonly unread: number
  readonly threads: number
  readonly spam: number
  readonly held: number
  /** The promise that is due first; `days` is negative when it is late. */
  readonly promise: (Promised & { readonly tip: number }) | null
  /** Things said of tips that some colleague may not have yet. */
  readonly toTell: number
  /** The last of the days in a row, from today, for which a key is published. */
  readonly reachableUntil: Day | null
  /** Past days whose seeds are still here: what a thief of this folder and its passphrase could still open. */
  readonly openDays: readonly Day[]
  readonly canary: CanaryState
}

/** @throws Failure `not-set-up`, `wrong-passphrase` */
export async function status(desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<Status> {
  const vault = await openVault(desk)
  const { pin, secrets, chain, records } = vault
  const current = chain.at(-1)
  const reporter = current && ourselvesIn(current, secrets)
  const today = desk.clock.today()
  const keys = await keysOf(desk, vault)
  const tips = [...records.tips.values()].filter(({ state }) => state !== "purged")
  const said = tips.map(({ marks, to }) => saidOf(marks, to))
  const promise = oldestPromise([{ tips: tips.filter((_, at) => !said[at]?.spam) }], threadsOf(records), today)
  const found: Status = {
    v: 1,
    newsroom: newsroomIdText(pin.id),
    url: pin.url,
    keyring: current === undefined ? null : { version: current.version, replaceFrom: replaceFrom(current), expires: current.expires },
    unacknowledged: (await unacknowledged(desk, chain)).length,
    reporter: reporter === undefined ? null : { id: reporter.id, slot: reporter.slot, name: reporter.name },
    tips: tips.length,
    unread: tips.filter(({ state }) => state === "new").length,
    threads: new Set(tips.map(({ source, tip }) => source ?? tip)).size,
    spam: said.filter((one) => one.spam).length,
    held: said.filter(({ hold }) => hold !== undefined).length,
    promise: promise === undefined ? null : { tip: promise.tip, ...promise.promise },
    toTell: records.outgoing.length,
    reachableUntil: keys.reachableUntil,
    openDays: (await heldDays(desk)).filter((day) => day < today),
    canary: stateOf(await readCanary(desk, secrets)),
  }
  if (json) desk.terminal.json(found)
  else say(desk, found)
  const warning = canaryWarning(found.canary)
  if (warning !== undefined) desk.terminal.say(warning)
  if (current !== undefined) {
    warnOfExpiry(desk, current)
    warnOfKeys(desk, keys)
    await remind(desk, chain)
  }
  return found
}

function say({ terminal, home }: Desk, found: Status): void {
  const { newsroom, url, keyring, reporter, tips, unread, threads, spam, held, promise, toTell, reachableUntil, openDays, canary } = found
  terminal.answer(`newsroom  ${newsroom}`)
  terminal.answer(`address   ${url}`)
  terminal.answer(`folder    ${home}`)
  terminal.answer(
    `keyring   ${keyring === null ? "none seen yet" : `${keyring.version}, replace from ${keyring.replaceFrom}, expires ${keyring.expires}`}`,
  )
  terminal.answer(`reporter  ${reporter === null ? "not in the keyring" : `"${reporter.name}" (${reporter.id}), slot ${reporter.slot}`}`)
  terminal.answer(`tips      ${tips} in ${threads} threads, of which ${unread} unread, ${held} held, ${spam} spam`)
  terminal.answer(`promise   ${promise === null ? "none open" : `tip ${promise.tip}, ${promisedText(promise)}, by ${promise.by}`}`)
  if (toTell > 0) terminal.answer(`to tell   ${toTell} changes that colleagues may not have yet; sync sends them`)
  terminal.answer(`reachable ${reachableUntil === null ? "not today" : `until ${reachableUntil}`}`)
  terminal.answer(`open days ${openDays.length === 0 ? "none but today's" : openDays.join(", ")}`)
  if (canary.waiting !== null || canary.arrived !== null) terminal.answer(`canary    ${canaryText(canary)}`)
}

/** Days, and not how often. */
function canaryText({ waiting, arrived, missing }: CanaryState): string {
  const last = arrived === null ? "none has come back yet" : `the newest that came back is of ${arrived}`
  if (missing.length > 0) return `${last}; MISSING: ${missing.join(", ")}`
  return waiting === null ? last : `${last}; that of ${waiting} is under way`
}
