/** Every language of the page. All of them ship with it: choosing one tells nobody anything. */

import { ar } from "./ar.ts"
import { de } from "./de.ts"
import { en, type Words } from "./en.ts"
import { es } from "./es.ts"
import { fr } from "./fr.ts"

/** In the order in which they are offered. */
export const CATALOGUES = { en, de, fr, es, ar } as const satisfies Readonly<Record<string, Words>>
export type Language = keyof typeof CATALOGUES
