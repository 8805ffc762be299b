/** Coming back with eight words: one field, the answers, and what can be done with them. What the page says never tells a wrong word from an
 *  answer that has not come: it cannot know. SPEC.md §8.1. */

import { splitWords } from "../keyring/split-words.ts"
import { byId, make, say } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import { type FromWorker, LAST_PAGE, type ShownReply, type ToWorker } from "./messages.ts"
import type { Status } from "./status.ts"
import { dayText, fill, listText, numberText } from "./wording.ts"

export interface Mailbox {
  /** Goes on to the answers, or says what is wrong with the words. */
  look(): Promise<void>
  /** Something opened by the words that were typed: they are the source's own. */
  hasOpened(): boolean
  /** Empties it; of what is still being asked, the answer is let go. */
  wipe(): void
}

interface Parts {
  readonly status: Status
  readonly ask: (message: ToWorker) => Promise<FromWorker>
  readonly show: (step: "answers") => void
}

type Collected = Extract<FromWorker, { kind: "collected" }>

const faultText =
  (answer: FromWorker): Sentence =>
  () =>
    words.back[answer.kind === "no-mail" ? answer.fault : "broken"]

export function makeMailbox({ status, ask: askWorker, show }: Parts): Mailbox {
  let isAsking = false
  /** Raised when the source goes elsewhere: an answer to what was asked before must not bring them back. */
  let turn = 0
  const never = () => new Promise<never>(() => undefined)
  /** One question at a time: a second press is not one. */
  async function ask(message: ToWorker): Promise<FromWorker> {
    if (isAsking) return never()
    isAsking = true
    const mine = turn
    try {
      const answer = await askWorker(message)
      return mine === turn ? answer : await never()
    } finally {
      if (mine === turn) isAsking = false
    }
  }
  const typed = byId("typed", HTMLTextAreaElement)
  const error = byId("typed-error", HTMLElement)
  const near = byId("typed-near", HTMLElement)
  const lookButton = byId("look", HTMLButtonElement)
  const list = byId("answers-list", HTMLElement)
  const older = byId("older", HTMLElement)
  const olderButton = byId("older-button", HTMLButtonElement)
  const failed = byId("answers-failed", HTMLElement)
  const sure = byId("empty-sure", HTMLElement)
  const emptyButtons = [byId("empty", HTMLButtonElement), byId("empty-yes", HTMLButtonElement)] as const
  const refusedNote = byId("answers-refused", HTMLElement)
  let page = 0
  /** What failed a check on any page that was looked at. */
  let refusedOnAll = 0
  /** What stands in the list. */
  let shown: readonly ShownReply[] = []
  /** Also after it was deleted: the words are right. */
  let hasOpened = false

  function complain(sentence: Sentence, suggested: readonly Node[] = []): void {
    say(error, sentence)
    near.replaceChildren(...suggested)
    near.hidden = suggested.length === 0
    typed.focus()
  }

  /** Suggested, never put in by itself: four letters do not tell the words of this list apart, and a guess would open another mailbox. */
  function suggestion(word: string, place: number): HTMLElement {
    const button = make("button", { type: "button", class: "quiet", translate: "no", dir: "ltr" }, word)
    button.addEventListener("click", () => {
      typed.value = splitWords(typed.value)
        .map((one, at) => (at === place - 1 ? word : one))
        .join(" ")
      complain(() => words.back.replaced)
    })
    return button
  }

  async function look(): Promise<void> {
    say(error, undefined)
    near.hidden = true
    lookButton.disabled = true
    const checked = await ask({ kind: "come-back", typed: typed.value })
    lookButton.disabled = false
    if (checked.kind === "not-eight") return complain(() => fill(words.back.notEight, { count: numberText(checked.count) }))
    if (checked.kind === "unknown-word") {
      const { place, word, near: others } = checked
      return complain(
        () => fill(others.length === 0 ? words.back.unknown : words.back.unknownNear, { place: numberText(place), word }),
        others.map((one) => suggestion(one, place)),
      )
    }
    if (checked.kind !== "came-back") return complain(() => words.back.broken)
    lookButton.disabled = true
    status.announce(words.back.looking)
    const found = await ask({ kind: "collect", page: 0 })
    lookButton.disabled = false
    if (found.kind !== "collected") return complain(faultText(found))
    typed.value = ""
    hasOpened = false
    begin()
    put(found)
    show("answers")
  }

  function begin(): void {
    page = 0
    refusedOnAll = 0
    shown = []
    list.replaceChildren()
  }

  function put({ replies, refused }: Collected): void {
    list.append(...replies.map(shownReply))
    shown = [...shown, ...replies]
    refusedOnAll += refused
    hasOpened ||= replies.length > 0 || refused > 0
    const count = refusedOnAll
    byId("answers-none", HTMLElement).hidden = list.children.length > 0
    byId("answers-some", HTMLElement).hidden = list.children.length === 0
    say(refusedNote, count === 0 ? undefined : () => fill(words.answers.refused, { count: numberText(count) }))
    // Whatever was found: nobody can tell noise, which anyone can send, from a place where nothing is.
    older.hidden = page === LAST_PAGE
    emptyButtons[0].hidden = list.children.length === 0 && count === 0
    say(failed, undefined)
  }

  /** The focus goes on to what is new, or stays; and what was found is said. */
  function putOlder(found: Collected): void {
    const before = list.children.length
    put(found)
    const first = list.children.item(before)?.querySelector("h3")
    if (found.replies.length > 0) status.announce(fill(words.answers.olderFound, { count: numberText(found.replies.length) }))
    else if (found.refused > 0) status.announce(refusedNote.textContent)
    else say(failed, () => words.answers.olderNone)
    if (first != null) first.focus()
    else if (older.hidden) byId("answers-title", HTMLElement).focus()
  }

  olderButton.addEventListener("click", () => {
    // Not disabled: the focus would be lost. A second press is none while the first is under way.
    olderButton.setAttribute("aria-disabled", "true")
    status.announce(words.back.looking)
    ask({ kind: "collect", page: page + 1 }).then(
      (found) => {
        olderButton.removeAttribute("aria-disabled")
        if (found.kind !== "collected") return say(failed, faultText(found))
        page++
        putOlder(found)
      },
      () => undefined, // the page is over
    )
  })
  emptyButtons[0].addEventListener("click", () => {
    sure.hidden = false
    emptyButtons[1].focus()
  })
  emptyButtons[1].addEventListener("click", () => {
    // What comes of the other question will stand in the list as well: whether that is to go is asked then.
    if (isAsking) return status.announce(words.back.looking)
    ask({ kind: "empty" }).then(
      (done) => {
        if (done.kind !== "emptied" && done.kind !== "collected") return say(failed, faultText(done))
        const before = new Set(shown.map((reply) => JSON.stringify(reply)))
        const left = done.kind === "collected" ? done : { kind: "collected" as const, replies: [], refused: 0 }
        const isStillThere = left.replies.some((reply) => before.has(JSON.stringify(reply)))
        begin()
        put(left)
        sure.hidden = true
        say(failed, () => words.answers[isStillThere ? "notEmptied" : done.kind === "collected" ? "emptiedSome" : "emptied"])
        byId("answers-title", HTMLElement).focus()
      },
      () => undefined,
    )
  })

  return {
    look,
    hasOpened: () => hasOpened,
    wipe() {
      turn++
      isAsking = false
      lookButton.disabled = false
      olderButton.removeAttribute("aria-disabled")
      typed.value = ""
      say(error, undefined)
      near.replaceChildren()
      begin()
      hasOpened = false
      sure.hidden = true
      for (const one of [failed, refusedNote]) say(one, undefined)
    },
  }
}

function shownReply({ day, until, name, beat, others, left, replaced, message }: ShownReply): HTMLElement {
  const head = make("h3", { dir: "auto", tabindex: -1 }, () => fill(words.answers.by, { name }))
  if (beat !== undefined) head.append(" ", make("span", { class: "hint" }, beat))
  const hint = (sentence: Sentence) => make("p", { class: "hint" }, sentence)
  const warning = (sentence: Sentence) => make("p", { class: "error" }, sentence)
  return make(
    "li",
    {},
    head,
    hint(() => fill(words.answers.written, { day: dayText(day) })),
    ...(left === undefined
      ? []
      : [warning(() => fill(left.isBefore ? words.answers.leftBefore : words.answers.left, { name, day: dayText(left.on) }))]),
    ...(replaced === undefined ? [] : [warning(() => fill(words.answers.replaced, { name, day: dayText(replaced) }))]),
    make("p", { class: "written reply", dir: "auto", translate: "no" }, message),
    ...(others.length === 0 ? [] : [hint(() => fill(words.answers.others, { others: listText(others) }))]),
    hint(() => fill(words.answers.until, { day: dayText(until) })),
  )
}
