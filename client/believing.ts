/** Before a source can send: a worker that runs here, an answer of the server, and the worker's word that it holds. SPEC.md §5. */

import { dayOf } from "../envelope/day.ts"
import type { Address } from "./address.ts"
import type { Attachments } from "./attachments.ts"
import { useAccent } from "./colour.ts"
import { byId } from "./elements.ts"
import { words } from "./language.ts"
import type { View } from "./messages.ts"
import { type Answers, chooseCallout, showCallout } from "./questions.ts"
import { showReaders } from "./readers.ts"
import { closeToday, refuse } from "./refusing.ts"
import { type Sealer, startSealer } from "./sealer.ts"
import { fetchToday, TODAY_MS } from "./send.ts"
import type { Status } from "./status.ts"
import type { Visit } from "./visit.ts"
import { within } from "./waiting.ts"

export interface Believing {
  /** From nothing to a form that can be sent, or a refusal. */
  begin(): Promise<void>
  /** @returns the view, or `undefined` after a refusal */
  verify(sealer: Sealer, answer: string): Promise<View | undefined>
  /** Shows who reads and what is asked, and lets the source send; or takes the form away where nobody can be reached.
   *  @param story - the callout's id, where it is not the address's */
  use(sealer: Sealer, view: View, ticked: readonly string[], answers: Answers, story?: string): void
}

interface Parts {
  readonly visit: Visit
  readonly address: Address
  readonly attachments: Attachments
  readonly status: Status
}

function isSupported(): boolean {
  return isSecureContext && typeof Worker === "function" && typeof Intl.DisplayNames === "function"
}

export function makeBelieving({ visit, address, attachments, status }: Parts): Believing {
  const leaveLink = byId("leave", HTMLAnchorElement)
  const checkButton = byId("check", HTMLButtonElement)
  const haveWords = byId("have-words", HTMLButtonElement)
  visit.whenWiped(() => {
    checkButton.disabled = true
    haveWords.disabled = true
  })

  async function verify(sealer: Sealer, answer: string): Promise<View | undefined> {
    const verified = await sealer.ask({ kind: "verify", pin: visit.pin, answer, today: dayOf(Date.now()) })
    if (verified.kind === "view") return verified.view
    refuse(visit, verified.kind === "refused" ? verified.code : "broken")
    return undefined
  }

  function use(sealer: Sealer, view: View, ticked: readonly string[], answers: Answers, story = address.callout): void {
    const written = visit.written()
    const { name, colour, leaveTo } = view.newsroom
    useAccent(document.documentElement.style, colour)
    if (leaveTo !== undefined) leaveLink.href = leaveTo
    byId("newsroom", HTMLElement).textContent = name
    const callout = chooseCallout(view.callouts, story)
    byId("loading", HTMLElement).hidden = true
    // With who reads, and not before: what came late above it would move it under the hands of whoever writes.
    byId("ask", HTMLElement).hidden = false
    visit.ready = {
      sealer,
      view,
      readers: showReaders(byId("readers", HTMLElement), view, ticked),
      callout,
      questions: showCallout(byId("callout", HTMLElement), callout, answers),
    }
    attachments.setLimit(view.limit)
    haveWords.disabled = false
    if (view.readers.some(({ isReachable }) => isReachable)) checkButton.disabled = false
    else closeToday(visit, view, written)
  }

  async function begin(): Promise<void> {
    if (!isSupported()) return refuse(visit, "unsupported")
    const starting = startSealer(visit.life)
    starting.catch(() => undefined) // looked at below, when the answer is there
    const answer = await within(TODAY_MS, visit.life, fetchToday)
    if (answer === undefined) return refuse(visit, "no-answer")
    const sealer = await starting.catch(() => undefined)
    if (sealer === undefined) return refuse(visit, "unsupported")
    const view = await verify(sealer, answer)
    if (view === undefined) return
    use(sealer, view, [], new Map())
    if (visit.canWrite) status.announce(words.ready)
  }

  return { begin, verify, use }
}
