/** The stop card's QR code: this page's address, drawn here, for the reader's own phone. */

import { follow, words } from "./language.ts"
import { qrCode } from "./qr.ts"

const SVG = "http://www.w3.org/2000/svg"
/** Modules of white around it, without which phones do not find it. */
const QUIET = 4

/** Draws it, or nothing when the address is too long: the address stands beside it as text. */
export function showCode(into: HTMLElement, address: string): void {
  const code = qrCode(address)
  if (code === undefined) return
  const size = code.length + 2 * QUIET
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`)
  svg.setAttribute("shape-rendering", "crispEdges")
  svg.setAttribute("role", "img")
  follow(svg, () => svg.setAttribute("aria-label", words.stop.code))
  const path = document.createElementNS(SVG, "path")
  const runs = code.flatMap((row, y) =>
    [...row.map(Number).join("").matchAll(/1+/g)].map(
      ({ index, 0: run }) => `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`,
    ),
  )
  path.setAttribute("d", runs.join(""))
  svg.append(path)
  into.replaceChildren(svg)
}
