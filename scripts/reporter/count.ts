/** Votes: what sources answered, one vote each; and what may be shown of the counts without pointing to somebody. */

import type { Answer } from "../../envelope/contents.ts"
import { type Callout, fits, type Question } from "../../keyring/callout.ts"

/** One source's answers: those of its latest tip that has any. */
export interface Vote {
  readonly answers: ReadonlyMap<string, Answer>
}
export interface CountedCell {
  readonly id: string
  readonly label: string
  /** `null`: hidden. */
  readonly count: number | null
}
/** From what was said at least to what was said at most; without `max` somebody said "or more". */
export interface Sum {
  readonly min: number
  readonly max: number | null
}
export interface CountedQuestion {
  readonly id: string
  readonly label: string
  readonly kind: Question["kind"]
  /** `null`: hidden. */
  readonly answered: number | null
  /** Answers that the question cannot have. */
  readonly misfits: number
  readonly cells: readonly CountedCell[]
  readonly sum?: Sum
}
/** The sum of one question's ranges for each answer to another. */
export interface CountedCross {
  readonly range: string
  readonly by: string
  readonly rows: readonly (CountedCell & { readonly sum: Sum | null })[]
}
/** Everything that `tally` says of a callout. */
export interface Tally {
  readonly v: 1
  readonly heading: string
  readonly callout: string
  readonly title: string
  readonly minCell: number
  /** Tips to this callout, spam left out. */
  readonly tips: number
  /** Sources that have a vote. */
  readonly sources: number
  /** From the first day to the last, both included. */
  readonly days: number
  /** Messages of at least twenty letters that some other source sent, too. */
  readonly lookAlike: number
  /** Tips that could not be read. */
  readonly broken: number
  readonly questions: readonly CountedQuestion[]
  readonly crosses: readonly CountedCross[]
}

interface Place {
  readonly id: string
  readonly label: string
  readonly count: number
}

/** Which cells are shown. Those below `minCell` are not; and then more of them, the smallest first, until what all hidden ones make together is not small either:
 *  a total gives away what is missing from it. */
function hidden(cells: readonly Place[], minCell: number): ReadonlySet<string> {
  const small = cells.filter(({ count }) => count > 0 && count < minCell)
  const gone = new Set(small.map(({ id }) => id))
  let together = small.reduce((sum, { count }) => sum + count, 0)
  const rest = cells.filter(({ id, count }) => count > 0 && !gone.has(id)).sort((a, b) => a.count - b.count)
  while (gone.size > 0 && (gone.size < 2 || together < minCell)) {
    const next = rest.shift()
    if (next === undefined) break
    gone.add(next.id)
    together += next.count
  }
  return gone
}

const chosen = (answer: Answer): readonly string[] => (typeof answer === "string" ? [answer] : answer)

function places(question: Question, votes: readonly Vote[], placeName: (code: string) => string): readonly Place[] {
  const said = votes.flatMap(({ answers }) => {
    const answer = answers.get(question.id)
    return answer !== undefined && fits(question, answer) ? [...new Set(chosen(answer))] : []
  })
  const count = (id: string) => said.filter((one) => one === id).length
  switch (question.kind) {
    case "one":
    case "several":
      return question.options.map(({ id, label }) => ({ id, label, count: count(id) }))
    case "range":
      return question.bands.map(({ id, from, to }) => ({
        id,
        label: to === undefined ? `${from} or more` : `${from} to ${to}`,
        count: count(id),
      }))
    case "place":
      return [...new Set(said)]
        .map((id) => ({ id, label: placeName(id), count: count(id) }))
        .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    case "months":
      return [...new Set(said)].sort((a, b) => (a < b ? -1 : 1)).map((id) => ({ id, label: id, count: count(id) }))
    case "short":
    case "long":
      return []
  }
}

/** The sum of ranges, made from nothing but what is shown: a hidden band counts as any of those that are hidden, so that the sum gives none of them away. */
function sumOf({ bands }: Extract<Question, { readonly kind: "range" }>, cells: readonly Place[], gone: ReadonlySet<string>): Sum {
  const countOf = (id: string) => cells.find((cell) => cell.id === id)?.count ?? 0
  const unseen = bands.filter(({ id }) => gone.has(id))
  const [least, most] = [Math.min(...unseen.map(({ from }) => from)), Math.max(...unseen.map(({ to }) => to ?? Number.POSITIVE_INFINITY))]
  let [min, max] = [0, 0]
  for (const { id, from, to } of bands) {
    const count = countOf(id)
    if (count === 0) continue
    min += count * (gone.has(id) ? least : from)
    max += count * (gone.has(id) ? most : (to ?? Number.POSITIVE_INFINITY))
  }
  return { min, max: Number.isFinite(max) ? max : null }
}

const isAnswered = (question: Question, { answers }: Vote): boolean => {
  const answer = answers.get(question.id)
  return answer !== undefined && fits(question, answer) && chosen(answer).some((one) => one !== "")
}

export function countQuestion(
  question: Question,
  votes: readonly Vote[],
  minCell: number,
  placeName: (code: string) => string,
): CountedQuestion {
  const cells = places(question, votes, placeName)
  const answered = votes.filter((vote) => isAnswered(question, vote)).length
  const misfits = votes.filter(({ answers }) => {
    const answer = answers.get(question.id)
    return answer !== undefined && !fits(question, answer)
  }).length
  const gone = hidden(cells, minCell)
  const isSmall = answered > 0 && answered < minCell
  const { id, label, kind } = question
  return {
    id,
    label,
    kind,
    answered: isSmall ? null : answered,
    misfits: misfits < minCell ? 0 : misfits,
    cells: cells.map((cell) => ({ ...cell, count: gone.has(cell.id) || (isSmall && cell.count > 0) ? null : cell.count })),
    ...(question.kind === "range" && !isSmall ? { sum: sumOf(question, cells, gone) } : {}),
  }
}

/** The story's own question: how many, by which organisation and where. */
export function countCross(
  range: Extract<Question, { readonly kind: "range" }>,
  by: Question,
  votes: readonly Vote[],
  minCell: number,
  placeName: (code: string) => string,
): CountedCross {
  // Only who answered both counts here, so that a row and its sum are of the same people.
  const both = votes.filter((vote) => isAnswered(range, vote) && isAnswered(by, vote))
  const rows = places(by, both, placeName)
  const gone = hidden(rows, minCell)
  return {
    range: range.id,
    by: by.id,
    rows: rows.map(({ id, label, count }) => {
      const theirs = both.filter(({ answers }) => chosen(answers.get(by.id) ?? []).includes(id))
      const bands = places(range, theirs, placeName)
      const isShown = count >= minCell && !gone.has(id)
      return { id, label, count: gone.has(id) ? null : count, sum: isShown ? sumOf(range, bands, hidden(bands, minCell)) : null }
    }),
  }
}

export const rangeOf = ({ questions }: Callout): Extract<Question, { readonly kind: "range" }> | undefined =>
  questions.find((one) => one.kind === "range")
