/** From the form to the last look before sending, and back to the form with a sentence at the place it is about. */

import type { Answering } from "./answering.ts"
import type { Attachments } from "./attachments.ts"
import { byId, say } from "./elements.ts"
import { words } from "./language.ts"
import type { Draft, SealFault } from "./messages.ts"
import { showSummary } from "./summary.ts"
import type { Ready, Visit } from "./visit.ts"
import { fill, sizeText } from "./wording.ts"

/** Why it is back at the form. */
type Complaint = SealFault | "questions-changed"

export interface Checking {
  /** Reads the form, and goes on where it can be sent. */
  check(): Promise<void>
  /** Back to the form, and says why. */
  complain(fault: Complaint, file?: number): void
  /** Back to the form because the source wants to. */
  back(): void
}

interface Parts {
  readonly visit: Visit
  readonly attachments: Attachments
  readonly answering: Answering
}

export function makeChecking({ visit, attachments, answering }: Parts): Checking {
  const message = byId("message", HTMLTextAreaElement)
  const messageError = byId("message-error", HTMLElement)
  const tipError = byId("tip-error", HTMLElement)
  const checkButton = byId("check", HTMLButtonElement)
  const summary = byId("summary", HTMLElement)
  visit.whenWiped(() => summary.replaceChildren())

  async function readDraft({ readers, callout, questions }: Ready): Promise<Draft> {
    // First: what is typed while photos are looked through is meant, too.
    const files = await attachments.files()
    return {
      to: readers.chosen(),
      ...(callout === undefined ? {} : { callout: callout.id }),
      answers: [...questions.answers()],
      message: answering.addTo(message.value),
      files,
      ...(visit.isAgain ? { again: true } : {}),
    }
  }

  function complain(fault: Complaint, file?: number): void {
    visit.show("writing")
    if (fault === "unreadable-file") attachments.complainOf(file)
    else if (fault === "not-reachable") visit.ready?.readers.complain(() => words.check.gone)
    else {
      const most = visit.ready?.view.limit.bytes ?? 0
      say(tipError, () =>
        fault === "too-large"
          ? fill(words.check.tooLarge, { size: sizeText(most) })
          : fault === "bad-draft"
            ? words.check.bad
            : fault === "questions-changed"
              ? words.check.changed
              : words.check.broken,
      )
      checkButton.focus()
    }
  }

  /** From the first wait on, what is pressed meanwhile does nothing; whatever becomes of it, the button can be pressed again. */
  async function alone<Found>(action: () => Promise<Found>): Promise<Found | undefined> {
    if (checkButton.disabled) return undefined
    checkButton.disabled = true
    try {
      return await action()
    } finally {
      checkButton.disabled = visit.ready === undefined
    }
  }

  /** @returns whether it can be sent; says what is missing, and goes there */
  function isComplete(next: Draft, { readers }: Ready): boolean {
    say(tipError, undefined)
    say(messageError, undefined)
    attachments.complain(undefined)
    readers.complain(next.to.length === 0 ? () => words.readers.missing : undefined)
    if (next.to.length === 0) return false
    if (next.answers.length === 0 && next.files.length === 0 && message.value.trim() === "") {
      say(messageError, () => words.check.empty)
      message.focus()
      return false
    }
    return !answering.complain()
  }

  async function check(): Promise<void> {
    const { ready } = visit
    if (visit.step !== "writing" || !visit.canWrite || ready === undefined) return
    const { sealer, view, callout } = ready
    const found = await alone(async () => {
      for (;;) {
        const draft = await readDraft(ready)
        if (!isComplete(draft, ready)) return undefined
        const weighed = await sealer.ask({ kind: "weigh", draft })
        // What was changed while it was weighed is looked at as well: only what stands there is agreed to.
        if (visit.step !== "writing" || isSame(draft, await readDraft(ready))) return { draft, weighed }
      }
    })
    // Gone elsewhere meanwhile: nobody is brought back.
    if (found === undefined || visit.step !== "writing") return
    const { draft, weighed } = found
    if (weighed.kind !== "weighed") return complain(weighed.kind === "not-sealed" ? weighed.fault : "broken")
    visit.draft = draft
    showSummary(summary, { view, callout, draft, weighed, how: answering.how() })
    visit.show("checking")
  }

  function back(): void {
    visit.draft = undefined
    visit.sealed = undefined
    summary.replaceChildren()
    visit.show("writing")
    checkButton.focus()
  }

  return { check, complain, back }
}

function isSame(one: Draft, other: Draft): boolean {
  const areFilesSame = one.files.length === other.files.length && one.files.every(({ blob }, at) => blob === other.files[at]?.blob)
  return areFilesSame && JSON.stringify(one) === JSON.stringify(other)
}
