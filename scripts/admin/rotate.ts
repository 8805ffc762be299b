/** `rotate reporter`, `rotate policy` and `rotate newsroom`: a new key for somebody who stays, other terms, and what the newsroom says of itself.
 *  SPEC.md §4.2, §4.6. */

import type { Channel, Policy } from "../../keyring/keyring.ts"
import { fingerprint } from "../../keyring/spoken.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { readGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"
import { parseRotationRequest } from "./invitation.ts"
import { compareSpoken } from "./invite.ts"
import { entry } from "./newsroom.ts"

export interface RotateReporter {
  /** The request that the reporter's `rotate identity` has made. */
  readonly file: string
  /** The six words that the reporter read aloud. */
  readonly words?: string
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Puts a reporter's new key in the place of the one before. Signed by the old key, and compared by voice all the same:
 *  whoever has stolen the old key could have signed it too.
 *  @throws Failure `failed`: the old key is not the keyring's, or the words differ
 *  @throws KeyringError `not-a-note`, `bad-newsroom`, `bad-key`, `unsigned`, `foreign` */
export async function rotateReporter(desk: Desk, { file, words, ...options }: RotateReporter): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const current = currentOf(await readChain(desk, pin))
    const { id, from, verify } = await parseRotationRequest(source, { id: pin.id, url: current.newsroom.url })
    const reporter = current.reporters.find((one) => one.id === id)
    if (reporter === undefined) throw new Failure("failed", "this request is of nobody in the keyring", "whoever has left is invited anew")
    const isDone = reporter.verify.text === verify.text
    if (!isDone && reporter.verify.text !== from.text)
      throw new Failure("failed", "the key that asks is not the one in the keyring", "ask for a new request, made with the key that is")
    if (!isDone && options.dryRun !== true) {
      desk.terminal.say(`"${reporter.name}" (${id}) asks for a new key in slot ${reporter.slot}`)
      await compareSpoken(desk, await fingerprint(verify.text), words)
    }
    const changed = await changeKeyring(
      desk,
      ({ reporters }) => (isDone ? undefined : { reporters: reporters.map((one) => (one.id === id ? { ...one, verify } : one)) }),
      {
        ...options,
        beforehand: [`from its publication until their next \`sync\` sources cannot reach "${reporter.name}": agree on when`],
        afterwards: [
          `once this is published, "${reporter.name}" runs \`sync\`: the new key signs their day keys again, to the same recipients`,
        ],
      },
    )
    sayNext(desk, changed)
    return changed
  })
}

export type PolicyChange = Partial<Omit<Policy, "slots">>
export interface RotatePolicy extends PolicyChange {
  readonly yes?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** @throws Failure `usage`: nothing is to change; `needs-terminal`
 *  @throws KeyringError `bad-keyring`: a bound of SPEC.md §4.2 */
export async function rotatePolicy(desk: Desk, { yes = false, expiresIn, dryRun, ...wanted }: RotatePolicy): Promise<Changed> {
  if (Object.values(wanted).every((value) => value === undefined))
    throw new Failure("usage", "which part of the policy is to change?", "use --note-days, --accept-days, --seed-days or --retention-days")
  return locked(desk, async () => {
    const { policy } = currentOf(await readChain(desk, await readPin(desk)))
    const asked = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
    const next: Policy = { ...policy, ...asked }
    const isSame = JSON.stringify(next) === JSON.stringify(policy)
    const changed = await changeKeyring(desk, () => (isSame ? undefined : { policy: next }), {
      expiresIn,
      dryRun,
      yes,
      beforehand: policyConsequences(policy, next),
      afterwards: ["it holds for the server at once, for a reporter from the next `sync`, for a page from its next load"],
    })
    sayNext(desk, changed)
    return changed
  })
}

function policyConsequences(before: Policy, after: Policy): readonly string[] {
  const said: string[] = []
  if (after.noteDays < before.noteDays)
    said.push(
      `keys are made ${after.noteDays} days ahead: who is away longer cannot be reached; notes made earlier than that are refused at once`,
    )
  if (after.noteDays > before.noteDays)
    said.push(`a host can hide a change of readers for ${after.noteDays} days instead of ${before.noteDays}`)
  if (after.seedDays < before.seedDays)
    said.push(
      `a key dies ${after.seedDays} days after its day, fetched or not: who was away longer LOSES what came in between; let everybody sync before`,
    )
  if (after.acceptDays < before.acceptDays) said.push(`the server takes a late tip for ${after.acceptDays} days only`)
  if (after.retentionDays < before.retentionDays) said.push(`the server deletes envelopes after ${after.retentionDays} days`)
  return said
}

/** What a newsroom says of itself, but for its name and address, which stand in every key. */
export interface RotateNewsroom {
  /** `http://….onion`; or, as for the others, `none`: it has none any more. */
  readonly onion?: string
  readonly colour?: string
  readonly leaveTo?: string
  /** All of them, in the place of those before. */
  readonly channels?: readonly Channel[]
  readonly yes?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}
const NONE = "none"

/** @throws Failure `usage`: nothing is to change; `needs-terminal`
 *  @throws KeyringError `bad-keyring`: an address or colour that a keyring cannot hold */
export async function rotateNewsroom(
  desk: Desk,
  { yes = false, expiresIn, dryRun, channels, ...wanted }: RotateNewsroom,
): Promise<Changed> {
  if (Object.values({ ...wanted, channels }).every((value) => value === undefined))
    throw new Failure("usage", "what of the newsroom is to change?", "use --onion, --channel, --leave-to or --colour")
  return locked(desk, async () => {
    const { newsroom } = currentOf(await readChain(desk, await readPin(desk)))
    const now = (member: "onion" | "colour" | "leaveTo") => (wanted[member] === NONE ? undefined : (wanted[member] ?? newsroom[member]))
    const next = entry({
      ...newsroom,
      onion: now("onion"),
      colour: now("colour"),
      leaveTo: now("leaveTo"),
      channels: channels ?? newsroom.channels,
    })
    const isSame = JSON.stringify(next) === JSON.stringify(newsroom)
    const changed = await changeKeyring(desk, () => (isSame ? undefined : { newsroom: next }), {
      expiresIn,
      dryRun,
      yes,
      beforehand:
        next.onion === newsroom.onion || next.onion === undefined
          ? []
          : ["the page offers this onion address to every visitor: whoever has its key is your line there"],
      afterwards: [
        "once this is published, a page has it from its next load",
        ...(channels === undefined
          ? []
          : ["newsroom.json here is new as well: a page that can verify nothing shows these ways by it, so take it to the server"]),
      ],
    })
    sayNext(desk, changed)
    return changed
  })
}
