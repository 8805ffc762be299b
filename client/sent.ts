/** After the server has confirmed: the words are handed over once, then the worker ends and everything is emptied. */

import { showChannels } from "./channels.ts"
import type { EightWords } from "./eight-words.ts"
import { byId, say } from "./elements.ts"
import type { Ready, Visit } from "./visit.ts"
import { fill, numberText } from "./wording.ts"
import { words } from "./words/en.ts"

export async function finish(visit: Visit, eightWords: EightWords, { sealer, view, callout }: Ready): Promise<void> {
  const { retentionDays, channels } = view
  const answer = visit.isAgain ? undefined : await sealer.ask({ kind: "words" }).catch(() => undefined)
  // Left meanwhile: nothing is put on a page that was emptied.
  if (visit.life.aborted) return
  const eight = answer?.kind === "words" ? answer.words : []
  visit.wipe()
  const after = byId("sent-after", HTMLElement)
  byId("sent-answer", HTMLElement).textContent = visit.isAgain
    ? words.sent.sameWords
    : eight.length === 8
      ? words.sent.answer
      : words.sent.noWords
  byId("sent-days", HTMLElement).textContent = fill(words.sent.days, { days: numberText(retentionDays) })
  say(byId("sent-next", HTMLElement), callout?.next)
  showChannels(byId("sent-channels", HTMLElement), channels)
  after.hidden = eight.length === 8
  if (eight.length === 8)
    eightWords.show(eight, () => {
      after.hidden = false
      byId("sent-after-title", HTMLElement).focus()
    })
  visit.show("sent")
}
