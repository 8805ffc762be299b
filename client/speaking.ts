/** How a page speaks several languages, whichever its sentences are: chosen by the browser or by a button, and never by a request.
 *  What stands on the page follows: sentences are kept as functions, and said again. What somebody typed is not touched. */

/** Text in the language that is spoken when it is asked for. */
export type Sentence = () => string

/** What every catalogue has, beside its sentences. */
export interface Spoken {
  readonly lang: string
  readonly dir: string
  readonly unreviewed: string
}

/** For `Intl`. With the digits that the eight words are numbered with, whichever the language. */
export const localeOf = ({ lang }: Spoken): string => `${lang}-u-nu-latn`

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
function said(words: object, path: string): string {
  let at: unknown = words
  for (const key of path.split("."))
    at = typeof at === "object" && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined
  if (typeof at !== "string") throw new Error("the page names a sentence that no catalogue has")
  return at
}

/** Says the whole page again. */
export function sayAll(words: Spoken): void {
  const root = document.documentElement
  root.lang = words.lang
  root.dir = words.dir
  for (const element of root.querySelectorAll<HTMLElement>("[data-words]")) element.textContent = said(words, element.dataset.words ?? "")
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) refreshers.get(node)?.()
}

/** The first of the browser's languages that we have, whatever its country. */
export const firstOf = <Language extends string>(
  preferred: readonly string[],
  isLanguage: (code: string) => code is Language,
): Language | undefined => preferred.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(isLanguage)

/** The buttons of the HTML, each named in its own language.
 *  @param speak - is told the language of the button that was chosen */
export function makeLanguageButtons(list: HTMLElement, unreviewed: HTMLElement, now: () => Spoken, speak: (lang: string) => void): void {
  const buttons = [...list.querySelectorAll<HTMLButtonElement>("button")]
  follow(list, () => {
    const spoken = now()
    for (const button of buttons) {
      if (button.lang === spoken.lang) button.setAttribute("aria-current", "true")
      else button.removeAttribute("aria-current")
    }
    unreviewed.textContent = spoken.unreviewed
    unreviewed.hidden = spoken.unreviewed === ""
  })
  for (const button of buttons) button.addEventListener("click", () => speak(button.lang))
}

/** Puts values into `{name}` places; what a value holds is not looked at again. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : place))
}

/** A UTC day, written out. */
export const dayIn = (words: Spoken, day: string): string =>
  new Intl.DateTimeFormat(localeOf(words), { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`))
