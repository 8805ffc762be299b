/** The inside of another app can read what is typed, and no header of ours stops it. Such apps are known by the names they give themselves;
 *  one that hides its name is not recognised. */

import { byId, say } from "./elements.ts"
import { words } from "./language.ts"

const NAMES = /FBAN|FBAV|Instagram|LinkedInApp|TikTok|Twitter/

export const isInApp = (userAgent: string): boolean => NAMES.test(userAgent)

/** Signs that fit honest browsers too: every browser on an iPhone, and some on Android, are made of the same view as an app's inside.
 *  So these only warn: a source who is turned away by mistake is a lost source. */
export const looksInApp = (userAgent: string, engine: object): boolean =>
  /; wv\)/.test(userAgent) ||
  ("webkit" in engine && typeof engine.webkit === "object" && engine.webkit !== null && "messageHandlers" in engine.webkit)

/** In place of the form: the address, for the person's own browser. */
export function fillInApp(address: string): void {
  const copied = byId("in-app-copied", HTMLElement)
  byId("in-app-address", HTMLElement).textContent = address
  byId("in-app-copy", HTMLButtonElement).addEventListener("click", () => {
    const copying = navigator.clipboard?.writeText(address) ?? Promise.reject(new Error("no clipboard"))
    copying.then(
      () => say(copied, () => words.inApp.copied),
      () => say(copied, () => words.inApp.notCopied),
    )
  })
}
