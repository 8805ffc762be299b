/** The newsroom's one colour, used only where people can read it. WCAG 2.2, 1.4.3. */

/** The page's own backgrounds; style.css has the same two. */
export const PAPER = { light: "#fbfaf7", dark: "#171715" } as const
const LEAST_CONTRAST = 4.5

/** Relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

export function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

/** Sets the accent for each scheme in which the colour is legible; elsewhere style.css keeps its own. */
export function useAccent(style: CSSStyleDeclaration, colour: string | undefined): void {
  for (const scheme of ["light", "dark"] as const) {
    const fits = colour !== undefined && contrast(colour, PAPER[scheme]) >= LEAST_CONTRAST
    if (fits) style.setProperty(`--accent-${scheme}`, colour)
    else style.removeProperty(`--accent-${scheme}`)
  }
}
