/** Waiting for a server that may never answer: never without an end, and soon not without a way out. */

/** Longer than this is told, and need not be waited for. */
const SLOW_MS = 20_000

/** Runs what can be called off, with a signal of its own: it ends with the one given, and when the time is over. */
export async function within<Found>(
  ms: number,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, ms)
  // An event that has been is not told again.
  if (signal?.aborted) end()
  signal?.addEventListener("abort", end)
  try {
    return await action(over.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", end)
  }
}

export interface Waiting {
  /** Ends with the visit, with the button, and when the time is over. */
  during<Found>(ms: number, action: (signal: AbortSignal) => Promise<Found>): Promise<Found>
}

/** @param button - ends what is waited for; its part of the page is shown once it takes long
 *  @param whenSlow - says so */
export function makeWaiting(life: AbortSignal, part: HTMLElement, button: HTMLButtonElement, whenSlow: () => void): Waiting {
  return {
    async during(ms, action) {
      const stop = new AbortController()
      const end = () => stop.abort()
      button.onclick = end
      life.addEventListener("abort", end)
      const slow = setTimeout(() => {
        whenSlow()
        part.hidden = false
      }, SLOW_MS)
      try {
        return await within(ms, stop.signal, action)
      } finally {
        clearTimeout(slow)
        life.removeEventListener("abort", end)
        part.hidden = true
      }
    },
  }
}
