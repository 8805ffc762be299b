/** Threads: the tips of one source and what was answered to them; and how long a newsroom that promised an answer still has for it.
 *  All of it from the vault alone. SPEC.md §3.7, §7. */

import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import type { Hash } from "../../envelope/names.ts"
import type { Letters, ReplyRecord, TipRecord } from "../vault/records.ts"

/** What the promise is: the deadlines of EU Directive 2019/1937. They bind employers, not the press; a newsroom may keep them all the same. */
const ACKNOWLEDGE_DAYS = 7
const SAY_MORE_DAYS = 92 // three months

export interface Thread {
  /** In number order. */
  readonly tips: readonly TipRecord[]
  readonly replies: readonly ReplyRecord[]
}

const NO_THREAD: Thread = { tips: [], replies: [] }

interface Growing extends Thread {
  readonly tips: TipRecord[]
  replies: readonly ReplyRecord[]
}

/** Every tip and reply by what belongs together. Records are to be added in the order of their numbers.
 *  What is asked for less often than a list is made is worked out when it is first asked for. */
export class Threads {
  readonly #bySource = new Map<Hash, Growing>()
  readonly #tips: TipRecord[] = []
  /** By mailbox address and by recipient, the first tip that names it. */
  #byPlace: Map<Hash, TipRecord> | undefined
  #byName: Map<Hash, number> | undefined

  addTip(tip: TipRecord): void {
    this.#tips.push(tip)
    if (this.#byName !== undefined) name(this.#byName, tip)
    if (this.#byPlace !== undefined) place(this.#byPlace, tip)
    if (tip.source === undefined) return
    const held = this.#bySource.get(tip.source)
    if (held === undefined) this.#bySource.set(tip.source, { tips: [tip], replies: NO_THREAD.replies })
    else held.tips.push(tip)
  }
  addReply(reply: ReplyRecord): void {
    if (reply.state === "purged") return
    const held = this.#bySource.get(reply.source)
    if (held === undefined) this.#bySource.set(reply.source, { tips: [], replies: [reply] })
    else held.replies = [...held.replies, reply]
  }

  /** All that have a source. */
  all(): Iterable<Thread> {
    return this.#bySource.values()
  }
  of(source: Hash | undefined): Thread {
    return (source !== undefined && this.#bySource.get(source)) || NO_THREAD
  }
  /** The tip that replies and changes name by this hash. */
  named(re: Hash): number | undefined {
    if (this.#byName === undefined) {
      this.#byName = new Map()
      for (const tip of this.#tips) name(this.#byName, tip)
    }
    return this.#byName.get(re)
  }
  /** The first tip that wants its answers there. */
  firstAt(where: Hash | undefined): TipRecord | undefined {
    if (this.#byPlace === undefined) {
      this.#byPlace = new Map()
      for (const tip of this.#tips) place(this.#byPlace, tip)
    }
    return where === undefined ? undefined : this.#byPlace.get(where)
  }
}

function name(names: Map<Hash, number>, { re, tip }: TipRecord): void {
  if (re !== undefined) names.set(re, tip)
}
function place(places: Map<Hash, TipRecord>, tip: TipRecord): void {
  if (tip.source === undefined) return
  if (tip.mailbox !== undefined && !places.has(tip.mailbox)) places.set(tip.mailbox, tip)
  if (tip.recipient !== undefined && !places.has(tip.recipient)) places.set(tip.recipient, tip)
}

const known = new WeakMap<Pick<Letters, "tips" | "replies">, Threads>()
/** The threads of records that will not change. */
export function threadsOf(records: Pick<Letters, "tips" | "replies">): Threads {
  const held = known.get(records) ?? new Threads()
  if (!known.has(records)) {
    for (const tip of inOrder(records.tips)) held.addTip(tip)
    for (const reply of inOrder(records.replies)) held.addReply(reply)
    known.set(records, held)
  }
  return held
}

/** By number, which is how they lie in the vault: sorted only where they do not. */
function inOrder<One>(of: ReadonlyMap<number, One>): readonly One[] {
  const all: One[] = []
  let [last, isAscending] = [0, true]
  for (const [number, one] of of) {
    isAscending &&= number > last
    last = number
    all.push(one)
  }
  return isAscending ? all : [...of].sort(([a], [b]) => a - b).map(([, one]) => one)
}

export const threadOf = (records: Letters, source: Hash | undefined): Thread => threadsOf(records).of(source)

/** What is wrong with where a tip wants its answer.
 *  `changed`: the same source as an earlier tip, and another mailbox or recipient than there: only the first is answered.
 *  `another-hand`: signed by another source, with the mailbox or recipient of an earlier tip: somebody wants to be taken for its source. */
export type Mark = { readonly what: "changed" | "another-hand"; readonly than: number }

export function markOf(threads: Threads, { tip, source, recipient, mailbox }: TipRecord): Mark | undefined {
  if (source === undefined) return undefined
  const earlier = [threads.of(source).tips[0], threads.firstAt(mailbox), threads.firstAt(recipient)].flatMap((one) =>
    one !== undefined && one.tip < tip && one.mailbox !== undefined ? [one] : [],
  )
  const [first] = earlier.sort((a, b) => a.tip - b.tip)
  if (first === undefined) return undefined
  if (first.source !== source) return { what: "another-hand", than: first.tip }
  return first.mailbox === mailbox && first.recipient === recipient ? undefined : { what: "changed", than: first.tip }
}

export const markText = (tip: number, { what, than }: Mark): string =>
  what === "changed"
    ? `TIP ${tip} IS SIGNED BY THE SOURCE OF TIP ${than} AND WANTS ITS ANSWER ELSEWHERE. Answer tip ${than}, not this one.`
    : `TIP ${tip} IS BY ANOTHER HAND THAN TIP ${than}, AND WANTS ITS ANSWER WHERE THE SOURCE OF TIP ${than} READS. Somebody may want to be taken for that source.`

/** The earlier tip by the same source. */
export const firstOf = (threads: Threads, { tip, source }: TipRecord): number | undefined =>
  threads.of(source).tips.find((other) => other.tip < tip)?.tip

/** What is still promised for a tip: to say that it has come, then to say what has come of it. */
export interface Promised {
  readonly what: "acknowledge" | "say more"
  readonly by: Day
  /** Negative: so many days late. */
  readonly days: number
}

/** @returns `undefined`: nothing, it was answered twice; or nobody can answer it */
export function promised(threads: Threads, tip: TipRecord, today: Day): Promised | undefined {
  if (tip.source === undefined || tip.mailbox === undefined || tip.state === "broken") return undefined
  // An answer to a later tip of the thread answers this one too.
  const answers = threads.of(tip.source).replies.filter(({ re, day }) => {
    const answered = threads.named(re)
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
export const atOnce = (threads: Threads, { source, from, day, reply }: ReplyRecord): readonly ReplyRecord[] =>
  threads
    .of(source)
    .replies.filter((one) => one.reply !== reply && one.from !== from && Math.abs(daysBetween(one.day, day)) <= 1 && one.reply < reply)
