/** The eight words on the page: shown once, hidden, copied and checked by the source's own hand, and never by themselves. */

import { splitWords } from "../keyring/split-words.ts"
import { byId, make, say, tell } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import { fill, listText, numberText } from "./wording.ts"

export interface EightWords {
  /** @param done - the source says that they are written down */
  show(eight: readonly string[], done: () => void): void
  wipe(): void
}

export function makeEightWords(): EightWords {
  const part = byId("words", HTMLElement)
  const list = byId("words-list", HTMLOListElement)
  const hide = byId("words-hide", HTMLButtonElement)
  const copied = byId("words-copied", HTMLElement)
  const field = byId("words-again", HTMLTextAreaElement)
  const checked = byId("words-checked", HTMLElement)
  let held: readonly string[] = []
  let whenDone: () => void = () => undefined

  function setHidden(isHidden: boolean): void {
    list.hidden = isHidden
    tell(hide, () => (isHidden ? words.eight.show : words.eight.hide))
  }
  hide.addEventListener("click", () => setHidden(!list.hidden))
  byId("words-copy", HTMLButtonElement).addEventListener("click", () => {
    const copying = navigator.clipboard?.writeText(held.join(" ")) ?? Promise.reject(new Error("no clipboard"))
    copying.then(
      () => say(copied, () => words.eight.copied),
      () => say(copied, () => words.eight.notCopied),
    )
  })
  byId("words-check", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault()
    say(checked, verdict(held, field.value))
    // What was found wrong is tied to the field, and the field is where it is put right.
    field.focus()
  })
  byId("words-done", HTMLButtonElement).addEventListener("click", () => {
    wipe()
    whenDone()
  })

  function wipe(): void {
    held = []
    list.replaceChildren()
    field.value = ""
    for (const one of [copied, checked]) say(one, undefined)
    part.hidden = true
  }
  return {
    show(eight, done) {
      held = eight
      whenDone = done
      list.replaceChildren(...eight.map((word) => make("li", {}, make("span", { translate: "no", dir: "ltr" }, word))))
      setHidden(false)
      part.hidden = false
    },
    wipe,
  }
}

/** All eight at once, never one by one: nothing has to be remembered or counted for it. */
function verdict(eight: readonly string[], typed: string): Sentence {
  const given = splitWords(typed)
  if (given.length !== eight.length) return () => fill(words.eight.otherCount, { count: numberText(given.length) })
  const wrong = eight.flatMap((word, at) => (given[at] === word ? [] : [at + 1]))
  return () => (wrong.length === 0 ? words.eight.same : fill(words.eight.other, { places: listText(wrong.map(numberText)) }))
}
