/** An envelope above 1 MiB on its way: piece by piece, by tus, for as long as it takes. What counts is what the server has confirmed. SPEC.md §8.2.
 *
 *  A piece is held until the server has it. Where the line breaks, the server is asked how far it came, and the rest of that piece is sent:
 *  nothing is read or locked twice, and no more than two pieces are ever in memory. */

import type { Day } from "../envelope/day.ts"
import { earnField, type Outcome, PLAIN, wantsWork, whatFailed } from "./send.ts"
import { within } from "./waiting.ts"

export interface Progress {
  /** Bytes that the server has confirmed. */
  readonly done: number
  readonly total: number
  /** Bytes a second of late; absent while nobody can tell. */
  readonly rate?: number
  /** Why nothing goes on until it is tried again: the line is broken, or the server takes no more right now. */
  readonly waitsFor?: "line" | "server"
}
export interface Uploading {
  readonly day: Day
  readonly total: number
  /** The next bytes of the envelope, at most so many; fewer only at its end.
   *  @throws whatever keeps them from being made: the upload is given up with it */
  readonly next: (bytes: number) => Promise<Uint8Array<ArrayBuffer>>
  /** The source stops it. */
  readonly signal: AbortSignal
  /** Whether anything may be asked once it is stopped. */
  readonly life: AbortSignal
  /** Resolves at once, or when the source wants to go on: nothing new is sent before. */
  readonly mayGoOn: () => Promise<void>
  readonly tell: (progress: Progress) => void
  /** Called before a small sum, where the server asks for one. */
  readonly whenCalculating: () => void
}

/** `stopped`: taken back before it was whole. `expired`: the server no longer has what came of it, and it has to be locked anew. */
export type UploadOutcome = Outcome | { readonly kind: "stopped" } | { readonly kind: "expired" }

const KIB = 1_024
/** The first piece is short, so that something is confirmed soon; then about two seconds' worth at a time. */
const [FIRST_BYTES, LEAST_BYTES, MOST_BYTES] = [256 * KIB, 64 * KIB, 2_048 * KIB]
const [QUICK_MS, SLOW_MS] = [1_500, 5_000]
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const
/** Longer than this nothing is waited for: a line that was changed for another says nothing at all. */
const SILENCE_MS = 120_000
/** Whoever stops waits less: the answer to that only tells whether it was too late. */
const STOP_MS = 20_000
const RATE_WINDOW_MS = 20_000
const TUS = { "tus-resumable": "1.0.0" }

/** Never throws but what {@link Uploading.next} threw. Stopped, the upload is taken back: then it was `stopped`, or was `kept` already, or nobody
 *  knows, which is `offline`. */
export async function uploadEnvelope({
  day,
  total,
  next,
  signal,
  life,
  mayGoOn,
  tell,
  whenCalculating,
}: Uploading): Promise<UploadOutcome> {
  const seen: { at: number; done: number }[] = []
  function told(done: number, waitsFor?: "line" | "server"): void {
    const at = performance.now()
    while (seen[0] !== undefined && at - seen[0].at > RATE_WINDOW_MS) seen.shift()
    seen.push({ at, done })
    const first = seen[0] ?? { at, done }
    const rate = at - first.at > 500 && done > first.done ? ((done - first.done) / (at - first.at)) * 1_000 : undefined
    tell({ done, total, ...(waitsFor !== undefined ? { waitsFor } : rate === undefined ? {} : { rate }) })
  }

  let path: string | undefined
  /** From here on the server may have all of it, whatever it answered. */
  let isEndSent = false
  /** The field that says that a sum was done; for one beginning. */
  let earned: string | undefined
  let [done, size, failures] = [0, FIRST_BYTES, 0]
  let held: { readonly from: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined
  let ahead: Promise<Uint8Array<ArrayBuffer>> | undefined
  /** @returns whether to give up, and why */
  async function failed(response: Response | undefined): Promise<Outcome | undefined> {
    const outcome: Outcome = response === undefined ? { kind: "offline" } : await whatFailed(response)
    if (outcome.kind !== "offline" && outcome.kind !== "busy" && outcome.kind !== "broken") return outcome
    told(done, outcome.kind === "offline" ? "line" : "server")
    const wait = WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)] ?? 30_000
    await pause(Math.max(wait, outcome.kind === "busy" ? (outcome.seconds ?? 0) * 1_000 : 0), signal)
    return undefined
  }

  function gone(): UploadOutcome {
    path = undefined
    return { kind: "expired" }
  }

  async function goOn(): Promise<UploadOutcome> {
    for (;;) {
      await mayGoOn()
      if (signal.aborted) return { kind: "offline" }
      if (path === undefined) {
        const work = earned === undefined ? undefined : { "sotto-work": earned }
        const begun = await ask(`/api/uploads?day=${day}`, "POST", { headers: { "upload-length": String(total), ...work }, signal })
        earned = undefined
        const place = begun?.headers.get("location") ?? ""
        if (begun?.status === 201 && /^\/api\/uploads\/[A-Za-z0-9_-]{43}$/.test(place)) path = place
        else {
          // Once without waiting: after a sum that was not enough there is a pause, as after any other refusal.
          if (begun !== undefined && work === undefined && (await wantsWork(begun))) {
            whenCalculating()
            earned = await earnField(signal)
            if (earned !== undefined) continue
          }
          const outcome = await failed(begun)
          if (outcome !== undefined) return outcome
        }
        continue
      }
      if (held === undefined) {
        held = { from: done, bytes: await (ahead ?? next(size)) }
        ahead = undefined
      }
      const sent = held.bytes.subarray(done - held.from)
      const started = performance.now()
      if (done + sent.length === total) isEndSent = true
      const patching = ask(path, "PATCH", {
        headers: { "content-type": "application/offset+octet-stream", "upload-offset": String(done) },
        signal,
        body: sent,
      })
      // The next piece is locked while this one is on its way.
      if (ahead === undefined && held.from + held.bytes.length < total) {
        ahead = next(size)
        ahead.catch(() => undefined) // looked at when it is needed
      }
      const patched = await patching
      let reached = patched?.status === 204 ? numberIn(patched, "upload-offset") : undefined
      if (reached === undefined) {
        if (isGone(patched)) return gone()
        if (patched?.status !== 409) {
          const outcome = await failed(patched)
          if (outcome !== undefined) return outcome
        }
        const state = await ask(path, "HEAD", { signal })
        if (isGone(state)) return gone()
        if (state === undefined || state.status >= 500) continue
        reached = state.status === 200 ? numberIn(state, "upload-offset") : undefined
        if (reached === undefined) return { kind: "broken" }
      } else {
        const took = performance.now() - started
        if (took < QUICK_MS && sent.length >= size) size = Math.min(MOST_BYTES, size * 2)
        else if (took > SLOW_MS) size = Math.max(LEAST_BYTES, Math.floor(size / 2))
      }
      // A server that forgot what it had confirmed, or has what nobody sent, cannot be gone on with.
      if (reached < held.from || reached > held.from + held.bytes.length) return { kind: "broken" }
      if (reached > done) failures = 0
      done = reached
      told(done)
      if (done === total) {
        path = undefined
        return { kind: "kept" }
      }
      if (done === held.from + held.bytes.length) held = undefined
    }
  }

  /** What never had its end cannot have arrived. Otherwise only the server can tell: it may have the last piece although its answer was lost. */
  async function takeBack(): Promise<UploadOutcome> {
    const place = path
    path = undefined
    if (place === undefined) return { kind: "stopped" }
    const removing = ask(place, "DELETE", { ms: STOP_MS })
    if (!isEndSent) return { kind: "stopped" }
    const removed = await removing
    if (removed?.status === 204) return { kind: "stopped" }
    const state = removed?.status === 409 ? await ask(place, "HEAD", { signal: life, ms: STOP_MS }) : undefined
    return { kind: state?.status === 200 && numberIn(state, "upload-offset") === total ? "kept" : "offline" }
  }

  try {
    const outcome = await goOn()
    return signal.aborted && outcome.kind !== "kept" ? await takeBack() : outcome
  } finally {
    // Given up: what came of it is of no use to anybody. Whole, the server keeps it whatever is asked.
    if (path !== undefined) void ask(path, "DELETE")
  }
}

/** Nothing came for a day, its day was closed, or it was empty where too many waited. */
const isGone = (response: Response | undefined): boolean => response?.status === 404 || response?.status === 410

function numberIn(response: Response, name: string): number | undefined {
  const text = response.headers.get(name) ?? ""
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  readonly signal?: AbortSignal
  /** For so long an answer is waited for. */
  readonly ms?: number
}

/** @returns `undefined`: no answer */
async function ask(path: string, method: string, { headers, body, signal, ms = SILENCE_MS }: Asking = {}): Promise<Response | undefined> {
  // Who stops must not wait for a line that says nothing.
  if (signal?.aborted) return undefined
  try {
    return await within(ms, signal, (ending) => {
      const init = { ...PLAIN, method, headers: { ...TUS, ...headers }, signal: ending, keepalive: method === "DELETE" }
      return fetch(path, body === undefined ? init : { ...init, body })
    })
  } catch {
    return undefined
  }
}

/** Until the time is over, the browser says that there is a network again, or all of it is called off. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      removeEventListener("online", end)
      signal.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener("online", end)
    signal.addEventListener("abort", end)
  })
}
