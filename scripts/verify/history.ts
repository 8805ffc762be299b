/** What a server says besides files: the chain of keyrings, the release that it names, and what a page is told today. SPEC.md §4.2, §4.4, §14.4. */

import { fromUtf8 } from "../../envelope/bytes.ts"
import { type Day, daysBetween } from "../../envelope/day.ts"
import { array, object, parseJson, type Shape, type Shaped, string } from "../../envelope/json.ts"
import type { NewsroomId } from "../../envelope/names.ts"
import { type DayNote, parseDayNote, reachableOn, verifyDayNote } from "../../keyring/days.ts"
import { KeyringError } from "../../keyring/errors.ts"
import { checkCurrent, type Keyring, verifyChain } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { parseRelease, type Release, verifyRelease } from "../../keyring/release.ts"
import { checkTold } from "../admin/verify.ts"
import { todayShape } from "../api.ts"
import { Failure } from "../failure.ts"
import type { Chain } from "../vault/chain.ts"
import type { Difference } from "./difference.ts"
import { type Reach, remember, type Seen } from "./seen.ts"
import type { Fetched, Visit } from "./visit.ts"

const PAGE = 100
const keyringsShape = object({ keyrings: array(string({ max: 1_000_000, lines: true }), { max: PAGE }) })

/** The value of an answer in JSON, or `undefined` where it is none of this shape. */
function jsonOf<Value>({ status, body }: Fetched, shape: Shape<Value>): Value | undefined {
  try {
    return status === 200 ? parseJson(fromUtf8(new Uint8Array(body)).replace(/ +$/, ""), shape, "answer") : undefined
  } catch {
    return undefined
  }
}

/** Runs what may find a note or a chain wrong; that is a difference, with its code. */
async function judged<Value>(
  kind: Difference["kind"],
  at: string,
  found: Difference[],
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof KeyringError || error instanceof Failure)) throw error
    found.push({ kind, at, says: `${error.message}${error instanceof KeyringError ? ` (${error.code})` : ""}` })
    return undefined
  }
}

/** Fetches what follows the chain that was seen, or all of it, and verifies it.
 *  @returns the chain as it is now; the one seen, where the server's does not hold */
export async function readChain(
  visit: Visit,
  seen: Seen,
  { newsroom, pinned }: { readonly newsroom: NewsroomId; readonly pinned: PinnedNewsroom | undefined },
  found: Difference[],
): Promise<Chain> {
  const at = "/api/keyrings"
  const last = seen.chain.at(-1)
  const sources: string[] = []
  for (let from = last?.version ?? 1; ; from += PAGE) {
    const page = jsonOf(await visit.get(`${at}?from=${from}`, { kind: "data" }), keyringsShape)
    if (page === undefined) {
      found.push({ kind: "keyring", at, says: "is not a list of keyrings" })
      return seen.chain
    }
    sources.push(...page.keyrings)
    if (page.keyrings.length < PAGE) break
  }
  const chain = await judged("keyring", at, found, async () => {
    if (last === undefined) {
      if (pinned !== undefined) await verifyChain(sources, { pinned })
      return verifyChain(sources, { newsroom })
    }
    if (sources.length === 0) throw new KeyringError("rolled-back", "the server's keyring is older than the one seen before")
    return [...seen.chain, ...(await verifyChain(sources, { seen: last })).slice(1)]
  })
  return chain ?? seen.chain
}

/** What of the newest keyring everybody can check. */
export async function checkNewest(current: Keyring, url: string, today: Day, atLeast: number, found: Difference[]): Promise<void> {
  await judged("keyring", "/api/keyrings", found, async () => {
    if (current.version < atLeast) throw new KeyringError("rolled-back", "this keyring is older than one that was seen before")
    if (current.newsroom.url !== url && current.newsroom.onion !== url)
      throw new KeyringError("foreign", "this keyring is of a newsroom at another address")
    checkCurrent(current, today)
  })
}

/** For so long the release before is taken besides the one that a new keyring names: a server is switched after its keyring is there. */
const GRACE_DAYS = 1

/** The releases that the server may serve, the one that counts first. */
export async function readReleases(visit: Visit, seen: Seen, today: Day, found: Difference[]): Promise<readonly Release[]> {
  const current = seen.chain.at(-1)
  if (current?.release === undefined) {
    found.push({ kind: "release", at: "/api/release", says: "the newest keyring names no release: nothing is promised about the page" })
    return []
  }
  // The one that was named before, until a day after the first keyring that names this one.
  let since = seen.chain.length
  while (since > 0 && seen.chain[since - 1]?.release?.hash === current.release.hash) since -= 1
  const isFresh = daysBetween(seen.chain[since]?.issued ?? current.issued, today) <= GRACE_DAYS
  const before = isFresh ? seen.chain[since - 1] : undefined
  const releases: Release[] = []
  for (const keyring of before?.release === undefined ? [current] : [current, before]) {
    const hash = keyring.release?.hash
    if (hash === undefined) continue
    const at = `/api/release/${hash}`
    const release = await judged("release", at, found, async () => {
      const source = seen.releases.get(hash) ?? (await fetchNote(visit, at))
      const parsed = await parseRelease(source)
      if (parsed.hash !== hash) throw new KeyringError("foreign", "this is another release than the one that the keyring names")
      // By today's roots or, where those have changed since it was signed, by the ones that named it: the keyring vouches for it by its hash.
      const naming = seen.chain.find(({ release }) => release?.hash === hash) ?? keyring
      const verified = await verifyRelease(source, naming)
      seen.releases.set(hash, source)
      return verified
    })
    if (release !== undefined) releases.push(release)
  }
  return releases
}

async function fetchNote(visit: Visit, at: string): Promise<string> {
  const { status, body } = await visit.get(at, { kind: "data" })
  if (status !== 200)
    throw new KeyringError("bad-release", `the server has no note of the release that the keyring names: it answered ${status}`)
  try {
    return fromUtf8(new Uint8Array(body))
  } catch (cause) {
    throw new KeyringError("bad-release", "a release is UTF-8", { cause })
  }
}

export type Told = Shaped<typeof todayShape>
const LEAST_BYTES = 32_768

/** What a page is told before it seals: only its form. */
export function readToday(answer: Fetched, found: Difference[]): Told | undefined {
  const at = "/api/today"
  const { length } = answer.body
  if (length < LEAST_BYTES || Math.log2(length) % 1 !== 0)
    found.push({ kind: "today", at, says: `has ${length} bytes: its length is a power of two, so that it tells nothing` })
  const told = jsonOf(answer, todayShape)
  if (told === undefined) found.push({ kind: "today", at, says: "is not what a page reads before it seals" })
  return told
}

/** The newest keyring that the page is told of is not in the chain yet: it was published in between. */
export const isNewer = ({ keyrings }: Told, chain: Chain): boolean => {
  const told = keyrings.at(-1)
  return told !== undefined && !chain.some(({ source }) => source === told)
}

/** Holds what the page is told to the chain, to SPEC.md §4.4, and to the notes that were seen. */
export async function checkToday(told: Told, seen: Seen, newsroom: NewsroomId, today: Day, found: Difference[]): Promise<Reach> {
  const at = "/api/today"
  const { chain } = seen
  const key = JSON.stringify([told, today, chain.length])
  if (seen.told?.key === key) return seen.told.reach
  const [before, notices]: [number, string[]] = [found.length, []]
  await judged("keyring", at, found, async () => checkTold(told.keyrings, chain))
  if (Math.abs(daysBetween(today, told.day)) > 1)
    found.push({ kind: "today", at, says: `says that it is ${told.day}, which is more than a day off (or this machine's clock is)` })
  const shown = new Set<string>()
  for (const source of told.days) {
    const note = await judged("day-note", at, found, async () => parseDayNote(source))
    if (note === undefined) continue
    shown.add(`${note.reporter} ${note.day}`)
    const says = await wrongWith(note, source, told, seen, newsroom)
    if (says === undefined) remember(seen, source)
    else if (says.isOutdated) notices.push(says.says)
    else found.push({ kind: "day-note", at, says: says.says })
  }
  for (const [key, { day }] of seen.notes) {
    const [reporter = ""] = key.split(" ")
    if (day === told.day && !shown.has(key) && chain.at(-1)?.reporters.some(({ id }) => id === reporter))
      found.push({ kind: "day-note", at, says: `no longer shows the note of ${reporter} for ${day}, which was there before` })
  }
  const sealed = await reachableOn(told.days, { chain, newsroom, on: told.day, today })
  const reporters = chain.at(-1)?.reporters.map(({ id }) => id) ?? []
  const reach = { reachable: reporters.filter((id) => sealed.has(id)), unreachable: reporters.filter((id) => !sealed.has(id)), notices }
  if (found.length === before) seen.told = { key, reach }
  return reach
}

async function wrongWith(
  note: DayNote,
  source: string,
  { day }: Told,
  { chain, notes }: Seen,
  newsroom: NewsroomId,
): Promise<{ readonly says: string; readonly isOutdated?: boolean } | undefined> {
  if (note.day !== day) return { says: `shows a note of ${note.reporter} for ${note.day}, which is another day` }
  try {
    await verifyDayNote(source, chain, newsroom)
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error
    const isOutdated = await heldOnce(note, source, chain, newsroom)
    const says = `the note of ${note.reporter} for ${note.day} is none to seal to: ${error.message} (${error.code})`
    return { says, isOutdated }
  }
  const before = notes.get(`${note.reporter} ${note.day}`)
  if (before === undefined) return undefined
  const order = note.made === before.made ? note.seq - before.seq : note.made < before.made ? -1 : 1
  if (order < 0) return { says: `the note of ${note.reporter} for ${note.day} is older than the one that was shown before` }
  if (order === 0 && before.text !== source.slice(0, source.lastIndexOf("\n\n")))
    return { says: `there are two notes of ${note.reporter} for ${note.day}, both signed as the same one: a key was taken, or shared` }
  return undefined
}

/** Under the keyring that it names it was good: its reporter has left or changed keys since, and the server has not dropped it. */
async function heldOnce(note: DayNote, source: string, chain: Chain, newsroom: NewsroomId): Promise<boolean> {
  const then = chain.filter(({ version }) => version <= note.keyring.version)
  if (then.length === chain.length) return false
  return verifyDayNote(source, then, newsroom).then(
    () => true,
    () => false,
  )
}
