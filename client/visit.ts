/** One visit to the page: what has been verified, what was written and agreed to, which step is shown, and how all of it ends. SPEC.md §5.
 *
 *  Two promises are kept here. Nothing leaves the page before Seal and send, or Look for an answer, but the request for `/api/today`; and once
 *  something was refused, nothing leaves it at all: the form is hidden, the worker has ended, and every way to send asks {@link Visit.step} first.
 *  On a day on which nobody can be reached, Look for an answer is left, and nothing else. */

import type { Day } from "../envelope/day.ts"
import { byId } from "./elements.ts"
import type { AskedCallout, Draft, View } from "./messages.ts"
import type { Questions } from "./questions.ts"
import type { Readers } from "./readers.ts"
import type { Sealer } from "./sealer.ts"

const STEPS = ["writing", "checking", "sending", "failed", "sent", "coming-back", "answers", "refused", "in-app"] as const
export type Step = (typeof STEPS)[number]

/** Everything has been verified, and stands on the page. */
export interface Ready {
  readonly sealer: Sealer
  readonly view: View
  readonly readers: Readers
  readonly callout: AskedCallout | undefined
  readonly questions: Questions
}

export interface Visit {
  /** The text of newsroom.json, as it stands in the HTML. */
  readonly pin: string
  /** Aborted when the visit is over, and every request with it. A new visit begins with a reload. */
  readonly life: AbortSignal
  readonly step: Step
  ready: Ready | undefined
  /** What the source has looked at once more and agreed to. */
  draft: Draft | undefined
  /** Sealed and not confirmed yet: these very bytes are sent again. */
  sealed: { readonly day: Day; readonly envelope: Uint8Array<ArrayBuffer> } | undefined
  hasPosted: boolean
  /** `false` once everything has been verified and nobody can be reached today: what has been answered can be read, nothing can be sent. */
  canWrite: boolean
  /** Writing again with words that were typed: the worker has them, and seals by them only when it is told to. */
  isAgain: boolean
  /** Something was found under those words. Otherwise one of them may be mistyped, and the tip be locked by words that nobody has. */
  areWordsProven: boolean
  /** Goes to a step, and to its heading. Where nobody can be reached there is no way to writing: it leads to the refusal. */
  show(next: Step): void
  /** Whether the browser asks before it goes away: while something is on its way. */
  warnOnUnload(isOn: boolean): void
  /** What else was written: its text, empty where there is nothing. In the order in which it is read. */
  whenCopied(text: () => string): void
  /** All that was written, as one text to copy. */
  written(): string
  /** What else is to be emptied. */
  whenWiped(wipe: () => void): void
  /** Ends everything and empties everything. That a string has left memory, script cannot prove. */
  wipe(): void
}

function keepUnloading(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

export function makeVisit(): Visit {
  const life = new AbortController()
  const wipers: (() => void)[] = []
  const texts: (() => string)[] = []
  let step: Step = "writing"
  const visit: Visit = {
    pin: document.querySelector<HTMLMetaElement>('meta[name="sotto-newsroom"]')?.content ?? "",
    life: life.signal,
    get step() {
      return step
    },
    ready: undefined,
    draft: undefined,
    sealed: undefined,
    hasPosted: false,
    canWrite: true,
    isAgain: false,
    areWordsProven: false,
    show(wanted) {
      const next = wanted === "writing" && !visit.canWrite ? "refused" : wanted
      step = next
      for (const one of STEPS) byId(one, HTMLElement).hidden = one !== next
      if (next !== "writing" && next !== "in-app") byId(`${next}-title`, HTMLElement).focus()
    },
    warnOnUnload(isOn) {
      if (isOn) addEventListener("beforeunload", keepUnloading)
      else removeEventListener("beforeunload", keepUnloading)
    },
    whenCopied(text) {
      texts.push(text)
    },
    written: () =>
      texts
        .map((text) => text())
        .filter((text) => text.trim() !== "")
        .join("\n\n"),
    whenWiped(wipe) {
      wipers.push(wipe)
    },
    wipe() {
      visit.warnOnUnload(false)
      life.abort()
      visit.draft = undefined
      visit.sealed = undefined
      visit.ready?.readers.wipe()
      visit.ready?.questions.wipe()
      visit.ready = undefined
      for (const wipe of wipers) wipe()
      for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
        "input, textarea, select",
      )) {
        field.value = ""
        if (field instanceof HTMLInputElement) field.checked = false
      }
    },
  }
  return visit
}
