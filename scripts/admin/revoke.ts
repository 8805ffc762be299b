/** `revoke`: a reporter leaves, or a laptop is lost. One keyring without the slot; from the next page load on nobody seals to it. SPEC.md §4.2. */

import { addDays, type Day, day, daysBetween } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import { parseDayNote } from "../../keyring/days.ts"
import { asKeyringError } from "../../keyring/errors.ts"
import type { Keyring, Reporter } from "../../keyring/keyring.ts"
import { getDayNotes } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { reach, type ServerAddress } from "../http.ts"
import { type Chain, currentOf, readChain } from "../vault/chain.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"

export interface Revoke {
  readonly id: string
  /** The machine is in somebody else's hands. */
  readonly lost?: boolean
  /** The last day on which it is known to have synced, if the server cannot be asked. */
  readonly lastSync?: string
  /** Do not ask the server when its keys were last made. */
  readonly offline?: boolean
  readonly yes?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}
/** What a machine with this reporter's keys may still open. */
export interface OpenDays {
  readonly from: Day
  readonly to: Day
  /** Whether its last sync is known, or the widest span is meant. */
  readonly isKnown: boolean
}
export interface Revoked extends Changed {
  readonly openDays: OpenDays
  /** Who else reads. */
  readonly others: readonly Reporter[]
}

/** @throws Failure `failed`: there never was such a reporter; `needs-terminal` */
export async function revoke(
  desk: Desk,
  { id, lost = false, lastSync, offline = false, yes = false, ...options }: Revoke,
): Promise<Revoked> {
  return locked(desk, async () => {
    const chain = await readChain(desk, await readPin(desk))
    const current = currentOf(chain)
    const leaving = [...chain].reverse().flatMap(({ reporters }) => reporters.filter((one) => one.id === id))[0]
    if (leaving === undefined) throw new Failure("failed", "no reporter has this id", "run `keyring show` to see who there is")
    const known = lastSync === undefined ? undefined : asKeyringError("bad-keyring", () => day(lastSync, "--last-sync"))
    const openDays = spanOf(desk, chain, leaving, known ?? (offline ? undefined : await lastMade(desk, current, leaving.id)))
    const others = current.reporters.filter((one) => one.id !== id)
    const isOut = !current.reporters.some((one) => one.id === id)
    const changed = await changeKeyring(desk, () => (isOut ? undefined : { reporters: others }), {
      ...options,
      yes,
      beforehand: consequences(leaving, others, openDays, lost),
      afterwards: [
        `as soon as this is published, a page that is loaded seals nothing to "${leaving.name}"; pages that are open already may until they are closed, and the server takes those for ${current.policy.acceptDays} days`,
        `a host that hides this keyring from sources can do so until its newest day notes are ${current.policy.noteDays} days old, and only by hiding those of every other reporter too`,
        `slot ${leaving.slot} is free for somebody else on ${addDays(isOut ? leftOn(chain, leaving) : desk.clock.today(), current.policy.noteDays + current.policy.acceptDays)}`,
      ],
    })
    sayNext(desk, changed)
    return { ...changed, openDays, others }
  })
}

/** The day on which somebody who is out was left out. */
function leftOn(chain: Chain, { id }: Reporter): Day {
  const without = [...chain].reverse().findIndex(({ reporters }) => reporters.some((one) => one.id === id))
  return (chain[chain.length - without] ?? currentOf(chain)).issued
}

/** A sync makes keys `noteDays` ahead, and destroys those of closed days: so the newest day that a key was made on bounds both ends. */
function spanOf({ clock }: Desk, chain: Chain, { id }: Reporter, lastSync: Day | undefined): OpenDays {
  const { noteDays, acceptDays, seedDays } = currentOf(chain).policy
  const today = clock.today()
  const joined = chain.find(({ reporters }) => reporters.some((one) => one.id === id))?.issued ?? today
  const later = (a: Day, b: Day) => (a > b ? a : b)
  if (lastSync === undefined) return { from: later(joined, addDays(today, -seedDays)), to: addDays(today, noteDays), isKnown: false }
  return {
    from: later(joined, later(addDays(lastSync, -acceptDays), addDays(today, -seedDays))),
    to: addDays(lastSync, noteDays),
    isKnown: true,
  }
}

/** The newest day on which this reporter made a key, as far as the server shows it; `undefined`: it cannot be asked. */
async function lastMade(desk: Desk, current: Keyring, id: Id): Promise<Day | undefined> {
  const server: ServerAddress = { url: current.newsroom.url, clock: desk.clock, ...reach(desk) }
  const made: Day[] = []
  try {
    for (let ahead = 0; ahead <= current.policy.noteDays; ahead++)
      for (const source of await getDayNotes(server, addDays(desk.clock.today(), ahead))) {
        const note = parseDayNote(source)
        if (note.reporter === id) made.push(note.made)
      }
  } catch {
    desk.terminal.say("the server cannot be asked when this machine last synced: the widest span is named (--last-sync DAY narrows it)")
    return undefined
  }
  return made.sort((a, b) => daysBetween(b, a)).at(-1)
}

function consequences({ name }: Reporter, others: readonly Reporter[], { from, to, isKnown }: OpenDays, lost: boolean): readonly string[] {
  const said = [
    `that machine can still open what was or is sealed to "${name}" for the days ${from} to ${to}${isKnown ? "" : " at the widest"}, if it gets the envelopes; earlier days are shut, but for what its vault has kept`,
    others.length === 0
      ? "NOBODY ELSE READS: the page will refuse to send and show your other channels until somebody is admitted"
      : `others read on, with keys that do not change: ${others.map(({ id, name }) => `"${name}" (${id})`).join(", ")}`,
    "tips of which this reporter was the only reader open nowhere else, but from a `vault backup`; what colleagues hold too they see in `inbox`",
  ]
  if (!lost)
    return [
      ...said,
      "they keep what is in their vault: agree whether it is deleted or handed over; they stop syncing by themselves, for the server refuses them",
    ]
  return [
    ...said,
    "if the vault was locked, whoever has the machine needs the passphrase; if it was not, or the passphrase was with it, everything in that vault is known",
    `for sources who wrote to "${name}" since ${from}, in words you may publish: "A device of ours was lost. What you sent us from ${from} on may become known to others. What you sent before does not open with it, unless it had been kept. We are sorry, and we can be reached."`,
  ]
}
