/** Bundles the fuzzer into one script, so that coverage has one text to count in, and runs it with what it was given. */

import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, "../..")
// A folder a process: tests run several at once.
const program = join(root, `.build/fuzz-${process.pid}/fuzz.mjs`)
buildSync({
  entryPoints: [join(here, "main.ts")],
  outfile: program,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  packages: "external",
  logLevel: "error",
})
const { status } = spawnSync(process.execPath, ["--expose-gc", program, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, SOTTO_FUZZ_FOLDER: here },
})
rmSync(dirname(program), { recursive: true })
process.exitCode = status ?? 1
