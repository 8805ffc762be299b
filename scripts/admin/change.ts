/** A change of the keyring: the next version, signed by the roots that are here, kept when they are enough, carried when they are not. SPEC.md §4.2. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import { changes, difference } from "../../keyring/changes.ts"
import { checkCurrent, type Keyring, type KeyringText, keyName, keyringText, MAX_VALID_DAYS, parseKeyring } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, pinAt } from "../../keyring/newsroom.ts"
import { cosign, parseNote, type Signer, signedBy, signer, signNote, type VerifierKey } from "../../keyring/note.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { acknowledgeOwn } from "../vault/acknowledged.ts"
import { type Chain, currentOf, extended, isUnsigned, keepChain, readChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { homePaths, readPin, writePin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { readRoots } from "../vault/secrets.ts"

export interface Changed {
  /** The new version; believed only if `missing` is 0. */
  readonly keyring: Keyring
  /** How many root signatures it still lacks. */
  readonly missing: number
  /** It was only tried. */
  readonly isDry?: true
}

/** @throws Failure `usage` */
export function checkExpiresIn(days: number): number {
  if (!Number.isInteger(days) || days < 1 || days > MAX_VALID_DAYS)
    throw new Failure("usage", `a keyring is valid for 1 to ${MAX_VALID_DAYS} days`, "use --expires-in with such a number")
  return days
}

export interface ChangeOptions {
  /** Days that the new version is valid. */
  readonly expiresIn?: number | undefined
  /** Say what would change, in words, and change nothing. Needs no key and no passphrase. */
  readonly dryRun?: boolean | undefined
  /** Do not ask before changing. Absent: this change is not asked about. */
  readonly yes?: boolean | undefined
  /** Said before anything is changed: what follows from it. */
  readonly beforehand?: readonly string[]
  /** Said once the version holds: what is now true. */
  readonly afterwards?: readonly string[]
  /** Signs too, besides the roots in this folder: a root that is made with this change. */
  readonly signers?: readonly Signer[]
}
/** What a change says differently; `undefined`: the newest keyring says it already, so a ceremony that was cut has come to its end. */
export type Change = (current: Keyring) => Partial<KeyringText> | undefined

/** Makes the next version, says beforehand what changes, signs it with every root here, and keeps it or a draft of it. Run again after a cut
 *  anywhere, or while the draft is away for signatures, the same change goes on where it stopped. To be called under the lock.
 *  @throws Failure `not-set-up`, `failed`, `wrong-passphrase`, `needs-terminal`
 *  @throws KeyringError `bad-keyring`: the change breaks a rule of keyrings */
export async function changeKeyring(desk: Desk, change: Change, options: ChangeOptions = {}): Promise<Changed> {
  const { terminal } = desk
  const pin = await readPin(desk)
  const chain = await readChain(desk, pin)
  const current = currentOf(chain)
  const wanted = change(current)
  if (wanted === undefined) return settled(desk, pin, current, options)
  const today = desk.clock.today()
  if (daysBetween(current.issued, today) < 0)
    throw new Failure(
      "failed",
      `keyring ${current.version} was issued on ${current.issued}, which is after today`,
      "check this machine's clock",
    )
  const version = { ...current, version: current.version + 1, previous: current.hash, ...wanted }
  const expires = addDays(today, checkExpiresIn(options.expiresIn ?? MAX_VALID_DAYS))
  const waiting = await waitingDraft(desk, current)
  const draft = waiting && { ...version, issued: waiting.issued, expires: waiting.expires }
  const isSame = waiting !== undefined && draft !== undefined && keyringText(draft) === waiting.note.text
  if (waiting !== undefined && !isSame)
    throw new Failure(
      "failed",
      "a change still waits for signatures",
      `sign ${homePaths(desk.home).draft} elsewhere and import it, or give it up with \`keyring discard\``,
    )
  const next: KeyringText = isSame ? draft : { ...version, issued: today, expires }
  terminal.say(isSame ? `keyring ${next.version} waits here already; it changes:` : `keyring ${next.version} will change:`)
  for (const line of [...(await difference(current, next, pin.id)), ...(options.beforehand ?? [])]) terminal.say(`  ${line}`)
  if (options.dryRun === true) return dry(desk, next)
  if (options.yes === false && (await terminal.ask("make this change? type yes:", "--yes")).trim().toLowerCase() !== "yes")
    throw new Failure("failed", "nothing was changed", "run the same command again when you agree")
  const roots = [...(await readRoots(desk)), ...(options.signers ?? [])]
  const isNeeded = ({ verifier }: Signer) => [...current.roots, ...next.roots].some(({ text }) => text === verifier.text)
  const note = isSame ? await signedAlso(waiting.source, roots.filter(isNeeded)) : await signNote(keyringText(next), roots.filter(isNeeded))
  const keyring = await parseKeyring(note)
  await announce(desk, current, keyring, pin)
  const changed = await keepOrDraft(desk, { pin, chain }, keyring)
  if (changed.missing === 0) for (const line of options.afterwards ?? []) terminal.say(line)
  return changed
}

/** A note with the signatures of those who have not signed it yet. */
export async function signedAlso(source: string, by: readonly Signer[]): Promise<string> {
  const signed = await signedBy(
    parseNote(source),
    by.map(({ verifier }) => verifier),
  )
  let note = source
  for (const root of by) if (!signed.some(({ text }) => text === root.verifier.text)) note = await cosign(note, root)
  return note
}

/** The change is in the chain: whatever a cut had left undone is done now. */
async function settled(desk: Desk, pin: PinnedNewsroom, current: Keyring, { dryRun, afterwards }: ChangeOptions): Promise<Changed> {
  if (dryRun !== true) {
    await repin(desk, pin, current)
    await waitingDraft(desk, current)
  }
  desk.terminal.say(`keyring ${current.version} says this already: nothing was changed`)
  for (const line of afterwards ?? []) desk.terminal.say(line)
  return { keyring: current, missing: 0 }
}

/** The draft that waits for signatures. One that the chain has overtaken waits for nothing, and goes. */
export async function waitingDraft(desk: Desk, current: Keyring): Promise<Keyring | undefined> {
  const { draft } = homePaths(desk.home)
  const bytes = await readIfThere(draft)
  if (bytes === undefined) return undefined
  const keyring = await parseKeyring(fromUtf8(bytes))
  if (keyring.version > current.version) return keyring
  await desk.disk.remove(draft)
  return undefined
}

/** What the version would be. Held to the rules of keyrings, under a signature that nobody believes. */
async function dry({ terminal }: Desk, next: KeyringText): Promise<Changed> {
  const nobody = await signer(keyName(next.newsroom.url, "dry-run"), await newSignKey())
  const keyring = await parseKeyring(await signNote(keyringText(next), [nobody]))
  terminal.say("nothing was changed; without --dry-run the same command does it")
  return { keyring, missing: Math.max(1, next.threshold), isDry: true }
}

/** `keyring discard`: gives up a change that waits for signatures.
 *  @returns whether there was one */
export const discardDraft = (desk: Desk): Promise<boolean> =>
  locked(desk, async () => {
    const pin = await readPin(desk)
    const current = currentOf(await readChain(desk, pin))
    const waiting = await waitingDraft(desk, current)
    if (waiting === undefined) {
      desk.terminal.answer("no change waits for signatures")
      return false
    }
    desk.terminal.say(`given up, a change to keyring ${waiting.version}:`)
    for (const line of await difference(current, waiting, pin.id)) desk.terminal.say(`  ${line}`)
    await desk.disk.remove(homePaths(desk.home).draft)
    desk.terminal.answer("the draft here is gone; copies of it that were carried to other roots must not be signed any more")
    return true
  })

/** Says on stderr what a version changes. */
export async function announce(
  { terminal }: Pick<Desk, "terminal">,
  previous: Keyring | undefined,
  next: Keyring,
  { id }: Pick<PinnedNewsroom, "id">,
): Promise<void> {
  for (const line of await changes(previous, next, id)) terminal.say(line)
}

/** Keeps a version that follows the chain, or its draft while signatures are missing. */
export async function keepOrDraft(desk: Desk, { pin, chain }: { pin: PinnedNewsroom; chain: Chain }, keyring: Keyring): Promise<Changed> {
  try {
    const longer = await extended(chain, [keyring.source], pin)
    await keepChain(desk, chain, longer)
    await acknowledgeOwn(desk, longer)
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
export async function repin(desk: Desk, pin: PinnedNewsroom, keyring: Keyring): Promise<void> {
  const next = pinAt(pin, keyring)
  const said = ({ url, roots, threshold, channels }: PinnedNewsroom) =>
    JSON.stringify([url, roots.map(({ text }) => text), threshold, channels])
  if (said(pin) !== said(next)) await writePin(desk, next)
}

/** Says what is to be done next with a changed keyring. */
export function sayNext({ home, terminal }: Pick<Desk, "home" | "terminal">, { keyring, missing, isDry }: Changed): void {
  if (isDry) return
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

/** From here on a keyring wants to be replaced: half of its life is over. */
export const replaceFrom = ({ issued, expires }: Pick<Keyring, "issued" | "expires">): Day =>
  addDays(issued, Math.ceil(daysBetween(issued, expires) / 2))

/** Warns from half of the keyring's life on: an expired one closes the page. */
export function warnOfExpiry({ clock, terminal }: Pick<Desk, "clock" | "terminal">, keyring: Keyring): void {
  const today = clock.today()
  const { version, expires } = keyring
  const left = daysBetween(today, expires)
  if (left < 0) terminal.say(`warning: keyring ${version} expired on ${expires}: the page takes no tips until a new one is published`)
  else if (daysBetween(replaceFrom(keyring), today) > 0)
    terminal.say(
      `warning: keyring ${version} wants to be replaced since ${replaceFrom(keyring)} and expires on ${expires}, in ${left} days: an admin runs \`keyring renew\``,
    )
  try {
    checkCurrent(keyring, today)
  } catch {
    if (left >= 0) terminal.say(`warning: keyring ${version} is of a later day than this machine's: check the clock`)
  }
}
