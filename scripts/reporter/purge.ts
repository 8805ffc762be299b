/** `purge`: tips out of this vault for good, with our copies of what was answered to them. Local: the server and colleagues are not told,
 *  since a request to delete would name who had it. Says what is deleted where, and what is not. */

import { basename } from "node:path"
import { addDays, type Day, daysBetween } from "../../envelope/day.ts"
import type { Hash } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn } from "../vault/disk.ts"
import { homePaths } from "../vault/home.ts"
import { keepRecords, readRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { saidOf } from "../vault/marks.ts"
import { pageOf } from "../vault/numbered.ts"
import { type Records, type ReplyRecord, type TipRecord, withReply, withTip } from "../vault/records.ts"
import type { Secrets } from "../vault/secrets.ts"
import { keepTexts, readTexts, type Texts } from "../vault/texts.ts"
import { openVault, ownId } from "../vault/vault.ts"

export interface PurgeWanted {
  readonly numbers: readonly number[]
  /** Those whose time is over instead: spam after a week, the rest after half a year, nothing that is held. */
  readonly due?: boolean
  readonly spamDays?: number
  readonly days?: number
  /** Without asking. */
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}
export const SPAM_DAYS = 7
export const KEPT_DAYS = 180
/** In place of what a purged reply belonged to. */
const NOBODY = "A".repeat(43) as Hash

/** @returns the numbers that are gone
 *  @throws Failure `failed`: no such tip, or it is held; `needs-terminal` */
export const purge = (desk: Desk, wanted: PurgeWanted): Promise<readonly number[]> =>
  locked(desk, async () => {
    const { terminal } = desk
    const { records, chain, secrets } = await openVault(desk)
    const tips = wanted.due ? due(records, desk.clock.today(), wanted) : wanted.numbers.map((number) => named(records, number))
    if (tips.length === 0 && !wanted.due) throw new Failure("usage", "nothing to purge is named", "purge NUMBER ..., or purge --due")
    if (tips.length > 0) sayBefore(desk, tips, { own: ownId(secrets), retentionDays: chain.at(-1)?.policy.retentionDays ?? 0 })
    if (tips.length > 0 && !wanted.dryRun && !wanted.yes && (await terminal.ask("purge? (yes)", "--yes")).trim() !== "yes")
      throw new Failure("failed", "nothing was purged", "answer yes, or use --yes")
    const numbers = tips.map(({ tip }) => tip)
    if (!wanted.dryRun) await erase(desk, tips)
    if (wanted.json) terminal.json({ v: 1, purged: wanted.dryRun ? [] : numbers, ...(wanted.dryRun ? { due: numbers } : {}) })
    else if (tips.length === 0) terminal.say("nothing is due")
    else if (wanted.dryRun) terminal.say("nothing was changed; without --dry-run the same command does it")
    else terminal.answer(`purged ${numbers.join(", ")}`)
    return numbers
  })

function named({ tips }: Records, number: number): TipRecord {
  const tip = tips.get(number)
  if (tip === undefined) throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
  const { hold } = saidOf(tip.marks, tip.to)
  if (hold !== undefined) throw new Failure("failed", `tip ${number} is held`, `read ${number} says why; hold ${number} --off ends it`)
  return tip
}

const due = ({ tips }: Records, today: Day, { spamDays = SPAM_DAYS, days = KEPT_DAYS }: PurgeWanted): readonly TipRecord[] =>
  [...tips.values()].filter(({ state, marks, to, day }) => {
    const said = saidOf(marks, to)
    return state !== "purged" && said.hold === undefined && daysBetween(day, today) > (said.spam ? spamDays : days)
  })

function sayBefore(
  { terminal, clock }: Desk,
  tips: readonly TipRecord[],
  { own, retentionDays }: { readonly own: string; readonly retentionDays: number },
): void {
  const numbers = tips.map(({ tip }) => tip)
  terminal.say(
    numbers.length === 1
      ? `deleted here, for good: tip ${numbers[0]}, with its files, notes and what was answered to it`
      : `deleted here, for good: tips ${numbers.join(", ")}, with their files, notes and what was answered to them`,
  )
  const others = [...new Set(tips.flatMap(({ to }) => to ?? []))].filter((id) => id !== own)
  terminal.say(
    others.length === 0 ? "no colleague has them" : `not deleted: what ${others.join(", ")} may have of them. Ask them to purge too`,
  )
  const last = tips
    .map(({ day }) => addDays(day, retentionDays))
    .sort()
    .at(-1)
  if (last !== undefined && last >= clock.today())
    terminal.say(
      `the server keeps the sealed envelopes until ${last}; it can open none, and this machine none of a day whose key is destroyed`,
    )
  terminal.say(
    "not deleted: what was saved or exported, copies of this folder, older backups; and a disk may keep traces that no program reaches",
  )
}

/** First the index, so that a cut leaves a file too many and never a tip without its file; whatever is purged next takes what is left. */
async function erase(desk: Desk, tips: readonly TipRecord[]): Promise<void> {
  const { secrets } = await openVault(desk)
  let records = await readRecords(desk, secrets)
  const names = new Set(tips.flatMap(({ re }) => re ?? []))
  for (const { tip, day, envelope, re } of tips) {
    records = withTip(records, {
      tip,
      day,
      state: "purged",
      files: 0,
      ...(envelope === undefined ? {} : { envelope }),
      ...(re === undefined ? {} : { re }),
    })
  }
  for (const reply of records.replies.values()) if (names.has(reply.re)) records = withReply(records, forgotten(reply))
  records = { ...records, outgoing: records.outgoing.filter(({ change }) => !names.has(change.tip)) }
  await keepRecords(desk, secrets, records)
  await sweep(desk, secrets, records)
}

/** Takes from the disk what the index calls purged: of this time, and of a time that was cut. */
async function sweep(desk: Desk, secrets: Secrets, { tips, replies }: Records): Promise<void> {
  const paths = homePaths(desk.home)
  const gone = [...tips, ...replies].flatMap(([number, { state }]) => (state === "purged" ? [number] : []))
  const there = new Set(await namesIn(paths.tips))
  for (const number of gone) if (there.has(basename(paths.tip(number)))) await desk.disk.remove(paths.tip(number))
  const texts = new Map<number, Texts>()
  for (const page of new Set(gone.map(pageOf))) texts.set(page, await readTexts(desk, secrets, page))
  const written = gone.filter((number) => texts.get(pageOf(number))?.has(number))
  await keepTexts(desk, secrets, new Map(written.map((number) => [number, undefined])))
}

const forgotten = (reply: ReplyRecord): ReplyRecord => ({ ...reply, state: "purged", source: NOBODY, re: NOBODY })
