/** Leave this page: at once, without a question and without a request of ours. */

export interface Leaving {
  readonly link: HTMLAnchorElement
  /** Empties the page; runs after it has been covered. */
  readonly wipe: () => void
}

const PRESSES = 3
const WITHIN_MS = 1_500

export function makeLeave({ link, wipe }: Leaving): void {
  function leave(event: Event): void {
    event.preventDefault()
    // Covered before anything else: emptying takes a moment, going away takes longer.
    document.body.hidden = true
    wipe()
    // In place of this page, so that Back does not return to it. The address is the link's own: without script it still leads away.
    location.replace(link.href)
  }
  link.addEventListener("click", leave)
  let presses: number[] = []
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") presses = []
    else if (!event.repeat) {
      presses = [...presses, event.timeStamp].slice(-PRESSES)
      if (presses.length === PRESSES && event.timeStamp - (presses[0] ?? 0) < WITHIN_MS) leave(event)
    }
  })
}
