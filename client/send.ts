/** HTTP, and nothing else: one GET before a word is typed, one POST to send; larger ones go by upload.ts. No cookie, no cache, no referrer, no redirect. */

import type { Day } from "../envelope/day.ts"
import { earnField, PLAIN, problemOf, wantsWork } from "./earning.ts"

export { earnField, PLAIN, wantsWork } from "./earning.ts"

const MAX_ANSWER_CHARACTERS = 8_388_608
const MAX_WAIT_SECONDS = 3_600
/** A line on which the list of readers takes longer carries no tip either. */
export const TODAY_MS = 120_000

/** The body of `/api/today`, or `undefined`: no answer, or not with 200. */
export async function fetchToday(signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch("/api/today", { ...PLAIN, signal })
    if (response.status !== 200) return undefined
    const text = await response.text()
    return text.length <= MAX_ANSWER_CHARACTERS ? text : undefined
  } catch {
    return undefined
  }
}

/** What became of an envelope. Only `kept` means that it arrived. */
export type Outcome =
  | { readonly kind: "kept" }
  | { readonly kind: "offline" } // no answer: it may have arrived, or not
  | { readonly kind: "busy"; readonly seconds?: number }
  | { readonly kind: "day-closed" | "too-large" | "refused" | "broken" }

/** Posts a whole envelope, and once more with a small sum where the server asks for one. Never throws.
 *  @param whenCalculating - called before the sum */
export async function postEnvelope(
  day: Day,
  envelope: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
  whenCalculating: () => void,
): Promise<Outcome> {
  const first = await post(day, envelope, signal, {})
  if (first.kind !== "work") return first
  whenCalculating()
  const field = await earnField(signal)
  if (field === undefined) return { kind: signal.aborted ? "offline" : "busy" }
  const second = await post(day, envelope, signal, { "sotto-work": field })
  return second.kind === "work" ? { kind: "busy" } : second
}

async function post(
  day: Day,
  envelope: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
  extra: Readonly<Record<string, string>>,
): Promise<Outcome | { readonly kind: "work" }> {
  try {
    const response = await fetch(`/api/envelopes?day=${day}`, {
      ...PLAIN,
      signal,
      method: "POST",
      headers: { "content-type": "application/age", ...extra },
      body: envelope,
    })
    // 201 and nothing else: any other success would be an answer by somebody who did not keep it.
    if (response.status === 201) return { kind: "kept" }
    return await failedOrWork(response)
  } catch {
    return { kind: "offline" }
  }
}

/** A small sum is asked for, or what else became of it. */
async function failedOrWork(response: Response): Promise<Outcome | { readonly kind: "work" }> {
  return (await wantsWork(response)) ? { kind: "work" } : whatFailed(response)
}

export async function whatFailed(response: Response): Promise<Outcome> {
  if (response.status === 503 || response.status === 429) {
    const seconds = /^\d{1,4}$/.exec(response.headers.get("retry-after") ?? "")?.[0]
    return seconds === undefined ? { kind: "busy" } : { kind: "busy", seconds: Math.min(Number(seconds), MAX_WAIT_SECONDS) }
  }
  if (response.status >= 500) return { kind: "broken" }
  const problem = await problemOf(response)
  if (problem === "day-closed") return { kind: "day-closed" }
  // The sum came too late, or more are sending by now: the next one may be enough.
  if (problem === "bad-work") return { kind: "busy" }
  if (problem === "too-large" || response.status === 413) return { kind: "too-large" }
  return { kind: "refused" }
}
