/** What an answer says, in the page's language: for the choices of a question and for reading it once more. SPEC.md §4.3. */

import { countries } from "./countries.ts"
import { words } from "./language.ts"
import type { AskedBand, AskedCallout, AskedQuestion, DraftAnswer } from "./messages.ts"
import { fill, monthText, numberText } from "./wording.ts"

export function bandText({ from, to }: AskedBand): string {
  const numbers = { from: numberText(from), to: to === undefined ? "" : numberText(to) }
  if (to === undefined) return fill(words.questions.bandOpen, numbers)
  return fill(to === from ? words.questions.bandOne : words.questions.band, numbers)
}

/** Every month from the first to the last, both included. */
export function monthsBetween({ first = "", last = "" }: Pick<AskedQuestion, "first" | "last">): readonly string[] {
  const count = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1
  return Array.from({ length: Math.max(0, count(last) - count(first) + 1) }, (_, at) => {
    const month = count(first) + at
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`
  })
}

function monthsText(answer: string): string {
  const [from = "", to] = answer.split("/").map(monthText)
  return to === undefined ? from : fill(words.questions.band, { from, to })
}

export function answerText({ kind, options = [], bands = [] }: AskedQuestion, answer: DraftAnswer): string {
  if (kind === "months" && typeof answer === "string") return monthsText(answer)
  const labels =
    kind === "range"
      ? bands.map((band) => ({ id: band.id, label: bandText(band) }))
      : kind === "place"
        ? countries().map(({ code, name }) => ({ id: code, label: name }))
        : options
  const labelOf = (id: string) => labels.find((one) => one.id === id)?.label ?? id
  return typeof answer === "string" ? labelOf(answer) : answer.map(labelOf).join(", ")
}

/** Every answer under its question, as text to copy. */
export function answersText(callout: AskedCallout | undefined, answers: ReadonlyMap<string, DraftAnswer>): string {
  const given = (callout?.questions ?? []).flatMap((question) => {
    const answer = answers.get(question.id)
    return answer === undefined ? [] : [`${question.label}\n${answerText(question, answer)}`]
  })
  return given.join("\n\n")
}
