/** Holds an engine to the published vectors: a test a suite, and a line with what was counted. */

import { afterAll, beforeAll, expect, test } from "@jest/globals"
import type { Answer } from "../../../client/worker-check.ts"
import type { Engine } from "./engines.ts"
import { everySuite, type Suite, type Vector } from "./suites.ts"

/** So many vectors a message: a browser without a compiler is still heard of every few seconds. */
const VECTORS_AT_ONCE = 50
/** X25519 in a browser without a compiler takes 27 to 45 seconds on a quiet machine; the others a tenth of that. */
const TIMEOUT_MS = 240_000

/** @param open - called once, when the tests run */
export function holdToVectors(open: () => Promise<Engine>, suites: readonly Suite[] = everySuite): void {
  let engine: Engine | undefined
  beforeAll(async () => {
    engine = await open()
  }, 60_000)
  afterAll(async () => {
    await engine?.close()
  })

  test.each(suites.map((suite) => [suite.name, suite] as const))(
    "%s",
    async (_name, suite) => {
      if (engine === undefined) throw new Error("no engine")
      const { held, notOurs, wrong } = await hold(engine, suite)
      const others = [...notOurs.values()].reduce((sum, count) => sum + count, 0)
      const reasons = [...notOurs].map(([reason, count]) => `${count} ${reason}`).join("; ")
      const counted = `${suite.total} vectors, ${held} held, ${others} not ours${others === 0 ? "" : `: ${reasons}`}`
      const note = suite.note === undefined || wrong.length > 0 ? "" : `; ${suite.note}`
      process.stderr.write(`${engine.name}: ${suite.name}: ${counted}${note}\n`)
      expect(wrong).toEqual([])
      expect(held + others).toBe(suite.total)
    },
    TIMEOUT_MS,
  )
}

interface Counted {
  readonly held: number
  /** How many for each reason. */
  readonly notOurs: ReadonlyMap<string, number>
  /** A line each: the vector and what the engine answered. */
  readonly wrong: readonly string[]
}

async function hold(engine: Engine, { vectors }: Suite): Promise<Counted> {
  let held = 0
  const notOurs = new Map<string, number>()
  const wrong: string[] = []
  for (let at = 0; at < vectors.length; at += VECTORS_AT_ONCE) {
    const some = vectors.slice(at, at + VECTORS_AT_ONCE).map((vector) => reduced(vector, engine))
    const answers = await engine.answer(some.flatMap(({ questions }) => questions.map(([step]) => step)))
    let next = 0
    for (const { name, questions, notOurs: reason } of some) {
      const given = answers.slice(next, next + questions.length)
      next += questions.length
      if (!questions.every(([, holds], index) => holds(given[index] ?? "no answer"))) wrong.push(`${name}: ${given.map(said).join(" | ")}`)
      else if (reason === undefined) held++
      else notOurs.set(reason, (notOurs.get(reason) ?? 0) + 1)
    }
  }
  return { held, notOurs, wrong }
}

/** A vector without questions, and the reason, where this engine has no way to be asked one of them. */
function reduced(vector: Vector, { cannot }: Engine): Vector {
  const reason = cannot === undefined ? undefined : vector.questions.map(([step]) => cannot(step)).find((one) => one !== undefined)
  return reason === undefined ? vector : { name: vector.name, questions: [], notOurs: reason }
}

const said = (answer: Answer): string => (typeof answer === "string" ? answer : `${Buffer.from(answer).toString("hex").slice(0, 64)}…`)
