/** What a court could get from us, for everybody to read: the ledger of columns (db/README.md), which a test holds to the schema, as HTML. */

/** What a table is for, as a source would ask. One that is not named here ends the build. */
const TABLES = {
  envelopes: "Tips, locked",
  uploads: "Large tips that are on their way",
  large_envelopes: "Large tips, locked",
  chunks: "Pieces of large tips, locked",
  replies: "Where answers to sources wait",
  fillers: "What mailboxes are filled up with",
  closed_days: "Days for which nothing is taken any more",
  keyrings: "Who works for the newsroom, public",
  day_notes: "The reporters’ keys of the day, public",
  subscriptions: "Which reporters want a mail",
  mails: "Mails to reporters that are on their way",
  releases: "The program itself, as it was signed, public",
  nonces: "What is taken only once",
  migrations: "Versions of the database",
}

const ROW = /^\| `(\w+)\.(\w+)` \| (.+?) \| (.+?) \|$/

/** @param {string} ledger - the text of db/README.md
 *  @param {(text: string) => string} asHtml - escapes it
 *  @returns {string} a list a table, in the ledger's order */
export function courtLists(ledger, asHtml) {
  const tables = new Map()
  for (const line of ledger.split("\n")) {
    const [, table, column, why, howLong] = ROW.exec(line) ?? []
    if (table === undefined) continue
    if (!Object.hasOwn(TABLES, table)) throw new Error(`scripts/build/court.mjs does not say what the table ${table} is for`)
    tables.set(table, [...(tables.get(table) ?? []), { column, why, howLong }])
  }
  const code = (text) => asHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>")
  const entry = ({ column, why, howLong }) =>
    `<li><code>${column}</code>: ${code(why)}. <span class="hint">Kept: ${code(howLong)}.</span></li>`
  return [...tables]
    .map(([table, columns]) => `<h3>${asHtml(TABLES[table])} (<code>${table}</code>)</h3>\n<ul>\n${columns.map(entry).join("\n")}\n</ul>`)
    .join("\n")
}
