/** The callout and its questions, of every kind, all optional. SPEC.md §4.3.
 *  Fields have no name and stand outside the form, so that a browser has nothing to send by itself; only radio buttons need one to be a group. */

import { countries } from "./countries.ts"
import { make, PRIVATE_FIELD } from "./elements.ts"
import type { AskedBand, AskedCallout, AskedQuestion, DraftAnswer, Labelled } from "./messages.ts"
import { dayText, fill, numberText } from "./wording.ts"
import { words } from "./words/en.ts"

export type Answers = ReadonlyMap<string, DraftAnswer>

export interface Questions {
  answers(): Answers
  wipe(): void
}

/** A question on the page; `undefined` is no answer. */
interface Asked {
  readonly element: HTMLElement
  answer(): DraftAnswer | undefined
  put(answer: DraftAnswer | undefined): void
}

const MAX_SHORT = 200
const MAX_LONG = 4_000

export function bandText({ from, to }: AskedBand): string {
  const numbers = { from: numberText(from), to: to === undefined ? "" : numberText(to) }
  if (to === undefined) return fill(words.questions.bandOpen, numbers)
  return fill(to === from ? words.questions.bandOne : words.questions.band, numbers)
}

/** What an answer says, for reading it once more. */
export function answerText({ kind, options = [], bands = [] }: AskedQuestion, answer: DraftAnswer): string {
  const labels = kind === "range" ? bands.map((band) => ({ id: band.id, label: bandText(band) })) : kind === "place" ? places() : options
  const labelOf = (id: string) => labels.find((one) => one.id === id)?.label ?? id
  return typeof answer === "string" ? labelOf(answer) : answer.map(labelOf).join(", ")
}
const places = (): readonly Labelled[] => countries().map(({ code, name }) => ({ id: code, label: name }))

/** Why we ask, and that nobody has to answer. */
function hint(at: string, { why }: AskedQuestion, more?: string): HTMLElement {
  const parts = [why, words.questions.skip, more].filter((part) => part !== undefined)
  return make("p", { id: `${at}-help`, class: "hint", dir: "auto" }, parts.join(" "))
}

function choices(at: string, question: AskedQuestion, options: readonly Labelled[], type: "radio" | "checkbox"): Asked {
  const inputs = new Map<string, HTMLInputElement>()
  const rows = options.map(({ id, label }, index) => {
    const input = make("input", { type, id: `${at}-${index}`, autocomplete: "off", name: type === "radio" ? at : undefined })
    inputs.set(id, input)
    return make("div", { class: "choice" }, input, make("label", { for: input.id, dir: "auto" }, label))
  })
  const fieldset = make(
    "fieldset",
    { "aria-describedby": `${at}-help`, class: type },
    make("legend", { dir: "auto" }, question.label),
    hint(at, question),
    ...rows,
  )
  const chosen = () => [...inputs].filter(([, { checked }]) => checked).map(([id]) => id)
  const put = (answer: DraftAnswer | undefined) => {
    for (const [id, input] of inputs) input.checked = typeof answer === "string" ? answer === id : (answer?.includes(id) ?? false)
  }
  if (type === "radio") {
    // A radio button cannot be unchosen by itself; a hidden button keeps its room, so that nothing moves.
    const clear = make(
      "button",
      { type: "button", class: "link", "aria-label": fill(words.questions.clearOf, { question: question.label }) },
      words.questions.clear,
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
  return { element: fieldset, answer: () => (chosen().length === 0 ? undefined : chosen()), put }
}

function field(
  at: string,
  question: AskedQuestion,
  input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
  more?: string,
): Asked {
  const label = make("label", { for: at, dir: "auto" }, question.label)
  return {
    element: make("div", { class: "field" }, label, hint(at, question, more), input),
    answer: () => (input.value.trim() === "" ? undefined : input.value),
    put(answer) {
      input.value = typeof answer === "string" ? answer : ""
    },
  }
}

function ask(question: AskedQuestion, index: number): Asked {
  const at = `question-${index}`
  const attributes = { id: at, "aria-describedby": `${at}-help`, ...PRIVATE_FIELD }
  const { kind, options = [], bands = [] } = question
  switch (kind) {
    case "one":
      return choices(at, question, options, "radio")
    case "several":
      return choices(at, question, options, "checkbox")
    case "range":
      return choices(
        at,
        question,
        bands.map((band) => ({ id: band.id, label: bandText(band) })),
        "radio",
      )
    case "place": {
      const select = make("select", { id: at, "aria-describedby": `${at}-help`, autocomplete: "off", translate: "no" })
      select.append(
        make("option", { value: "" }, words.questions.none),
        ...places().map(({ id, label }) => make("option", { value: id }, label)),
      )
      return field(at, question, select)
    }
    case "short":
      return field(
        at,
        question,
        make("input", { type: "text", maxlength: MAX_SHORT, ...attributes }),
        fill(words.questions.short, { count: numberText(MAX_SHORT) }),
      )
    case "long":
      return field(
        at,
        question,
        make("textarea", { rows: 4, maxlength: MAX_LONG, ...attributes }),
        fill(words.questions.short, { count: numberText(MAX_LONG) }),
      )
  }
}

/** Shows a callout, or nothing. Answers given before are put back where the same question still takes them. */
export function showCallout(into: HTMLElement, callout: AskedCallout | undefined, given: Answers = new Map()): Questions {
  into.replaceChildren()
  into.hidden = callout === undefined
  if (callout === undefined) return { answers: () => new Map(), wipe: () => undefined }
  const { title, why, next, closes, isOpen, lang } = callout
  into.lang = lang
  into.append(make("h2", { id: "callout-title", dir: "auto" }, title))
  const told = (heading: string, text: string | undefined) =>
    text === undefined ? [] : [make("h3", {}, heading), make("p", { dir: "auto" }, text)]
  into.append(...told(words.callout.why, why), ...told(words.callout.next, next))
  if (closes !== undefined)
    into.append(make("p", { class: "hint" }, fill(isOpen ? words.callout.closes : words.callout.closed, { day: dayText(closes) })))
  const asked = callout.questions.map((question, index) => ({ question, ...ask(question, index) }))
  if (asked.length > 0) into.append(make("p", {}, words.callout.optional))
  for (const { question, element, put } of asked) {
    put(given.get(question.id))
    into.append(element)
  }
  return {
    answers: () =>
      new Map(
        asked.flatMap(({ question, answer }) => {
          const found = answer()
          return found === undefined ? [] : [[question.id, found] as const]
        }),
      ),
    wipe() {
      for (const { put } of asked) put(undefined)
    },
  }
}

/** The callout of the address's fragment; otherwise the only open one; otherwise none. */
export function chooseCallout(callouts: readonly AskedCallout[], fragment: string): AskedCallout | undefined {
  const open = callouts.filter(({ isOpen }) => isOpen)
  return callouts.find(({ id }) => id === fragment) ?? (open.length === 1 ? open[0] : undefined)
}
