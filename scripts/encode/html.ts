/** HTML that runs nothing and fetches nothing: one file, a style whose hash the policy names, and text that can be nothing but text. */

import { createHash } from "node:crypto"
import { harmless } from "../harmless.ts"

/** Markup that {@link html} has made. The class stays in this file: a string can never pass for markup. */
class Html {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

export type { Html }

type Value = Html | string | number | readonly Html[]

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;" }
const markup = (text: string): Html => new Html(text)

function text(value: Value): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : ""
  if (value instanceof Html) return value.toString()
  if (typeof value !== "string") return value.map(text).join("")
  return harmless(value, { isUnicode: true }).replace(/[&<>"'`]/g, (char) => ENTITIES[char] ?? "")
}

/** A template in which every value is text, made harmless and escaped, unless it is markup of this function's own.
 *  Attributes stand in double quotes. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  markup(parts.map((part, at) => part + (at < values.length ? text(values[at] ?? "") : "")).join(""))

const base64 = (of: string): string => createHash("sha256").update(of).digest("base64")

/** A whole file.
 *  @param style - of ours */
export function htmlPage({ title, style, body }: { readonly title: string; readonly style: string; readonly body: Html }): string {
  const policy = `default-src 'none'; style-src 'sha256-${base64(style)}'; base-uri 'none'; form-action 'none'`
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${markup(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`}`
}

export const PRINT_STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; border-top: 1px solid; padding-top: 1rem; } h3 { font-size: 1rem; margin-bottom: 0.25rem; }
.notice { font-weight: 700; border: 2px solid; padding: 0.5rem 0.75rem; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; border-left: 3px solid #888; margin: 0; padding-left: 0.75rem; }
.small { color: #555; font-size: 0.9rem; }
table { border-collapse: collapse; margin: 0.5rem 0; } td, th { border-bottom: 1px solid #8886; padding: 0.2rem 0.75rem 0.2rem 0; text-align: left; } td.number, th.number { text-align: right; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: currentColor; font: 14px system-ui, sans-serif; } svg rect { fill: #33689e; }
@media (prefers-color-scheme: dark) { .small { color: #bbb; } svg rect { fill: #7fb2e5; } }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; } }
`
