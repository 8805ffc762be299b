/** After the server has confirmed: the words are handed over once, then the worker ends and everything is emptied. */

import type { HowAnswered } from "./answering.ts"
import { showChannels } from "./channels.ts"
import type { EightWords } from "./eight-words.ts"
import { byId, make, tell } from "./elements.ts"
import { words } from "./language.ts"
import type { Ready, Visit } from "./visit.ts"
import { fill, numberText } from "./wording.ts"

interface Parts {
  readonly visit: Visit
  readonly eightWords: EightWords
  readonly how: HowAnswered
}

export async function finish({ visit, eightWords, how }: Parts, { sealer, view, callout }: Ready): Promise<void> {
  const { retentionDays, channels } = view
  const areKnown = visit.isAgain && visit.areWordsProven
  const answer = areKnown || how !== "words" ? undefined : await sealer.ask({ kind: "words" }).catch(() => undefined)
  // Left meanwhile: nothing is put on a page that was emptied.
  if (visit.life.aborted) return
  const eight = answer?.kind === "words" ? answer.words : []
  visit.wipe()
  const after = byId("sent-after", HTMLElement)
  const told = areKnown ? "sameWords" : how !== "words" ? how : eight.length === 8 ? "answer" : "noWords"
  tell(byId("sent-answer", HTMLElement), () => words.sent[told])
  tell(byId("sent-days", HTMLElement), () => fill(words.sent.days, { days: numberText(retentionDays) }))
  const next = byId("sent-next", HTMLElement)
  next.replaceChildren(...(callout?.next === undefined ? [] : [make("span", { lang: callout.lang, dir: "auto" }, callout.next)]))
  next.hidden = callout?.next === undefined
  showChannels(byId("sent-channels", HTMLElement), channels)
  after.hidden = eight.length === 8
  byId("words-used", HTMLElement).hidden = !visit.isAgain
  if (eight.length === 8) {
    // One Back or reload would lose them for good: the browser asks, until they are written down. Leave does not ask.
    visit.warnOnUnload(true)
    eightWords.show(eight, () => {
      visit.warnOnUnload(false)
      after.hidden = false
      byId("sent-after-title", HTMLElement).focus()
    })
  }
  visit.show("sent")
}
