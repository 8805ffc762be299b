/** Every language of what the server says itself. The page has the same ones. */

import { ar } from "./ar.ts"
import { de } from "./de.ts"
import { en, type ListWords } from "./en.ts"
import { es } from "./es.ts"
import { fr } from "./fr.ts"

const LISTS: ReadonlyMap<string, ListWords> = new Map([en, de, fr, es, ar].map((words) => [words.lang, words]))

/** @returns `undefined`: a language that we do not have */
export const listWords = (lang: string): ListWords | undefined => LISTS.get(lang)
