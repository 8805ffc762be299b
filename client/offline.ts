/** The page that is saved and opened from a disk: keys from a file, believed by the newsroom's line alone; a locked file to carry. SPEC.md §4.6, §5.
 *  It reaches nothing: its policy forbids every connection. Everything runs here, without a worker, which a file cannot start. */

import { addDays, dayOf } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { capacity, SMALL_BYTES, sizeClasses } from "../envelope/sizes.ts"
import { KeyringError } from "../keyring/errors.ts"
import { pinnedText } from "../keyring/newsroom.ts"
import { parseTold, pinOfLine } from "../keyring/today.ts"
import { newWords } from "../keyring/words.ts"
import { byId, catchDrops, make, say, tell } from "./elements.ts"
import type { Draft } from "./messages.ts"
import { type Believed, believe, NotSealed, Refused, seal, viewOf } from "./sealing.ts"
import { dayIn, fill, firstOf, localeOf, makeLanguageButtons, sayAll } from "./speaking.ts"
import { OFFLINE, type OfflineWords } from "./words/offline-catalogues.ts"

const MAX_KEYS_BYTES = 16_777_216
const PIECE_BYTES = 1_048_576

const [keysForm, tipForm] = [byId("keys", HTMLFormElement), byId("tip", HTMLFormElement)]
const line = byId("line", HTMLTextAreaElement)
const keysFile = byId("keys-file", HTMLInputElement)
const message = byId("message", HTMLTextAreaElement)
const files = byId("files", HTMLInputElement)
const status = byId("status", HTMLElement)

type Language = keyof typeof OFFLINE
const isLanguage = (code: string): code is Language => Object.hasOwn(OFFLINE, code)
let words: OfflineWords = OFFLINE.en
function speak(language: string): void {
  if (!isLanguage(language)) return
  words = OFFLINE[language]
  sayAll(words)
}
/** What went wrong, in the language that is spoken when it is read. */
type Wrong = keyof OfflineWords
const number = (value: number) => new Intl.NumberFormat(localeOf(words)).format(value)

/** By reporter's id. */
const boxes = new Map<string, HTMLInputElement>()
let believed: Believed | undefined

/** What was believed before is forgotten first: keys that fail leave none behind. */
async function checkKeys(): Promise<Wrong | undefined> {
  believed = undefined
  tipForm.hidden = true
  byId("done", HTMLElement).hidden = true
  const [file] = keysFile.files ?? []
  if (file === undefined || file.size > MAX_KEYS_BYTES) return "noFile"
  try {
    const answer = await file.text()
    const pinned = await pinOfLine(line.value, parseTold(answer))
    believed = withinForm(await believe({ pin: pinnedText(pinned), answer, today: dayOf(Date.now()) }))
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code === "bad-key" ? "badLine" : "badFile"
    if (error instanceof Refused) return error.code === "clock" ? "oldFile" : "badFile"
    if (error instanceof KeyringError) return "badFile"
    return "failed"
  }
  if (believed.reachable.size === 0) return "nobody"
  showTip(believed)
  return undefined
}

/** What the form takes, whatever the newsroom takes in pieces. */
function withinForm(now: Believed): Believed {
  const { slots } = now.keyring.policy
  const bytes = sizeClasses(slots)
    .filter((total) => total <= Math.min(SMALL_BYTES, now.limit.bytes))
    .at(-1)
  const holds = bytes === undefined ? undefined : capacity(slots, bytes)
  return bytes === undefined || holds === undefined ? now : { ...now, limit: { bytes, holds } }
}

function showTip(now: Believed): void {
  const { newsroom, readers, limit } = viewOf(now)
  const until = addDays(now.day, now.keyring.policy.acceptDays)
  tell(byId("good", HTMLElement), () =>
    fill(words.good, { newsroom: newsroom.name, day: dayIn(words, now.day), until: dayIn(words, until) }),
  )
  tell(byId("files-help", HTMLElement), () => fill(words.filesHelp, { size: number(Math.floor(limit.holds / 1_024)) }))
  boxes.clear()
  const rows = readers.map(({ id, name, beat, isReachable }, index) => {
    if (!isReachable) return make("p", {}, () => fill(words.away, { name }))
    const box = make("input", { type: "checkbox", id: `reader-${index}`, autocomplete: "off" })
    const label = make("label", { for: box.id }, make("span", { class: "reader-name", dir: "auto" }, name))
    if (beat !== undefined) label.append(" ", make("span", { class: "hint", dir: "auto" }, beat))
    boxes.set(id, box)
    return make("div", { class: "choice" }, box, label)
  })
  byId("readers", HTMLElement).replaceChildren(...rows)
  tipForm.hidden = false
  byId("tip-title", HTMLElement).focus()
}

async function lock(): Promise<Wrong | undefined> {
  if (believed === undefined) return "badFile"
  const to = [...boxes].filter(([, box]) => box.checked).map(([id]) => id)
  if (to.length === 0) return "noReader"
  const chosen = [...(files.files ?? [])].map((file) => ({ name: file.name, type: file.type, blob: file }))
  if (message.value.trim() === "" && chosen.length === 0) return "empty"
  const draft: Draft = { to, answers: [], message: message.value, files: chosen }
  tell(status, () => words.working)
  // The words above are on the screen before a browser without a compiler is busy for seconds.
  await new Promise((resolve) => setTimeout(resolve, 50))
  try {
    const eight = await newWords()
    const pieces = await seal(believed, draft, eight)
    const envelope: Uint8Array<ArrayBuffer>[] = []
    try {
      for (let piece = await pieces.next(PIECE_BYTES); piece.length > 0; piece = await pieces.next(PIECE_BYTES)) envelope.push(piece)
    } finally {
      await pieces.drop()
    }
    showDone(pieces.day, envelope, eight)
    return undefined
  } catch (error) {
    if (error instanceof NotSealed && error.fault === "too-large") return "tooLarge"
    return "failed"
  }
}

function showDone(day: string, envelope: readonly Uint8Array<ArrayBuffer>[], eight: string): void {
  const link = byId("envelope", HTMLAnchorElement)
  if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href)
  link.href = URL.createObjectURL(new Blob([...envelope], { type: "application/octet-stream" }))
  link.download = `tip-${day}.age`
  const until = believed === undefined ? day : addDays(believed.day, believed.keyring.policy.acceptDays)
  tell(byId("until", HTMLElement), () => fill(words.until, { until: dayIn(words, until) }))
  byId("words", HTMLElement).replaceChildren(...eight.split(" ").map((word) => make("li", {}, word)))
  message.value = ""
  files.value = ""
  for (const box of boxes.values()) box.checked = false
  tipForm.hidden = true
  // The keys are not asked for again over it: the file and the words would be gone. Whoever goes away is asked first.
  keysForm.hidden = true
  addEventListener("beforeunload", (event) => event.preventDefault())
  byId("done", HTMLElement).hidden = false
  status.replaceChildren()
  byId("done-title", HTMLElement).focus()
}

function onSubmit(form: HTMLFormElement, error: string, work: () => Promise<Wrong | undefined>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const place = byId(error, HTMLElement)
    say(place, undefined)
    const button = form.querySelector("button")
    if (button !== null) button.disabled = true
    const finish = (wrong: Wrong | undefined) => {
      if (button !== null) button.disabled = false
      say(place, wrong && (() => words[wrong]))
    }
    work().then(finish, () => finish("failed"))
  })
}

/** Emptied when it is left, and when it comes back from the browser's own memory of pages. */
function wipe(): void {
  for (const field of [line, message]) field.value = ""
  for (const field of [keysFile, files]) field.value = ""
  byId("words", HTMLElement).replaceChildren()
}

if (isSecureContext && typeof crypto.subtle === "object") {
  // It says in every language that it is to be saved; what has been saved speaks one.
  byId("save", HTMLElement).remove()
  makeLanguageButtons(byId("languages", HTMLElement), byId("unreviewed", HTMLElement), () => words, speak)
  speak(firstOf(navigator.languages, isLanguage) ?? "en")
  byId("work", HTMLElement).hidden = false
  catchDrops(files)
  onSubmit(keysForm, "keys-error", checkKeys)
  onSubmit(tipForm, "tip-error", lock)
  addEventListener("pagehide", wipe)
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) wipe()
  })
}
