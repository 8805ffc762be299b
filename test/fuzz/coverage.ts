/** Which code has run, from V8's own counters: an input that reaches something new is worth keeping. */

import { type Profiler, Session } from "node:inspector"

/** Counts what is reached in one script. Asking takes V8 some 20 ms: ask once for many inputs. */
export class Coverage {
  readonly #session = new Session()
  readonly #script: string
  /** A byte for each character of the script: 1 once it has run. */
  readonly #reached: Uint8Array
  count = 0

  /** @param script - the end of the script's URL
   *  @param length - of its text */
  constructor(script: string, length: number) {
    this.#script = script
    this.#reached = new Uint8Array(length)
    this.#session.connect()
    this.#post("Profiler.enable")
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
  }

  #post(method: string, params?: object): unknown {
    let answer: unknown
    this.#session.post(method, params, (error, result) => {
      if (error) throw error
      answer = result
    })
    return answer // in one process the answer comes before post() returns
  }

  end(): void {
    this.#post("Profiler.stopPreciseCoverage")
    this.#session.disconnect()
  }

  /** Whether anything ran since it was last asked that had never run before.
   *  @param what - `look` to ask again later, for one input after the other; `keep` to count it as reached from now on */
  news(what: "look" | "keep"): boolean {
    const { result } = this.#post("Profiler.takePreciseCoverage") as Profiler.TakePreciseCoverageReturnType
    const functions = result.filter(({ url }) => url.endsWith(this.#script)).flatMap((script) => script.functions)
    const fresh = functions.flatMap(({ ranges }) => this.#fresh(ranges))
    if (what === "keep") for (const place of fresh) this.#reached[place] = 1
    if (what === "keep") this.count += new Set(fresh).size
    return fresh.length > 0
  }

  /** Places that ran now and never before. Ranges are nested, the outer first: what an inner one says holds for its part. */
  #fresh(ranges: readonly Profiler.CoverageRange[]): number[] {
    const [whole] = ranges
    if (whole === undefined || whole.count === 0) return []
    const ran = new Uint8Array(whole.endOffset - whole.startOffset)
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset)
    const fresh: number[] = []
    for (let at = 0; at < ran.length; at++)
      if (ran[at] === 1 && this.#reached[whole.startOffset + at] === 0) fresh.push(whole.startOffset + at)
    return fresh
  }
}
