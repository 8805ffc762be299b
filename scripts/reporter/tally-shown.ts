/** A tally for people: bars on the screen, a page with plots and no script, a sheet. */

import { type Cell, csv } from "../encode/csv.ts"
import { type Html, html, htmlPage, PRINT_STYLE } from "../encode/html.ts"
import { widthOf } from "../harmless.ts"
import { asciiJson, type Terminal } from "../terminal.ts"
import type { CountedCell, CountedCross, CountedQuestion, Sum, Tally } from "./count.ts"
import { NOTICE } from "./render.ts"

export const TALLY_FORMATS = ["html", "csv", "json"] as const
const number = new Intl.NumberFormat("en")

/** `41 to 390`, `41 or more`. */
export const sumText = ({ min, max }: Sum): string =>
  max === null ? `${number.format(min)} or more` : min === max ? number.format(min) : `${number.format(min)} to ${number.format(max)}`
const countText = ({ count }: CountedCell, minCell: number): string =>
  count === null ? `hidden (small, or beside a small one: below ${minCell})` : String(count)
const pluralOf = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`

function summary({ tips, sources, days, lookAlike }: Tally): readonly string[] {
  return [
    `${pluralOf(tips, "tip")} over ${pluralOf(days, "day")}; ${pluralOf(sources, "source")} with answers, one vote each`,
    ...(lookAlike === 0 ? [] : [`${lookAlike} messages are the same as another source's: they may be one hand's`]),
  ]
}
const answeredText = ({ answered, misfits }: CountedQuestion, minCell: number): string =>
  `${answered === null ? `fewer than ${minCell}` : answered} answered${misfits === 0 ? "" : `, ${misfits} with what it cannot have`}`
const labelOf = ({ questions }: Tally, id: string): string => questions.find((one) => one.id === id)?.label ?? id

/** Lines for the screen; every text among them is made harmless by the terminal. */
export function tallyLines(tally: Tally, { columns, isUnicode }: Pick<Terminal, "columns" | "isUnicode">): readonly string[] {
  const lines = [`${tally.heading}: ${tally.title}`, ...summary(tally)]
  for (const question of tally.questions) {
    lines.push("", `${question.label}  (${answeredText(question, tally.minCell)})`)
    const width = Math.min(Math.max(0, ...question.cells.map(({ label }) => widthOf(label))), 30)
    const most = Math.max(1, ...question.cells.map(({ count }) => count ?? 0))
    const room = Math.max(columns - width - 12, 10)
    for (const cell of question.cells) {
      const bar = (isUnicode ? "█" : "#").repeat(Math.round(((cell.count ?? 0) / most) * room))
      lines.push(
        `  ${padded(cell.label, width)}  ${cell.count === null ? `hidden, below ${tally.minCell} or beside it` : `${bar}${bar === "" ? "" : " "}${cell.count}`}`,
      )
    }
    if (question.sum !== undefined) lines.push(`  together: ${sumText(question.sum)}`)
  }
  for (const cross of answered(tally)) lines.push("", ...crossLines(tally, cross))
  return lines
}

/** Two questions that nobody answered both of are no table. */
const answered = ({ crosses }: Tally): readonly CountedCross[] => crosses.filter(({ rows }) => rows.some(({ count }) => count !== 0))

const padded = (label: string, width: number): string => `${label}${" ".repeat(Math.max(width - widthOf(label), 0))}`

function crossLines(tally: Tally, { range, by, rows }: CountedCross): readonly string[] {
  const shown = rows.filter(({ count }) => count !== 0)
  const width = Math.min(Math.max(0, ...shown.map(({ label }) => widthOf(label))), 30)
  return [
    `${labelOf(tally, range)} / ${labelOf(tally, by)}`,
    ...shown.map(
      ({ label, count, sum }) =>
        `  ${padded(label, width)}  ${sum === null || count === null ? "hidden" : `${sumText(sum)}  (${pluralOf(count, "source")})`}`,
    ),
  ]
}

export function tallyFile(format: (typeof TALLY_FORMATS)[number], tally: Tally): string {
  if (format === "json") return `${asciiJson({ notice: NOTICE, ...tally })}\n`
  return format === "csv" ? sheet(tally) : page(tally)
}

function sheet(tally: Tally): string {
  const rows: (readonly Cell[])[] = [["question", "answer", "sources", "at least", "at most"]]
  for (const { label, cells, sum } of tally.questions) {
    for (const cell of cells) rows.push([label, cell.label, cell.count ?? "hidden", "", ""])
    if (sum !== undefined) rows.push([label, "together", "", sum.min, sum.max ?? ""])
  }
  for (const { range, by, rows: theirs } of tally.crosses)
    for (const { label, count, sum } of theirs)
      rows.push([`${labelOf(tally, range)} / ${labelOf(tally, by)}`, label, count ?? "hidden", sum?.min ?? "", sum?.max ?? ""])
  return `${NOTICE} ${tally.heading}.\r\n${csv(rows)}`
}

const ROW = 26
const LABELS = 220
const BARS = 380

/** A bar chart as a drawing: rectangles and text, nothing that runs, nothing from elsewhere. */
function plot(cells: readonly CountedCell[], minCell: number): Html {
  const most = Math.max(1, ...cells.map(({ count }) => count ?? 0))
  const rows = cells.map((cell, at) => {
    const length = Math.round(((cell.count ?? 0) / most) * BARS)
    const [top, middle] = [at * ROW + 4, at * ROW + 19]
    const label = Array.from(cell.label).length > 28 ? `${Array.from(cell.label).slice(0, 27).join("")}…` : cell.label
    return html`<text x="0" y="${middle}">${label}</text><rect x="${LABELS}" y="${top}" width="${length}" height="18"/><text x="${LABELS + length + 6}" y="${middle}">${cell.count ?? `below ${minCell} or beside it`}</text>`
  })
  const words = cells.map((cell) => `${cell.label}: ${countText(cell, minCell)}`).join("; ")
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABELS + BARS + 160} ${cells.length * ROW + 6}" role="img" aria-label="${words}">${rows}</svg>`
}

function page(tally: Tally): string {
  const questions = tally.questions.map(
    (question) => html`<h2 dir="auto">${question.label}</h2>
<p class="small">${answeredText(question, tally.minCell)}</p>
${question.cells.length === 0 ? html`<p class="small">Free words; read them with the command.</p>` : plot(question.cells, tally.minCell)}
${question.sum === undefined ? html`` : html`<p><strong>Together: ${sumText(question.sum)}</strong></p>`}
`,
  )
  const crosses = answered(tally).map(
    ({ range, by, rows }) => html`<h2 dir="auto">${labelOf(tally, range)} / ${labelOf(tally, by)}</h2>
<table><tr><th scope="col">Answer</th><th scope="col" class="number">Sources</th><th scope="col" class="number">Together</th></tr>
${rows
  .filter(({ count }) => count !== 0)
  .map(
    ({ label, count, sum }) =>
      html`<tr><td dir="auto">${label}</td><td class="number">${count ?? "hidden"}</td><td class="number">${sum === null ? "hidden" : sumText(sum)}</td></tr>`,
  )}</table>
`,
  )
  const body = html`<p class="notice">${NOTICE} ${tally.heading}.</p>
<h1 dir="auto">${tally.title}</h1>
${summary(tally).map((line) => html`<p>${line}</p>`)}
${questions}${crosses}<p class="small">Counts below ${tally.minCell} are hidden, and others where a total would give them away. Nothing here was checked by the newsroom.</p>`
  return `<!-- ${NOTICE} -->\n${htmlPage({ title: tally.heading, style: PRINT_STYLE, body })}`
}
