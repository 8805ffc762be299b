/** Locking what was agreed to, and sending it: the same bytes until the server has confirmed them. SPEC.md §5. */

import type { Day } from "../envelope/day.ts"
import { answersText } from "./answers.ts"
import type { Believing } from "./believing.ts"
import { showChannels } from "./channels.ts"
import type { Checking } from "./checking.ts"
import { byId, say, tell } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import { type FromWorker, pinnedChannels } from "./messages.ts"
import type { Answers } from "./questions.ts"
import type { Sealer } from "./sealer.ts"
import { fetchToday, postEnvelope, TODAY_MS } from "./send.ts"
import type { Status } from "./status.ts"
import { type Progress, type UploadOutcome, uploadEnvelope } from "./upload.ts"
import type { Ready, Visit } from "./visit.ts"
import { makeWaiting } from "./waiting.ts"
import { durationText, fill, numberText, sizeText } from "./wording.ts"

/** A tip of 1 MiB on the slowest line that still moves. */
const POST_MS = 600_000

export interface Sending {
  /** Locks the draft that was agreed to, then sends it. */
  sealAndSend(): Promise<void>
  /** Sends what is sealed once more. */
  again(): Promise<void>
}

interface Parts {
  readonly visit: Visit
  readonly believing: Believing
  readonly checking: Checking
  readonly status: Status
  /** The tip is kept. */
  readonly finish: (ready: Ready) => Promise<void>
}

type Failure = Exclude<UploadOutcome, { kind: "kept" | "stopped" }>
/** It has to be locked anew: for another day, or from its beginning. */
const isOver = ({ kind }: UploadOutcome): boolean => kind === "day-closed" || kind === "expired"

function failText(outcome: Failure): string {
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
    case "expired":
      return words.failed.expired
    case "refused":
      return words.failed.refused
  }
}

/** Keeps the screen on where the browser lets us: a telephone that sleeps sends nothing. @returns how to let it sleep again */
async function stayAwake(): Promise<() => void> {
  const lock = await navigator.wakeLock?.request("screen").catch(() => undefined)
  return () => void lock?.release().catch(() => undefined)
}

export function makeSending({ visit, believing, checking, status, finish }: Parts): Sending {
  const { life } = visit
  const sendingNote = byId("sending-note", HTMLElement)
  const retryButton = byId("retry", HTMLButtonElement)
  const uploading = byId("uploading", HTMLElement)
  const bar = byId("upload-bar", HTMLProgressElement)
  const confirmed = byId("upload-confirmed", HTMLElement)
  const left = byId("upload-left", HTMLElement)
  const stopButton = byId("upload-stop", HTMLButtonElement)
  const pauseButton = byId("upload-pause", HTMLButtonElement)
  let announced = 0
  let waited: Progress["waitsFor"]
  let isPaused = false
  const waiting = makeWaiting(life, byId("waiting-long", HTMLElement), byId("stop-waiting", HTMLButtonElement), () =>
    note(() => words.sending.slow),
  )

  function showStep(now: "locking" | "sending"): void {
    for (const one of ["locking", "sending"] as const) {
      const item = byId(`step-${one}`, HTMLElement)
      if (one === now) item.setAttribute("aria-current", "step")
      else item.removeAttribute("aria-current")
      item.classList.toggle("done", one === "locking" && now === "sending")
    }
  }

  function showProgress(now: "locking" | "sending"): void {
    showStep(now)
    status.announce(words.sending[now])
  }

  function note(sentence: Sentence | undefined): void {
    say(sendingNote, sentence)
    if (sentence !== undefined) status.announce(sentence())
  }

  function begin(): void {
    note(undefined)
    visit.show("sending")
    visit.warnOnUnload(true)
  }

  async function seal(isSecondTry: boolean): Promise<void> {
    if (visit.ready === undefined || visit.draft === undefined || life.aborted) return
    showProgress("locking")
    const answer = await visit.ready.sealer.ask({ kind: "seal", draft: visit.draft })
    if (answer.kind === "sealing") return upload(answer, isSecondTry)
    if (answer.kind !== "sealed") return cannotSeal(answer)
    visit.sealed = { day: answer.day, envelope: answer.envelope }
    await post(isSecondTry)
  }

  function cannotSeal(answer: FromWorker): void {
    visit.warnOnUnload(false)
    if (answer.kind === "not-sealed") checking.complain(answer.fault, answer.file)
    else checking.complain("broken")
  }

  /** Locks and sends piece by piece; pauses by itself while the line is broken, until the source stops it. */
  async function upload({ day, bytes: total }: { readonly day: Day; readonly bytes: number }, isSecondTry: boolean): Promise<void> {
    const { ready } = visit
    if (ready === undefined || life.aborted) return
    visit.hasPosted = true
    const stop = new AbortController()
    const end = () => stop.abort()
    life.addEventListener("abort", end)
    stopButton.onclick = () => {
      note(() => words.sending.stopping)
      end()
    }
    const pausing = makePause(stop.signal)
    let refused: FromWorker | undefined
    /** One piece after the other. */
    let asking: Promise<unknown> = Promise.resolve()
    const next = async (bytes: number): Promise<Uint8Array<ArrayBuffer>> => {
      const answering = asking.then(() => ready.sealer.ask({ kind: "piece", bytes }))
      asking = answering.catch(() => undefined)
      const answer = await answering
      if (answer.kind === "piece" && answer.piece.length > 0) return answer.piece
      refused = answer
      throw new Error("there is no piece")
    }
    const awake = await stayAwake()
    let outcome: UploadOutcome
    try {
      showUpload({ done: 0, total })
      outcome = await uploadEnvelope({ day, total, next, signal: stop.signal, life, mayGoOn: pausing, tell: showUpload, whenCalculating })
    } catch (error) {
      if (refused === undefined) throw error
      return life.aborted ? undefined : cannotSeal(refused)
    } finally {
      uploading.hidden = true
      life.removeEventListener("abort", end)
      awake()
    }
    if (life.aborted) return
    await asking
    // Whatever becomes of the worker now, what is kept is kept.
    await ready.sealer.ask({ kind: "drop" }).catch(() => undefined)
    if (outcome.kind === "stopped") {
      visit.warnOnUnload(false)
      status.announce(words.sending.stopped)
      return checking.back()
    }
    await arrivedOrNot(outcome, isSecondTry, ready)
  }

  /** The button holds an upload, and lets it go on. What is under way is still sent. @returns whether it may go on, once it may */
  function makePause(stopped: AbortSignal): () => Promise<void> {
    let held: Promise<void> | undefined
    let goOn: () => void = () => undefined
    stopped.addEventListener("abort", () => goOn())
    tell(pauseButton, () => words.sending.pause)
    pauseButton.onclick = () => {
      if (held === undefined) {
        held = new Promise((resolve) => (goOn = resolve))
        tell(pauseButton, () => words.sending.goOn)
        say(left, () => words.sending.paused)
        status.announce(words.sending.paused)
      } else {
        held = undefined
        tell(pauseButton, () => words.sending.pause)
        say(left, undefined)
        goOn()
      }
      isPaused = held !== undefined
    }
    isPaused = false
    return () => held ?? Promise.resolve()
  }

  const whenCalculating = () => note(() => words.sending.work)

  function showUpload({ done, total, rate, waitsFor }: Progress): void {
    if (life.aborted) return
    uploading.hidden = false
    showStep(done === 0 ? "locking" : "sending")
    bar.max = total
    bar.value = done
    const share = Math.floor((done / total) * 10)
    const waitText = waitsFor && (() => (waitsFor === "line" ? words.sending.waiting : words.sending.busy))
    if (share !== announced || waitsFor !== waited)
      status.announce(waitText?.() ?? fill(words.sending.confirmed, { done: sizeText(done), total: sizeText(total) }))
    announced = share
    waited = waitsFor
    tell(confirmed, () => fill(words.sending.confirmed, { done: sizeText(done), total: sizeText(total) }))
    if (isPaused) return
    say(
      left,
      waitText ??
        (rate === undefined
          ? undefined
          : () => fill(words.sending.rate, { rate: sizeText(rate), time: durationText((total - done) / rate) })),
    )
  }

  async function post(isSecondTry: boolean): Promise<void> {
    const { sealed, ready } = visit
    if (sealed === undefined || ready === undefined || life.aborted) return
    showProgress("sending")
    visit.hasPosted = true
    const outcome = await waiting.during(POST_MS, (signal) => postEnvelope(sealed.day, sealed.envelope, signal, whenCalculating))
    if (life.aborted) return
    await arrivedOrNot(outcome, isSecondTry, ready)
  }

  async function arrivedOrNot(outcome: Exclude<UploadOutcome, { kind: "stopped" }>, isSecondTry: boolean, ready: Ready): Promise<void> {
    if (isOver(outcome) && !isSecondTry) {
      note(() => (outcome.kind === "expired" ? words.sending.expired : words.sending.again))
      return sealAgain(ready.sealer)
    }
    if (outcome.kind === "kept") return finish(ready)
    visit.warnOnUnload(false)
    fail(outcome)
  }

  /** The page was open while the day ended, or its upload did: verify afresh, and seal again to the same people, or ask. */
  async function sealAgain(sealer: Sealer): Promise<void> {
    const answer = await waiting.during(TODAY_MS, fetchToday)
    if (life.aborted) return
    if (answer === undefined) {
      visit.warnOnUnload(false)
      return fail({ kind: "offline" })
    }
    const { ready: before, draft } = visit
    const view = await believing.verify(sealer, answer)
    if (view === undefined || before === undefined || draft === undefined) return
    visit.sealed = undefined
    const answers = before.questions.answers()
    // For the story that it was written for, whatever link was opened in this tab since.
    believing.use(sealer, view, draft.to, answers, draft.callout)
    if (!visit.canWrite) return
    const isReachable = (id: string) => view.readers.some((reader) => reader.id === id && reader.isReachable)
    const isSame = JSON.stringify(visit.ready?.callout) === JSON.stringify(before.callout)
    if (draft.to.every(isReachable) && isSame) return seal(true)
    visit.warnOnUnload(false)
    visit.draft = undefined
    checking.complain(isSame ? "not-reachable" : "questions-changed")
    if (!isSame) keepLost(before, answers)
  }

  /** Answers that today's questions do not take any more are not thrown away: they go to the source's own words. */
  function keepLost({ callout }: Ready, given: Answers): void {
    const kept = visit.ready?.questions.answers()
    const lost = answersText(callout, new Map([...given].filter(([id]) => kept?.has(id) !== true)))
    const message = byId("message", HTMLTextAreaElement)
    message.value = [lost, message.value].filter((text) => text !== "").join("\n\n")
  }

  function fail(outcome: Failure): void {
    note(undefined)
    tell(byId("failed-text", HTMLElement), () => failText(outcome))
    const canRetry = outcome.kind === "offline" || outcome.kind === "busy" || outcome.kind === "broken" || isOver(outcome)
    retryButton.hidden = !canRetry
    const channels = byId("failed-channels", HTMLElement)
    showChannels(channels, visit.ready?.view.channels ?? pinnedChannels(visit.pin))
    channels.hidden = canRetry
    visit.show("failed")
  }

  return {
    async sealAndSend() {
      if (visit.step !== "checking" || visit.ready === undefined || visit.draft === undefined) return
      begin()
      await seal(false)
    },
    async again() {
      if (visit.step !== "failed" || visit.draft === undefined) return
      begin()
      // What was posted whole is there still; what went in pieces is locked anew.
      await (visit.sealed === undefined ? seal(false) : post(false))
    },
  }
}
