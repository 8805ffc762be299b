/** docs/benchmarks.md: a section a benchmark, replaced by each full run. Nothing in it is typed by hand. */

import { readFile, writeFile } from "node:fs/promises"
import type { Outcome } from "./measure.ts"

const TITLE =
  "# Benchmarks\n\nWritten by `npm run bench -- NAME`. Ratios are taken side by side in one run on one machine; absolute figures say little elsewhere.\n"

export function section({ name, machine, versions, rounds, results, ratios, notes }: Outcome): string {
  const row = ([key, value]: readonly [string, number]) => `| ${key} | ${value} |`
  const programs = Object.entries(versions).map(([program, version]) => (version.startsWith(program) ? version : `${program} ${version}`))
  return [
    `## ${name}`,
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.os}; ${programs.join(", ")}; medians of ${rounds} rounds in turns.`,
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

/** Puts this outcome's section in the place of its earlier one, or at the end. */
export async function writeSection(file: string, outcome: Outcome): Promise<void> {
  const [, ...old] = (await readFile(file, "utf8").catch(() => TITLE)).split(/^(?=## )/m)
  const others = old.filter((one) => !one.startsWith(`## ${outcome.name}\n`)).map((one) => one.trimEnd())
  await writeFile(file, `${[TITLE.trimEnd(), ...others, section(outcome).trimEnd()].join("\n\n")}\n`)
}
