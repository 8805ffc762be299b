/** The page's elements: found by id, made by name, never by markup. Sentences follow the language. */

import { follow, following, type Sentence } from "./speaking.ts"

/** @throws Error when index.html and the script do not belong together */
export function byId<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}

type Made<Tag extends keyof HTMLElementTagNameMap> = HTMLElementTagNameMap[Tag]
/** Attributes by name; `true` for one without a value. */
type Attributes = Readonly<Record<string, string | number | true | undefined | Sentence>>
export type Child = Node | string | Sentence

const nodeOf = (child: Child): Node | string => (typeof child === "function" ? following(child) : child)

/** Strings become text, whatever they hold: for what somebody wrote. What the page says is a {@link Sentence}. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): Made<Tag> {
  const element = document.createElement(tag)
  const sentences: [string, Sentence][] = []
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") sentences.push([name, value])
    else if (value !== undefined) element.setAttribute(name, value === true ? "" : String(value))
  }
  if (sentences.length > 0)
    follow(element, () => {
      for (const [name, sentence] of sentences) element.setAttribute(name, sentence())
    })
  element.append(...children.map(nodeOf))
  return element
}

/** Puts a sentence in the place of what an element holds. */
export function tell(element: HTMLElement, sentence: Sentence): void {
  element.removeAttribute("data-words")
  element.replaceChildren(following(sentence))
}

/** For every field that takes text: browsers and their helpers send what is typed to their makers otherwise. */
export const PRIVATE_FIELD: Attributes = {
  spellcheck: "false",
  autocomplete: "off",
  autocorrect: "off",
  autocapitalize: "off",
  translate: "no",
  "data-gramm": "false",
  dir: "auto",
}

/** Whether somebody could put files into it now: it is on the page, and not disabled. */
export const isOffered = (input: HTMLInputElement): boolean => !input.disabled && input.getClientRects().length > 0

const takesFiles = (target: EventTarget | null): boolean => target instanceof HTMLInputElement && target.type === "file" && !target.disabled

/** Files that are dropped beside the field go into it while it is on the page, and nowhere otherwise: a browser would leave the page for them,
 *  with everything that was written, or open them under an address that its history keeps. */
export function catchDrops(input: HTMLInputElement): void {
  for (const kind of ["dragover", "drop"] as const)
    addEventListener(kind, (event) => {
      const { dataTransfer } = event
      if (!dataTransfer?.types.includes("Files") || takesFiles(event.target)) return
      event.preventDefault()
      if (kind !== "drop" || !isOffered(input)) return
      input.files = dataTransfer.files
      input.dispatchEvent(new Event("change"))
    })
}

/** Says what is wrong beside a field, and ties it to the field; `undefined` takes it back. */
export function say(error: HTMLElement, sentence: Sentence | undefined): void {
  if (sentence === undefined) error.replaceChildren()
  else tell(error, sentence)
  error.hidden = sentence === undefined
}
