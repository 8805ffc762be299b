/** The source's page, from the first byte to leaving: what is shown when, and what may happen next. SPEC.md §5.
 *
 *  Two promises are kept here. Nothing leaves the page before Seal and send, or Look for an answer, but the request for `/api/today`; and once
 *  something was refused, nothing leaves it at all: the form is hidden, the worker has ended, and every way to send asks `step` first. */

import { dayOf } from "../envelope/day.ts"
import { makeAttachments } from "./attachments.ts"
import { showChannels } from "./channels.ts"
import { useAccent } from "./colour.ts"
import { makeEightWords } from "./eight-words.ts"
import { byId, say } from "./elements.ts"
import { isInApp } from "./in-app.ts"
import { makeLeave } from "./leave.ts"
import { makeMailbox } from "./mailbox.ts"
import { type AskedCallout, type Draft, pinnedChannels, type RefusalCode, type SealFault, type View } from "./messages.ts"
import { type Answers, chooseCallout, type Questions, showCallout } from "./questions.ts"
import { type Readers, showReaders } from "./readers.ts"
import { type Sealer, startSealer } from "./sealer.ts"
import { fetchToday, type Outcome, postEnvelope } from "./send.ts"
import { makeStatus } from "./status.ts"
import { showSummary } from "./summary.ts"
import { dayText, fill, numberText, sizeText } from "./wording.ts"
import { words } from "./words/en.ts"

const STEPS = ["writing", "checking", "sending", "failed", "sent", "coming-back", "answers", "refused", "in-app"] as const
type Step = (typeof STEPS)[number]
const SLOW_MS = 20_000

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

const pin = document.querySelector<HTMLMetaElement>('meta[name="sotto-newsroom"]')?.content ?? ""
const leaveLink = byId("leave", HTMLAnchorElement)
const readersPart = byId("readers", HTMLElement)
const calloutPart = byId("callout", HTMLElement)
const message = byId("message", HTMLTextAreaElement)
const messageError = byId("message-error", HTMLElement)
const kept = byId("kept", HTMLTextAreaElement)
const tip = byId("tip", HTMLFormElement)
const tipError = byId("tip-error", HTMLElement)
const checkButton = byId("check", HTMLButtonElement)
const summary = byId("summary", HTMLElement)
const sendingNote = byId("sending-note", HTMLElement)
const retryButton = byId("retry", HTMLButtonElement)
const haveWords = byId("have-words", HTMLButtonElement)

const status = makeStatus(byId("status", HTMLElement))
const encoder = new TextEncoder()
const attachments = makeAttachments({
  input: byId("files", HTMLInputElement),
  limit: byId("files-limit", HTMLElement),
  error: byId("files-error", HTMLElement),
  list: byId("file-list", HTMLElement),
  sum: byId("files-sum", HTMLElement),
  status,
  wordBytes: () => encoder.encode(message.value + JSON.stringify([...(ready?.questions.answers() ?? [])])).length,
})

const eightWords = makeEightWords()
const mailbox = makeMailbox({
  status,
  ask: async (message) => {
    if (ready === undefined) throw new Error("nothing has been verified")
    return ready.sealer.ask(message)
  },
  show,
})

/** Ends the worker and every request. Once it has, this page is over: a new one begins with a reload. */
const life = new AbortController()
let step: Step = "writing"
/** Set once everything has been verified. */
let ready: { sealer: Sealer; view: View; readers: Readers; callout: AskedCallout | undefined; questions: Questions } | undefined
/** What the source has looked at once more and agreed to. */
let draft: Draft | undefined
/** Sealed and not confirmed yet: these very bytes are sent again. */
let sealed: { day: Parameters<typeof postEnvelope>[0]; envelope: Parameters<typeof postEnvelope>[1] } | undefined
let hasPosted = false
/** Writing again with words that were typed: the worker has them, and seals by them only when it is told to. */
let isAgain = false
let fragment = takeFragment()

/** Reads the callout's name from the address and drops it there, where a passer-by could read it. History may still have it. */
function takeFragment(): string {
  const found = /^#([a-z0-9-]{1,32})$/.exec(location.hash)?.[1] ?? ""
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search)
  return found
}
const address = (base: string) => `${base}/${fragment === "" ? "" : `#${fragment}`}`

function show(next: Step): void {
  step = next
  for (const one of STEPS) byId(one, HTMLElement).hidden = one !== next
  if (next !== "writing" && next !== "in-app") byId(`${next}-title`, HTMLElement).focus()
}

function keepUnloading(event: BeforeUnloadEvent): void {
  event.preventDefault()
}
const warnOnUnload = (isOn: boolean) =>
  isOn ? addEventListener("beforeunload", keepUnloading) : removeEventListener("beforeunload", keepUnloading)

/** Ends everything and empties everything. That a string has left memory, script cannot prove. */
function wipe(): void {
  warnOnUnload(false)
  life.abort()
  clearTimeout(slowTimer)
  draft = undefined
  sealed = undefined
  attachments.wipe()
  ready?.readers.wipe()
  ready?.questions.wipe()
  ready = undefined
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>("input, textarea, select")) {
    field.value = ""
    if (field instanceof HTMLInputElement) field.checked = false
  }
  summary.replaceChildren()
  eightWords.wipe()
  mailbox.wipe()
  checkButton.disabled = true
  haveWords.disabled = true
}

/** Fail closed: no form, no worker, no request from here on; the other ways instead. */
function refuse(code: RefusalCode): void {
  if (life.signal.aborted) return
  const written = message.value
  const channels = ready?.view.channels ?? pinnedChannels(pin)
  wipe()
  const { title, text } = words.refused[REFUSED[code]]
  byId("refused-title", HTMLElement).textContent = title
  byId("refused-text", HTMLElement).textContent = fill(text, { day: dayText(dayOf(Date.now())) })
  byId("refused-safe", HTMLElement).textContent = hasPosted ? words.refused.safeLater : words.refused.safe
  byId("refused-kept", HTMLElement).hidden = written.trim() === ""
  kept.value = written
  showChannels(byId("refused-channels", HTMLElement), channels)
  show("refused")
}

function isSupported(): boolean {
  return isSecureContext && typeof Worker === "function" && typeof Intl.DisplayNames === "function"
}

/** Fetches and verifies. @returns the view, or `undefined` after a refusal */
async function verify(sealer: Sealer, answer: string): Promise<View | undefined> {
  const verified = await sealer.ask({ kind: "verify", pin, answer, today: dayOf(Date.now()) })
  if (verified.kind === "view") return verified.view
  refuse(verified.kind === "refused" ? verified.code : "broken")
  return undefined
}

async function begin(): Promise<void> {
  if (!isSupported()) return refuse("unsupported")
  const starting = startSealer(life.signal)
  starting.catch(() => undefined) // looked at below, when the answer is there
  const answer = await fetchToday(life.signal)
  if (answer === undefined) return refuse("no-answer")
  const sealer = await starting.catch(() => undefined)
  if (sealer === undefined) return refuse("unsupported")
  const view = await verify(sealer, answer)
  if (view === undefined) return
  useVerified(sealer, view, [], new Map())
  status.announce(words.ready)
}

/** Shows who reads and what is asked, and lets the source send. */
function useVerified(sealer: Sealer, view: View, ticked: readonly string[], answers: Answers): void {
  const { colour, leaveTo } = view.newsroom
  useAccent(document.documentElement.style, colour)
  if (leaveTo !== undefined) leaveLink.href = leaveTo
  const callout = chooseCallout(view.callouts, fragment)
  byId("loading", HTMLElement).hidden = true
  ready = {
    sealer,
    view,
    readers: showReaders(readersPart, view, ticked),
    callout,
    questions: showCallout(calloutPart, callout, answers),
  }
  attachments.setLimit(view.limit)
  byId("check-wait", HTMLElement).hidden = true
  checkButton.disabled = false
  haveWords.disabled = false
}

function readDraft({ readers, callout, questions }: NonNullable<typeof ready>): Draft {
  return {
    to: readers.chosen(),
    ...(callout === undefined ? {} : { callout: callout.id }),
    answers: [...questions.answers()],
    message: message.value,
    files: attachments.files(),
    ...(isAgain ? { again: true } : {}),
  }
}

/** Back to the form with a sentence at the place it is about. */
function complain(fault: SealFault): void {
  show("writing")
  if (fault === "unreadable-file") attachments.complain(words.files.unreadable)
  else if (fault === "not-reachable") ready?.readers.complain(words.check.gone)
  else {
    const tooLarge = fill(words.check.tooLarge, { size: sizeText(ready?.view.limit.bytes ?? 0) })
    say(tipError, fault === "too-large" ? tooLarge : fault === "bad-draft" ? words.check.bad : words.check.broken)
    checkButton.focus()
  }
}

async function check(): Promise<void> {
  if (step !== "writing" || ready === undefined) return
  const { sealer, view, callout, readers } = ready
  const next = readDraft(ready)
  say(tipError, undefined)
  say(messageError, undefined)
  attachments.complain(undefined)
  readers.complain(next.to.length === 0 ? words.readers.missing : undefined)
  if (next.to.length === 0) return
  if (next.answers.length === 0 && next.files.length === 0 && next.message.trim() === "") {
    say(messageError, words.check.empty)
    return message.focus()
  }
  checkButton.disabled = true
  const weighed = await sealer.ask({ kind: "weigh", draft: next })
  checkButton.disabled = false
  if (weighed.kind !== "weighed") return complain(weighed.kind === "not-sealed" ? weighed.fault : "broken")
  draft = next
  showSummary(summary, view, callout, next, weighed.bytes)
  show("checking")
}

let slowTimer: ReturnType<typeof setTimeout> | undefined

function showProgress(now: "locking" | "sending"): void {
  for (const one of ["locking", "sending"] as const) {
    const item = byId(`step-${one}`, HTMLElement)
    if (one === now) item.setAttribute("aria-current", "step")
    else item.removeAttribute("aria-current")
    item.classList.toggle("done", one === "locking" && now === "sending")
  }
  status.announce(words.sending[now])
}

function note(text: string | undefined): void {
  say(sendingNote, text)
  if (text !== undefined) status.announce(text)
}

/** Locks the draft that was agreed to, then sends it. */
async function sealAndSend(isSecondTry = false): Promise<void> {
  if (ready === undefined || draft === undefined || life.signal.aborted) return
  showProgress("locking")
  const answer = await ready.sealer.ask({ kind: "seal", draft })
  if (answer.kind !== "sealed") {
    warnOnUnload(false)
    return complain(answer.kind === "not-sealed" ? answer.fault : "broken")
  }
  sealed = { day: answer.day, envelope: answer.envelope }
  await post(isSecondTry)
}

/** Sends what is sealed; the same bytes each time. */
async function post(isSecondTry = false): Promise<void> {
  if (sealed === undefined || ready === undefined || life.signal.aborted) return
  showProgress("sending")
  hasPosted = true
  slowTimer = setTimeout(note, SLOW_MS, words.sending.slow)
  const outcome = await postEnvelope(sealed.day, sealed.envelope, life.signal)
  clearTimeout(slowTimer)
  if (life.signal.aborted) return
  if (outcome.kind === "day-closed" && !isSecondTry) return sealAgain(ready.sealer)
  warnOnUnload(false)
  if (outcome.kind === "kept") return finish(ready.sealer, ready.view, ready.callout)
  fail(outcome)
}

/** The page was open while the day ended: verify afresh, and seal again to the same people, or ask. */
async function sealAgain(sealer: Sealer): Promise<void> {
  note(words.sending.again)
  const answer = await fetchToday(life.signal)
  if (life.signal.aborted) return
  if (answer === undefined) {
    warnOnUnload(false)
    return fail({ kind: "offline" })
  }
  const before = ready
  const view = await verify(sealer, answer)
  if (view === undefined || before === undefined || draft === undefined) return
  sealed = undefined
  useVerified(sealer, view, draft.to, before.questions.answers())
  const isReachable = (id: string) => view.readers.some((reader) => reader.id === id && reader.isReachable)
  const isSame = JSON.stringify(ready?.callout) === JSON.stringify(before.callout)
  if (draft.to.every(isReachable) && isSame) return sealAndSend(true)
  warnOnUnload(false)
  draft = undefined
  complain("not-reachable")
}

/** The tip is kept: the words are handed over once, then the worker ends and everything is emptied. */
async function finish(sealer: Sealer, { retentionDays, channels }: View, callout: AskedCallout | undefined): Promise<void> {
  const answer = isAgain ? undefined : await sealer.ask({ kind: "words" }).catch(() => undefined)
  // Left meanwhile: nothing is put on a page that was emptied.
  if (life.signal.aborted) return
  const eight = answer?.kind === "words" ? answer.words : []
  wipe()
  const after = byId("sent-after", HTMLElement)
  byId("sent-answer", HTMLElement).textContent = isAgain
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
  show("sent")
}

function failText(outcome: Exclude<Outcome, { kind: "kept" }>): string {
  switch (outcome.kind) {
    case "busy":
      return outcome.seconds === undefined ? words.failed.busy : fill(words.failed.busySeconds, { seconds: numberText(outcome.seconds) })
    case "offline":
      return words.failed.offline
    case "broken":
      return words.failed.broken
    case "too-large":
      return words.failed.tooLarge
    case "day-closed":
    case "refused":
      return words.failed.refused
  }
}

function fail(outcome: Exclude<Outcome, { kind: "kept" }>): void {
  note(undefined)
  byId("failed-text", HTMLElement).textContent = failText(outcome)
  const canRetry = outcome.kind === "offline" || outcome.kind === "busy" || outcome.kind === "broken"
  retryButton.hidden = !canRetry
  showChannels(byId("failed-channels", HTMLElement), ready?.view.channels ?? pinnedChannels(pin))
  byId("failed-channels", HTMLElement).hidden = canRetry
  show("failed")
}

/** Runs what somebody started; where it breaks, the page says so and keeps what was written. */
function run(action: () => Promise<void>): void {
  action().catch(() => {
    if (life.signal.aborted) return
    warnOnUnload(false)
    complain("broken")
  })
}

function backToWriting(): void {
  draft = undefined
  sealed = undefined
  summary.replaceChildren()
  show("writing")
  checkButton.focus()
}

makeLeave({ link: leaveLink, wipe })
tip.addEventListener("submit", (event) => {
  event.preventDefault()
  run(check)
})
byId("send", HTMLButtonElement).addEventListener("click", () => {
  if (step !== "checking" || ready === undefined || draft === undefined) return
  note(undefined)
  show("sending")
  warnOnUnload(true)
  run(sealAndSend)
})
retryButton.addEventListener("click", () => {
  if (step !== "failed" || sealed === undefined) return
  show("sending")
  warnOnUnload(true)
  run(post)
})
byId("back", HTMLButtonElement).addEventListener("click", backToWriting)
byId("failed-back", HTMLButtonElement).addEventListener("click", backToWriting)

haveWords.addEventListener("click", () => {
  if (step === "writing" && ready !== undefined) show("coming-back")
})
byId("words-back", HTMLButtonElement).addEventListener("click", () => {
  mailbox.wipe()
  show("writing")
  haveWords.focus()
})
byId("words-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  if (step === "coming-back" && ready !== undefined) run(mailbox.look)
})
byId("follow-up", HTMLButtonElement).addEventListener("click", () => {
  if (step !== "answers" || ready === undefined) return
  mailbox.wipe()
  isAgain = true
  byId("following", HTMLElement).hidden = false
  byId("again", HTMLElement).hidden = true
  show("writing")
  message.focus()
})

addEventListener("hashchange", () => {
  fragment = takeFragment() || fragment
  // Another story's link was opened in this tab; what was already answered is not thrown away for it.
  if (ready === undefined || step !== "writing" || ready.questions.answers().size > 0) return
  useVerified(ready.sealer, ready.view, ready.readers.chosen(), new Map())
})
addEventListener("pagehide", wipe)
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return
  // Brought back from the browser's memory: emptied again, and begun anew with fresh keys.
  wipe()
  location.reload()
})

function showInApp(): void {
  const copied = byId("in-app-copied", HTMLElement)
  byId("in-app-address", HTMLElement).textContent = address(location.origin)
  byId("in-app-copy", HTMLButtonElement).addEventListener("click", () => {
    const copying = navigator.clipboard?.writeText(address(location.origin)) ?? Promise.reject(new Error("no clipboard"))
    copying.then(
      () => say(copied, words.inApp.copied),
      () => say(copied, words.inApp.notCopied),
    )
  })
  show("in-app")
}

if (isInApp(navigator.userAgent)) showInApp()
else {
  byId("address", HTMLElement).textContent = address(location.host)
  byId("ask", HTMLElement).hidden = false
  begin().catch(() => refuse("broken"))
}
