/** The loop: pick an input, change it, feed it in, keep it if it reached something new. The same seed and corpus give the same run. */

import type { Coverage } from "./coverage.ts"
import { mutate } from "./mutate.ts"
import { Finding } from "./oracle.ts"
import { Random } from "./random.ts"
import type { Target } from "./target.ts"

export interface Limits {
  readonly seed: number
  /** Ends after so many executions, or after so many seconds. */
  readonly executions: number
  readonly seconds: number
}
export interface Report {
  readonly executions: number
  readonly seconds: number
  readonly corpus: number
  /** Characters of the program that have run. */
  readonly reached: number
  readonly slowestMs: number
  /** How much more was held at the end than after the first tenth, in MiB, corpus included. */
  readonly grewMiB: number
  /** How often each thing came of an input. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly crash?: { readonly input: Uint8Array; readonly error: unknown }
}

const BATCH = 256
const MAX_CORPUS = 4_000
/** Generous for a machine that does other things too: what is quadratic goes far beyond it. */
const SLOW_MS = 3_000
const MAX_GROWTH_MIB = 64

const held = () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1_048_576
}

export async function fuzz(
  target: Target,
  seeds: readonly Uint8Array[],
  { seed, executions, seconds }: Limits,
  coverage: Coverage,
): Promise<Report> {
  const random = new Random(seed)
  const corpus = [...seeds]
  const outcomes = new Map<string, number>()
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1_000
  let [count, slowestMs, early] = [0, 0, 0]

  async function execute(input: Uint8Array): Promise<void> {
    // This process's own: a machine that has other things to do is no finding.
    const start = process.cpuUsage()
    const came = await target.run(input)
    const { user, system } = process.cpuUsage(start)
    const took = (user + system) / 1_000
    slowestMs = Math.max(slowestMs, took)
    if (took > SLOW_MS) throw new Finding(`an input of ${input.length} bytes took ${Math.round(took)} ms of the processor`)
    outcomes.set(came, (outcomes.get(came) ?? 0) + 1)
  }
  /** Finds those of a batch that reached something new, by halves: asking for coverage costs far more than running an input once more. */
  async function keepNews(batch: readonly Uint8Array[]): Promise<void> {
    for (input of batch) await target.run(input)
    if (!coverage.news(batch.length === 1 ? "keep" : "look")) return
    const [only] = batch
    if (batch.length === 1 && only !== undefined) {
      corpus.push(only)
      return
    }
    const half = batch.length >> 1
    await keepNews(batch.slice(0, half))
    await keepNews(batch.slice(half))
  }
  const done = () => count >= executions || elapsed() >= seconds
  const report = (crash?: Report["crash"]): Report => ({
    executions: count,
    seconds: elapsed(),
    corpus: corpus.length,
    reached: coverage.count,
    slowestMs: Math.round(slowestMs),
    grewMiB: Math.round(held() - early),
    outcomes,
    ...(crash === undefined ? {} : { crash }),
  })

  let input: Uint8Array = new Uint8Array(0)
  try {
    for (input of seeds) await execute(input)
    coverage.news("keep")
    while (!done()) {
      const batch: Uint8Array[] = []
      while (batch.length < BATCH && !done()) {
        // A good input, one of those that were kept, or one of the last: they lead on.
        const from = random.pick(random.pick([seeds, corpus, corpus.slice(-8)]))
        const byNone = (before: Uint8Array) => mutate(before, random, { corpus, dictionary: target.dictionary }, target.maxBytes)
        // Changed by the format's rules, or by none; now and then by both.
        const byRules = target.change !== undefined && random.chance(2)
        input = byRules && !random.chance(4) ? from : byNone(from)
        if (byRules && target.change) input = (await target.change(Buffer.from(input), random)).subarray(0, target.maxBytes)
        batch.push(input)
        await execute(input)
        count++
      }
      if (corpus.length < MAX_CORPUS && coverage.news("look")) await keepNews(batch)
      if (early === 0 && (count >= executions / 10 || elapsed() >= seconds / 10)) early = held()
    }
    const end = report()
    if (end.grewMiB > MAX_GROWTH_MIB) throw new Finding(`memory grew by ${end.grewMiB} MiB`)
    return end
  } catch (error) {
    return report({ input, error })
  }
}
