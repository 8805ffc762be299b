/** `tally CALLOUT`: what readers reported, counted: one vote a source, ranges as minimum to maximum, small cells hidden. All of it here, from the vault. */

import { createHash } from "node:crypto"
import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { Answer } from "../../envelope/contents.ts"
import { daysBetween } from "../../envelope/day.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { array, integer, object, parseJson, record, string } from "../../envelope/json.ts"
import type { Callout } from "../../keyring/callout.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { folded } from "../folded.ts"
import { readIfThere } from "../vault/disk.ts"
import { writeGiven } from "../vault/given.ts"
import { homePaths } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { saidOf } from "../vault/marks.ts"
import type { TipRecord } from "../vault/records.ts"
import { openFromVault, sealToVault } from "../vault/sealed.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { placeName } from "./answers.ts"
import { countCross, countQuestion, rangeOf, type Tally, type Vote } from "./count.ts"
import { TALLY_FORMATS, tallyFile, tallyLines } from "./tally-shown.ts"
import { openTip } from "./tips.ts"

export interface TallyWanted {
  readonly callout: string
  /** Counts below this are hidden; 1 shows all. */
  readonly minCell?: number
  /** A file instead of the screen, by its ending: `.html`, `.csv`, `.json`. */
  readonly out?: string
  readonly json?: boolean
}
export const HEADING = "Unverified reports by readers"
export const MIN_CELL = 5
const MIN_ALIKE = 20

/** @throws Failure `failed`: no such callout; there is such a file */
export async function tally(desk: Desk, { callout: id, minCell = MIN_CELL, out, json = false }: TallyWanted): Promise<Tally> {
  if (minCell < 1) throw new Failure("usage", "a cell has at least one answer", "--min-cell 1 shows all")
  const { terminal } = desk
  const vault = await openVault(desk)
  const callout = find(vault, id)
  const found = await count(desk, vault, callout, minCell)
  if (out !== undefined) {
    const format = TALLY_FORMATS.find((one) => out.endsWith(`.${one}`))
    if (format === undefined) throw new Failure("usage", "a tally's file ends in .html, .csv or .json", "choose one of them for --out")
    await writeGiven(out, tallyFile(format, found))
    await warnOfDifference(desk, vault, found)
  }
  if (json) terminal.json(found)
  else for (const line of tallyLines(found, terminal)) terminal.answer(line)
  if (minCell === 1) terminal.say("warning: nothing is hidden: a small number may point to somebody. Not for publication")
  if (out !== undefined) terminal.say(`written to ${out}; not published by this command, nor checked`)
  else terminal.next(`tally ${id} --out ${id}.html`)
  return found
}

/** As the newest keyring that has it asks it. */
function find({ chain }: Vault, id: string): Callout {
  for (const { callouts } of [...chain].reverse()) {
    const callout = callouts.find((one) => one.id === id)
    if (callout !== undefined) return callout
  }
  throw new Failure("failed", "there is no such callout in the keyring", "run callout list to see them")
}

async function count(desk: Desk, vault: Vault, callout: Callout, minCell: number): Promise<Tally> {
  const tips = [...vault.records.tips.values()]
    .filter((tip) => tip.callout === callout.id && tip.state !== "purged" && tip.state !== "broken" && !saidOf(tip.marks, tip.to).spam)
    .sort((a, b) => a.tip - b.tip)
  const votes = new Map<string, Vote>()
  const alike = new Map<string, Set<string>>()
  let broken = 0
  for (const tip of tips) {
    const read = await words(desk, vault, tip)
    if (read === undefined) {
      broken++
      desk.terminal.say(`warning: tip ${tip.tip} cannot be read and is not counted`)
      continue
    }
    // Who cannot be told from others has no vote: the same hand could send a hundred.
    if (tip.source === undefined) continue
    if (read.answers.size > 0) votes.set(tip.source, { answers: read.answers })
    if (read.message.length >= MIN_ALIKE) {
      const hash = createHash("sha256").update(read.message).digest("base64")
      alike.set(hash, (alike.get(hash) ?? new Set()).add(tip.source))
    }
  }
  const all = [...votes.values()]
  const range = rangeOf(callout)
  const [first, last] = [tips[0]?.day, tips.at(-1)?.day]
  return {
    v: 1,
    heading: HEADING,
    callout: callout.id,
    title: callout.title,
    minCell,
    tips: tips.length,
    sources: votes.size,
    days: first === undefined || last === undefined ? 0 : daysBetween(first, last) + 1,
    lookAlike: [...alike.values()].reduce((sum, { size }) => sum + (size > 1 ? size : 0), 0),
    broken,
    questions: callout.questions.map((question) => countQuestion(question, all, minCell, placeName)),
    crosses:
      range === undefined
        ? []
        : callout.questions
            .filter(({ kind }) => kind === "one" || kind === "several" || kind === "place")
            .map((by) => countCross(range, by, all, minCell, placeName)),
  }
}

async function words(
  desk: Desk,
  vault: Vault,
  { tip }: TipRecord,
): Promise<{ readonly answers: ReadonlyMap<string, Answer>; readonly message: string } | undefined> {
  try {
    const { opened } = await openTip(desk, vault, tip)
    return { answers: opened.tip.answers, message: folded(opened.message) }
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof Failure) return undefined
    throw error
  }
}

/** What was written out last, by callout: cells by question and answer. */
const counts = record(string({ max: 200 }), integer(0, 1e9), 10_000)
const lastShape = array(object({ callout: string({ max: 32 }), counts }), { max: 1_000 })

/** Two tallies that differ by a few say what those few answered. */
async function warnOfDifference(desk: Desk, vault: Vault, { callout, questions, minCell }: Tally): Promise<void> {
  const path = homePaths(desk.home).tallies
  const sealed = await readIfThere(path)
  const before =
    sealed === undefined ? [] : parseJson(fromUtf8(await openFromVault(sealed, vault.secrets, "tallies.age")), lastShape, "tallies.age")
  const now = new Map(
    questions.flatMap(({ id, cells }) => cells.flatMap((cell) => (cell.count === null ? [] : [[`${id} ${cell.id}`, cell.count] as const]))),
  )
  const earlier = before.find((one) => one.callout === callout)?.counts
  const close = [...now].filter(([cell, count]) => {
    const difference = Math.abs(count - (earlier?.get(cell) ?? count))
    return difference > 0 && difference < minCell
  })
  if (close.length > 0)
    desk.terminal.say(
      `warning: ${close.length === 1 ? "one number differs" : `${close.length} numbers differ`} by fewer than ${minCell} from those written out before: who has both learns what those few said. Wait for more, or publish only one`,
    )
  const after = [...before.filter((one) => one.callout !== callout), { callout, counts: now }]
  const text = JSON.stringify(after.map((one) => ({ callout: one.callout, counts: Object.fromEntries(one.counts) })))
  await locked(desk, async () => desk.disk.replace(path, await sealToVault(utf8(text), vault.secrets.recipient)))
}
