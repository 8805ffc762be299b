/** The page that is saved and opened from a disk: keys from a file, believed by the newsroom's line alone; a locked file to carry. SPEC.md §4.6, §5.
 *  It reaches nothing: its policy forbids every connection. Everything runs here, without a worker, which a file cannot start. */

import { addDays, dayOf } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { capacity, SMALL_BYTES, sizeClasses } from "../envelope/sizes.ts"
import { KeyringError } from "../keyring/errors.ts"
import { pinnedText } from "../keyring/newsroom.ts"
import { parseTold, pinOfLine } from "../keyring/today.ts"
import { newWords } from "../keyring/words.ts"
import type { Draft } from "./messages.ts"
import { type Believed, believe, NotSealed, Refused, seal, viewOf } from "./sealing.ts"
import { offline as words } from "./words/plain.ts"

const MAX_KEYS_BYTES = 16_777_216
const PIECE_BYTES = 1_048_576

function byId<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}
const fill = (text: string, values: Readonly<Record<string, string>>) => text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "")

const [keysForm, tipForm] = [byId("keys", HTMLFormElement), byId("tip", HTMLFormElement)]
const line = byId("line", HTMLTextAreaElement)
const keysFile = byId("keys-file", HTMLInputElement)
const message = byId("message", HTMLTextAreaElement)
const files = byId("files", HTMLInputElement)
const status = byId("status", HTMLElement)

/** By reporter's id. */
const boxes = new Map<string, HTMLInputElement>()
let believed: Believed | undefined

function complain(at: string, sentence: string | undefined): void {
  const place = byId(at, HTMLElement)
  place.textContent = sentence ?? ""
  place.hidden = sentence === undefined
}

/** What was believed before is forgotten first: keys that fail leave none behind. */
async function checkKeys(): Promise<string | undefined> {
  believed = undefined
  tipForm.hidden = true
  byId("done", HTMLElement).hidden = true
  const [file] = keysFile.files ?? []
  if (file === undefined || file.size > MAX_KEYS_BYTES) return words.noFile
  try {
    const answer = await file.text()
    const pinned = await pinOfLine(line.value, parseTold(answer))
    believed = withinForm(await believe({ pin: pinnedText(pinned), answer, today: dayOf(Date.now()) }))
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code === "bad-key" ? words.badLine : words.badFile
    if (error instanceof Refused) return error.code === "clock" ? words.oldFile : words.badFile
    if (error instanceof KeyringError) return words.badFile
    return words.failed
  }
  if (believed.reachable.size === 0) return words.nobody
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
  byId("good", HTMLElement).textContent = fill(words.good, { newsroom: newsroom.name, day: now.day, until })
  byId("files-help", HTMLElement).textContent = fill(words.filesHelp, { size: `${Math.floor(limit.holds / 1_024)} KiB` })
  boxes.clear()
  const rows = readers.map(({ id, name, beat, isReachable }, index) => {
    const row = document.createElement(isReachable ? "div" : "p")
    if (!isReachable) {
      row.textContent = fill(words.away, { name })
      return row
    }
    const [box, label] = [document.createElement("input"), document.createElement("label")]
    box.type = "checkbox"
    box.id = `reader-${index}`
    label.htmlFor = box.id
    label.textContent = beat === undefined ? name : `${name}, ${beat}`
    boxes.set(id, box)
    row.className = "choice"
    row.append(box, label)
    return row
  })
  byId("readers", HTMLElement).replaceChildren(...rows)
  tipForm.hidden = false
  byId("tip-title", HTMLElement).focus()
}

async function lock(): Promise<string | undefined> {
  if (believed === undefined) return words.badFile
  const to = [...boxes].filter(([, box]) => box.checked).map(([id]) => id)
  if (to.length === 0) return words.noReader
  const chosen = [...(files.files ?? [])].map((file) => ({ name: file.name, type: file.type, blob: file }))
  if (message.value.trim() === "" && chosen.length === 0) return words.empty
  const draft: Draft = { to, answers: [], message: message.value, files: chosen }
  status.textContent = words.working
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
    if (error instanceof NotSealed && error.fault === "too-large") return words.tooLarge
    return words.failed
  }
}

function showDone(day: string, envelope: readonly Uint8Array<ArrayBuffer>[], eight: string): void {
  const link = byId("envelope", HTMLAnchorElement)
  if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href)
  link.href = URL.createObjectURL(new Blob([...envelope], { type: "application/octet-stream" }))
  link.download = `tip-${day}.age`
  const until = believed === undefined ? day : addDays(believed.day, believed.keyring.policy.acceptDays)
  byId("until", HTMLElement).textContent = fill(words.until, { until })
  const list = eight.split(" ").map((word) => {
    const item = document.createElement("li")
    item.textContent = word
    return item
  })
  byId("words", HTMLElement).replaceChildren(...list)
  message.value = ""
  files.value = ""
  for (const box of boxes.values()) box.checked = false
  tipForm.hidden = true
  byId("done", HTMLElement).hidden = false
  status.textContent = ""
  byId("done-title", HTMLElement).focus()
}

function onSubmit(form: HTMLFormElement, error: string, work: () => Promise<string | undefined>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    complain(error, undefined)
    const button = form.querySelector("button")
    if (button !== null) button.disabled = true
    const finish = (sentence: string | undefined) => {
      if (button !== null) button.disabled = false
      complain(error, sentence)
    }
    work().then(finish, () => finish(words.failed))
  })
}

/** Emptied when it is left, and when it comes back from the browser's own memory of pages. */
function wipe(): void {
  for (const field of [line, message]) field.value = ""
  for (const field of [keysFile, files]) field.value = ""
  byId("words", HTMLElement).replaceChildren()
}

if (isSecureContext && typeof crypto.subtle === "object") {
  byId("save", HTMLElement).hidden = true
  byId("work", HTMLElement).hidden = false
  onSubmit(keysForm, "keys-error", checkKeys)
  onSubmit(tipForm, "tip-error", lock)
  addEventListener("pagehide", wipe)
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) wipe()
  })
}
