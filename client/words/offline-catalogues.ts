/** Every language of the page to save. What other pages say too is said in their words. The build puts this file's value into the page, so that
 *  the other catalogues stay out of it. */

import { CATALOGUES, type Language } from "./catalogues.ts"
import { offline as en, type Offline } from "./offline.ts"
import { offline as ar } from "./offline-ar.ts"
import { offline as de } from "./offline-de.ts"
import { offline as es } from "./offline-es.ts"
import { offline as fr } from "./offline-fr.ts"
import { PLAIN } from "./plain-catalogues.ts"

function whole(spoken: Language, own: Offline) {
  const { lang, dir, name, unreviewed, language, title } = CATALOGUES[spoken]
  const { stopTitle, device, say } = PLAIN[spoken]
  return { lang, dir, name, unreviewed, language, title, stopTitle, device, say, ...own }
}

export const OFFLINE = { en: whole("en", en), de: whole("de", de), fr: whole("fr", fr), es: whole("es", es), ar: whole("ar", ar) } as const
export type OfflineWords = ReturnType<typeof whole>
