/** Day keys: one age recipient a reporter and UTC day, signed by the reporter, believed under the keyring. SPEC.md §4.4. */

import { type Day, day, daysBetween } from "../envelope/day.ts"
import { integer, literal, nullable, object, parseJson, string } from "../envelope/json.ts"
import { parseRecipient, type Recipient, recipientText } from "../envelope/keys.ts"
import { type Hash, hash, type Id, id, type NewsroomId, newsroomIdShape, newsroomIdText } from "../envelope/names.ts"
import { asKeyringError, KeyringError } from "./errors.ts"
import type { Keyring, Reporter } from "./keyring.ts"
import { parseNote, type Signer, signedBy, signNote } from "./note.ts"

/** What a reporter signs for one day: a key to seal to, or that there is none. */
export interface DayNote {
  readonly newsroom: NewsroomId
  readonly reporter: Id
  readonly slot: number
  readonly day: Day
  /** `null`: away on that day. A newer note of this kind takes a key back that was published ahead. */
  readonly recipient: Recipient | null
  /** The day it was made: bounds how long a host can go on showing it. */
  readonly made: Day
  /** Among notes made on one day the highest wins. */
  readonly seq: number
  readonly keyring: { readonly version: number; readonly hash: Hash }
}
/** A day note that can be sealed to. */
export interface DayKey extends DayNote {
  readonly recipient: Recipient
}

/** Above this no note counts as newer: a host that invents one cannot lock a reporter out. */
export const MAX_SEQ = 1_000_000

const shape = object({
  format: literal("sotto-day/1"),
  newsroom: newsroomIdShape,
  reporter: id,
  slot: integer(1, 32),
  day,
  recipient: nullable(string({ max: 2_000 })),
  made: day,
  seq: integer(0, MAX_SEQ),
  keyring: object({ version: integer(1, 1_000_000), hash }),
})

export async function signDayKey(key: DayNote, by: Signer): Promise<string> {
  const { newsroom, reporter, slot, day, recipient, made, seq, keyring } = key
  const text = JSON.stringify({
    format: "sotto-day/1",
    newsroom: newsroomIdText(newsroom),
    reporter,
    slot,
    day,
    recipient: recipient === null ? null : recipientText(recipient),
    made,
    seq,
    keyring: { version: keyring.version, hash: keyring.hash },
  })
  return signNote(`${text}\n`, [by])
}

/** Reads a day note, believing nothing of it yet.
 *  @throws {@link KeyringError} `not-a-note`, `bad-day-note` */
export function parseDayNote(source: string): DayNote {
  const { text } = parseNote(source)
  return asKeyringError("bad-day-note", () => {
    const { format: _, recipient, ...rest } = parseJson(text.slice(0, -1), shape, "day note")
    return { ...rest, recipient: recipient === null ? null : parseRecipient(recipient) }
  })
}

/** Verifies a day note under a verified chain.
 *  @param chain - oldest first; the last is current, and the note's keyring must be one of them
 *  @returns the note, and the reporter in the current keyring whose it is
 *  @throws {@link KeyringError} `not-a-note`, `bad-day-note`, `foreign`, `unsigned` */
export async function verifyDayNote(
  source: string,
  chain: readonly Keyring[],
  newsroom: NewsroomId,
): Promise<{ key: DayNote; reporter: Reporter }> {
  const key = parseDayNote(source)
  const current = chain.at(-1)
  const reporter = current?.reporters.find(({ id }) => id === key.reporter)
  if (current === undefined || reporter === undefined) throw new KeyringError("foreign", "a day note of somebody who is not in the keyring")
  if (key.newsroom.some((byte, index) => byte !== newsroom[index]) || key.slot !== reporter.slot)
    throw new KeyringError("foreign", "a day note of another newsroom or slot")
  if (!chain.some(({ version, hash }) => version === key.keyring.version && hash === key.keyring.hash))
    throw new KeyringError("foreign", "a day note under a keyring that is not in this chain")
  if ((await signedBy(parseNote(source), [reporter.verify])).length !== 1)
    throw new KeyringError("unsigned", "a day note that its reporter did not sign")
  const ahead = daysBetween(key.made, key.day)
  // A note made too long ahead would outlive the bound within which a revocation must reach every source.
  if (ahead < 0 || ahead > current.policy.noteDays) throw new KeyringError("bad-day-note", "a day note is made at most noteDays ahead")
  return { key, reporter }
}

/** The keys that may be sealed to on a day: the newest acceptable note of each reporter. A reporter without one, or whose newest says "away", cannot be reached;
 *  notes that are malformed, unsigned or foreign are passed over, never fallen back to. SPEC.md §4.4.
 *  @param on - the day to seal for
 *  @param today - the source's own UTC day; `on` is that day, give or take one */
export async function reachableOn(
  sources: readonly string[],
  { chain, newsroom, on, today }: { chain: readonly Keyring[]; newsroom: NewsroomId; on: Day; today: Day },
): Promise<ReadonlyMap<Id, DayKey>> {
  const best = new Map<Id, DayNote>()
  if (Math.abs(daysBetween(today, on)) > 1) return new Map()
  for (const source of sources) {
    const key = await acceptable(source, chain, newsroom)
    if (key === undefined || key.day !== on) continue
    const held = best.get(key.reporter)
    if (held === undefined || key.made > held.made || (key.made === held.made && key.seq > held.seq)) best.set(key.reporter, key)
  }
  return new Map([...best].flatMap(([reporter, note]) => (isKey(note) ? [[reporter, note]] : [])))
}

const isKey = (note: DayNote): note is DayKey => note.recipient !== null

async function acceptable(source: string, chain: readonly Keyring[], newsroom: NewsroomId): Promise<DayNote | undefined> {
  try {
    return (await verifyDayNote(source, chain, newsroom)).key
  } catch (error) {
    if (error instanceof KeyringError) return undefined
    throw error
  }
}
