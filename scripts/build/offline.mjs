/** The page to save: one file with everything in it, which a browser opens from a disk. Its policy names the hash of its one script and of its
 *  one style sheet. docs/decisions/0030-a-page-that-is-saved.md */

import { createHash } from "node:crypto"
import { inEach, languageButtons, withKeys } from "./html.mjs"

/** Instead of a file, what it exports once it has run: of what it was made from, nothing gets into the page. */
export function madeAlready(filter, values) {
  const contents = Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}\n`)
  return {
    name: "made-already",
    setup: ({ onLoad }) => onLoad({ filter }, () => ({ contents: contents.join(""), loader: "js" })),
  }
}

export function offlinePage(template, { OFFLINE, script, style }) {
  // What would end the script in HTML stands in no script of ours; a build where it does fails.
  if (/<\/script|<!--/i.test(script)) throw new Error("the offline page's script cannot stand in HTML")
  const all = Object.values(OFFLINE)
  const hashOf = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`
  const filled = { "hash:script": hashOf(script), "hash:style": hashOf(style), languages: languageButtons(all) }
  return withKeys(
    inEach(template, all, (offline) => ({ offline })),
    "offline",
    OFFLINE.en,
  )
    .replace(/\{\{(.*?)\}\}/g, (_, what) => filled[what])
    .replace('<link rel="stylesheet" href="/style.css">', () => `<style>${style}</style>`)
    .replace('<script src="/offline.js"></script>', () => `<script>${script}</script>`)
}
