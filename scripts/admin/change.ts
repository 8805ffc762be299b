/** A change of the keyring: the next version, signed by the roots that are here, kept when they are enough, carried when they are not. SPEC.md §4.2. */

import { utf8 } from "../../envelope/bytes.ts"
import { addDays, daysBetween } from "../../envelope/day.ts"
import { changes, checkCurrent, type Keyring, type KeyringText, keyringText, MAX_VALID_DAYS, parseKeyring } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, pinAt } from "../../keyring/newsroom.ts"
import { parseNote, signedBy, signNote, type VerifierKey } from "../../keyring/note.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { type Chain, currentOf, extended, isUnsigned, keepChain, readChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { homePaths, readPin, writePin } from "../vault/home.ts"
import { readRoots } from "../vault/secrets.ts"

export interface Changed {
  /** The new version; believed only if `missing` is 0. */
  readonly keyring: Keyring
  /** How many root signatures it still lacks. */
  readonly missing: number
}

/** @throws Failure `usage` */
export function checkExpiresIn(days: number): number {
  if (!Number.isInteger(days) || days < 1 || days > MAX_VALID_DAYS)
    throw new Failure("usage", `a keyring is valid for 1 to ${MAX_VALID_DAYS} days`, "use --expires-in with such a number")
  return days
}

/** Makes the next version, signs it with every root here, says what changed, and keeps it or a draft of it.
 *  To be called under the lock.
 *  @param change - what the new version says differently
 *  @throws Failure `not-set-up`, `failed`, `wrong-passphrase`
 *  @throws KeyringError `bad-keyring`: the change breaks a rule of keyrings */
export async function changeKeyring(
  desk: Desk,
  change: (current: Keyring) => Partial<KeyringText>,
  expiresIn = MAX_VALID_DAYS,
): Promise<Changed> {
  const pin = await readPin(desk)
  const chain = await readChain(desk, pin)
  const current = currentOf(chain)
  if ((await readIfThere(homePaths(desk.home).draft)) !== undefined)
    throw new Failure(
      "failed",
      "a change still waits for signatures",
      `sign ${homePaths(desk.home).draft} elsewhere and import it, or remove it`,
    )
  const today = desk.clock.today()
  if (daysBetween(current.issued, today) < 0)
    throw new Failure(
      "failed",
      `keyring ${current.version} was issued on ${current.issued}, which is after today`,
      "check this machine's clock",
    )
  const text = keyringText({
    ...current,
    version: current.version + 1,
    previous: current.hash,
    issued: today,
    expires: addDays(today, checkExpiresIn(expiresIn)),
    ...change(current),
  })
  const note = await signNote(text, await readRoots(desk))
  const keyring = await parseKeyring(note)
  await announce(desk, current, keyring)
  return keepOrDraft(desk, { pin, chain }, keyring)
}

/** Says on stderr what a version changes. */
export async function announce({ terminal }: Pick<Desk, "terminal">, previous: Keyring | undefined, next: Keyring): Promise<void> {
  for (const line of await changes(previous, next)) terminal.say(line)
}

/** Keeps a version that follows the chain, or its draft while signatures are missing. */
export async function keepOrDraft(desk: Desk, { pin, chain }: { pin: PinnedNewsroom; chain: Chain }, keyring: Keyring): Promise<Changed> {
  try {
    const longer = await extended(chain, [keyring.source], pin)
    await keepChain(desk, chain, longer)
    await repin(desk, pin, keyring)
    await desk.disk.remove(homePaths(desk.home).draft)
    return { keyring, missing: 0 }
  } catch (error) {
    if (!isUnsigned(error)) throw error
    await desk.disk.replace(homePaths(desk.home).draft, utf8(keyring.source))
    return { keyring, missing: await missingSignatures(chain.at(-1), keyring) }
  }
}

/** How many more roots must sign: of the version before, and of its own, whichever lacks more. */
export async function missingSignatures(previous: Keyring | undefined, { source, roots, threshold }: Keyring): Promise<number> {
  const note = parseNote(source)
  const lacks = async (keys: readonly VerifierKey[], needed: number) => Math.max(0, needed - (await signedBy(note, keys)).length)
  return Math.max(await lacks(roots, threshold), previous === undefined ? 0 : await lacks(previous.roots, previous.threshold))
}

/** Where roots, address or channels changed, `newsroom.json` follows: it is what server, page and invitations are given. */
async function repin(desk: Desk, pin: PinnedNewsroom, keyring: Keyring): Promise<void> {
  const next = pinAt(pin, keyring)
  const said = ({ url, roots, threshold, channels }: PinnedNewsroom) =>
    JSON.stringify([url, roots.map(({ text }) => text), threshold, channels])
  if (said(pin) !== said(next)) await writePin(desk, next)
}

/** Says what is to be done next with a changed keyring. */
export function sayNext({ home, terminal }: Pick<Desk, "home" | "terminal">, { keyring, missing }: Changed): void {
  if (missing === 0) {
    terminal.answer(`keyring ${keyring.version} is signed, valid until ${keyring.expires}`)
    terminal.next("keyring publish")
    return
  }
  terminal.answer(
    `keyring ${keyring.version} lacks ${missing} more ${missing === 1 ? "signature" : "signatures"}: ${homePaths(home).draft}`,
  )
  terminal.say("carry this file to another root and sign it there")
  terminal.next("keyring sign FILE")
}

/** Warns when the keyring is about to expire: an expired one closes the page. */
export function warnOfExpiry({ clock, terminal }: Pick<Desk, "clock" | "terminal">, keyring: Keyring): void {
  const left = daysBetween(clock.today(), keyring.expires)
  if (left < 0)
    terminal.say(`warning: keyring ${keyring.version} expired on ${keyring.expires}: the page takes no tips until a new one is published`)
  else if (left < daysBetween(keyring.issued, keyring.expires) / 2)
    terminal.say(`warning: keyring ${keyring.version} expires in ${left} days: an admin renews it with \`keyring renew\``)
  try {
    checkCurrent(keyring, clock.today())
  } catch {
    if (left >= 0) terminal.say(`warning: keyring ${keyring.version} is of a later day than this machine's: check the clock`)
  }
}
