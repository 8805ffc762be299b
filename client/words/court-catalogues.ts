/** Every language of what a court could get from us. A page each. */

import type { Language } from "./catalogues.ts"
import { type Court, court as en } from "./court.ts"
import { court as ar } from "./court-ar.ts"
import { court as de } from "./court-de.ts"
import { court as es } from "./court-es.ts"
import { court as fr } from "./court-fr.ts"

export const TRANSLATED = { de, fr, es, ar } as const satisfies Readonly<Record<Exclude<Language, "en">, Court>>
export const COURT = { en, ...TRANSLATED } as const
