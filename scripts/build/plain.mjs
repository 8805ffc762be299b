/** What is said where no script runs: a page for each language, and the answers to its form in all of them. docs/decisions/0047-languages-without-scripts.md */

import { courtPath } from "./court.mjs"
import { inEach, languageLinks, said } from "./html.mjs"

export const plainPath = (lang) => (lang === "en" ? "/" : `/plain-${lang}.html`)

/** The answers to the form, a page each, in every language. The server chooses one and changes nothing in it.
 *  @returns [name, HTML] of each: `sealed-kept.html` */
export function answerPages(template, { CATALOGUES, PLAIN }) {
  const isAnswer = ([, sentences]) => typeof sentences === "object" && "next" in sentences
  return Object.entries(PLAIN.en)
    .filter(isAnswer)
    .map(([name]) => [
      `sealed-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.html`,
      inEach(template, Object.values(CATALOGUES), ({ lang }) => ({ plain: PLAIN[lang], answer: PLAIN[lang][name], path: plainPath(lang) })),
    ])
}

/** What the page says without scripts, a page for each language but English, which is in the page itself. The channels are there alone: the
 *  server writes them.
 *  @returns [path, HTML] of each */
export function plainPages(template, index, { CATALOGUES, PLAIN }) {
  const all = Object.values(CATALOGUES)
  const from = index.indexOf('<section class="stop" aria-labelledby="noscript-stop">')
  const body = index.slice(from, index.lastIndexOf("<section", index.indexOf("</noscript>"))).trim()
  return all
    .filter(({ lang }) => lang !== "en")
    .map((page) => {
      // The server's own texts too have an address for each language.
      const own = body.replace(/(?<=href="\/api\/(?:recipients|questions))(?=")/g, `/${page.lang}`)
      const values = { page, court: courtPath(page.lang), plain: PLAIN[page.lang], others: languageLinks(all, page.lang, plainPath) }
      return [
        plainPath(page.lang),
        said(
          template.replace("{{body}}", () => own),
          page,
          values,
        ),
      ]
    })
}
