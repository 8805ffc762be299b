/** What a colleague's letter says about tips, taken into the index. SPEC.md §3.8. */

import type { DeskLetter } from "../../envelope/desk-letter.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import { MAX_HEARD, type Marks, merged, withForeign } from "../vault/marks.ts"
import { type Records, withTip } from "../vault/records.ts"

/** Changes of tips that are not here wait: a colleague may have been quicker. */
export const MAX_WAITING = 20_000
/** Of these one colleague speaks of no more than so many: whoever makes up tips takes no room from the others. */
export const MAX_WAITING_OF_ONE = 2_000

/** @param named - the number of the tip that has this name */
export function heard(records: Records, { from, changes }: DeskLetter, named: (re: Hash) => number | undefined): Records {
  let now = records
  const waiting = new Map(records.waiting)
  let theirs = 0
  for (const marks of waiting.values()) if (speaks(from, marks)) theirs++
  for (const change of changes) {
    const number = named(change.tip)
    const tip = number === undefined ? undefined : now.tips.get(number)
    now = { ...now, stamp: withForeign(now.stamp, change) }
    if (tip !== undefined) {
      now = withTip(now, { ...tip, marks: merged(tip.marks, change, from, MAX_HEARD) })
      continue
    }
    const before = waiting.get(change.tip)
    const isNew = before === undefined || !speaks(from, before)
    if (isNew && theirs >= MAX_WAITING_OF_ONE) continue
    if (before === undefined && waiting.size >= MAX_WAITING) continue
    const marks = merged(before, change, from, MAX_HEARD)
    // What only says that somebody else has read it says nothing.
    if (Object.keys(marks).length === 0) continue
    waiting.set(change.tip, marks)
    if (isNew && speaks(from, marks)) theirs++
  }
  return { ...now, waiting }
}

const speaks = (who: Id, marks: Marks): boolean => Object.values(marks).some(([, , , by]) => by === who)
