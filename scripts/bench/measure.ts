/** How a benchmark measures: rounds in turns, medians, and the peer's figure from the same run. docs/benchmarks.md is made from what it gives. */

import { cpus } from "node:os"

export interface Outcome {
  readonly name: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly os: string }
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
  /** Figures with their unit in the name: `oursMs`, `peerMBps`. */
  readonly results: Readonly<Record<string, number>>
  /** Higher is better unless measure says otherwise. */
  readonly ratios: Readonly<Record<string, number>>
  /** What was left out, and why. */
  readonly notes: readonly string[]
}
export interface Options {
  readonly rounds: number
  /** A fraction of the full size, to show that it works. */
  readonly isSmall: boolean
  readonly say: (line: string) => void
}
export type Bench = (options: Options) => Promise<Omit<Outcome, "name" | "machine" | "rounds">>

export const machine = (): Outcome["machine"] => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  os: `${process.platform} ${process.arch}`,
})

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Runs the contestants in turns, round after round, so that a noisy moment hits all of them; medians in milliseconds. */
export async function inTurns<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contestants) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) for (const name of names) times[name].push(await contestants[name]())
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>
}

export const rounded = (value: number): number => Number(value.toPrecision(4))
