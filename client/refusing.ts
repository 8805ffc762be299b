/** Fail closed: no form, no worker, no request from here on; the other ways to reach the newsroom instead. */

import { dayOf } from "../envelope/day.ts"
import { showChannels } from "./channels.ts"
import { byId } from "./elements.ts"
import { pinnedChannels, type RefusalCode } from "./messages.ts"
import type { Visit } from "./visit.ts"
import { dayText, fill } from "./wording.ts"
import { words } from "./words/en.ts"

/** Which words belong to a refusal: what went wrong in detail is of use to nobody who stands before this page. */
const REFUSED: { readonly [Code in RefusalCode]: Exclude<keyof typeof words.refused, "safe" | "safeLater" | "kept"> } = {
  "no-answer": "no-answer",
  "bad-answer": "unproven",
  clock: "clock",
  nobody: "nobody",
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

/** Ends the visit. What was written stays in one field that cannot be sent, for copying. */
export function refuse(visit: Visit, code: RefusalCode): void {
  if (visit.life.aborted) return
  const written = byId("message", HTMLTextAreaElement).value
  const channels = visit.ready?.view.channels ?? pinnedChannels(visit.pin)
  visit.wipe()
  const { title, text } = words.refused[REFUSED[code]]
  byId("refused-title", HTMLElement).textContent = title
  byId("refused-text", HTMLElement).textContent = fill(text, { day: dayText(dayOf(Date.now())) })
  byId("refused-safe", HTMLElement).textContent = visit.hasPosted ? words.refused.safeLater : words.refused.safe
  byId("refused-kept", HTMLElement).hidden = written.trim() === ""
  byId("kept", HTMLTextAreaElement).value = written
  showChannels(byId("refused-channels", HTMLElement), channels)
  visit.show("refused")
}
