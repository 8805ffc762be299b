/** `invite` and `admit`: how an admin takes a reporter in. SPEC.md §4.6. */

import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import { type Id, id as idShape } from "../../envelope/names.ts"
import { asKeyringError } from "../../keyring/errors.ts"
import { pinAt } from "../../keyring/newsroom.ts"
import { joinWords, type Seat } from "../../keyring/spoken.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { type Chain, currentOf, readChain } from "../vault/chain.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"
import { type Invitation, invitationText, type JoinRequest, parseInvitation, parseJoinRequest, spoken } from "./invitation.ts"

export interface Invite {
  readonly name: string
  readonly id: string
  readonly beat?: string
  /** The first free one if absent. */
  readonly slot?: number
  readonly out?: string
}

/** Writes an invitation. Needs no key: it authorises nothing.
 *  @throws Failure `failed`: id or slot is taken
 *  @throws KeyringError `bad-newsroom` */
export async function invite(desk: Desk, { name, id, beat, slot, out = `invitation-${id}.json` }: Invite): Promise<Invitation> {
  const pin = await readPin(desk)
  const chain = await readChain(desk, pin)
  const current = currentOf(chain)
  const today = desk.clock.today()
  const wanted = { id: asKeyringError("bad-newsroom", () => idShape(id, "--id")), name }
  const seat = { slot: slot ?? firstFree(chain, wanted, today), ...wanted }
  checkSeat(chain, seat, today)
  const text = invitationText({ newsroom: pinAt(pin, current), ...seat, ...(beat === undefined ? {} : { beat }) })
  const invitation = await parseInvitation(text)
  await writeGiven(out, text)
  desk.terminal.answer(out)
  desk.terminal.say(`an invitation for "${name}" to slot ${seat.slot}; it is not secret and authorises nothing`)
  desk.terminal.say(`send it; they give it to \`join\`, and send you a request that you admit`)
  desk.terminal.next(`admit join-${id}.note`)
  return invitation
}

/** The first day on which a slot may pass to this person: `noteDays` + `acceptDays` after another one left it. Until then pages and uploads
 *  that are late may still be sealed to that other one, and would look as if they were for the new one. `undefined`: at once. SPEC.md §4.2. */
export function slotFreeFrom(chain: Chain, slot: number, id: Id): Day | undefined {
  for (let at = chain.length - 1; at > 0; at--) {
    const holder = chain[at - 1]?.reporters.find((one) => one.slot === slot)
    const left = chain[at]
    if (holder === undefined || left === undefined || left.reporters.some((one) => one.slot === slot)) continue
    const { noteDays, acceptDays } = chain[at - 1]?.policy ?? left.policy
    return holder.id === id ? undefined : addDays(left.issued, noteDays + acceptDays)
  }
  return undefined
}

function firstFree(chain: Chain, { id }: Pick<Seat, "id">, today: Day): number {
  const { policy, reporters } = currentOf(chain)
  const free = Array.from({ length: policy.slots }, (_, at) => at + 1).filter((slot) => !reporters.some((one) => one.slot === slot))
  const first = free.find((slot) => (slotFreeFrom(chain, slot, id) ?? today) <= today)
  if (first !== undefined) return first
  const soonest = free
    .map((slot) => slotFreeFrom(chain, slot, id) ?? today)
    .sort((a, b) => daysBetween(b, a))
    .at(0)
  if (soonest === undefined) throw new Failure("failed", "every slot is taken", "a newsroom's number of slots never changes")
  throw new Failure(
    "failed",
    `the first slot is free again on ${soonest}`,
    "a slot passes on only when nothing can come for its last holder",
  )
}

function checkSeat(chain: Chain, { slot, id, name }: Pick<Seat, "slot" | "id" | "name">, today: Day): void {
  const { policy, reporters } = currentOf(chain)
  if (!Number.isInteger(slot) || slot < 1 || slot > policy.slots)
    throw new Failure("failed", `this newsroom has slots 1 to ${policy.slots}`, "use --slot with one of them")
  if (reporters.some((one) => one.slot === slot)) throw new Failure("failed", `slot ${slot} is taken`, "invite them to another slot")
  if (reporters.some((one) => one.id === id))
    throw new Failure("failed", "there is a reporter with this id", "invite them under another id")
  const freeFrom = slotFreeFrom(chain, slot, id)
  if (freeFrom !== undefined && freeFrom > today)
    throw new Failure("failed", `slot ${slot} is free for somebody else on ${freeFrom}`, "invite them to another slot, or wait until then")
  // Tips name ids: an id that passed on would make another person the reader of what is addressed to the first.
  if (chain.some((keyring) => keyring.reporters.some((one) => one.id === id && one.name !== name)))
    throw new Failure("failed", "this id was another person's", "an id names one person for ever: invite them under another one")
}

export interface Admit {
  readonly file: string
  /** The six words that the reporter read aloud; without them somebody is asked on the terminal. */
  readonly words?: string
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Puts a reporter into the next keyring version, once the six words have been compared by voice.
 *  @throws Failure `failed`: the words differ, or slot or id is taken; `needs-terminal`
 *  @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function admit(desk: Desk, { file, words, ...options }: Admit): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const current = currentOf(chain)
    const request = await parseJoinRequest(source, pinAt(pin, current))
    const { slot, id, name, beat, verify } = request
    const isIn = current.reporters.some((one) => one.id === id && one.slot === slot && one.verify.text === verify.text)
    if (!isIn) {
      checkSeat(chain, request, desk.clock.today())
      if (!options.dryRun) await compareWords(desk, request, await joinWords(pinAt(pin, current), request), words)
    }
    const reporter = { slot, id, name, ...(beat === undefined ? {} : { beat }), verify }
    const changed = await changeKeyring(
      desk,
      ({ reporters }) => (isIn ? undefined : { reporters: [...reporters, reporter].sort((a, b) => a.slot - b.slot) }),
      { ...options, afterwards: [`"${name}" can be reached from their first \`sync\` on, once this is published`] },
    )
    sayNext(desk, changed)
    return changed
  })
}

/** Has the six words compared: given as an argument, or by somebody on the terminal.
 *  @throws Failure `failed`, `needs-terminal` */
export async function compareWords(
  { terminal }: Desk,
  { slot, id, name }: Pick<JoinRequest, "slot" | "id" | "name">,
  expected: string,
  given: string | undefined,
): Promise<void> {
  terminal.say(`"${name}" (${id}) asks for slot ${slot}`)
  await compareSpoken({ terminal }, expected, given)
}

/** @throws Failure `failed`, `needs-terminal` */
export async function compareSpoken({ terminal }: Pick<Desk, "terminal">, expected: string, given: string | undefined): Promise<void> {
  terminal.say("six words, public, may be read aloud:")
  terminal.say(`  ${expected}`)
  if (given !== undefined) {
    if (spoken(given) === expected) return
    throw new Failure(
      "failed",
      "these are not the words of this request",
      "compare again by voice: the request may have been exchanged on its way",
    )
  }
  const answer = await terminal.ask("do they, on the phone, read the same words? type yes:", '--words "SIX WORDS"')
  if (answer.trim().toLowerCase() !== "yes")
    throw new Failure(
      "failed",
      "the words were not confirmed, nothing was changed",
      "compare by voice: the request may have been exchanged on its way",
    )
}
