/** The files of a tip: added by button or by dropping, renamed, removed. Held by the page, read only when the tip is sealed. */

import { entryBytes } from "../envelope/archive.ts"
import { make, PRIVATE_FIELD, say, tell } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { DraftFile } from "./messages.ts"
import type { Status } from "./status.ts"
import { fill, numberText, sizeText } from "./wording.ts"

export interface Attachments {
  files(): readonly DraftFile[]
  /** Says the limit and lets files be chosen. */
  setLimit(limit: { readonly bytes: number; readonly holds: number }): void
  complain(sentence: Sentence | undefined): void
  wipe(): void
}

interface Parts {
  readonly input: HTMLInputElement
  readonly limit: HTMLElement
  readonly error: HTMLElement
  readonly list: HTMLElement
  readonly sum: HTMLElement
  readonly status: Status
  /** Bytes of the source's words, which share the envelope. */
  readonly wordBytes: () => number
}

/** The letter, its signatures and the archive's end; answers are counted by {@link Parts.wordBytes}. */
const LETTER_BYTES = 8_192
const NAME_BYTES = 512 // a file's line in the letter

/** Whoever empties a file's name wants it gone: only the kind of file is kept. */
const namelessName = ({ name }: File) => `file${/\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? ""}`

export function makeAttachments({ input, limit, error, list, sum, status, wordBytes }: Parts): Attachments {
  let held: { readonly blob: File; readonly name: HTMLInputElement }[] = []
  let most = { bytes: 0, holds: 0 }

  const need = (files: readonly Blob[]) => files.reduce((total, { size }) => total + entryBytes(size) + NAME_BYTES, 0)

  function add(files: readonly File[]): void {
    const all = [...held.map(({ blob }) => blob), ...files]
    if (need(all) + LETTER_BYTES + wordBytes() > most.holds) {
      say(error, () => fill(words.files.tooLarge, { size: sizeText(most.bytes) }))
      status.announce(error.textContent)
      return
    }
    say(error, undefined)
    held = [...held, ...files.map((blob) => ({ blob, name: make("input", { type: "text", maxlength: 255, ...PRIVATE_FIELD }) }))]
    for (const { name, blob } of held.slice(-files.length)) name.value = blob.name
    show()
    status.announce(sum.textContent)
  }

  function remove(index: number): void {
    held = held.filter((_, at) => at !== index)
    say(error, undefined)
    show()
    status.announce(fill(words.files.removed, { count: numberText(held.length) }))
    // The button that had the focus is gone; the nearest thing that does something takes it.
    const next = list.querySelectorAll("button")[Math.min(index, held.length - 1)] ?? input
    next.focus()
  }

  function show(): void {
    list.replaceChildren(
      ...held.map(({ blob, name }, index) => {
        const number = () => ({ number: numberText(index + 1) })
        name.id = `file-${index}`
        const label = make("label", { for: name.id, class: "file-name" }, () => fill(words.files.name, number()))
        const button = make(
          "button",
          { type: "button", class: "quiet", "aria-label": () => fill(words.files.removeOf, number()) },
          () => words.files.remove,
        )
        button.addEventListener("click", () => remove(index))
        return make(
          "li",
          {},
          label,
          make(
            "div",
            { class: "file" },
            name,
            make("span", { class: "hint" }, () => sizeText(blob.size)),
            button,
          ),
        )
      }),
    )
    const total = held.reduce((bytes, { blob }) => bytes + blob.size, 0)
    tell(sum, () => fill(words.files.added, { count: numberText(held.length), size: sizeText(total) }))
    sum.hidden = held.length === 0
  }

  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])]
    // The page's own list holds them from here on; an emptied field can take the same file again.
    input.value = ""
    if (files.length > 0) add(files)
  })

  return {
    files: () => held.map(({ blob, name }) => ({ name: name.value.trim() || namelessName(blob), type: blob.type, blob })),
    setLimit(found) {
      most = found
      tell(limit, () => `${words.files.optional} ${fill(words.files.limit, { size: sizeText(found.bytes) })}`)
      input.disabled = false
    },
    complain(sentence) {
      say(error, sentence)
      if (sentence !== undefined) input.focus()
    },
    wipe() {
      input.value = ""
      for (const { name } of held) name.value = ""
      held = []
      say(error, undefined)
      show()
    },
  }
}
