/** `keyring import`, `publish`, `renew`, `log`, `show` and `ack`: versions that are carried, shown and handed to the server. SPEC.md §4.2. */

import { fromUtf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { changes, questionChanges } from "../../keyring/changes.ts"
import { type Keyring, type Policy, parseKeyring } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { fingerprint } from "../../keyring/spoken.ts"
import { getKeyrings, postKeyring } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { reach, type ServerAddress } from "../http.ts"
import { acknowledge, acknowledgeOwn, remind, unacknowledged } from "../vault/acknowledged.ts"
import { type Chain, currentOf, extended, isUnsigned, keepChain, readChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { readGiven } from "../vault/given.ts"
import { homePaths, readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { announce, type Changed, changeKeyring, repin, replaceFrom, sayNext, warnOfExpiry } from "./change.ts"
import { handOverRelease } from "./release.ts"

/** Takes versions that were carried here, in whatever order they are given. What is here already changes nothing.
 *  A folder that has none yet, and whose pin is of a later version, takes them all at once.
 *  @throws Failure `failed`: signatures are missing
 *  @throws KeyringError `forked`, `version-gap`, `rolled-back`, `not-a-note`, `bad-keyring` */
export async function importKeyring(
  desk: Desk,
  { file, others = [] }: { readonly file: string; readonly others?: readonly string[] },
): Promise<Keyring> {
  const given = await Promise.all([file, ...others].map(async (path) => parseKeyring(await readGiven(path))))
  given.sort((a, b) => a.version - b.version)
  return locked(desk, async () => {
    const { terminal } = desk
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const fresh = given.filter((keyring) => !chain.some(({ hash }) => hash === keyring.hash))
    const newest = given.at(-1) as Keyring
    if (fresh.length === 0) {
      terminal.answer(`keyring ${newest.version} is here already`)
      return newest
    }
    const waiting = await readIfThere(homePaths(desk.home).draft)
    const isOwn = waiting !== undefined && (await parseKeyring(fromUtf8(waiting))).hash === newest.hash
    try {
      const sources = fresh.map(({ source }) => source)
      const longer = await extended(chain, sources, pin)
      await keepChain(desk, chain, longer)
      // What this folder itself has proposed needs no second look.
      if (isOwn) await acknowledgeOwn(desk, longer)
      await repin(desk, pin, newest)
    } catch (cause) {
      if (!isUnsigned(cause)) throw cause
      throw new Failure(
        "failed",
        `keyring ${newest.version} is not signed by enough roots`,
        "sign it with `keyring sign FILE`, here or at another root",
        { cause },
      )
    }
    for (const [at, keyring] of fresh.entries()) await announce(desk, fresh[at - 1] ?? chain.at(-1), keyring, pin)
    // A draft of this version, or of one before it, waits for nothing any more.
    await desk.disk.remove(homePaths(desk.home).draft)
    terminal.answer(`keyring ${newest.version} is now the newest here`)
    return newest
  })
}

/** Posts every version that the server lacks, oldest first. Posting one twice does no harm.
 *  @returns how many were posted */
export async function publishKeyrings(desk: Desk): Promise<number> {
  const chain = await readChain(desk, await readPin(desk))
  const current = currentOf(chain)
  const server: ServerAddress = { url: current.newsroom.url, clock: desk.clock, ...reach(desk) }
  const there = await getKeyrings(server, 1)
  for (const [at, source] of there.entries()) {
    const ours = chain[at]
    if (ours === undefined)
      throw new Failure(
        "failed",
        `the server has keyring ${at + 1}, which is not in this folder`,
        "take it with `sync`, or with `keyring import` from whoever made it",
      )
    if ((await parseKeyring(source)).hash !== ours.hash)
      throw new Failure(
        "failed",
        `the server's keyring ${at + 1} is another one than yours`,
        "stop: somebody shows another history; compare `keyring log` with the other admins by voice",
      )
  }
  const lacking = chain.slice(there.length)
  for (const { source, version } of lacking) {
    await postKeyring(server, source)
    desk.terminal.say(`published keyring ${version}`)
  }
  await handOverRelease(desk, server, current)
  desk.terminal.answer(lacking.length === 0 ? "the server has every keyring" : `published up to keyring ${current.version}`)
  return lacking.length
}

/** The same keyring again with a later last day. */
export const renewKeyring = (desk: Desk, options: { readonly expiresIn?: number; readonly dryRun?: boolean }): Promise<Changed> =>
  locked(desk, async () => {
    const changed = await changeKeyring(desk, () => ({}), options)
    sayNext(desk, changed)
    return changed
  })

/** Every change so far, in words.
 *  @returns the lines */
export async function keyringLog(desk: Desk): Promise<readonly string[]> {
  const pin = await readPin(desk)
  const chain = await readChain(desk, pin)
  currentOf(chain)
  const lines: string[] = []
  for (const [at, keyring] of chain.entries()) lines.push(...(await changes(chain[at - 1], keyring, pin.id)))
  for (const line of lines) desk.terminal.answer(line)
  return lines
}

export interface Shown {
  readonly v: 1
  readonly newsroom: string
  readonly name: string
  readonly url: string
  readonly version: number
  readonly issued: Day
  /** Half of its life is over. */
  readonly replaceFrom: Day
  readonly expires: Day
  readonly threshold: number
  /** Each with the day since which it stands in the keyring, and six words for comparing by voice. */
  readonly roots: readonly { readonly number: number; readonly words: string; readonly since: Day }[]
  readonly reporters: readonly { readonly slot: number; readonly id: string; readonly name: string; readonly since: Day }[]
  readonly callouts: readonly { readonly id: string; readonly closes: Day | null }[]
  readonly policy: Policy
  readonly unacknowledged: number
}

/** The newest keyring of this folder, in words. */
export async function showKeyring(desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<Shown> {
  const pin = await readPin(desk)
  const chain = await readChain(desk, pin)
  const shown: Shown = { ...(await describeChain(chain, pin)), unacknowledged: (await unacknowledged(desk, chain)).length }
  if (json) desk.terminal.json(shown)
  else sayShown(desk, shown)
  warnOfExpiry(desk, currentOf(chain))
  await remind(desk, chain)
  return shown
}

/** A verified chain's newest keyring, with the days since which each key stands in it. */
export async function describeChain(chain: Chain, { id }: Pick<PinnedNewsroom, "id">): Promise<Omit<Shown, "unacknowledged">> {
  const current = currentOf(chain)
  const { newsroom, version, issued, expires, threshold, roots, reporters, callouts, policy } = current
  const since = (key: string, of: (keyring: Keyring) => readonly { readonly text: string }[]): Day => {
    let day = issued
    for (const keyring of [...chain].reverse()) {
      if (!of(keyring).some(({ text }) => text === key)) break
      day = keyring.issued
    }
    return day
  }
  return {
    v: 1,
    newsroom: newsroomIdText(id),
    name: newsroom.name,
    url: newsroom.url,
    version,
    issued,
    replaceFrom: replaceFrom(current),
    expires,
    threshold,
    roots: await Promise.all(
      roots.map(async ({ text }, at) => ({ number: at + 1, words: await fingerprint(text), since: since(text, ({ roots }) => roots) })),
    ),
    reporters: reporters.map(({ slot, id, name, verify }) => ({
      slot,
      id,
      name,
      since: since(verify.text, ({ reporters }) => reporters.map(({ verify }) => verify)),
    })),
    callouts: callouts.map(({ id, closes }) => ({ id, closes: closes ?? null })),
    policy,
  }
}

export function sayShown({ terminal }: Pick<Desk, "terminal">, shown: Omit<Shown, "unacknowledged">): void {
  const { newsroom, name, url, version, issued, expires, threshold, roots, reporters, callouts, policy } = shown
  terminal.answer(`newsroom  "${name}", ${url}`)
  terminal.answer(`          ${newsroom}`)
  terminal.answer(`keyring   ${version}, issued ${issued}, replace from ${shown.replaceFrom}, expires ${expires}`)
  terminal.answer(`roots     ${threshold} of ${roots.length} must sign; six words each, public, may be read aloud`)
  for (const { number, words, since } of roots) terminal.answer(`  root ${number}  since ${since}  ${words}`)
  terminal.answer(reporters.length === 0 ? "readers   none" : "readers")
  for (const { slot, id, name, since } of reporters) terminal.answer(`  slot ${slot}  since ${since}  ${id}  "${name}"`)
  for (const { id, closes } of callouts) terminal.answer(`callout   ${id}${closes === null ? "" : `, asks until ${closes}`}`)
  const { slots, noteDays, acceptDays, seedDays, retentionDays } = policy
  terminal.answer(
    `policy    ${slots} slots; keys ${noteDays} days ahead, taken ${acceptDays} days after; seeds ${seedDays} days at most, envelopes ${retentionDays}`,
  )
}

/** `keyring ack`: somebody has read what changed and expected it.
 *  @returns how many versions were acknowledged
 *  @throws Failure `needs-terminal`, `failed`: not confirmed */
export const acknowledgeKeyring = (desk: Desk, { yes = false }: { readonly yes?: boolean } = {}): Promise<number> =>
  locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const current = currentOf(chain)
    const waiting = await unacknowledged(desk, chain)
    for (const keyring of waiting) {
      const previous = chain[keyring.version - 2]
      for (const line of await changes(previous, keyring, pin.id)) desk.terminal.answer(line)
      for (const line of questionChanges(previous, keyring)) desk.terminal.answer(`  ${line}`)
    }
    if (waiting.length === 0) {
      desk.terminal.answer(`nothing waits: keyring ${current.version} is acknowledged`)
      return 0
    }
    if (!yes && (await desk.terminal.ask("did you expect all of this? type yes:", "--yes")).trim().toLowerCase() !== "yes")
      throw new Failure("failed", "not acknowledged", "ask an admin by voice what happened; every command says it until then")
    await acknowledge(desk, current)
    desk.terminal.answer(`acknowledged up to keyring ${current.version}`)
    return waiting.length
  })
