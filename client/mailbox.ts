/** Coming back with eight words: one field, the answers, and what can be done with them. What the page says never tells a wrong word from an
 *  answer that has not come: it cannot know. SPEC.md §8.1. */

import { byId, make, say } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { FromWorker, ShownReply, ToWorker } from "./messages.ts"
import type { Status } from "./status.ts"
import { dayText, fill, listText, numberText } from "./wording.ts"

export interface Mailbox {
  /** Goes on to the answers, or says what is wrong with the words. */
  look(): Promise<void>
  wipe(): void
}

interface Parts {
  readonly status: Status
  readonly ask: (message: ToWorker) => Promise<FromWorker>
  readonly show: (step: "answers") => void
}

const faultText =
  (answer: FromWorker): Sentence =>
  () =>
    words.back[answer.kind === "no-mail" ? answer.fault : "broken"]

export function makeMailbox({ status, ask: askWorker, show }: Parts): Mailbox {
  let isAsking = false
  /** The worker takes one question at a time; a second press is not one. */
  async function ask(message: ToWorker): Promise<FromWorker> {
    if (isAsking) return new Promise(() => undefined)
    isAsking = true
    try {
      return await askWorker(message)
    } finally {
      isAsking = false
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
  let page = 0

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
      let seen = 0
      typed.value = typed.value.replace(/[^\s,;]+/g, (one) => {
        if (/^\d{1,2}[.):]?$/.test(one)) return one
        seen++
        return seen === place ? word : one
      })
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
    page = 0
    list.replaceChildren()
    put(found)
    show("answers")
  }

  function put({ replies, refused, isFull }: Extract<FromWorker, { kind: "collected" }>): void {
    list.append(...replies.map(shownReply))
    byId("answers-none", HTMLElement).hidden = list.children.length > 0
    byId("answers-some", HTMLElement).hidden = list.children.length === 0
    say(byId("answers-refused", HTMLElement), refused === 0 ? undefined : () => fill(words.answers.refused, { count: numberText(refused) }))
    older.hidden = !isFull
    emptyButtons[0].hidden = list.children.length === 0 && refused === 0
    say(failed, undefined)
    sure.hidden = true
  }

  olderButton.addEventListener("click", () => {
    olderButton.disabled = true
    const asking = ask({ kind: "collect", page: page + 1 })
    asking.then(
      (found) => {
        olderButton.disabled = false
        if (found.kind !== "collected") return say(failed, faultText(found))
        page++
        put(found)
      },
      () => undefined, // the page is over
    )
  })
  emptyButtons[0].addEventListener("click", () => {
    sure.hidden = false
    emptyButtons[1].focus()
  })
  emptyButtons[1].addEventListener("click", () => {
    emptyButtons[1].disabled = true
    ask({ kind: "empty" }).then(
      (done) => {
        emptyButtons[1].disabled = false
        if (done.kind !== "emptied" && done.kind !== "collected") return say(failed, faultText(done))
        page = 0
        list.replaceChildren()
        put(done.kind === "collected" ? done : { kind: "collected", replies: [], refused: 0, isFull: false })
        say(failed, () => (done.kind === "collected" ? words.answers.emptiedSome : words.answers.emptied))
        byId("answers-title", HTMLElement).focus()
      },
      () => undefined,
    )
  })

  return {
    look,
    wipe() {
      typed.value = ""
      say(error, undefined)
      near.replaceChildren()
      list.replaceChildren()
      for (const one of [failed, byId("answers-refused", HTMLElement)]) say(one, undefined)
    },
  }
}

function shownReply({ day, until, name, beat, others, left, replaced, message }: ShownReply): HTMLElement {
  const head = make("h3", { dir: "auto" }, () => fill(words.answers.by, { name }))
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
