/** The answers of a tip beside the questions as the newsroom asked them. What a question cannot have is shown as it is, and marked. SPEC.md §4.3. */

import type { Answer } from "../../envelope/contents.ts"
import type { Tip } from "../../envelope/letter.ts"
import { type Callout, fits, type Question } from "../../keyring/callout.ts"
import type { Keyring } from "../../keyring/keyring.ts"

export interface ShownAnswer {
  /** The question's id. */
  readonly id: string
  /** The question as it was asked, if we asked it. */
  readonly question?: string
  readonly answer: Answer
  /** In words: labels in place of ids. */
  readonly text: string
  /** Whether the question can have this answer. */
  readonly fits: boolean
}

/** The tip's callout, as its keyring has it, or else as the newest does. */
export function calloutOf(tip: Tip, named: Keyring | undefined, current: Keyring): Callout | undefined {
  const find = (keyring: Keyring | undefined) => keyring?.callouts.find(({ id }) => id === tip.callout)
  return find(named) ?? find(current)
}

export function shownAnswers({ answers }: Tip, callout: Callout | undefined): readonly ShownAnswer[] {
  return [...answers].map(([id, answer]) => {
    const question = callout?.questions.find((one) => one.id === id)
    if (question === undefined) return { id, answer, text: textOf(answer), fits: false }
    const isFit = fits(question, answer)
    return { id, question: question.label, answer, text: isFit ? inWords(question, answer) : textOf(answer), fits: isFit }
  })
}

const placeNames = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" })
/** `Germany`, for `DE`. */
export const placeName = (code: string): string => placeNames.of(code) ?? code

const textOf = (answer: Answer): string => (typeof answer === "string" ? answer : answer.join(", "))

function inWords(question: Question, answer: Answer): string {
  const ids = typeof answer === "string" ? [answer] : answer
  if (question.kind === "one" || question.kind === "several")
    return ids.map((id) => question.options.find((option) => option.id === id)?.label ?? id).join(", ")
  if (question.kind === "place") return ids.map(placeName).join(", ")
  if (question.kind !== "range") return textOf(answer)
  const band = question.bands.find(({ id }) => id === answer)
  if (band === undefined) return textOf(answer)
  return band.to === undefined ? `${band.from} or more` : `${band.from} to ${band.to}`
}
