/** `tag`, `note`, `assign`, `hold`, `spam`: what the desk says of a tip. Here at once; to colleagues with the next letter among them (tell.ts). SPEC.md §3.8. */

import type { Day } from "../../envelope/day.ts"
import { type Change, type Field, MAX_FIELDS, MAX_REASON, type MarkValue, markValue } from "../../envelope/desk-letter.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import type { Id } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords, readRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { laterOf, merged, nextStamp, type Said, saidOf, stampAbove } from "../vault/marks.ts"
import { type Outgoing, type Records, withTip } from "../vault/records.ts"
import { openVault, ownId, type Vault } from "../vault/vault.ts"
import { type Compose, compose } from "./compose.ts"
import { saidText } from "./inbox.ts"

export type Set = ReadonlyMap<Field, MarkValue>

/** Records with one more change of ours: merged, and on its way to colleagues if there are any who have the tip. */
export function withChange(
  records: Records,
  number: number,
  set: Set | ((stamp: { readonly day: Day; readonly counter: number }) => Set),
  { own, today }: { readonly own: Id; readonly today: Day },
): Records {
  const tip = records.tips.get(number)
  // What cannot be named by its signature cannot be spoken about.
  if (tip?.re === undefined) return records
  const next = nextStamp(records.stamp, today)
  const fields = typeof set === "function" ? set(next) : set
  const stamp = stampAbove(tip.marks, fields.keys(), next)
  const change: Change = { tip: tip.re, ...stamp, set: fields }
  const outgoing: readonly Outgoing[] = (tip.to?.length ?? 1) > 1 ? [...records.outgoing, { change, sent: [] }] : records.outgoing
  const changed = withTip(records, { ...tip, marks: merged(tip.marks, change, own) })
  return { ...changed, outgoing, stamp: laterOf(records.stamp, stamp) }
}

/** @param set - from what is said of it now and the new stamp; nothing: nothing changes */
async function change(
  desk: Desk,
  number: number,
  set: (said: Said, vault: Vault, stamp: { readonly day: Day; readonly counter: number }) => Set,
): Promise<Said> {
  const said = await locked(desk, async () => {
    const vault = await openVault(desk)
    const tip = vault.records.tips.get(number)
    if (tip === undefined || tip.state === "purged")
      throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
    if (tip.re === undefined)
      throw new Failure("failed", `tip ${number} is not signed and has no name to speak of it by`, "save or export it")
    const own = ownId(vault.secrets)
    const today = desk.clock.today()
    const before = saidOf(tip.marks, tip.to)
    const wanted = set(before, vault, nextStamp(vault.records.stamp, today))
    if (wanted.size === 0) return before
    for (const [field, value] of wanted) checkField(field, value)
    if (wanted.size > MAX_FIELDS) throw new Failure("usage", `at most ${MAX_FIELDS} tags at once`, "name them in several commands")
    const records = withChange(await readRecords(desk, vault.secrets), number, wanted, { own, today })
    const marks = records.tips.get(number)?.marks
    if ([...wanted].some(([field, value]) => marks?.[field]?.[0] !== value))
      throw new Failure("failed", `tip ${number} has as many tags and notes as a tip can have`, "say it in one that is there")
    await keepRecords(desk, vault.secrets, records)
    return saidOf(records.tips.get(number)?.marks, tip.to)
  })
  return said
}

function checkField(field: Field, value: MarkValue): void {
  try {
    markValue(field, value, "it")
  } catch (cause) {
    if (!(cause instanceof EnvelopeError)) throw cause
    throw new Failure(
      "usage",
      "a tag is 1 to 32 letters, digits, - and _; a note at most 4,000 characters, a reason 500",
      "write it otherwise",
      {
        cause,
      },
    )
  }
}

function tell({ terminal }: Desk, number: number, said: Said, json: boolean): Said {
  if (json) terminal.json({ v: 1, tip: number, ...said, assignee: said.assignee ?? null, hold: said.hold ?? null })
  else terminal.answer(`${number}  ${saidText(said) || "-"}`)
  return said
}

export interface Tagging {
  readonly number: number
  /** Tags to set, with or without a `+`. */
  readonly tags: readonly string[]
  readonly remove?: readonly string[]
  readonly json?: boolean
}
const tagName = (text: string): string => text.replace(/^[+#]/, "").normalize("NFC")

export async function tag(desk: Desk, { number, tags, remove = [], json = false }: Tagging): Promise<Said> {
  const said = await change(desk, number, (before) => {
    const wanted: (readonly [string, boolean])[] = [
      ...tags.map((one) => [tagName(one), true] as const),
      ...remove.map((one) => [tagName(one), false] as const),
    ]
    return new Map(wanted.filter(([name, isSet]) => before.tags.includes(name) !== isSet).map(([name, isSet]) => [`tag:${name}`, isSet]))
  })
  return tell(desk, number, said, json)
}

export interface Noting extends Compose {
  readonly number: number
  /** Takes out the note that stands at this place, from 1. */
  readonly remove?: number
  readonly json?: boolean
}

/** The text comes from a file, a pipe or an editor, not from an argument: those are kept in a shell's history. */
export async function note(desk: Desk, { number, remove, json = false, ...wanted }: Noting): Promise<Said> {
  const text = remove === undefined ? await compose(desk, wanted) : ""
  const said = await change(desk, number, ({ notes }, { secrets }, { day, counter }) => {
    if (remove === undefined) return new Map([[`note:${day}.${counter}.${ownId(secrets)}`, text]])
    const one = notes[remove - 1]
    if (one === undefined) throw new Failure("failed", `tip ${number} has no note ${remove}`, `run read ${number} to see them`)
    return new Map([[`note:${one.id}`, null]])
  })
  return tell(desk, number, said, json)
}

/** @param to - a reporter's id; `me`; `nobody` */
export async function assign(
  desk: Desk,
  { number, to, json = false }: { readonly number: number; readonly to: string; readonly json?: boolean },
): Promise<Said> {
  const said = await change(desk, number, ({ assignee }, { chain, secrets, records }) => {
    if (to === "nobody") return new Map(assignee === undefined ? [] : [["assignee", null]])
    const id = to === "me" ? ownId(secrets) : to
    const reporter = currentOf(chain).reporters.find((one) => one.id === id || one.name === to)
    const has = records.tips.get(number)?.to ?? []
    if (reporter === undefined)
      throw new Failure("failed", "there is no such reporter in the keyring", `one of: ${has.join(", ")}, me, nobody`)
    if (!has.includes(reporter.id))
      throw new Failure("failed", `the source did not choose ${reporter.id}, who cannot read it`, `one of: ${has.join(", ")}`)
    return new Map(assignee === reporter.id ? [] : [["assignee", reporter.id]])
  })
  return tell(desk, number, said, json)
}

/** Keeps a tip beyond its time.
 *  @param off - no more */
export async function hold(
  desk: Desk,
  {
    number,
    reason,
    off = false,
    json = false,
  }: { readonly number: number; readonly reason?: string; readonly off?: boolean; readonly json?: boolean },
): Promise<Said> {
  if (!off && (reason === undefined || reason.trim() === "" || reason.length > MAX_REASON))
    throw new Failure(
      "usage",
      `a hold has a reason of at most ${MAX_REASON} characters, so that it ends some day`,
      "add --reason TEXT, or --off",
    )
  const said = await change(desk, number, (before) =>
    off ? new Map(before.hold === undefined ? [] : [["hold", null]]) : new Map([["hold", reason ?? ""]]),
  )
  return tell(desk, number, said, json)
}

/** Out of sight, and purged sooner.
 *  @param off - it was none */
export async function spam(
  desk: Desk,
  { number, off = false, json = false }: { readonly number: number; readonly off?: boolean; readonly json?: boolean },
): Promise<Said> {
  const said = await change(desk, number, (before) => new Map(before.spam === !off ? [] : [["spam", !off]]))
  return tell(desk, number, said, json)
}
