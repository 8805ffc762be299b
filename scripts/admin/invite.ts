/** `invite` and `admit`: how an admin takes a reporter in. SPEC.md §4.6. */

import { id as idShape } from "../../envelope/names.ts"
import { asKeyringError } from "../../keyring/errors.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { pinAt } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"
import {
  type Invitation,
  invitationText,
  type JoinRequest,
  joinWords,
  parseInvitation,
  parseJoinRequest,
  type Seat,
  spoken,
} from "./invitation.ts"

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
  const current = currentOf(await readChain(desk, pin))
  const seat = { slot: slot ?? firstFree(current), id: asKeyringError("bad-newsroom", () => idShape(id, "--id")), name }
  checkSeat(current, seat)
  const text = invitationText({ newsroom: pinAt(pin, current), ...seat, ...(beat === undefined ? {} : { beat }) })
  const invitation = await parseInvitation(text)
  await writeGiven(out, text)
  desk.terminal.answer(out)
  desk.terminal.say(`an invitation for "${name}" to slot ${seat.slot}; it is not secret and authorises nothing`)
  desk.terminal.say(`send it; they give it to \`join\`, and send you a request that you admit`)
  desk.terminal.next(`admit join-${id}.note`)
  return invitation
}

function firstFree({ policy, reporters }: Keyring): number {
  const free = Array.from({ length: policy.slots }, (_, at) => at + 1).find((slot) => !reporters.some((one) => one.slot === slot))
  if (free === undefined) throw new Failure("failed", "every slot is taken", "a newsroom's number of slots never changes")
  return free
}

function checkSeat({ policy, reporters }: Keyring, { slot, id }: Pick<Seat, "slot" | "id">): void {
  if (!Number.isInteger(slot) || slot < 1 || slot > policy.slots)
    throw new Failure("failed", `this newsroom has slots 1 to ${policy.slots}`, "use --slot with one of them")
  if (reporters.some((one) => one.slot === slot)) throw new Failure("failed", `slot ${slot} is taken`, "invite them to another slot")
  if (reporters.some((one) => one.id === id))
    throw new Failure("failed", "there is a reporter with this id", "invite them under another id")
}

export interface Admit {
  readonly file: string
  /** The six words that the reporter read aloud; without them somebody is asked on the terminal. */
  readonly words?: string
  readonly expiresIn?: number
}

/** Puts a reporter into the next keyring version, once the six words have been compared by voice.
 *  @throws Failure `failed`: the words differ, or slot or id is taken; `needs-terminal`
 *  @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function admit(desk: Desk, { file, words, expiresIn }: Admit): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const current = currentOf(await readChain(desk, pin))
    const request = await parseJoinRequest(source, pinAt(pin, current))
    checkSeat(current, request)
    await compare(desk, request, await joinWords(pinAt(pin, current), request), words)
    const { slot, id, name, beat, verify } = request
    const reporter = { slot, id, name, ...(beat === undefined ? {} : { beat }), verify }
    const changed = await changeKeyring(
      desk,
      ({ reporters }) => ({ reporters: [...reporters, reporter].sort((a, b) => a.slot - b.slot) }),
      expiresIn,
    )
    sayNext(desk, changed)
    return changed
  })
}

async function compare({ terminal }: Desk, { slot, id, name }: JoinRequest, expected: string, given: string | undefined): Promise<void> {
  terminal.say(`"${name}" (${id}) asks for slot ${slot}`)
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
  const answer = await terminal.ask("does the reporter, on the phone, read the same words? type yes:", '--words "SIX WORDS"')
  if (answer.trim().toLowerCase() !== "yes")
    throw new Failure(
      "failed",
      "the words were not confirmed, nothing was changed",
      "compare by voice: the request may have been exchanged on its way",
    )
}
