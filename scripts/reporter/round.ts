/** What one sync carries from day to day, and what it writes down and says of each envelope. */

import type { Day } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import type { ServerAddress } from "../http.ts"
import { type Records, type ReplyRecord, type TipRecord, withReply, withTip } from "../vault/records.ts"
import type { Vault } from "../vault/vault.ts"
import { heard } from "./heard.ts"
import type { Taken } from "./intake.ts"
import { atOnce, firstOf, markOf, markText, type Threads } from "./threads.ts"

export interface Round {
  readonly desk: Desk
  readonly vault: Vault
  readonly server: ServerAddress
  records: Records
  /** Grows with the records. */
  readonly threads: Threads
  /** By a tip's name or a reply's signature, its number: what is there already. */
  readonly known: Map<string, number>
  /** What can be searched for in tips that are new. */
  readonly words: Map<number, string>
  readonly kept: TipRecord[]
  readonly replies: ReplyRecord[]
  broken: number
  replays: number
  /** The marks of our own test tips that came, by their day. */
  readonly canaries: { readonly day: Day; readonly mark: string }[]
}

/** @param reporter - our id */
export function note(round: Round, { day, reporter }: { readonly day: Day; readonly reporter: Id }, envelope: string, taken: Taken): void {
  const { terminal } = round.desk
  switch (taken.what) {
    case "not-ours":
      return
    case "broken":
      round.broken++
      terminal.say(`warning: an envelope of ${day} is broken (${taken.code}) and was not kept`)
      return
    case "replay": {
      const own = round.records.replies.get(taken.of)
      if (own !== undefined && own.envelope === undefined) {
        // Ours, which the server shows us for the first time.
        round.records = withReply(round.records, { ...own, envelope })
        return
      }
      round.replays++
      terminal.say(`warning: an envelope of ${day} is a copy of tip ${taken.of} and was not kept again`)
      return
    }
    case "reply": {
      // Sent from here, and cut before it was written down.
      const isOurs = taken.record.from === reporter
      const record: ReplyRecord = isOurs ? { ...taken.record, state: "read" } : taken.record
      round.records = withReply(round.records, record)
      round.threads.addReply(record)
      if (!isOurs) round.replies.push(record)
      sayAtOnce(round, record)
      return
    }
    case "kept":
      if (taken.record.fault !== undefined) {
        round.broken++
        terminal.say(`warning: tip ${taken.record.tip} cannot be read in full (${taken.record.fault})`)
      }
      round.kept.push(taken.record)
      round.words.set(taken.record.tip, taken.words)
      keepTip(round, taken.record)
      round.threads.addTip(taken.record)
      sayThread(round, taken.record)
      return
    case "canary":
      round.canaries.push({ day, mark: taken.mark })
      return
    case "desk":
      round.records = heard(round.records, taken.letter, (re) => round.threads.named(re))
  }
}

/** A tip, with what colleagues said of it before it came. */
function keepTip(round: Round, record: TipRecord): void {
  const marks = record.re && round.records.waiting.get(record.re)
  const waiting = marks === undefined ? round.records.waiting : new Map([...round.records.waiting].filter(([re]) => re !== record.re))
  round.records = withTip({ ...round.records, waiting }, marks === undefined ? record : { ...record, marks })
}

function sayThread({ desk, threads }: Round, record: TipRecord): void {
  const [follows, mark] = [firstOf(threads, record), markOf(threads, record)]
  if (mark !== undefined) desk.terminal.say(`warning: ${markText(record.tip, mark)}`)
  else if (follows !== undefined) desk.terminal.say(`tip ${record.tip} is by the same source as tip ${follows}`)
}

function sayAtOnce({ desk, threads }: Round, record: ReplyRecord): void {
  for (const other of atOnce(threads, record))
    desk.terminal.say(
      `warning: ${other.from} and ${record.from} answered the same source at once, on ${other.day} and ${record.day}: read replies ${other.reply} and ${record.reply}, and agree who writes next`,
    )
  if (threads.of(record.source).tips.length === 0)
    desk.terminal.say(`warning: reply ${record.reply} by ${record.from} answers somebody whose tip is not in this vault`)
}
