/** The files of a tip: added by button or by dropping, renamed, removed. Held by the page, read only when the tip is sealed. */

import { entryBytes, MAX_FILES } from "../envelope/archive.ts"
import { catchDrops, isOffered, make, PRIVATE_FIELD, say, tell } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { DraftFile } from "./messages.ts"
import { type Looked, lookThrough } from "./photos.ts"
import type { Status } from "./status.ts"
import { fill, listText, numberText, sizeText } from "./wording.ts"

export interface Attachments {
  /** Once all of them have been looked through. */
  files(): Promise<readonly DraftFile[]>
  /** What they are called on the page. */
  names(): readonly string[]
  /** Says the limit and lets files be chosen. */
  setLimit(limit: { readonly bytes: number; readonly holds: number }): void
  complain(sentence: Sentence | undefined): void
  /** That a file cannot be read any more. @param file - its number, from 1, where it is known */
  complainOf(file: number | undefined): void
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

interface Held {
  readonly blob: File
  readonly name: HTMLInputElement
  /** What was found in a photo; absent while it is being looked through. */
  looked?: Looked
  /** Whether what was found is left out. */
  readonly clean: HTMLInputElement
}
/** What is sent of it. A photo in which nothing was found is not said to be cleaned. */
const sentOf = ({ blob, looked, clean }: Held): Pick<DraftFile, "blob" | "cleaned"> =>
  looked?.kind === "photo" && looked.hidden.length > 0 && clean.checked ? { blob: looked.clean, cleaned: true } : { blob }

/** What was found beside the picture, and the choice to leave it out; or that nothing can be done. */
function marksOf({ looked, clean }: Held, id: string): readonly HTMLElement[] {
  if (looked === undefined) return []
  if (looked.kind !== "photo") return [make("p", { class: "hint" }, () => words.photos[looked.kind])]
  if (looked.hidden.length === 0) return [make("p", { class: "hint" }, () => words.photos.nothing)]
  clean.id = `${id}-clean`
  const found = () => listText(looked.hidden.map((one) => words.photos[one === "other" ? "otherData" : one]))
  return [
    make("p", { class: "hint" }, () => fill(words.photos.found, { list: found() })),
    make(
      "p",
      { class: "choice" },
      clean,
      make("label", { for: clean.id }, () => words.photos.remove),
    ),
  ]
}

export function makeAttachments({ input, limit, error, list, sum, status, wordBytes }: Parts): Attachments {
  let held: Held[] = []
  let most = { bytes: 0, holds: 0 }

  const need = (files: readonly Blob[]) => files.reduce((total, { size }) => total + entryBytes(size) + NAME_BYTES, 0)

  function add(files: readonly File[]): void {
    const all = [...held.map(({ blob }) => blob), ...files]
    const isTooMuch = need(all) + LETTER_BYTES + wordBytes() > most.holds
    if (isTooMuch || all.length > MAX_FILES) {
      say(error, () =>
        isTooMuch
          ? fill(words.files.tooLarge, { size: sizeText(most.bytes) })
          : fill(words.files.tooMany, { count: numberText(MAX_FILES) }),
      )
      status.announce(error.textContent)
      return
    }
    say(error, undefined)
    const added = files.map((blob): Held => {
      const clean = make("input", { type: "checkbox" })
      clean.checked = true
      return { blob, name: make("input", { type: "text", maxlength: 255, ...PRIVATE_FIELD }), clean }
    })
    for (const { name, blob } of added) name.value = blob.name
    held = [...held, ...added]
    show()
    void lookAt(added)
    status.announce(sum.textContent)
  }

  /** One after the other: a photo is in memory while it is looked through. */
  let looking: Promise<void> = Promise.resolve()
  function lookAt(added: readonly Held[]): Promise<void> {
    looking = looking.then(async () => {
      for (const one of added) {
        one.looked = await lookThrough(one.blob)
        if (held.includes(one)) showMarks(one)
      }
    })
    return looking
  }

  function showMarks(one: Held): void {
    document.getElementById(`${one.name.id}-marks`)?.replaceChildren(...marksOf(one, one.name.id))
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
      ...held.map((one, index) => {
        const { blob, name } = one
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
          make("div", { id: `${name.id}-marks` }, ...marksOf(one, name.id)),
        )
      }),
    )
    const total = held.reduce((bytes, { blob }) => bytes + blob.size, 0)
    tell(sum, () => fill(words.files.added, { count: numberText(held.length), size: sizeText(total) }))
    sum.hidden = held.length === 0
  }

  addEventListener("paste", ({ clipboardData }) => {
    const files = [...(clipboardData?.files ?? [])]
    if (files.length > 0 && isOffered(input)) add(files)
  })
  catchDrops(input)
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])]
    // The page's own list holds them from here on; an emptied field can take the same file again.
    input.value = ""
    if (files.length > 0) add(files)
  })

  function complain(sentence: Sentence | undefined): void {
    say(error, sentence)
    if (sentence !== undefined) input.focus()
  }

  const nameOf = ({ name, blob }: Held) => name.value.trim() || namelessName(blob)

  return {
    async files() {
      await looking
      return held.map((one) => ({ name: nameOf(one), type: one.blob.type, ...sentOf(one) }))
    },
    names: () => held.map(nameOf),
    setLimit(found) {
      most = found
      tell(limit, () => `${words.files.optional} ${fill(words.files.limit, { size: sizeText(found.bytes) })}`)
      input.disabled = false
    },
    complain,
    complainOf(file) {
      const name = held[(file ?? 0) - 1]?.name.value
      complain(() => (name === undefined ? words.files.unreadable : fill(words.files.unreadableOne, { name })))
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
