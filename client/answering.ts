/** How the source wants to be answered: by eight words, in another way that they write down, or not at all.
 *  What they choose stands in the message, in words, so that it needs no format and anybody who can open a tip can read it. */

import { byId, say } from "./elements.ts"
import { words } from "./language.ts"
import { fill } from "./wording.ts"

export type HowAnswered = "words" | "contact" | "none"

export interface Answering {
  how(): HowAnswered
  /** Whether something is missing; says so, and goes there. */
  complain(): boolean
  /** The message with a last line about the answer, where there is something to say. */
  addTo(message: string): string
  /** Writing again with the same words: there is nothing to choose. Or not any more. */
  keepWords(isAgain: boolean): void
}

export function makeAnswering(): Answering {
  const part = byId("answer", HTMLElement)
  const byWords = byId("answer-words", HTMLInputElement)
  const byContact = byId("answer-contact", HTMLInputElement)
  const none = byId("answer-none", HTMLInputElement)
  const contactPart = byId("contact-part", HTMLElement)
  const contact = byId("contact", HTMLInputElement)
  const error = byId("contact-error", HTMLElement)
  byWords.checked = true

  part.addEventListener("change", ({ target }) => {
    // Leaving the field is a change too: nothing may move then, or a button that was aimed at is missed.
    if (target === contact) return
    contactPart.hidden = !byContact.checked
    say(error, undefined)
  })
  const how = (): HowAnswered => (byContact.checked ? "contact" : none.checked ? "none" : "words")

  return {
    how,
    complain() {
      const isMissing = how() === "contact" && contact.value.trim() === ""
      say(error, isMissing ? () => words.answer.contactMissing : undefined)
      if (isMissing) contact.focus()
      return isMissing
    },
    addTo(message) {
      const line = {
        words: "",
        contact: fill(words.answer.contactLine, { contact: contact.value.trim() }),
        none: words.answer.noneLine,
      }[how()]
      return [message, line].filter((one) => one.trim() !== "").join("\n\n")
    },
    keepWords(isAgain) {
      part.hidden = isAgain
      if (!isAgain) return
      byWords.checked = true
      contactPart.hidden = true
      contact.value = ""
    },
  }
}
