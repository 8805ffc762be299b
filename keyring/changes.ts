/** What changes from one keyring to the next, in words: so that nothing can be added unseen, and nobody signs what they were not shown.
 *  Two versions that differ in anything are said differently. Whatever somebody wrote stands in JSON's quotes: it cannot pass for words of ours. */

import type { NewsroomId } from "../envelope/names.ts"
import type { Callout, Question } from "./callout.ts"
import type { Channel, Keyring, KeyringText, Newsroom, Policy, Reporter } from "./keyring.ts"
import { signedBy, type VerifierKey } from "./note.ts"
import type { NamedRelease } from "./release.ts"
import { fingerprint, joinText, joinWords, releaseWords } from "./spoken.ts"

/** A line for each change, and who signed it. A callout is said by its title: its questions are for {@link questionChanges}. */
export async function changes(previous: Keyring | undefined, next: Keyring, newsroom: NewsroomId): Promise<readonly string[]> {
  const roots = previous?.roots ?? next.roots
  const signers = (await signedBy(next.note, roots)).map((root) => indexOfKey(roots, root) + 1).sort((a, b) => a - b)
  const by = signers.length === 1 ? `root ${signers[0]}` : `roots ${signers.join(" and ")}`
  return (await difference(previous, next, newsroom)).map((change) => `keyring ${next.version}: ${change}, signed by ${by}, ${next.issued}`)
}

const indexOfKey = (keys: readonly VerifierKey[], { key }: VerifierKey): number =>
  keys.findIndex((one) => one.key.every((byte, index) => byte === key[index]))
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
const quoted = (text: string | undefined): string => (text === undefined ? "nothing" : JSON.stringify(text))

/** The same without version, day and signatures: what a version would change, before anybody has signed it. */
export async function difference(previous: KeyringText | undefined, next: KeyringText, newsroom: NewsroomId): Promise<readonly string[]> {
  const said = [...readerChanges(previous?.reporters ?? [], next.reporters), ...calloutChanges(previous?.callouts ?? [], next.callouts)]
  if (previous === undefined) said.push(`roots: ${next.roots.length}, of which ${next.threshold} must sign`)
  else {
    said.push(...rootChanges(previous, next), ...policyChanges(previous.policy, next.policy))
    said.push(...newsroomChanges(previous.newsroom, next.newsroom), ...releaseChanges(previous.release, next.release))
  }
  for (const { who, of, words } of await newKeys(previous, next, newsroom)) said.push(`${who}, six words of ${of}: ${words}`)
  if (next.release !== undefined && !same(previous?.release, next.release))
    said.push(`release ${next.release.version}, six words: ${await releaseWords(next.release.hash)}`)
  return said.length === 0 ? [`renewed until ${next.expires}`] : said
}

export interface NewKey {
  readonly verify: VerifierKey
  /** Whose it is said to be: `reporter bo`, `root 2`. */
  readonly who: string
  /** What the words are of. */
  readonly of: "the key" | "the request to join"
  /** The same that the one who made the key was shown. */
  readonly words: string
}

/** Keys that were not there before, each with the six words by which it is compared on a call. */
export async function newKeys(previous: KeyringText | undefined, next: KeyringText, newsroom: NewsroomId): Promise<readonly NewKey[]> {
  const pin = { id: newsroom, roots: previous?.roots ?? next.roots }
  const reporters = next.reporters.flatMap((reporter) => {
    const held = previous?.reporters.find(({ id }) => id === reporter.id)
    return held?.verify.text === reporter.verify.text ? [] : [{ reporter, isKnown: held !== undefined }]
  })
  const roots =
    previous === undefined ? [] : next.roots.flatMap((verify, at) => (indexOfKey(previous.roots, verify) < 0 ? [{ verify, at }] : []))
  return Promise.all([
    ...reporters.map(async ({ reporter, isKnown }): Promise<NewKey> => {
      const { id, verify } = reporter
      const who = `reporter ${id}`
      if (isKnown) return { verify, who, of: "the key", words: await fingerprint(verify.text) }
      return { verify, who, of: "the request to join", words: await joinWords(pin, { text: joinText(newsroom, reporter, verify) }) }
    }),
    ...roots.map(
      async ({ verify, at }): Promise<NewKey> => ({ verify, who: `root ${at + 1}`, of: "the key", words: await fingerprint(verify.text) }),
    ),
  ])
}

const inAnotherOrder = (what: string, before: readonly string[], after: readonly string[]): string[] =>
  before.length === after.length && !same(before, after) && before.every((one) => after.includes(one))
    ? [`${what} in another order: ${after.join("; ")}`]
    : []

function readerChanges(before: readonly Reporter[], after: readonly Reporter[]): string[] {
  const said: string[] = []
  for (const { slot, id, name, beat, verify } of after) {
    const [called, held] = [`${quoted(name)} (${id})`, before.find((one) => one.id === id)]
    if (held === undefined) said.push(`slot ${slot} added, ${called}${beat === undefined ? "" : `, beat ${quoted(beat)}`}`)
    else {
      if (held.verify.text !== verify.text) said.push(`${called} has a new key`)
      if (held.slot !== slot) said.push(`${called} moved to slot ${slot} from ${held.slot}`)
      if (held.name !== name) said.push(`slot ${slot} is now ${called}, was ${quoted(held.name)}`)
      if (held.beat !== beat) said.push(`${called} has the beat ${quoted(beat)}, had ${quoted(held.beat)}`)
    }
  }
  for (const { id, name, slot } of before)
    if (!after.some((reporter) => reporter.id === id)) said.push(`slot ${slot} removed, ${quoted(name)} (${id})`)
  const ids = (reporters: readonly Reporter[]) => reporters.map(({ id }) => id)
  return [...said, ...inAnotherOrder("readers", ids(before), ids(after))]
}

function calloutChanges(before: readonly Callout[], after: readonly Callout[]): string[] {
  const said: string[] = []
  for (const one of after) {
    const held = before.find(({ id }) => id === one.id)
    if (held === undefined) said.push(`callout added, ${one.id}, ${quoted(one.title)}`)
    else if (same({ ...held, closes: null }, { ...one, closes: null }) && one.closes !== undefined && one.closes !== held.closes)
      said.push(`callout closes after ${one.closes}, ${one.id}`)
    else if (!same(held, one)) said.push(`callout changed, ${one.id}, ${quoted(one.title)}`)
  }
  for (const { id } of before) if (!after.some((one) => one.id === id)) said.push(`callout removed, ${id}`)
  const ids = (callouts: readonly Callout[]) => callouts.map(({ id }) => id)
  return [...said, ...inAnotherOrder("callouts", ids(before), ids(after))]
}

/** What sources would read in the callouts that are new or changed, `+` what comes and `-` what goes. */
export function questionChanges(previous: KeyringText | undefined, next: KeyringText): readonly string[] {
  return next.callouts.flatMap((one) => {
    const held = previous?.callouts.find(({ id }) => id === one.id)
    const [before, after] = [held === undefined ? [] : calloutLines(held), calloutLines(one)]
    return [
      ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
      ...inAnotherOrder(`callout ${one.id}: all of it`, before, after),
    ]
  })
}

/** A callout, a line for each thing in it. */
function calloutLines({ id, title, lang, why, next, closes, questions }: Callout): readonly string[] {
  const said = [`title ${quoted(title)}`, `language ${lang}`]
  for (const [name, text] of [["why", why] as const, ["next", next] as const]) if (text !== undefined) said.push(`${name} ${quoted(text)}`)
  if (closes !== undefined) said.push(`closes after ${closes}`)
  return [...said, ...questions.flatMap(questionLines)].map((line) => `callout ${id}: ${line}`)
}

function questionLines(question: Question): readonly string[] {
  const { id, kind, label, why } = question
  const said = [`${kind}: ${quoted(label)}${why === undefined ? "" : `, why ${quoted(why)}`}`]
  if (kind === "one" || kind === "several") said.push(...question.options.map((one) => `answer ${one.id} ${quoted(one.label)}`))
  if (kind === "range") said.push(...question.bands.map((band) => `band ${band.id} from ${band.from} to ${band.to ?? "any"}`))
  if (kind === "months") said.push(`from ${question.first} to ${question.last}`)
  return said.map((line) => `question ${id}: ${line}`)
}

type Roots = Pick<KeyringText, "roots" | "threshold">
function rootChanges(before: Roots, after: Roots): string[] {
  const rootsOf = ({ roots, threshold }: Roots) => [threshold, ...roots.map(({ text }) => text)]
  if (same(rootsOf(before), rootsOf(after))) return []
  const gone = before.roots.flatMap((root, at) => (indexOfKey(after.roots, root) < 0 ? [`root ${at + 1} removed`] : []))
  const come = after.roots.flatMap((root, at) => (indexOfKey(before.roots, root) < 0 ? [`root ${at + 1} is a new key`] : []))
  return [[`roots changed: ${after.roots.length}, of which ${after.threshold} must sign`, ...gone, ...come].join("; ")]
}

/** By the beginning of its hash too: two releases of one version are two releases. */
function releaseChanges(before: NamedRelease | undefined, after: NamedRelease | undefined): string[] {
  if (same(before, after)) return []
  return [after === undefined ? "no release is named any more" : `the page is release ${after.version} (${after.hash.slice(0, 8)}…)`]
}

const POLICY_NAMES = ["noteDays", "acceptDays", "seedDays", "retentionDays", "maxTipBytes"] as const
const policyChanges = (before: Policy, after: Policy): string[] =>
  POLICY_NAMES.flatMap((name) => (before[name] === after[name] ? [] : [`policy changed: ${name} from ${before[name]} to ${after[name]}`]))

const NEWSROOM_NAMES = ["name", "url", "onion", "colour", "leaveTo"] as const
function newsroomChanges(before: Newsroom, after: Newsroom): string[] {
  const said = NEWSROOM_NAMES.flatMap((name) =>
    before[name] === after[name] ? [] : [`the newsroom's ${name} changed from ${quoted(before[name])} to ${quoted(after[name])}`],
  )
  const channel = ({ name, address, drawback }: Channel) => [name, address, drawback].map(quoted).join(", ")
  const [old, now] = [(before.channels ?? []).map(channel), (after.channels ?? []).map(channel)]
  said.push(...old.filter((one) => !now.includes(one)).map((one) => `channel removed: ${one}`))
  said.push(...now.filter((one) => !old.includes(one)).map((one) => `channel added: ${one}`))
  said.push(...inAnotherOrder("channels", old, now))
  // What is left: a channel that stands there twice, or a list that is empty instead of absent.
  return said.length === 0 && !same(before, after) ? ["the newsroom's own entry is written in another way"] : said
}
