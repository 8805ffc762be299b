/** What a court could get from us, for everybody to read: the ledger of columns (db/README.md), which a test holds to the schema, as a page for
 *  each language. docs/decisions/0047-languages-without-scripts.md */

import { escapeHtml, languageLinks, said, wordAt } from "./html.mjs"

/** `courtPath` in client/language.ts says the same. */
export const courtPath = (lang) => (lang === "en" ? "/court.html" : `/court-${lang}.html`)

const ROW = /^\| `(\w+)\.(\w+)` \| (.+?) \| (.+?) \|$/

/** A page for each language. What it has no words for ends the build.
 *  @param {string} template - client/court.html
 *  @param {string} ledger - the text of db/README.md, English
 *  @returns [path, HTML] of each */
export function courtPages(template, ledger, { CATALOGUES, COURT }) {
  const all = Object.values(CATALOGUES)
  return all.map((page) => {
    const court = COURT[page.lang]
    const values = { page, court, others: languageLinks(all, page.lang, courtPath), lists: lists(ledger, court) }
    const html = said(template, page, values).replace(/ *<p class="hint"><\/p>\n/g, "")
    // From left to right wherever it stands: it is a name.
    return [courtPath(page.lang), html.replace(/`([^`]+)`/g, '<code dir="ltr">$1</code>')]
  })
}

/** A list a table, in the ledger's order. */
function lists(ledger, court) {
  const tables = new Map()
  for (const line of ledger.split("\n")) {
    const [, table, column, why, howLong] = ROW.exec(line) ?? []
    if (table === undefined) continue
    const row = court.columns === undefined ? [why, howLong] : [wordOf(court.columns, `${table}.${column}`), wordOf(court.howLong, howLong)]
    tables.set(table, [...(tables.get(table) ?? []), [column, ...row.map(escapeHtml)]])
  }
  const entry = ([column, why, howLong]) =>
    `<li>\`${column}\`: ${why}. <span class="hint">${escapeHtml(court.kept)} ${howLong}.</span></li>`
  return [...tables]
    .map(
      ([table, rows]) => `<h3>${escapeHtml(wordAt(court.tables, table))} (\`${table}\`)</h3>\n<ul>\n${rows.map(entry).join("\n")}\n</ul>`,
    )
    .join("\n")
}

/** Names have points in them, sentences too: not a path. */
function wordOf(words, name) {
  if (!Object.hasOwn(words, name)) throw new Error(`client/words/court-*.ts has no words for ${name}`)
  return words[name]
}
