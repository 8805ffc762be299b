/** `npm run bench -- NAME [--json] [--small] [--rounds N]`: measures, prints Markdown or one JSON object, and, unless it was small,
 *  writes its section of docs/benchmarks.md. Asserts nothing. */

import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { accept } from "./bench/accept.ts"
import { desk } from "./bench/desk.ts"
import { envelope } from "./bench/envelope.ts"
import { type Bench, machine, type Outcome } from "./bench/measure.ts"
import { section, writeSection } from "./bench/page.ts"
import { safer } from "./bench/safer.ts"
import { sourcePage } from "./bench/source-page.ts"
import { uploadBench } from "./bench/upload.ts"

const benches: Readonly<Record<string, Bench>> = { accept, desk, envelope, page: sourcePage, safer, upload: uploadBench }
const PAGE = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url))

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
  process.stdout.write(values.json === true ? `${JSON.stringify(outcome)}\n` : section(outcome))
  if (!isSmall) await writeSection(PAGE, outcome)
}
