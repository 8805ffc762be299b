/** What this desk said goes to the colleagues who have the tip, in envelopes that nobody can tell from tips: posted like a tip, unsigned, over a
 *  connection of its own, a random while after the rest. SPEC.md §3.8.
 *
 *  The server sees one envelope of floor size more. Who posts it, it cannot learn from the request; from a network address it can guess,
 *  which only Tor takes back. So letters are few: what was merely read waits for the next day, or for something that matters. */

import { setTimeout as sleep } from "node:timers/promises"
import type { Bytes } from "../../envelope/bytes.ts"
import { utf8 } from "../../envelope/bytes.ts"
import { type Day, daysBetween } from "../../envelope/day.ts"
import { type Change, changeJson, type DeskLetter, MAX_CHANGES } from "../../envelope/desk-letter.ts"
import type { Recipient } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { sealDesk } from "../../envelope/seal.ts"
import { classFor } from "../../envelope/sizes.ts"
import { type DayKey, reachableOn } from "../../keyring/days.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { getDayNotes, postEnvelope } from "../api.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { reach, type ServerAddress } from "../http.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import type { Outgoing, Records } from "../vault/records.ts"
import { openVault, ourselvesIn, ownId, type Vault } from "../vault/vault.ts"
import { randomWait } from "./reply.ts"
import { threadsOf } from "./threads.ts"

export interface TellWanted {
  /** Seconds before each letter; a random while if absent. */
  readonly delay?: number
  /** Also what was merely read today. */
  readonly now?: boolean
}

interface Ready {
  readonly envelope: Bytes
  readonly changes: readonly Change[]
  readonly to: readonly Id[]
}

/** @returns how many letters were posted
 *  @throws Failure `not-set-up`, `vault-in-use`, `wrong-passphrase`, `failed` */
export async function tell(desk: Desk, { delay, now = false }: TellWanted = {}): Promise<number> {
  const waiting = await openVault(desk)
  if (!isWorthALetter(waiting.records.outgoing, desk.clock.today(), now)) return 0
  const { server, day, letters } = await locked(desk, () => prepare(desk))
  if (letters.length === 0) return 0
  if (delay !== 0)
    desk.terminal.say(
      "what you noted goes to your colleagues within five minutes, so that it does not stand beside anything else you do. Keep this running; after Ctrl-C it goes with the next sync",
    )
  for (const letter of letters) {
    await sleep((delay ?? randomWait()) * 1_000)
    await postEnvelope(server, day, letter.envelope)
    await locked(desk, async () => {
      const vault = await openVault(desk)
      await keepRecords(desk, vault.secrets, withSent(vault.records, letter))
    })
  }
  desk.terminal.say(letters.length === 1 ? "colleagues will see it with their next sync" : `${letters.length} letters went to colleagues`)
  return letters.length
}

const isRead = ({ change }: Outgoing): boolean => [...change.set.keys()].every((field) => field.startsWith("read:"))

function isWorthALetter(outgoing: readonly Outgoing[], today: Day, now: boolean): boolean {
  return outgoing.some((one) => now || !isRead(one) || one.change.day < today)
}

/** Seals what colleagues lack who can be reached today; gives up what nobody will ask for any more. */
async function prepare(desk: Desk): Promise<{ readonly server: ServerAddress; readonly day: Day; readonly letters: readonly Ready[] }> {
  const vault = await openVault(desk)
  const current = currentOf(vault.chain)
  const today = desk.clock.today()
  const server: ServerAddress = { url: current.newsroom.url, clock: desk.clock, ...reach(desk) }
  if (ourselvesIn(current, vault.secrets) === undefined) return { server, day: today, letters: [] }
  const keys = await reachableOn(await getDayNotes(server, today), { chain: vault.chain, newsroom: vault.pin.id, on: today, today })
  const records = withoutDone(vault.records, current, ownId(vault.secrets), today)
  if (records.outgoing.length < vault.records.outgoing.length) await keepRecords(desk, vault.secrets, records)
  const groups = new Map<string, Change[]>()
  for (const { change, sent } of records.outgoing) {
    if (change.day > today) continue // our clock was wrong: it is sent when that day has come
    const to = colleaguesOf(records, change, current, ownId(vault.secrets)).filter((id) => keys.has(id) && !sent.includes(id))
    if (to.length > 0) groups.set(to.join(" "), [...(groups.get(to.join(" ")) ?? []), change])
  }
  const letters: Ready[] = []
  for (const [ids, changes] of groups)
    for (const some of fitting(changes, current))
      letters.push(await sealed(vault, { to: ids.split(" ") as Id[], changes: some, today, keys }))
  return { server, day: today, letters }
}

/** Those who have the tip, are in the keyring, and are not ourselves. */
function colleaguesOf(records: Records, { tip }: Change, { reporters }: Keyring, own: Id): readonly Id[] {
  const number = threadsOf(records).named(tip)
  const to = (number === undefined ? undefined : records.tips.get(number)?.to) ?? []
  return to.filter((id) => id !== own && reporters.some((one) => one.id === id))
}

function withoutDone(records: Records, current: Keyring, own: Id, today: Day): Records {
  const outgoing = records.outgoing.filter(({ change, sent }) => {
    const isOld = daysBetween(change.day, today) > current.policy.seedDays
    return !isOld && colleaguesOf(records, change, current, own).some((id) => !sent.includes(id))
  })
  return { ...records, outgoing }
}

/** Header blocks, the signature, and the archive's end, beside the letter itself. */
const AROUND_BYTES = 8 * 512

/** Changes in letters that a floor envelope holds. */
function* fitting(changes: readonly Change[], { policy }: Keyring): Generator<readonly Change[]> {
  const room = classFor(policy.slots, 1).padded - AROUND_BYTES - 32 * 35 - 300
  let [some, bytes]: [Change[], number] = [[], 0]
  for (const change of changes) {
    const more = utf8(JSON.stringify(changeJson(change))).length + 1
    if (some.length > 0 && (bytes + more > room || some.length === MAX_CHANGES)) {
      yield some
      ;[some, bytes] = [[], 0]
    }
    some.push(change)
    bytes += more
  }
  if (some.length > 0) yield some
}

async function sealed(
  { pin, secrets, chain }: Vault,
  { to, changes, today, keys }: { to: readonly Id[]; changes: readonly Change[]; today: Day; keys: ReadonlyMap<Id, DayKey> },
): Promise<Ready> {
  const current = currentOf(chain)
  const slots: (Recipient | undefined)[] = Array.from({ length: current.policy.slots + 1 }, () => undefined)
  for (const id of to) {
    const key = keys.get(id)
    if (key !== undefined) slots[key.slot] = key.recipient
  }
  const desk: DeskLetter = { newsroom: pin.id, keyring: current.hash, day: today, from: ownId(secrets), to, changes }
  return { envelope: await sealDesk({ desk, sign: secrets.signer.key, slots, aead: nodeAead }), changes, to }
}

function withSent(records: Records, { changes, to }: Ready): Records {
  const isOf = (change: Change) => changes.some((one) => one.tip === change.tip && one.day === change.day && one.counter === change.counter)
  const outgoing = records.outgoing.map((one) => (isOf(one.change) ? { ...one, sent: [...new Set([...one.sent, ...to])] } : one))
  return { ...records, outgoing }
}
