/** The questions under a story: in the signed keyring, so that a server can neither change one nor add a tracking field. SPEC.md §4.3. */

import type { Brand } from "../envelope/brand.ts"
import type { Answer } from "../envelope/contents.ts"
import { type Day, day } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { array, distinct, integer, literal, object, type Shape, string } from "../envelope/json.ts"
import { type Id, id } from "../envelope/names.ts"

export interface Option {
  readonly id: Id
  readonly label: string
}
/** From `from` to `to`, both included; without `to`, `from` or more. */
export interface Band {
  readonly id: Id
  readonly from: number
  readonly to?: number
}
interface Asked {
  readonly id: Id
  readonly label: string
  /** Why we ask. */
  readonly why?: string
}
/** A month, `YYYY-MM`, from 2000-01 to 2099-12. */
export type Month = Brand<string, "Month">
/** Every question is optional. Numbers are asked as bands, places as countries, times as months: what is exact can name a source. */
export type Question =
  | (Asked & { readonly kind: "one" | "several"; readonly options: readonly Option[] })
  | (Asked & { readonly kind: "range"; readonly bands: readonly Band[] })
  | (Asked & { readonly kind: "months"; readonly first: Month; readonly last: Month })
  | (Asked & { readonly kind: "place" | "short" | "long" })

export interface Callout {
  readonly id: Id
  readonly title: string
  /** BCP 47: the language the questions are written in. */
  readonly lang: string
  readonly why?: string
  readonly next?: string
  /** The last day it is asked. A closed callout still takes free words. */
  readonly closes?: Day
  readonly questions: readonly Question[]
}

const words = (max: number) => string({ max })
const asked = { id, label: words(200) }
const why = { why: words(400) }
const byId = (item: { readonly id: Id }) => item.id
const option = object({ id, label: words(100) })
const band = object({ id, from: integer(0, 10_000_000) }, { to: integer(0, 10_000_000) })
const choice = object({ ...asked, kind: literal("one", "several"), options: distinct(array(option, { min: 2, max: 50 }), byId) }, why)
const range = object({ ...asked, kind: literal("range"), bands: distinct(array(band, { min: 2, max: 20 }), byId) }, why)
const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/
const monthText = string({ max: 7, pattern: MONTH })
const month: Shape<Month> = (value, where) => monthText(value, where) as Month
const months = object({ ...asked, kind: literal("months"), first: month, last: month }, why)
const open = object({ ...asked, kind: literal("place", "short", "long") }, why)

const question: Shape<Question> = (value, where) => {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined
  if (kind === "one" || kind === "several") return choice(value, where)
  if (kind === "months") return checkMonths(months(value, where), where)
  if (kind !== "range") return open(value, where)
  const found = range(value, where)
  const ascending = found.bands.every(({ from, to }, index) => (to ?? from) >= from && from > (found.bands[index - 1]?.to ?? -1))
  const openEnded = found.bands.every(({ to }, index) => to !== undefined || index === found.bands.length - 1)
  if (!ascending || !openEnded) throw new EnvelopeError("bad-json", `${where}.bands: ascending, without overlap, open only at the end`)
  return found
}

const MAX_MONTHS = 60
const monthsSince = (one: Month): number => Number(one.slice(0, 4)) * 12 + Number(one.slice(5))

function checkMonths(found: ReturnType<typeof months>, where: string): ReturnType<typeof months> {
  const span = monthsSince(found.last) - monthsSince(found.first)
  if (span < 1 || span >= MAX_MONTHS) throw new EnvelopeError("bad-json", `${where}: from 2 to ${MAX_MONTHS} months, the first one first`)
  return found
}

/** `YYYY-MM`, or two of them with a slash between, the earlier first; all among the months that were asked about. */
function fitsMonths({ first, last }: { readonly first: Month; readonly last: Month }, answer: string): boolean {
  const given = answer.split("/")
  const [from = "", to] = given
  return given.length <= 2 && given.every((one) => MONTH.test(one) && one >= first && one <= last) && (to === undefined || from < to)
}

/** @throws EnvelopeError `bad-json` */
export const callout: Shape<Callout> = object(
  {
    id,
    title: words(200),
    lang: string({ max: 35, pattern: /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/ }),
    questions: distinct(array(question, { max: 7 }), byId),
  },
  { why: words(1_000), next: words(1_000), closes: day },
)

const MAX_SHORT = 200
const MAX_LONG = 4_000

/** Whether an answer is one that this question can have. */
export function fits(question: Question, answer: Answer): boolean {
  if (question.kind === "several") return Array.isArray(answer) && answer.every((one) => question.options.some(({ id }) => id === one))
  if (typeof answer !== "string") return false
  switch (question.kind) {
    case "one":
      return question.options.some(({ id }) => id === answer)
    case "range":
      return question.bands.some(({ id }) => id === answer)
    case "months":
      return fitsMonths(question, answer)
    case "place":
      return /^[A-Z]{2}$/.test(answer)
    case "short":
      return answer.length <= MAX_SHORT && !answer.includes("\n")
    case "long":
      return answer.length <= MAX_LONG
  }
}
