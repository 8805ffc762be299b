/** The language of the page: the browser's own if we have it, another by a button, and never by a request, for every catalogue is here already. */

import { firstOf, localeOf, makeLanguageButtons, sayAll } from "./speaking.ts"
import { CATALOGUES, type Language } from "./words/catalogues.ts"
import type { Words } from "./words/en.ts"

export { follow, following, type Sentence } from "./speaking.ts"

/** The catalogue that is spoken. Read it anew each time. */
export let words: Words = CATALOGUES.en

/** Where it is said what a court could get from us. */
export const courtPath = ({ lang }: Words): string => (lang === "en" ? "/court.html" : `/court-${lang}.html`)

export const locale = (): string => localeOf(words)

/** Speaks a language from here on, everywhere on the page. */
export function speak(language: Language): void {
  words = CATALOGUES[language]
  sayAll(words)
}

const isLanguage = (code: string): code is Language => Object.hasOwn(CATALOGUES, code)

/** English where we have none of the browser's. */
export const chooseLanguage = (preferred: readonly string[]): Language => firstOf(preferred, isLanguage) ?? "en"

/** @param spoken - runs after a change */
export function makeLanguages(list: HTMLElement, unreviewed: HTMLElement, spoken: () => void): void {
  const change = (lang: string) => {
    if (!isLanguage(lang)) return
    speak(lang)
    spoken()
  }
  makeLanguageButtons(list, unreviewed, () => words, change)
}
