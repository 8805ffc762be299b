/** How sentences get into HTML: templates are written as the English page, and said in each language. */

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
export const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => entities[character])

/** @param key - `stop.title` */
export function wordAt(words, key) {
  const found = key
    .split(".")
    .reduce((at, part) => (at !== null && typeof at === "object" && Object.hasOwn(at, part) ? at[part] : undefined), words)
  if (typeof found !== "string") throw new Error(`client/words/ has no text at ${key}`)
  return found
}

/** Says a template in a language. @param values - by the first part of a placeholder's name; what has no second part is HTML already */
export function said(html, { lang, dir }, values) {
  return html.replace('lang="en" dir="ltr"', `lang="${lang}" dir="${dir}"`).replace(/\{\{(\w+)(?:\.([\w.]+))?\}\}/g, (_, of, key) => {
    const value = values[of]
    return key === undefined ? value : escapeHtml(wordAt(value, key))
  })
}

/** What stands between `<!-- each -->` and `<!-- end -->`, once for each language, English with the page's one first heading.
 *  @param all - what is said of each language, with its `lang`, `dir` and `unreviewed`
 *  @param valuesOf - for {@link said} */
export function inEach(html, all, valuesOf) {
  const [first = "", each = "", last = ""] = html.split(/ *<!-- (?:each|end) -->\n/)
  const lesser = each.replace(/(?<=<\/?)h1\b/g, "h2")
  const parts = all.map((one) => said(one.lang === "en" ? each : lesser, one, valuesOf(one)))
  return first + parts.map((part) => part.replace(/ *<p class="hint"><\/p>\n/g, "")).join("") + last
}

/** Says it in English, and leaves the key in an attribute, by which a script says it in another language. */
export const withKeys = (html, of, words) =>
  html.replace(new RegExp(`>\\{\\{${of}\\.([\\w.-]+)\\}\\}<`, "g"), (_, key) => ` data-words="${key}">${escapeHtml(wordAt(words, key))}<`)

export const languageButtons = (all) =>
  all
    .map(({ lang, dir, name }) => `<li><button type="button" class="link" lang="${lang}" dir="${dir}">${escapeHtml(name)}</button></li>`)
    .join("")

/** Links to what says the same in the other languages. @param pathOf - by language */
export const languageLinks = (all, from, pathOf) =>
  all
    .filter(({ lang }) => lang !== from)
    .map(
      ({ lang, dir, name }) => `<li><a href="${pathOf(lang)}" lang="${lang}" dir="${dir}" hreflang="${lang}">${escapeHtml(name)}</a></li>`,
    )
    .join("")
