/** How far something large has come, for a person who waits: on a screen one line that is written over, elsewhere nothing. */

import type { Terminal } from "./terminal.ts"

const STEPS: readonly (readonly [bytes: number, unit: string])[] = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
]
/** `1.3 GB`: as disks and networks count. */
export function sizeText(bytes: number): string {
  const [step, unit] = STEPS.find(([least]) => bytes >= least) ?? [1, "bytes"]
  const value = bytes / step
  return `${step === 1 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`
}
/** `2 min 5 s`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60
    ? `${whole} s`
    : whole < 3_600
      ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}

const EVERY_MS = 250
/** The rate is that of the last while, so that a pause shows. */
const WINDOW_MS = 5_000

/** @param now - milliseconds that only grow */
export function progressOn(
  { progress }: Pick<Terminal, "progress">,
  now: () => number = () => performance.now(),
): (bytes: number, total: number) => void {
  let seen: { at: number; bytes: number }[] = []
  let shown = Number.NEGATIVE_INFINITY
  return (bytes, total) => {
    const at = now()
    if (at - shown < EVERY_MS && bytes < total) return
    shown = at
    seen = [...seen.filter((one) => at - one.at <= WINDOW_MS), { at, bytes }]
    const first = seen[0] ?? { at, bytes }
    const rate = at > first.at ? ((bytes - first.bytes) / (at - first.at)) * 1_000 : 0
    const left = rate > 0 ? `, ${sizeText(rate)}/s, ${durationText((total - bytes) / rate)} left` : ""
    progress(`${Math.floor((bytes / total) * 100)} %  ${sizeText(bytes)} of ${sizeText(total)}${left}`)
  }
}
