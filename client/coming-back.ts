/** The ways between writing and coming back with eight words. What is found there: mailbox.ts. */

import type { Answering } from "./answering.ts"
import { byId, tell } from "./elements.ts"
import { words } from "./language.ts"
import { makeMailbox } from "./mailbox.ts"
import type { Status } from "./status.ts"
import type { Visit } from "./visit.ts"

interface Parts {
  readonly visit: Visit
  readonly status: Status
  readonly answering: Answering
  /** Runs what somebody started, and says so where it breaks. */
  readonly run: (action: () => Promise<void>) => void
}

export function makeComingBack({ visit, status, answering, run }: Parts): void {
  const haveWords = byId("have-words", HTMLButtonElement)
  const followUp = byId("follow-up", HTMLButtonElement)
  const without = byId("without-words", HTMLButtonElement)
  const mailbox = makeMailbox({
    status,
    ask: async (message) => {
      if (visit.ready === undefined) throw new Error("nothing has been verified")
      return visit.ready.sealer.ask(message)
    },
    show: visit.show,
  })
  visit.whenWiped(mailbox.wipe)

  function come(): void {
    if (visit.ready === undefined) return
    for (const way of [followUp, without]) way.hidden = !visit.canWrite
    visit.show("coming-back")
  }
  haveWords.addEventListener("click", () => {
    if (visit.step === "writing") come()
  })
  byId("read-only", HTMLButtonElement).addEventListener("click", () => {
    if (visit.step === "refused" && !visit.canWrite) come()
  })
  byId("words-back", HTMLButtonElement).addEventListener("click", () => {
    mailbox.wipe()
    visit.show("writing")
    haveWords.focus()
  })
  byId("words-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault()
    if (visit.step === "coming-back" && visit.ready !== undefined) run(mailbox.look)
  })
  without.addEventListener("click", () => {
    if (visit.step !== "answers" || !visit.canWrite) return
    mailbox.wipe()
    visit.show("writing")
    byId("message", HTMLTextAreaElement).focus()
  })
  byId("answers-back", HTMLButtonElement).addEventListener("click", () => {
    if (visit.step !== "answers") return
    mailbox.wipe()
    // Where nobody can be reached this leads to what was written, which can be copied there.
    visit.show(visit.canWrite ? "coming-back" : "writing")
  })
  byId("not-following", HTMLButtonElement).addEventListener("click", () => {
    if (visit.step !== "writing") return
    follow(false)
    haveWords.focus()
  })

  function follow(isAgain: boolean): void {
    visit.isAgain = isAgain
    answering.keepWords(isAgain)
    byId("following", HTMLElement).hidden = !isAgain
    byId("again", HTMLElement).hidden = isAgain
  }
  followUp.addEventListener("click", () => {
    if (visit.step !== "answers" || !visit.canWrite || visit.ready === undefined) return
    const areProven = mailbox.hasOpened()
    visit.areWordsProven = areProven
    tell(byId("following-text", HTMLElement), () => (areProven ? words.back.following : words.back.followingUnsure))
    mailbox.wipe()
    follow(true)
    visit.show("writing")
    byId("message", HTMLTextAreaElement).focus()
  })
}
