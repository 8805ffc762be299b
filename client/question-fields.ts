/** A field for each kind of question. SPEC.md §4.3. What the newsroom asks stays in the callout's language; what the page says follows its own.
 *  Fields have no name and stand outside the form, so that a browser has nothing to send by itself; only radio buttons need one to be a group. */

import { bandText, monthsBetween } from "./answers.ts"
import { countries } from "./countries.ts"
import { type Child, make, PRIVATE_FIELD } from "./elements.ts"
import { follow, type Sentence, words } from "./language.ts"
import type { AskedQuestion, DraftAnswer } from "./messages.ts"
import { fill, monthText, numberText } from "./wording.ts"

/** A question on the page; `undefined` is no answer. */
export interface Asked {
  readonly element: HTMLElement
  answer(): DraftAnswer | undefined
  put(answer: DraftAnswer | undefined): void
}

/** Where a question stands on the page, and in which language it is written. */
interface Place {
  readonly at: string
  readonly lang: string
}

const MAX_SHORT = 200
const MAX_LONG = 4_000

/** Why we ask, and that nobody has to answer. */
function hint({ at, lang }: Place, { why }: AskedQuestion, more?: Sentence): HTMLElement {
  const parts: Child[] = why === undefined ? [] : [make("span", { class: "block", lang, dir: "auto" }, why)]
  parts.push(() => words.questions.skip)
  if (more !== undefined) parts.push(" ", more)
  return make("p", { id: `${at}-help`, class: "hint" }, ...parts)
}

function group(place: Place, question: AskedQuestion, kind: string, rows: readonly Node[], more?: Sentence): HTMLElement {
  const { at, lang } = place
  return make(
    "fieldset",
    { "aria-describedby": `${at}-help`, class: kind },
    make("legend", { lang, dir: "auto" }, question.label),
    hint(place, question, more),
    ...rows,
  )
}

interface Choice {
  readonly id: string
  readonly label: Child
}

function choices(place: Place, question: AskedQuestion, options: readonly Choice[], type: "radio" | "checkbox"): Asked {
  const { at } = place
  const inputs = new Map<string, HTMLInputElement>()
  const rows = options.map(({ id, label }, index) => {
    const input = make("input", { type, id: `${at}-${index}`, autocomplete: "off", name: type === "radio" ? at : undefined })
    inputs.set(id, input)
    return make("div", { class: "choice" }, input, make("label", { for: input.id }, label))
  })
  const fieldset = group(place, question, type, rows)
  const chosen = () => [...inputs].filter(([, { checked }]) => checked).map(([id]) => id)
  const put = (answer: DraftAnswer | undefined) => {
    for (const [id, input] of inputs) input.checked = typeof answer === "string" ? answer === id : (answer?.includes(id) ?? false)
  }
  if (type === "checkbox") return { element: fieldset, answer: () => (chosen().length === 0 ? undefined : chosen()), put }
  // A radio button cannot be unchosen by itself; a hidden button keeps its room, so that nothing moves.
  const clear = make(
    "button",
    { type: "button", class: "link", "aria-label": () => fill(words.questions.clearOf, { question: question.label }) },
    () => words.questions.clear,
  )
  const update = () => clear.classList.toggle("invisible", chosen().length === 0)
  clear.addEventListener("click", () => {
    put(undefined)
    inputs.values().next().value?.focus()
    update()
  })
  fieldset.addEventListener("change", update)
  fieldset.append(clear)
  update()
  return {
    element: fieldset,
    answer: () => chosen()[0],
    put(answer) {
      put(answer)
      update()
    },
  }
}

function field(
  place: Place,
  question: AskedQuestion,
  input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
  more?: Sentence,
): Asked {
  const label = make("label", { for: place.at, lang: place.lang, dir: "auto" }, question.label)
  return {
    element: make("div", { class: "field" }, label, hint(place, question, more), input),
    answer: () => (input.value.trim() === "" ? undefined : input.value),
    put(answer) {
      input.value = typeof answer === "string" ? answer : ""
    },
  }
}

const none = () => make("option", { value: "" }, () => words.questions.none)

/** Named and sorted in the page's language, whichever it is; what was chosen stays chosen. */
function placeField(place: Place, question: AskedQuestion): Asked {
  const select = make("select", { id: place.at, "aria-describedby": `${place.at}-help`, autocomplete: "off", translate: "no" })
  follow(select, () => {
    const held = select.value
    select.replaceChildren(none(), ...countries().map(({ code, name }) => make("option", { value: code }, name)))
    select.value = held
  })
  return field(place, question, select)
}

/** Two lists of months, in whichever order they are answered. */
function monthsField(place: Place, question: AskedQuestion): Asked {
  const { at } = place
  const selects = [() => words.questions.first, () => words.questions.last].map((label, index) => {
    const select = make("select", { id: `${at}-${index}`, autocomplete: "off", translate: "no" })
    select.append(none(), ...monthsBetween(question).map((month) => make("option", { value: month }, () => monthText(month))))
    return { select, element: make("div", {}, make("label", { for: select.id }, label), select) }
  })
  const rows = make("div", { class: "months" }, ...selects.map(({ element }) => element))
  return {
    element: group(place, question, "period", [rows], () => words.questions.months),
    answer() {
      const [one, other] = selects.map(({ select }) => select.value).filter((month) => month !== "")
      if (one === undefined || other === undefined || one === other) return one
      return one < other ? `${one}/${other}` : `${other}/${one}`
    },
    put(answer) {
      const [first = "", last = first] = typeof answer === "string" ? answer.split("/") : []
      for (const [index, { select }] of selects.entries()) select.value = index === 0 ? first : last
    },
  }
}

/** @param index - the question's place in its callout */
export function ask(question: AskedQuestion, index: number, lang: string): Asked {
  const at = `question-${index}`
  const place = { at, lang }
  const attributes = { id: at, "aria-describedby": `${at}-help`, ...PRIVATE_FIELD }
  const { kind, options = [], bands = [] } = question
  const labelled = options.map(({ id, label }) => ({ id, label: make("span", { lang, dir: "auto" }, label) }))
  const upTo = (count: number) => () => fill(words.questions.short, { count: numberText(count) })
  switch (kind) {
    case "one":
      return choices(place, question, labelled, "radio")
    case "several":
      return choices(place, question, labelled, "checkbox")
    case "range":
      return choices(
        place,
        question,
        bands.map((band) => ({ id: band.id, label: () => bandText(band) })),
        "radio",
      )
    case "place":
      return placeField(place, question)
    case "months":
      return monthsField(place, question)
    case "short":
      return field(place, question, make("input", { type: "text", maxlength: MAX_SHORT, ...attributes }), upTo(MAX_SHORT))
    case "long":
      return field(place, question, make("textarea", { rows: 4, maxlength: MAX_LONG, ...attributes }), upTo(MAX_LONG))
  }
}
