/** The inside of another app can read what is typed, and no header of ours stops it. Such apps are known by the names they give themselves;
 *  one that hides its name is not recognised. */

import { byId, say } from "./elements.ts"
import { words } from "./words/en.ts"

const NAMES = /FBAN|FBAV|Instagram|LinkedInApp|TikTok|Twitter/

export const isInApp = (userAgent: string): boolean => NAMES.test(userAgent)

/** In place of the form: the address, for the person's own browser. */
export function fillInApp(address: string): void {
  const copied = byId("in-app-copied", HTMLElement)
  byId("in-app-address", HTMLElement).textContent = address
  byId("in-app-copy", HTMLButtonElement).addEventListener("click", () => {
    const copying = navigator.clipboard?.writeText(address) ?? Promise.reject(new Error("no clipboard"))
    copying.then(
      () => say(copied, words.inApp.copied),
      () => say(copied, words.inApp.notCopied),
    )
  })
}
