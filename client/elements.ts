/** The page's elements: found by id, made by name, never by markup. */

/** @throws Error when index.html and the script do not belong together */
export function byId<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}

type Made<Tag extends keyof HTMLElementTagNameMap> = HTMLElementTagNameMap[Tag]
/** Attributes by name; `true` for one without a value. */
type Attributes = Readonly<Record<string, string | number | true | undefined>>

/** Strings become text, whatever they hold. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): Made<Tag> {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, value === true ? "" : String(value))
  element.append(...children)
  return element
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

/** Says what is wrong beside a field, and ties it to the field; `undefined` takes it back. */
export function say(error: HTMLElement, text: string | undefined): void {
  error.textContent = text ?? ""
  error.hidden = text === undefined
}
