/** Every language of what is said without scripts. A page each; the answers to the form say it in all of them, so that no request tells which one somebody reads. */

import type { Language } from "./catalogues.ts"
import { plain as en, type Plain } from "./plain.ts"
import { plain as ar } from "./plain-ar.ts"
import { plain as de } from "./plain-de.ts"
import { plain as es } from "./plain-es.ts"
import { plain as fr } from "./plain-fr.ts"

export const PLAIN = { en, de, fr, es, ar } as const satisfies Readonly<Record<Language, Plain>>
