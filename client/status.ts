/** What a screen reader says by itself: one polite region, one message in five seconds at most, the latest wins. */

const PAUSE_MS = 5_000

export interface Status {
  announce(text: string): void
  /** What was said is in another language now. */
  clear(): void
}

export function makeStatus(region: HTMLElement): Status {
  let quietUntil = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  const now = (text: string) => {
    waiting = undefined
    quietUntil = performance.now() + PAUSE_MS
    region.textContent = text
  }
  return {
    announce(text) {
      clearTimeout(waiting)
      const left = quietUntil - performance.now()
      if (left <= 0) now(text)
      else waiting = setTimeout(now, left, text)
    },
    clear() {
      clearTimeout(waiting)
      region.textContent = ""
    },
  }
}
