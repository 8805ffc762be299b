/** The fuzzer as a program: `npm run fuzz -- --seconds 60 --target header --seed 7`, bundled by run.mjs. Prints a line a target. */

import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { inspect, parseArgs } from "node:util"
import { makeCorpus, readCorpus } from "./corpus.ts"
import { Coverage } from "./coverage.ts"
import { fuzz, type Report } from "./engine.ts"
import { TARGETS } from "./targets.ts"

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    executions: { type: "string" },
    target: { type: "string", multiple: true },
    seed: { type: "string" },
    replay: { type: "string" },
    "make-corpus": { type: "boolean" },
  },
})
const here = process.env.SOTTO_FUZZ_FOLDER ?? "test/fuzz"
const program = process.argv[1] ?? ""
const say = (line: string) => process.stdout.write(`${line}\n`)
const number = (text: string | undefined, otherwise: number): number => {
  const found = text === undefined ? otherwise : Number(text)
  if (!Number.isFinite(found) || found <= 0) throw new Error("--seconds, --executions and --seed are numbers above zero")
  return found
}

const names = values.target ?? TARGETS.map(({ name }) => name)
const targets = TARGETS.filter(({ name }) => names.includes(name))
if (targets.length !== new Set(names).size) throw new Error(`a target is one of ${TARGETS.map(({ name }) => name).join(", ")}`)

if (values["make-corpus"]) await makeFiles()
else if (values.replay !== undefined) for (const target of targets) say(`${target.name}: ${await target.run(readFileSync(values.replay))}`)
else await run()

async function makeFiles(): Promise<void> {
  rmSync(join(here, "corpus"), { recursive: true, force: true })
  for (const [path, bytes] of await makeCorpus()) {
    const file = join(here, "corpus", path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
}

async function run(): Promise<void> {
  const seed = number(values.seed, 1 + Math.floor(Math.random() * 1_000_000_000))
  // Without either limit: a minute for each target.
  const executions = values.executions === undefined ? Number.POSITIVE_INFINITY : number(values.executions, 1)
  const seconds = values.executions === undefined ? number(values.seconds, 60) : Number.POSITIVE_INFINITY
  const corpus = [...readCorpus(join(here, "corpus"))]
  const script = readFileSync(program, "utf8")
  for (const target of targets) {
    const seeds = corpus.filter(([path]) => path.startsWith(`${target.name}/`)).map(([, bytes]) => bytes)
    const coverage = new Coverage("/fuzz.mjs", script.length)
    const report = await fuzz(target, seeds, { seed, executions, seconds }, coverage)
    coverage.end()
    say(line(target.name, seed, report))
    if (report.crash !== undefined) keepCrasher(target.name, report.crash)
  }
}

function line(name: string, seed: number, { executions, seconds, corpus, reached, slowestMs, grewMiB, outcomes }: Report): string {
  const came = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome} ${count}`)
  const rate = Math.round(executions / seconds)
  return `${name}: seed ${seed}, ${executions} executions, ${rate} a second, corpus ${corpus}, reached ${reached}, slowest ${slowestMs} ms, memory ${grewMiB} MiB; ${came.join(", ")}`
}

function keepCrasher(name: string, { input, error }: NonNullable<Report["crash"]>): void {
  const file = join(here, "crashers", `${name}-${createHash("sha256").update(input).digest("hex").slice(0, 12)}`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, input)
  process.exitCode = 1
  process.stderr.write(
    `${name}: FOUND, ${input.length} bytes in ${file}\n${inspect(error)}\n  npm run fuzz -- --target ${name} --replay ${file}\n`,
  )
}
