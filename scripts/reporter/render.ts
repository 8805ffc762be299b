/** Letters as Markdown, HTML, CSV, mail text and JSON. Each begins with the same notice. What somebody wrote goes through that format's own encoding. */

import { csv } from "../encode/csv.ts"
import { eml } from "../encode/eml.ts"
import { type Html, html, htmlPage, PRINT_STYLE } from "../encode/html.ts"
import { fenced, inline } from "../encode/markdown.ts"
import { quoted } from "../harmless.ts"
import { asciiJson } from "../terminal.ts"
import type { Letter } from "./letters.ts"

export const NOTICE = "Unverified. Contains source material."
export const FORMATS = ["md", "html", "csv", "eml", "json"] as const
export type Format = (typeof FORMATS)[number]

const titleOf = ({ kind, number, day }: Letter): string => `${kind === "tip" ? "Tip" : "Reply"} ${number}, ${day}`
/** What is known of a letter beside its words: label and value, the value perhaps a stranger's. */
const about = (letter: Letter): readonly (readonly [label: string, value: string])[] =>
  [
    ["callout", letter.callout && `${letter.callout.title ?? "not ours"} (${letter.callout.id})`],
    ["by", letter.by],
    ["answers tip", letter.answersTip?.toString()],
    ["for", letter.to?.join(", ")],
    ["source", letter.source],
    ["mailbox", letter.mailbox],
    ["tags", letter.tags?.join(", ")],
    ["assigned to", letter.assignee],
  ].flatMap(([label = "", value]) => (value === undefined || value === "" ? [] : [[label, value] as const]))
const fileText = ({ name, type, bytes, cleaned, sha256 }: Letter["files"][number]): string =>
  `${name}, ${type || "-"}, ${bytes} bytes${cleaned ? ", hidden data taken out by the page" : ""}${sha256 === undefined ? "" : `, SHA-256 ${sha256}`}`
const questionOf = ({ question, id, fits }: Letter["answers"][number]): string =>
  `${question ?? `question ${id}, which is not ours`}${fits ? "" : " (it cannot have this answer)"}`

/** @returns the file's text, whole */
export function rendered(format: Format, letters: readonly Letter[]): string {
  switch (format) {
    case "md":
      return `${NOTICE}\n\n${letters.map(markdown).join("\n")}`
    case "html":
      return page(letters)
    case "csv":
      return sheet(letters)
    case "eml": {
      const [first] = letters
      const subject = `${NOTICE} ${letters.length === 1 && first ? titleOf(first) : `${letters.length} letters`}`
      return eml({ subject, day: letters.at(-1)?.day ?? first?.day ?? ("2000-01-01" as Letter["day"]), text: plain(letters) })
    }
    case "json":
      return `${asciiJson({ notice: NOTICE, v: 1, letters })}\n`
  }
}

function markdown(letter: Letter): string {
  const parts = [`# ${titleOf(letter)}\n`]
  for (const [label, value] of about(letter)) parts.push(`- ${label}: ${inline(value)}`)
  for (const warning of letter.warnings) parts.push(`- warning: ${inline(warning)}`)
  parts.push("")
  for (const answer of letter.answers) parts.push(`## ${inline(questionOf(answer))}\n`, fenced(answer.text))
  if (letter.message !== "") parts.push("## Message\n", fenced(letter.message))
  if (letter.files.length > 0) parts.push("## Files\n", ...letter.files.map((file) => `1. ${inline(fileText(file))}`), "")
  for (const { by, day, text } of letter.notes ?? []) parts.push(`## Note by ${inline(by)}, ${day}\n`, fenced(text))
  return `${parts.join("\n")}\n`
}

const words = (text: string): Html => html`<p class="words" dir="auto">${text}</p>`

function page(letters: readonly Letter[]): string {
  const body = html`<p class="notice">${NOTICE}</p>
<h1>${letters.length === 1 ? "1 letter" : `${letters.length} letters`}</h1>
${letters.map(article)}`
  // The notice is the first thing in the file, too, whoever looks at its source.
  return `<!-- ${NOTICE} -->\n${htmlPage({ title: NOTICE, style: PRINT_STYLE, body })}`
}

const article = (letter: Letter): Html => html`<article>
<h2>${titleOf(letter)}</h2>
<table>${about(letter).map(([label, value]) => html`<tr><th scope="row">${label}</th><td dir="auto">${value}</td></tr>`)}</table>
${letter.warnings.map((warning) => html`<p><strong>Warning:</strong> ${warning}</p>`)}
${letter.answers.map((answer) => html`<h3>${questionOf(answer)}</h3>${words(answer.text)}`)}
${letter.message === "" ? html`` : html`<h3>Message</h3>${words(letter.message)}`}
${letter.files.length === 0 ? html`` : html`<h3>Files</h3><ol>${letter.files.map((file) => html`<li dir="auto">${fileText(file)}</li>`)}</ol>`}
${(letter.notes ?? []).map(({ by, day, text }) => html`<h3>Note by ${by}, ${day}</h3>${words(text)}`)}
</article>
`

function sheet(letters: readonly Letter[]): string {
  const questions = [...new Set(letters.flatMap(({ answers }) => answers.map(({ id }) => id)))].sort((a, b) => (a < b ? -1 : 1))
  const head = ["number", "kind", "day", "callout", ...questions, "message", "files", "by", "tags", "assigned to", "warnings"]
  const rows = letters.map((letter) => [
    letter.number,
    letter.kind,
    letter.day,
    letter.callout?.id ?? "",
    ...questions.map((id) => letter.answers.find((one) => one.id === id)?.text ?? ""),
    letter.message,
    letter.files.map(fileText).join("; "),
    letter.by ?? "",
    letter.tags?.join(" ") ?? "",
    letter.assignee ?? "",
    letter.warnings.join("; "),
  ])
  return `${NOTICE}\r\n${csv([head, ...rows])}`
}

/** Text for a mail: what somebody wrote stands behind a bar, as on the screen. */
function plain(letters: readonly Letter[]): string {
  const bar = (text: string) => quoted(text, { columns: 76, isUnicode: true })
  const one = (letter: Letter) => [
    titleOf(letter),
    ...about(letter).flatMap(([label, value]) => [label, ...bar(value)]),
    ...letter.warnings.flatMap((warning) => ["warning", ...bar(warning)]),
    ...letter.answers.flatMap((answer) => ["", ...bar(questionOf(answer)), ...bar(answer.text)]),
    ...(letter.message === "" ? [] : ["", "message", ...bar(letter.message)]),
    ...letter.files.flatMap((file) => ["", "file", ...bar(fileText(file))]),
    ...(letter.notes ?? []).flatMap(({ by, day, text }) => ["", `note, ${day}`, ...bar(by), ...bar(text)]),
    "",
  ]
  return [NOTICE, "", ...letters.flatMap(one)].join("\n")
}
