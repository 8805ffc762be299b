/** A short run of the fuzzer, the same inputs every time; the long one, with a new seed, is `npm run fuzz`. */

import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "@jest/globals"
import { makeCorpus, readCorpus } from "./corpus.ts"
import { Random } from "./random.ts"
import { TARGETS } from "./targets.ts"

/** About a second each. */
const EXECUTIONS: Readonly<Record<string, number>> = {
  header: 3_000,
  stream: 300,
  archive: 500,
  "by-hand": 700,
  letter: 2_500,
  note: 10_000,
  keyring: 1_000,
  day: 1_500,
  screen: 1_500,
}

test.each(TARGETS.map(({ name }) => name))(
  "nothing that %s is fed makes it throw what is not its own, write what it did not read, or stop",
  (name) => {
    const limits = ["--target", name, "--executions", String(EXECUTIONS[name] ?? 100), "--seed", "1"]
    // Fails, with the input's file, when the fuzzer found something.
    const said = execFileSync(process.execPath, [join(__dirname, "run.mjs"), ...limits], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    })
    process.stderr.write(said)
    // Some inputs of every kind are taken, some refused: a fuzzer that reaches nothing would pass too.
    expect(said).toMatch(/taken \d+/)
    expect(said).toMatch(/(bad|not-a)-[a-z]+ \d+/)
  },
)

test("the corpus in the repository is the one that its script makes", async () => {
  const [made, held] = [await makeCorpus(), readCorpus(join(__dirname, "corpus"))]
  expect(new Set(held.keys())).toEqual(new Set(made.keys()))
  for (const [path, bytes] of made) expect([path, Buffer.from(held.get(path) ?? []).equals(bytes)]).toEqual([path, true])
})

test("chance with a seed is the same chance every time", () => {
  const drawn = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.next()
      )(new Random(seed)),
    )
  expect(drawn(7)).toEqual(drawn(7))
  expect(drawn(7)).not.toEqual(drawn(8))
})
