/** Who may read: one tick box for each reporter of the verified keyring. Nobody is ticked for the source. */

import { make, say } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { Reader, View } from "./messages.ts"
import { fill, listText } from "./wording.ts"

export interface Readers {
  /** The ids of those who are ticked. */
  chosen(): readonly string[]
  /** Says that somebody must be chosen, and goes there; or takes it back. */
  complain(sentence: Sentence | undefined): void
  wipe(): void
}

function awayText({ name }: Reader, reachable: readonly Reader[]): string {
  const others = listText(reachable.map((one) => one.name))
  return fill(reachable.length === 0 ? words.readers.away : words.readers.awayOther, { name, others })
}

export function showReaders(
  into: HTMLElement,
  { newsroom, readers }: Pick<View, "newsroom" | "readers">,
  ticked: readonly string[] = [],
): Readers {
  const reachable = readers.filter(({ isReachable }) => isReachable)
  const boxes = new Map<string, HTMLInputElement>()
  const rows = readers.map((reader, index) => {
    const at = `reader-${index}`
    const { id, name, beat, isReachable } = reader
    const box = make("input", { type: "checkbox", id: at, autocomplete: "off", disabled: isReachable ? undefined : true })
    box.checked = isReachable && ticked.includes(id)
    boxes.set(id, box)
    const label = make("label", { for: at }, make("span", { class: "reader-name", dir: "auto" }, name))
    if (beat !== undefined) label.append(" ", make("span", { class: "hint", dir: "auto" }, beat))
    const row = make("div", { class: isReachable ? "choice" : "choice is-away" }, box, label)
    if (isReachable) return row
    box.setAttribute("aria-describedby", `${at}-away`)
    return make(
      "div",
      {},
      row,
      make("p", { class: "hint away", id: `${at}-away` }, () => awayText(reader, reachable)),
    )
  })
  const help = make(
    "p",
    { id: "readers-help", class: "hint" },
    () => words.readers.help,
    " ",
    () => fill(words.readers.at, { newsroom: newsroom.name }),
  )
  const error = make("p", { id: "readers-error", class: "error", hidden: true })
  const fieldset = make(
    "fieldset",
    { "aria-describedby": "readers-help readers-error" },
    make("legend", {}, () => words.readers.legend),
    help,
    error,
    ...rows,
  )
  const complain = (sentence: Sentence | undefined) => {
    say(error, sentence)
    if (sentence !== undefined) [...boxes.values()].find(({ disabled }) => !disabled)?.focus()
  }
  fieldset.addEventListener("change", () => say(error, undefined))
  into.replaceChildren(fieldset)
  return {
    chosen: () => [...boxes].filter(([, box]) => box.checked && !box.disabled).map(([id]) => id),
    complain,
    wipe() {
      for (const box of boxes.values()) box.checked = false
    },
  }
}
