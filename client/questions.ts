/** The callout: what the newsroom wants to know, why, and its questions, all optional. SPEC.md §4.3. */

import { make } from "./elements.ts"
import { type Sentence, words } from "./language.ts"
import type { AskedCallout, DraftAnswer } from "./messages.ts"
import { ask } from "./question-fields.ts"
import { dayText, fill } from "./wording.ts"

export type Answers = ReadonlyMap<string, DraftAnswer>

export interface Questions {
  answers(): Answers
  wipe(): void
}

/** Shows a callout, or nothing. Answers given before are put back where the same question still takes them. */
export function showCallout(into: HTMLElement, callout: AskedCallout | undefined, given: Answers = new Map()): Questions {
  into.replaceChildren()
  into.hidden = callout === undefined
  if (callout === undefined) return { answers: () => new Map(), wipe: () => undefined }
  const { title, why, next, closes, isOpen, lang } = callout
  into.append(make("h2", { id: "callout-title", lang, dir: "auto" }, title))
  const told = (heading: Sentence, text: string | undefined) =>
    text === undefined ? [] : [make("h3", {}, heading), make("p", { lang, dir: "auto" }, text)]
  into.append(...told(() => words.callout.why, why), ...told(() => words.callout.next, next))
  if (closes !== undefined)
    into.append(make("p", { class: "hint" }, () => fill(isOpen ? words.callout.closes : words.callout.closed, { day: dayText(closes) })))
  const asked = callout.questions.map((question, index) => ({ question, ...ask(question, index, lang) }))
  if (asked.length > 0) into.append(make("p", {}, () => words.callout.optional))
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
