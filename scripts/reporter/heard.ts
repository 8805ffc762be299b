/** What a colleague's letter says about tips, taken into the index. SPEC.md §3.8. */

import type { DeskLetter } from "../../envelope/desk-letter.ts"
import type { Hash } from "../../envelope/names.ts"
import { laterOf, merged } from "../vault/marks.ts"
import { type Records, withTip } from "../vault/records.ts"

/** Changes of tips that are not here wait: a colleague may have been quicker. */
const MAX_WAITING = 20_000

/** @param named - the number of the tip that has this name */
export function heard(records: Records, { from, changes }: DeskLetter, named: (re: Hash) => number | undefined): Records {
  let now = records
  const waiting = new Map(records.waiting)
  for (const change of changes) {
    const number = named(change.tip)
    const tip = number === undefined ? undefined : now.tips.get(number)
    if (tip !== undefined) now = withTip(now, { ...tip, marks: merged(tip.marks, change, from) })
    else if (waiting.has(change.tip) || waiting.size < MAX_WAITING) waiting.set(change.tip, merged(waiting.get(change.tip), change, from))
    now = { ...now, stamp: laterOf(now.stamp, change) }
  }
  return { ...now, waiting }
}
