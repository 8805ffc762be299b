/** The small sum that a server asks for while many send or look, for the page and for its worker alike; and how both ask for anything. SPEC.md §8.3. */

import { parseChallenge, solve } from "../keyring/work.ts"

export const PLAIN: RequestInit = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", redirect: "error" }
const PROBLEM = "urn:sotto:problem:"

/** Does the sum that the server asks for; `undefined`: it asks for none that can be done here. */
export async function earnField(signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch("/api/challenge", { ...PLAIN, signal })
    const answer: unknown = JSON.parse(await response.text())
    const asked = typeof answer === "object" && answer !== null && "challenge" in answer ? answer.challenge : undefined
    const challenge = typeof asked === "string" ? parseChallenge(asked) : undefined
    return challenge && (await solve(challenge, signal))
  } catch {
    return undefined
  }
}

/** Whether it was refused for want of a sum. The response can still be read after this. */
export const wantsWork = async (response: Response): Promise<boolean> =>
  response.status === 429 && (await problemOf(response.clone())) === "work-wanted"

/** The kind of problem, of RFC 9457. Nothing else of the answer is looked at, and nothing of it is shown. */
export async function problemOf(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = JSON.parse(await response.text())
    const type = typeof body === "object" && body !== null && "type" in body ? body.type : undefined
    return typeof type === "string" && type.startsWith(PROBLEM) ? type.slice(PROBLEM.length) : undefined
  } catch {
    return undefined
  }
}
