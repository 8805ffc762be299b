/** The language of the page: the browser's own if we have it, another by a button, and never by a request, for every catalogue is here already.
 *  What stands on the page follows: sentences are kept as functions, and said again. What somebody typed is not touched. */

import { CATALOGUES, type Language } from "./words/catalogues.ts"
import type { Words } from "./words/en.ts"

/** Text in the language that is spoken when it is asked for. */
export type Sentence = () => string

/** The catalogue that is spoken. Read it anew each time. */
export let words: Words = CATALOGUES.en

/** For `Intl`. With the digits that the eight words are numbered with, whichever the language. */
export const locale = (): string => `${words.lang}-u-nu-latn`

const refreshers = new WeakMap<Node, () => void>()

/** Does it now, and again whenever the language changes, for as long as the node is on the page. One for each node. */
export function follow(node: Node, refresh: () => void): void {
  refreshers.set(node, refresh)
  refresh()
}

/** Text that follows the language. */
export function following(sentence: Sentence): Text {
  const text = document.createTextNode("")
  follow(text, () => {
    text.data = sentence()
  })
  return text
}

/** What the HTML says where `data-words` names a place in the catalogue: `stop.title`. */
function said(path: string): string {
  let at: unknown = words
  for (const key of path.split("."))
    at = typeof at === "object" && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined
  if (typeof at !== "string") throw new Error("the page names a sentence that no catalogue has")
  return at
}

/** Speaks a language from here on, everywhere on the page. */
export function speak(language: Language): void {
  words = CATALOGUES[language]
  const root = document.documentElement
  root.lang = words.lang
  root.dir = words.dir
  for (const element of root.querySelectorAll<HTMLElement>("[data-words]")) element.textContent = said(element.dataset.words ?? "")
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) refreshers.get(node)?.()
}

const isLanguage = (code: string): code is Language => Object.hasOwn(CATALOGUES, code)

/** The first of the browser's languages that we have, whatever its country; English otherwise. */
export function chooseLanguage(preferred: readonly string[]): Language {
  return preferred.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(isLanguage) ?? "en"
}

/** The buttons of the HTML, each named in its own language.
 *  @param spoken - runs after a change */
export function makeLanguages(list: HTMLElement, unreviewed: HTMLElement, spoken: () => void): void {
  const buttons = [...list.querySelectorAll<HTMLButtonElement>("button")]
  follow(list, () => {
    for (const button of buttons) {
      if (button.lang === words.lang) button.setAttribute("aria-current", "true")
      else button.removeAttribute("aria-current")
    }
    unreviewed.textContent = words.unreviewed
    unreviewed.hidden = words.unreviewed === ""
  })
  for (const button of buttons)
    button.addEventListener("click", () => {
      if (!isLanguage(button.lang)) return
      speak(button.lang)
      spoken()
    })
}
