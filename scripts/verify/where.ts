/** Where two files part, and what in an altered page would worry somebody who looks: for the sentence that says what differs. */

import { quote } from "./difference.ts"

const AROUND = 30

/** @param built - as it was built, where it is at hand
 *  @returns the end of a sentence, or nothing */
export function whereFrom(served: Uint8Array, built: Uint8Array | undefined): string {
  if (built === undefined) return ""
  let at = 0
  while (at < served.length && at < built.length && served[at] === built[at]) at += 1
  const around = (bytes: Uint8Array) => quote(Buffer.from(bytes.subarray(Math.max(0, at - AROUND), at + AROUND)).toString("latin1"))
  return `, from byte ${at} on: ${around(served)} where the release has ${around(built)}`
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/<script(?![^>]*\ssrc=)[^>]*>/i, "it has a script of its own inside"],
  [/<script[^>]*\ssrc=["']?(?:[a-z]+:)?\/\//i, "it loads a script from another server"],
  [/serviceWorker/, "it speaks of a service worker"],
  [/<(?:iframe|object|embed)\b/i, "it holds another page"],
  [/<base\b/i, "it says that its addresses are elsewhere"],
  [/http-equiv=["']?refresh/i, "it leads elsewhere"],
  [/<form\b[^>]*\saction=["']?(?:[a-z]+:)?\/\//i, "it has a form that sends to another server"],
  [/\son[a-z]+\s*=/i, "an element of it runs a script"],
  [/https?:\/\/[^"'\s<>]*["'][^<>]*(?:onload|rel=["']?(?:preload|modulepreload|stylesheet))/i, "it loads something from another server"],
]

/** What stands in an altered page that does not stand in ours. Only to say more: whether a page is altered is found by its hash. */
export const suspicious = (html: string): readonly string[] => SIGNS.flatMap(([sign, says]) => (sign.test(html) ? [says] : []))
