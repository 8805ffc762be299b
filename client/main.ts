/** The source's page: its parts, and what joins them. What may happen when, and how it ends: visit.ts. */

import { readAddress } from "./address.ts"
import { makeAnswering } from "./answering.ts"
import { answersText } from "./answers.ts"
import { makeAttachments } from "./attachments.ts"
import { makeBelieving } from "./believing.ts"
import { makeChecking } from "./checking.ts"
import { showCode } from "./code.ts"
import { makeComingBack } from "./coming-back.ts"
import { makeEightWords } from "./eight-words.ts"
import { byId } from "./elements.ts"
import { fillInApp, isInApp, looksInApp } from "./in-app.ts"
import { chooseLanguage, courtPath, follow, makeLanguages, speak, words } from "./language.ts"
import { makeLeave } from "./leave.ts"
import { refuse } from "./refusing.ts"
import { makeSending } from "./sending.ts"
import { finish } from "./sent.ts"
import { makeStatus } from "./status.ts"
import { makeVisit } from "./visit.ts"

// Before anything is shown: nobody should see a language change under their eyes.
speak(chooseLanguage(navigator.languages))
const visit = makeVisit()
const address = readAddress()
const status = makeStatus(byId("status", HTMLElement))
const message = byId("message", HTMLTextAreaElement)
const encoder = new TextEncoder()

makeLanguages(byId("languages", HTMLElement), byId("unreviewed", HTMLElement), status.clear)
const court = byId("court", HTMLAnchorElement)
follow(court, () => {
  court.href = courtPath(words)
})
const answering = makeAnswering()
const attachments = makeAttachments({
  input: byId("files", HTMLInputElement),
  limit: byId("files-limit", HTMLElement),
  error: byId("files-error", HTMLElement),
  list: byId("file-list", HTMLElement),
  sum: byId("files-sum", HTMLElement),
  status,
  wordBytes: () => encoder.encode(message.value + JSON.stringify([...(visit.ready?.questions.answers() ?? [])])).length,
})
visit.whenWiped(attachments.wipe)
visit.whenCopied(() => (visit.ready === undefined ? "" : answersText(visit.ready.callout, visit.ready.questions.answers())))
visit.whenCopied(() => answering.addTo(message.value))
visit.whenCopied(() => (attachments.names().length === 0 ? "" : [words.check.files, ...attachments.names()].join("\n")))
const eightWords = makeEightWords()
visit.whenWiped(eightWords.wipe)

const believing = makeBelieving({ visit, address, attachments, status })
const checking = makeChecking({ visit, attachments, answering })
const sending = makeSending({
  visit,
  believing,
  checking,
  status,
  finish: (ready) => finish({ visit, eightWords, how: answering.how() }, ready),
})

/** Runs what somebody started; where it breaks, the page says so and keeps what was written. */
function run(action: () => Promise<void>): void {
  action().catch(() => {
    if (visit.life.aborted) return
    visit.warnOnUnload(false)
    checking.complain("broken")
  })
}

makeLeave({ link: byId("leave", HTMLAnchorElement), wipe: visit.wipe })
makeComingBack({ visit, status, answering, run })
byId("tip", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  run(checking.check)
})
byId("send", HTMLButtonElement).addEventListener("click", () => run(sending.sealAndSend))
byId("retry", HTMLButtonElement).addEventListener("click", () => run(sending.again))
for (const id of ["back", "failed-back"]) byId(id, HTMLButtonElement).addEventListener("click", checking.back)

addEventListener("hashchange", () => {
  address.read()
  const { ready, step } = visit
  // Another story's link was opened in this tab; what was already answered is not thrown away for it.
  if (ready === undefined || step !== "writing" || ready.questions.answers().size > 0) return
  believing.use(ready.sealer, ready.view, ready.readers.chosen(), new Map())
})
addEventListener("pagehide", visit.wipe)
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return
  // Brought back from the browser's memory: emptied again, and begun anew with fresh keys.
  visit.wipe()
  location.reload()
})

if (isInApp(navigator.userAgent)) {
  fillInApp(address.from(location.origin))
  visit.show("in-app")
} else {
  byId("address", HTMLElement).textContent = address.from(location.host)
  showCode(byId("code", HTMLElement), address.from(location.origin))
  byId("maybe-in-app", HTMLElement).hidden = !looksInApp(navigator.userAgent, globalThis)
  believing.begin().catch(() => refuse(visit, "broken"))
}
