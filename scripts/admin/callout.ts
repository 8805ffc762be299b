/** `callout new`, `close` and `list`: the questions under a story, put into the signed keyring. SPEC.md §4.3. */

import { day } from "../../envelope/day.ts"
import { type Callout, callout } from "../../keyring/callout.ts"
import { asKeyringError, KeyringError } from "../../keyring/errors.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { readGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { type Changed, changeKeyring, sayNext } from "./change.ts"

export interface NewCallout {
  /** Path of a callout as JSON, white space allowed. */
  readonly file: string
  /** Take the place of the callout that has this id. */
  readonly replace?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** @throws Failure `failed`: the file cannot be read, or the id is taken
 *  @throws KeyringError `bad-keyring`, which names the member that is wrong */
export async function newCallout(desk: Desk, { file, replace = false, ...options }: NewCallout): Promise<Changed> {
  const wanted = parseCallout(await readGiven(file))
  return locked(desk, async () => {
    const changed = await changeKeyring(
      desk,
      ({ callouts }) => {
        const held = callouts.find(({ id }) => id === wanted.id)
        if (held === undefined) return { callouts: [...callouts, wanted] }
        if (JSON.stringify(held) === JSON.stringify(wanted)) return undefined
        if (!replace)
          throw new Failure("failed", "there is a callout with this id", "choose another id, or add --replace to change that one")
        return { callouts: callouts.map((one) => (one.id === wanted.id ? wanted : one)) }
      },
      { ...options, afterwards: [`once it is published, the page asks these questions at #${wanted.id}`] },
    )
    sayNext(desk, changed)
    return changed
  })
}

export interface CloseCallout {
  readonly id: string
  /** The last day on which the page asks; today if absent. */
  readonly on?: string
  /** Take it out of the keyring altogether. */
  readonly remove?: boolean
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Ends the questions; free words are still taken. Its last day is set, and it stays in the keyring: readers need its questions to show
 *  the answers that are under way. See docs/decisions.
 *  @throws Failure `failed`: there is no such callout */
export async function closeCallout(desk: Desk, { id, on, remove = false, ...options }: CloseCallout): Promise<Changed> {
  return locked(desk, async () => {
    const closes = on === undefined ? desk.clock.today() : asKeyringError("bad-keyring", () => day(on, "--on"))
    const changed = await changeKeyring(
      desk,
      (current) => {
        const { callouts } = current
        const held = callouts.find((one) => one.id === id)
        if (held === undefined && remove) return undefined
        if (held === undefined) throw new Failure("failed", "there is no callout with this id", "run `callout list` to see which there are")
        if (remove) return { callouts: callouts.filter((one) => one !== held) }
        // Closed on an earlier day it stays: a run that was cut yesterday has nothing left to do today.
        if (held.closes !== undefined && held.closes <= closes) return undefined
        return { callouts: callouts.map((one) => (one === held ? { ...one, closes } : one)) }
      },
      {
        ...options,
        afterwards: remove
          ? ["once it is published, the page knows it no more; tips that answer it name the keyring that has its questions"]
          : [`once it is published, the page asks its questions until the end of ${closes} and takes free words after that`],
      },
    )
    sayNext(desk, changed)
    return changed
  })
}

/** @returns the callouts of the newest keyring, a line each */
export async function listCallouts(desk: Desk): Promise<readonly Callout[]> {
  const { callouts } = currentOf(await readChain(desk, await readPin(desk)))
  for (const { id, title, closes, questions } of callouts)
    desk.terminal.answer(`${id}  ${questions.length} questions  ${closes === undefined ? "open" : `until ${closes}`}  ${title}`)
  if (callouts.length === 0) desk.terminal.say("no callouts; tips without one are taken all the same")
  return callouts
}

/** A callout written by hand: pretty JSON, which becomes compact when it is signed. */
function parseCallout(text: string): Callout {
  return asKeyringError("bad-keyring", () => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw new KeyringError("bad-keyring", "a callout file is JSON", { cause })
    }
    return callout(value, "callout")
  })
}
