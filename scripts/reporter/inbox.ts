/** `inbox`: the tips in the vault and what was answered to them, a line each, the letters of a thread together. */

import type { Day } from "../../envelope/day.ts"
import type { Desk } from "../desk.ts"
import { widthOf } from "../harmless.ts"
import { type Said, saidOf } from "../vault/marks.ts"
import { type Overview, type Row, readOverview } from "../vault/overview.ts"
import type { Letters, ReplyRecord, TipRecord } from "../vault/records.ts"
import { openVaultOnly } from "../vault/vault.ts"
import { firstOf, type Mark, markOf, type Promised, promised, promisedText, type Threads, threadsOf } from "./threads.ts"

/** What the rest of the vault says of a tip. */
export interface Beside {
  /** The earlier tip by the same source. */
  readonly follows?: number
  readonly mark?: Mark
  readonly promise?: Promised
  readonly said: Said
}

/** Which letters are listed. All that are given must hold. */
export interface Filter {
  readonly unread?: boolean
  readonly callout?: string
  readonly tag?: string
  /** A reporter's id, or `-` for nobody. */
  readonly assigned?: string
  /** Those that were marked as spam, which are otherwise left out. */
  readonly spam?: boolean
}
export interface InboxWanted extends Filter {
  readonly json?: boolean
  /** The newest so many threads; on a screen {@link SCREEN_THREADS} if absent. 0: all. */
  readonly limit?: number
}
const SCREEN_THREADS = 50

/** `4  2026-11-22  amazon-layoffs  2 files  new  acknowledge in 7 days  #checked @bo`: number, day, callout, files, state, promise, and what the desk said. The same columns every time.
 *  @param beside - absent where a tip has just come, and nothing but the tip is told */
export function inboxLine({ tip, day, callout, files, state, fault, unsigned }: TipRecord, beside?: Beside, width = 0): string {
  const { follows, mark } = beside ?? {}
  const count = files === 1 ? "1 file" : `${files} files`
  const more = [
    state,
    ...(state === "broken" || fault === undefined ? [] : ["files broken"]),
    ...(follows === undefined ? [] : [`follows ${follows}`]),
    ...(mark === undefined ? [] : [mark.what === "changed" ? `ANOTHER MAILBOX THAN ${mark.than}` : `ANOTHER HAND THAN ${mark.than}`]),
  ].join(", ")
  const about = unsigned === undefined ? (callout ?? "-") : "UNSIGNED"
  const columns = [String(tip).padStart(width), day, about, count, more]
  const words = beside === undefined ? "" : saidText(beside.said)
  return [...columns, ...(beside === undefined ? [] : [promisedText(beside.promise)]), ...(words === "" ? [] : [words])].join("  ")
}

/** `#checked @bo 2 notes held`. */
export const saidText = ({ tags, assignee, notes, hold, spam }: Said): string =>
  [
    ...tags.map((tag) => `#${tag}`),
    ...(assignee === undefined ? [] : [`@${assignee}`]),
    ...(notes.length === 0 ? [] : [notes.length === 1 ? "1 note" : `${notes.length} notes`]),
    ...(hold === undefined ? [] : ["held"]),
    ...(spam ? ["spam"] : []),
  ].join(" ")

/** `5  2026-11-23  -  reply  new  by bo to 4`. */
export const replyLine = ({ reply, day, state, from }: ReplyRecord, to?: number, width = 0): string =>
  [String(reply).padStart(width), day, "-", "reply", state, `by ${from}${to === undefined ? "" : ` to ${to}`}`].join("  ")

export function besides(threads: Threads, tip: TipRecord, today: Day): Beside {
  const [follows, mark] = [firstOf(threads, tip), markOf(threads, tip)]
  const promise = promised(threads, tip, today)
  return {
    said: saidOf(tip.marks, tip.to),
    ...(follows === undefined ? {} : { follows }),
    ...(mark === undefined ? {} : { mark }),
    ...(promise === undefined ? {} : { promise }),
  }
}

/** A row with what is known of its letters. */
interface ShownRow {
  readonly tips: readonly TipRecord[]
  readonly replies: readonly ReplyRecord[]
}

/** Which rows of an overview fit. */
function fits(overview: Overview, { unread, callout, tag, assigned, spam = false }: Filter): (row: Row) => boolean {
  const isSpam = spamIn(overview)
  const anyOf = (numbers: ReadonlySet<number>) => (row: Row) => row.tips.some((tip) => numbers.has(tip))
  const wanted: ((row: Row) => boolean)[] = [(row) => isSpam(row) === spam]
  if (unread) wanted.push(({ isUnread }) => isUnread)
  if (callout !== undefined) wanted.push(anyOf(overview.having("callouts", callout)))
  if (tag !== undefined) wanted.push(anyOf(overview.having("tags", tag)))
  if (assigned === "-") {
    const taken = overview.having("assigned")
    wanted.push(({ tips }) => tips.some((tip) => !taken.has(tip)))
  } else if (assigned !== undefined) wanted.push(anyOf(overview.having("assigned", assigned)))
  return (row) => wanted.every((one) => one(row))
}
function spamIn(overview: Overview): (row: Row) => boolean {
  const spam = overview.spam()
  return ({ tips }) => spam.size > 0 && tips.length > 0 && tips.every((tip) => spam.has(tip))
}

const unlessPurged = <One extends { readonly state: string }>(record: One | undefined): readonly One[] =>
  record === undefined || record.state === "purged" ? [] : [record]
/** The records of some rows: what is purged by now is left out. */
const shownRows = (rows: readonly Row[], { tips, replies }: Letters): readonly ShownRow[] =>
  rows.map((row) => ({
    tips: row.tips.flatMap((number) => unlessPurged(tips.get(number))),
    replies: row.replies.flatMap((number) => unlessPurged(replies.get(number))),
  }))

/** The newest tips of an inbox without spam, by threads, the one with the newest letter last.
 *  @param most - so many threads */
export async function newest(
  overview: Overview,
  most: number,
): Promise<{ readonly tips: readonly TipRecord[]; readonly records: Letters; readonly more: number }> {
  const all = overview.rows().filter(fits(overview, {}))
  const rows = all.slice(-most)
  const records = await overview.records(rows.flatMap(({ tips, replies }) => [...tips, ...replies]))
  return { tips: shownRows(rows, records).flatMap(({ tips }) => tips), records, more: all.length - rows.length }
}

/** @returns the tips that are listed, oldest number first */
export async function inbox(desk: Desk, wanted: InboxWanted = {}): Promise<readonly TipRecord[]> {
  const { secrets } = await openVaultOnly(desk)
  const overview = await readOverview(desk, secrets)
  const today = desk.clock.today()
  const { terminal } = desk
  const all = overview.rows()
  const fitting = all.filter(fits(overview, wanted))
  const limit = wanted.limit ?? (terminal.isScreen && wanted.json !== true ? SCREEN_THREADS : 0)
  const wantedRows = limit === 0 ? fitting : fitting.slice(-limit)
  const records = await overview.records(wantedRows.flatMap((row) => [...row.tips, ...row.replies]))
  const threads = threadsOf(records)
  const rows = shownRows(wantedRows, records)
  const tips = rows.flatMap((row) => row.tips).sort((a, b) => a.tip - b.tip)
  if (wanted.json === true) {
    const replies = rows.flatMap((row) => row.replies).sort((a, b) => a.reply - b.reply)
    terminal.json({
      v: 1,
      tips: tips.map((tip) => tipJson(tip, besides(threads, tip, today))),
      replies: replies.map((reply) => ({ ...reply, to: threads.named(reply.re) ?? null })),
    })
    return tips
  }
  show(desk, { rows, records, threads })
  if (rows.length < fitting.length) terminal.say(`and ${fitting.length - rows.length} threads before these: inbox --limit 0`)
  const hidden = all.filter(spamIn(overview)).length
  if (hidden > 0 && !wanted.spam) terminal.say(`${hidden} marked as spam: inbox --spam`)
  sayWhatNext(desk, rows, { threads, isEmpty: all.length === 0 && overview.next === 1 })
  return tips
}

/** A tip for a program: the record, what the rest of the vault says of it, and what the desk said. */
export function tipJson({ marks: _, ...tip }: TipRecord, { said, ...beside }: Beside): Readonly<Record<string, unknown>> {
  const { assignee, hold, ...rest } = said
  return { ...tip, ...beside, ...rest, assignee: assignee ?? null, hold: hold ?? null }
}

function show(
  { terminal, clock }: Desk,
  { rows, records, threads }: { readonly rows: readonly ShownRow[]; readonly records: Letters; readonly threads: Threads },
): void {
  const width = String(Math.max(records.next - 1, 0)).length
  const today = clock.today()
  const isByHand = ({ tips }: ShownRow) => tips.some(({ unsigned }) => unsigned !== undefined)
  const byHand = rows.filter(isByHand)
  for (const { tips, replies } of [...rows.filter((row) => !isByHand(row)), ...byHand]) {
    if (tips === byHand[0]?.tips) {
      terminal.answer("")
      terminal.answer("made by hand, unsigned: no thread, no answer, and perhaps a copy")
    }
    const lines = [
      ...tips.map((tip) => [tip.tip, inboxLine(tip, besides(threads, tip, today), width)] as const),
      ...replies.map((reply) => [reply.reply, replyLine(reply, threads.named(reply.re), width)] as const),
    ]
    for (const [, line] of lines.sort(([a], [b]) => a - b)) for (const part of fitted(line, terminal)) terminal.answer(part)
  }
}

/** A line that is longer than the screen is broken between its columns. */
export function fitted(line: string, { columns, isScreen }: Desk["terminal"]): readonly string[] {
  if (!isScreen || widthOf(line) <= columns) return [line]
  const lines: string[] = []
  let current = ""
  for (const column of line.split(/(?<=\S) {2}(?=\S)/)) {
    if (current === "") current = column
    else if (widthOf(current) + 2 + widthOf(column) <= columns) current += `  ${column}`
    else {
      lines.push(current)
      current = `      ${column}`
    }
  }
  return [...lines, current]
}

function sayWhatNext(
  { terminal, clock }: Desk,
  rows: readonly ShownRow[],
  { threads, isEmpty }: { readonly threads: Threads; readonly isEmpty: boolean },
): void {
  const letters = rows.flatMap(({ tips, replies }) => [
    ...tips.map(({ tip, state }) => [tip, state] as const),
    ...replies.map(({ reply, state }) => [reply, state] as const),
  ])
  const unread = letters.flatMap(([number, state]) => (state === "new" ? [number] : [])).sort((a, b) => a - b)
  if (rows.length > 0)
    terminal.say(`${rows.length === 1 ? "1 thread" : `${rows.length} threads`}, ${unread.length === 0 ? "nothing" : unread.length} unread`)
  const oldest = oldestPromise(rows, threads, clock.today())
  if (oldest !== undefined) terminal.say(`the oldest promise: tip ${oldest.tip}, ${promisedText(oldest.promise)}`)
  const [first] = unread
  if (isEmpty) terminal.say("no tips yet")
  terminal.next(first === undefined ? "sync" : `read ${first}`)
}

/** The promise that is due first. */
export function oldestPromise(
  rows: readonly { readonly tips: readonly TipRecord[] }[],
  threads: Threads,
  today: Day,
): { readonly tip: number; readonly promise: Promised } | undefined {
  let oldest: { readonly tip: number; readonly promise: Promised } | undefined
  for (const { tips } of rows)
    for (const tip of tips) {
      const promise = promised(threads, tip, today)
      if (promise !== undefined && (oldest === undefined || promise.by < oldest.promise.by)) oldest = { tip: tip.tip, promise }
    }
  return oldest
}
