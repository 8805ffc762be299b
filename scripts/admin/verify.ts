/** `keyring verify URL`: what an outsider can check of a newsroom with nothing but its printed name, or newsroom.json. No key, no home, no secret. SPEC.md §4.2, §8. */

import { type Day, daysBetween } from "../../envelope/day.ts"
import { type NewsroomId, newsroomIdShape, newsroomIdText } from "../../envelope/names.ts"
import { changes } from "../../keyring/changes.ts"
import { type DayKey, reachableOn } from "../../keyring/days.ts"
import { asKeyringError, KeyringError } from "../../keyring/errors.ts"
import { checkCurrent, type Keyring, verifyChain } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned } from "../../keyring/newsroom.ts"
import { getKeyrings, getToday } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { reach, type ServerAddress } from "../http.ts"
import { readGiven } from "../vault/given.ts"
import { warnOfExpiry } from "./change.ts"
import { describeChain, sayShown } from "./keyring.ts"

export interface Verify {
  /** Where the newsroom is asked; its own address, or its onion service. */
  readonly url: string
  /** The printed name, `sotto-newsroom-1…`. */
  readonly newsroom?: string
  /** Path of newsroom.json: then its roots and version are held to, too. */
  readonly pin?: string
  /** The newest version that was seen before: an older one is refused. */
  readonly atLeast?: number
  readonly json?: boolean
}
export interface Verified {
  readonly v: 1
  readonly version: number
  readonly expires: Day
  /** Reporters to whom a page would seal today. */
  readonly reachable: readonly string[]
  /** Those to whom it would not: no note, or none that holds. */
  readonly unreachable: readonly string[]
}

/** Fetches the whole chain and what a page is told today, and believes neither.
 *  @throws KeyringError `forked`, `version-gap`, `too-few-roots`, `rolled-back`, `expired`, `not-yet`, `foreign`
 *  @throws Failure `usage`; `failed`: the page is told another history than the chain's */
export async function verifyNewsroom(desk: Pick<Desk, "terminal" | "clock" | "base">, options: Verify): Promise<Verified> {
  const { terminal, clock } = desk
  const url = options.url.replace(/\/+$/, "")
  const trusted = await trust(options)
  const server: ServerAddress = { url, clock, ...reach(desk) }
  const sources = await getKeyrings(server, 1)
  const chain = await verifyChain(sources, { newsroom: trusted.id })
  if (trusted.pin !== undefined) await verifyChain(sources, { pinned: trusted.pin })
  const current = chain.at(-1) as Keyring
  if (current.version < (options.atLeast ?? 1)) throw new KeyringError("rolled-back", "this keyring is older than one that was seen before")
  if (current.newsroom.url !== url && current.newsroom.onion !== url)
    throw new KeyringError("foreign", "this keyring is of a newsroom at another address")
  const today = clock.today()
  checkCurrent(current, today)
  const told = await getToday(server)
  checkTold(told.keyrings, chain)
  if (Math.abs(daysBetween(today, told.day)) > 1)
    throw new Failure("failed", "the server's day is more than one off ours", "check this machine's clock")
  const reachable = await reachableOn(told.days, { chain, newsroom: trusted.id, on: told.day, today })
  const verified: Verified = {
    v: 1,
    version: current.version,
    expires: current.expires,
    reachable: current.reporters.filter(({ id }) => reachable.has(id)).map(({ id }) => id),
    unreachable: current.reporters.filter(({ id }) => !reachable.has(id)).map(({ id }) => id),
  }
  if (options.json) terminal.json(verified)
  else await say(desk, { chain, id: trusted.id, reachable, verified, notes: told.days.length })
  warnOfExpiry(desk, current)
  return verified
}

/** Whom to judge by: the printed name, the pin, or both.
 *  @throws Failure `usage`
 *  @throws KeyringError `bad-newsroom`, `foreign` */
export async function trust({
  newsroom,
  pin,
}: Pick<Verify, "newsroom" | "pin">): Promise<{ readonly id: NewsroomId; readonly pin?: PinnedNewsroom }> {
  const printed =
    newsroom === undefined ? undefined : asKeyringError("bad-newsroom", () => newsroomIdShape(newsroom.trim(), "the newsroom's name"))
  const pinned = pin === undefined ? undefined : await parsePinned((await readGiven(pin)).trimEnd())
  if (printed !== undefined && pinned !== undefined && newsroomIdText(printed) !== newsroomIdText(pinned.id))
    throw new KeyringError("foreign", "newsroom.json is of another newsroom than the name that was given")
  const id = printed ?? pinned?.id
  if (id === undefined)
    throw new Failure(
      "usage",
      "by which newsroom is this to be judged?",
      "add --newsroom sotto-newsroom-1… from paper, or --pin newsroom.json",
    )
  return { id, ...(pinned === undefined ? {} : { pin: pinned }) }
}

/** What a page is told must be the end of the very chain that everybody else is shown. */
export function checkTold(told: readonly string[], chain: readonly Keyring[]): void {
  const end = chain.slice(-told.length)
  if (told.length === 0 || told.length > chain.length || end.some(({ source }, at) => source !== told[at]))
    throw new KeyringError("forked", "the page is told another history than the one that is shown")
}

async function say(
  { terminal }: Pick<Desk, "terminal">,
  {
    chain,
    id,
    reachable,
    verified,
    notes,
  }: { chain: readonly Keyring[]; id: NewsroomId; reachable: ReadonlyMap<string, DayKey>; verified: Verified; notes: number },
): Promise<void> {
  sayShown({ terminal }, await describeChain(chain, { id }))
  for (const [at, keyring] of chain.entries()) for (const line of await changes(chain[at - 1], keyring, id)) terminal.answer(`  ${line}`)
  for (const { id, name } of (chain.at(-1) as Keyring).reporters) {
    const key = reachable.get(id)
    terminal.answer(
      key === undefined ? `"${name}" (${id}) CANNOT be reached today` : `"${name}" (${id}) can be reached today, by a key of ${key.made}`,
    )
  }
  if (notes > reachable.size)
    terminal.say(`${notes - reachable.size} notes were shown that no page would seal to: absent, replaced, or not signed by whom they name`)
  terminal.say(
    `the chain holds from the printed name to keyring ${verified.version}; that everybody is shown the same nobody can check alone: compare`,
  )
}
