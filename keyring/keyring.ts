/** The keyring: who reads, who signs, what is asked. A chain of signed notes that anybody can audit. SPEC.md §4.2. */

import { utf8 } from "../envelope/bytes.ts"
import { type Day, day, daysBetween } from "../envelope/day.ts"
import { array, distinct, integer, literal, nullable, object, parseJson, string } from "../envelope/json.ts"
import { type Hash, hash, hashBytes, hashOf, type Id, id, type NewsroomId, newsroomId } from "../envelope/names.ts"
import { SLOT_COUNTS, type SlotCount } from "../envelope/sizes.ts"
import { type Callout, callout } from "./callout.ts"
import { asKeyringError, KeyringError } from "./errors.ts"
import { type Note, parseNote, parseVerifierKey, signedBy, type VerifierKey } from "./note.ts"
import { type NamedRelease, namedRelease } from "./release.ts"

/** Another way to reach the newsroom, each with what speaks against it. */
export interface Channel {
  readonly name: string
  readonly address: string
  readonly drawback: string
}
export interface Newsroom {
  readonly name: string
  /** Where the page is served; names every key. */
  readonly url: string
  readonly onion?: string
  /** `#rrggbb`, the page's one accent. */
  readonly colour?: string
  /** Where "Leave this page" goes: the front page that every reader has in the history. */
  readonly leaveTo?: string
  readonly channels?: readonly Channel[]
}
export interface Policy {
  readonly slots: SlotCount
  /** Days ahead for which day keys are made. */
  readonly noteDays: number
  /** Days past its own for which an envelope is still taken. */
  readonly acceptDays: number
  /** Days after which a seed is destroyed even if nothing was synced. */
  readonly seedDays: number
  /** Days for which the server keeps an envelope. */
  readonly retentionDays: number
  readonly maxTipBytes: number
}
export interface Reporter {
  readonly slot: number
  readonly id: Id
  readonly name: string
  readonly beat?: string
  readonly verify: VerifierKey
}
/** What a keyring says, before it is signed. */
export interface KeyringText {
  readonly newsroom: Newsroom
  readonly version: number
  readonly previous: Hash | null
  readonly issued: Day
  /** Valid to the end of this day, at most 90 after `issued`. */
  readonly expires: Day
  readonly roots: readonly VerifierKey[]
  readonly threshold: number
  readonly policy: Policy
  readonly reporters: readonly Reporter[]
  readonly callouts: readonly Callout[]
  /** What the server has to serve: anybody can hold the page to it. Absent: nothing has been promised. */
  readonly release?: NamedRelease
}
/** A keyring as it came, parsed. That it may be believed is shown by {@link verifyChain} alone. */
export interface Keyring extends KeyringText {
  readonly hash: Hash
  readonly note: Note
  /** The signed note as it came. */
  readonly source: string
}

export const MAX_VALID_DAYS = 90
export const MAX_NOTE_DAYS = 30
const words = (max: number) => string({ max })
/** `https`, or plain `http` where the browser itself counts it as a secure context: this machine, and onion services. */
export const url = string({
  max: 200,
  pattern: /^(https:\/\/[a-z0-9.-]+(:\d{1,5})?|http:\/\/(localhost|127\.0\.0\.1|[a-z2-7]{56}\.onion)(:\d{1,5})?)$/,
})

const keyringShape = object(
  {
    format: literal("sotto-keyring/1"),
    newsroom: object(
      { name: words(100), url },
      {
        onion: string({ max: 100, pattern: /^http:\/\/[a-z2-7]{56}\.onion$/ }),
        colour: string({ max: 7, pattern: /^#[0-9a-f]{6}$/ }),
        leaveTo: string({ max: 200, pattern: /^https:\/\/[a-z0-9.-]+(\/[A-Za-z0-9._~/-]*)?$/ }),
        channels: array(object({ name: words(50), address: words(200), drawback: words(200) }), { max: 10 }),
      },
    ),
    version: integer(1, 1_000_000),
    previous: nullable(hash),
    issued: day,
    expires: day,
    roots: array(words(400), { min: 1, max: 16 }),
    threshold: integer(1, 16),
    policy: object({
      slots: integer(4, 32),
      noteDays: integer(1, MAX_NOTE_DAYS),
      acceptDays: integer(1, 7),
      seedDays: integer(7, 365),
      retentionDays: integer(7, 365),
      maxTipBytes: integer(32_768, 2 ** 32),
    }),
    reporters: distinct(
      array(object({ slot: integer(1, 32), id, name: words(80), verify: words(400) }, { beat: words(80) }), { max: 32 }),
      ({ id }) => id,
    ),
    callouts: distinct(array(callout, { max: 50 }), ({ id }) => id),
  },
  { release: namedRelease },
)

const bad = (rule: string) => new KeyringError("bad-keyring", rule)

/** The name under which a newsroom's keys sign: its address without the scheme. */
export const keyName = (url: string, who: string): string => `${url.replace(/^https?:\/\//, "")}/${who}`

/** Parses a keyring note and holds it to its own rules. Says nothing of who signed it.
 *  @throws {@link KeyringError} `not-a-note`, `bad-keyring`, `bad-key` */
export async function parseKeyring(source: string): Promise<Keyring> {
  const note = parseNote(source)
  const parsed = asKeyringError("bad-keyring", () => parseJson(note.text.slice(0, -1), keyringShape, "keyring"))
  const slots = SLOT_COUNTS.find((count) => count === parsed.policy.slots)
  if (slots === undefined) throw bad("a newsroom has 4, 8, 16 or 32 slots")
  const roots = await Promise.all(parsed.roots.map(parseVerifierKey))
  const reporters = await Promise.all(
    parsed.reporters.map(async (reporter) => ({ ...reporter, verify: await parseVerifierKey(reporter.verify) })),
  )
  const { format: _, ...rest } = parsed
  const keyring = { ...rest, policy: { ...rest.policy, slots }, roots, reporters, note, source, hash: await hashOf(utf8(note.text)) }
  checkRules(keyring)
  return keyring
}

function checkRules({ newsroom, version, previous, issued, expires, roots, threshold, policy, reporters }: Keyring): void {
  if ((version === 1) !== (previous === null)) throw bad("version 1 has no previous one, and every other has")
  const valid = daysBetween(issued, expires)
  if (valid < 0 || valid > MAX_VALID_DAYS) throw bad("a keyring expires within 90 days of its issue")
  if (threshold > roots.length) throw bad("no more signatures are required than there are roots")
  if (policy.retentionDays < policy.seedDays) throw bad("envelopes are kept at least as long as seeds")
  if (new Set(reporters.map(({ slot }) => slot)).size !== reporters.length) throw bad("no two reporters share a slot")
  if (reporters.some(({ slot }) => slot > policy.slots)) throw bad("a reporter's slot is one of the newsroom's")
  // One key counted twice would make one root two; one key as root and reporter would let a laptop sign the keyring.
  const keys = [...roots, ...reporters.map(({ verify }) => verify)].map(({ key }) => key.join())
  if (new Set(keys).size !== keys.length) throw bad("no key stands twice")
  if (roots.some(({ name }) => name !== keyName(newsroom.url, "root"))) throw bad("roots sign under the newsroom's name")
  if (reporters.some(({ id, verify }) => verify.name !== keyName(newsroom.url, id)))
    throw bad("a reporter signs under the newsroom's name and an id")
}

/** The text to be signed. What it gives, {@link parseKeyring} takes once it is signed. */
export function keyringText({
  newsroom,
  version,
  previous,
  issued,
  expires,
  roots,
  threshold,
  policy,
  reporters,
  callouts,
  release,
}: KeyringText): string {
  return `${JSON.stringify({
    format: "sotto-keyring/1",
    newsroom,
    version,
    previous,
    issued,
    expires,
    roots: roots.map(({ text }) => text),
    threshold,
    policy,
    reporters: reporters.map(({ slot, id, name, beat, verify }) => ({
      slot,
      id,
      name,
      ...(beat === undefined ? {} : { beat }),
      verify: verify.text,
    })),
    callouts,
    ...(release === undefined ? {} : { release: { version: release.version, hash: release.hash } }),
  })}\n`
}

/** What is believed before a chain is read. */
export type Trust =
  /** The printed name of the newsroom: the chain begins with version 1. */
  | { readonly newsroom: NewsroomId }
  /** The newest keyring seen so far: the chain contains it. */
  | { readonly seen: Keyring }
  /** The roots that are pinned in the page, and the version they were pinned at. */
  | { readonly pinned: { readonly roots: readonly VerifierKey[]; readonly threshold: number; readonly version: number } }

async function signedByThreshold({ note }: Keyring, roots: readonly VerifierKey[], threshold: number): Promise<boolean> {
  return (await signedBy(note, roots)).length >= threshold
}

/** Whether this link is the one at which trust begins. A different one with the same version is a fork. */
async function isAnchor(keyring: Keyring, trust: Trust): Promise<boolean> {
  if ("pinned" in trust) return signedByThreshold(keyring, trust.pinned.roots, trust.pinned.threshold)
  const [version, expected] = "seen" in trust ? [trust.seen.version, hashBytes(trust.seen.hash)] : [1, trust.newsroom]
  if (keyring.version !== version) return false
  if (newsroomId(keyring.hash).some((byte, index) => byte !== expected[index]))
    throw new KeyringError("forked", "this is another history than the one known")
  return "seen" in trust || signedByThreshold(keyring, keyring.roots, keyring.threshold)
}

/** Exactly one more, not merely greater: a gap would let the server hide the version that added a reader. SPEC.md §4.2. */
function checkLink(previous: Keyring, next: Keyring): void {
  if (next.version !== previous.version + 1) throw new KeyringError("version-gap", "a keyring version is missing")
  if (next.previous !== previous.hash) throw new KeyringError("forked", "a keyring does not follow the one before it")
  if (next.policy.slots !== previous.policy.slots) throw bad("the number of slots never changes")
  if (daysBetween(previous.issued, next.issued) < 0) throw bad("a keyring is not issued before the one it follows")
}

/** Verifies a chain of keyrings, oldest first: each signed by the threshold of the roots before it and of its own.
 *  Links older than the one at which trust begins are held by the hashes alone.
 *  @returns the same keyrings; the last one is current. Whether it is still valid on a day is for {@link checkCurrent}
 *  @throws {@link KeyringError} `not-a-note`, `bad-keyring`, `too-few-roots`, `version-gap`, `rolled-back`, `forked` */
export async function verifyChain(sources: readonly string[], trust: Trust): Promise<readonly Keyring[]> {
  const chain = await Promise.all(sources.map(parseKeyring))
  for (const [index, next] of chain.entries()) {
    const previous = chain[index - 1]
    if (previous !== undefined) checkLink(previous, next)
  }
  const least = "pinned" in trust ? trust.pinned.version : "seen" in trust ? trust.seen.version : 1
  const last = chain.at(-1)
  if (last === undefined) throw new KeyringError("too-few-roots", "there is no keyring")
  if (last.version < least) throw new KeyringError("rolled-back", "this keyring is older than one that was seen before")
  let anchor: number | undefined
  for (const [index, keyring] of chain.entries()) {
    const previous = chain[index - 1]
    if (anchor === undefined) anchor = (await isAnchor(keyring, trust)) ? index : undefined
    else if (previous !== undefined) await checkRoots(previous, keyring)
  }
  if (anchor === undefined) throw new KeyringError("too-few-roots", "no keyring here is signed by the newsroom's roots")
  return chain
}

/** TUF's rule: the roots that were, and the roots that will be. */
async function checkRoots(previous: Keyring, next: Keyring): Promise<void> {
  const believed = await signedByThreshold(next, previous.roots, previous.threshold)
  if (!believed || !(await signedByThreshold(next, next.roots, next.threshold)))
    throw new KeyringError("too-few-roots", "a keyring is not signed by enough roots")
}

/** Checks that a verified keyring may be used today. A day's slack forward: clocks differ.
 *  @throws {@link KeyringError} `expired`, `not-yet` */
export function checkCurrent({ issued, expires }: Keyring, today: Day): void {
  if (daysBetween(today, expires) < 0) throw new KeyringError("expired", "the newsroom's keyring has expired")
  if (daysBetween(today, issued) > 1) throw new KeyringError("not-yet", "the newsroom's keyring is of a later day")
}
