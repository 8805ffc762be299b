/** Threads: the tips of one source and what was answered to them; and how long a newsroom that promised an answer still has for it.
 *  All of it from the vault alone. SPEC.md §3.7, §7. */

import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import type { Hash } from "../../envelope/names.ts"
import type { Records, ReplyRecord, TipRecord } from "../vault/records.ts"

/** What the promise is: the deadlines of EU Directive 2019/1937. They bind employers, not the press; a newsroom may keep them all the same. */
const ACKNOWLEDGE_DAYS = 7
const SAY_MORE_DAYS = 92 // three months

export interface Thread {
  /** In number order. */
  readonly tips: readonly TipRecord[]
  readonly replies: readonly ReplyRecord[]
}

export function threadOf({ tips, replies }: Records, source: Hash | undefined): Thread {
  const byNumber = <One>(of: ReadonlyMap<number, One>) => [...of].sort(([a], [b]) => a - b).map(([, one]) => one)
  if (source === undefined) return { tips: [], replies: [] }
  return {
    tips: byNumber(tips).filter((one) => one.source === source),
    replies: byNumber(replies).filter((one) => one.source === source),
  }
}

/** What is wrong with where a tip wants its answer.
 *  `changed`: the same source as an earlier tip, and another mailbox or recipient than there: only the first is answered.
 *  `another-hand`: signed by another source, with the mailbox or recipient of an earlier tip: somebody wants to be taken for its source. */
export type Mark = { readonly what: "changed" | "another-hand"; readonly than: number }

export function markOf({ tips }: Records, { tip, source, recipient, mailbox }: TipRecord): Mark | undefined {
  if (source === undefined) return undefined
  for (const [number, one] of [...tips].sort(([a], [b]) => a - b)) {
    if (number >= tip || one.source === undefined || one.mailbox === undefined) continue
    const [isSameBox, isSameRecipient] = [one.mailbox === mailbox, one.recipient === recipient]
    if (one.source === source) return isSameBox && isSameRecipient ? undefined : { what: "changed", than: number }
    if (isSameBox || isSameRecipient) return { what: "another-hand", than: number }
  }
  return undefined
}

export const markText = (tip: number, { what, than }: Mark): string =>
  what === "changed"
    ? `TIP ${tip} IS SIGNED BY THE SOURCE OF TIP ${than} AND WANTS ITS ANSWER ELSEWHERE. Answer tip ${than}, not this one.`
    : `TIP ${tip} IS BY ANOTHER HAND THAN TIP ${than}, AND WANTS ITS ANSWER WHERE THE SOURCE OF TIP ${than} READS. Somebody may want to be taken for that source.`

/** The earlier tip by the same source. */
export const firstOf = (records: Records, { tip, source }: TipRecord): number | undefined =>
  threadOf(records, source).tips.find((other) => other.tip < tip)?.tip

/** What is still promised for a tip: to say that it has come, then to say what has come of it. */
export interface Promised {
  readonly what: "acknowledge" | "say more"
  readonly by: Day
  /** Negative: so many days late. */
  readonly days: number
}

/** @param hashes - by tip, what its replies name it by
 *  @returns `undefined`: nothing, it was answered twice; or nobody can answer it */
export function promised(records: Records, tip: TipRecord, hashes: ReadonlyMap<number, Hash>, today: Day): Promised | undefined {
  if (tip.source === undefined || tip.mailbox === undefined || tip.state === "broken") return undefined
  const numbers = new Map([...hashes].map(([number, hash]) => [hash, number]))
  // An answer to a later tip of the thread answers this one too.
  const answers = threadOf(records, tip.source).replies.filter(({ re, day }) => {
    const answered = numbers.get(re)
    return answered === undefined ? daysBetween(tip.day, day) >= 0 : answered >= tip.tip
  })
  const [first, second] = answers.sort((a, b) => daysBetween(b.day, a.day))
  if (second !== undefined) return undefined
  const by = first === undefined ? addDays(tip.day, ACKNOWLEDGE_DAYS) : addDays(first.day, SAY_MORE_DAYS)
  return { what: first === undefined ? "acknowledge" : "say more", by, days: daysBetween(today, by) }
}

/** `acknowledge in 7 days`, `say more, 3 days late`, `-`. */
export function promisedText(promise: Promised | undefined): string {
  if (promise === undefined) return "-"
  const { what, days } = promise
  const count = (of: number) => (of === 1 ? "1 day" : `${of} days`)
  return days < 0 ? `${what}, ${count(-days)} late` : days === 0 ? `${what} today` : `${what} in ${count(days)}`
}

/** Colleagues' replies to the same source of the same day or one beside it: neither writer can have counted on having seen the other. */
export const atOnce = (records: Records, { source, from, day, reply }: ReplyRecord): readonly ReplyRecord[] =>
  threadOf(records, source).replies.filter(
    (one) => one.reply !== reply && one.from !== from && Math.abs(daysBetween(one.day, day)) <= 1 && one.reply < reply,
  )
