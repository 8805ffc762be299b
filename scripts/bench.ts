/** `npm run bench -- NAME [--json] [--small] [--rounds N]`: measures, and prints Markdown or one JSON object. Asserts nothing. */

import { parseArgs } from "node:util"
import { envelope } from "./bench/envelope.ts"
import { type Bench, machine, type Outcome } from "./bench/measure.ts"

const benches: Readonly<Record<string, Bench>> = { envelope }

function markdown({ name, machine, versions, rounds, results, ratios, notes }: Outcome): string {
  const row = ([key, value]: readonly [string, number]) => `| ${key} | ${value} |`
  const programs = Object.entries(versions)
    .map(([program, version]) => `${program} ${version}`)
    .join(", ")
  return [
    `## ${name}`,
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.os}; ${programs}; medians of ${rounds} rounds in turns.`,
    "",
    "| ratio | |",
    "| --- | --- |",
    ...Object.entries(ratios).map(row),
    "",
    "| figure | |",
    "| --- | --- |",
    ...Object.entries(results).map(row),
    "",
    ...notes.map((note) => `- ${note}`),
    "",
  ].join("\n")
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, small: { type: "boolean" }, rounds: { type: "string" } },
})
const [name = ""] = positionals
const bench = benches[name]
if (bench === undefined) {
  process.stderr.write(`bench: one of ${Object.keys(benches).join(", ")}\n`)
  process.exitCode = 2
} else {
  const isSmall = values.small === true
  const rounds = Number(values.rounds ?? (isSmall ? 1 : 3))
  const measured = await bench({ rounds, isSmall, say: (line) => process.stderr.write(`${line}\n`) })
  const outcome: Outcome = { name, machine: machine(), rounds, ...measured }
  process.stdout.write(values.json === true ? `${JSON.stringify(outcome)}\n` : markdown(outcome))
}
