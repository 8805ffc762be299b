/** Fail closed: no form, no worker, no request from here on; the other ways to reach the newsroom instead. Where everything holds and nobody can
 *  be reached today, there is no form either, and what has been answered can still be read. SPEC.md §5. */

import { dayOf } from "../envelope/day.ts"
import { showChannels } from "./channels.ts"
import { byId, tell } from "./elements.ts"
import { words } from "./language.ts"
import { type Channel, pinnedChannels, type RefusalCode, type View } from "./messages.ts"
import type { Visit } from "./visit.ts"
import { dayText, fill } from "./wording.ts"

type Said = Exclude<keyof typeof words.refused, "safe" | "safeLater" | "kept" | "read">

/** Which words belong to a refusal: what went wrong in detail is of use to nobody who stands before this page. */
const REFUSED: { readonly [Code in RefusalCode]: Said } = {
  "no-answer": "no-answer",
  "bad-answer": "unproven",
  clock: "clock",
  expired: "expired",
  "not-yet": "expired",
  "too-few-roots": "unproven",
  "version-gap": "unproven",
  "rolled-back": "unproven",
  forked: "unproven",
  foreign: "unproven",
  "bad-keyring": "unproven",
  "bad-newsroom": "unproven",
  unsupported: "unsupported",
  broken: "broken",
}

/** Ends the visit. What was written, answers and names of files with it, stays in one field that cannot be sent, for copying. */
export function refuse(visit: Visit, code: RefusalCode): void {
  if (visit.life.aborted) return
  const written = visit.written()
  const channels = visit.ready?.view.channels ?? pinnedChannels(visit.pin)
  visit.wipe()
  explain(visit, REFUSED[code], { written, channels, canRead: false })
}

/** Takes the form away and lets the worker live, for reading. It has no key to seal to either.
 *  @param written - as it was under the questions that were answered: today's may be others */
export function closeToday(visit: Visit, { channels }: View, written: string): void {
  byId("message", HTMLTextAreaElement).value = ""
  visit.warnOnUnload(false)
  visit.draft = undefined
  visit.sealed = undefined
  visit.canWrite = false
  explain(visit, "nobody", { written, channels, canRead: true })
}

function explain(
  visit: Visit,
  said: Said,
  { written, channels, canRead }: { written: string; channels: readonly Channel[]; canRead: boolean },
): void {
  const today = dayOf(Date.now())
  tell(byId("refused-title", HTMLElement), () => words.refused[said].title)
  tell(byId("refused-text", HTMLElement), () => fill(words.refused[said].text, { day: dayText(today) }))
  tell(byId("refused-safe", HTMLElement), () => (visit.hasPosted ? words.refused.safeLater : words.refused.safe))
  byId("refused-kept", HTMLElement).hidden = written.trim() === ""
  byId("kept", HTMLTextAreaElement).value = written
  byId("refused-read", HTMLElement).hidden = !canRead
  showChannels(byId("refused-channels", HTMLElement), channels)
  visit.show("refused")
}
