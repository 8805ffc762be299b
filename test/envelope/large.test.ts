/** A large envelope is a stream from end to end: what it needs does not grow with what it holds. */

import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "@jest/globals"

const root = join(__dirname, "../..")
const HEAP_MIB = 48

test(`256 MiB are sealed and opened in a heap of ${HEAP_MIB} MiB`, () => {
  const program = join(root, ".build/large.program.mjs")
  const options = [
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--external:libsodium-wrappers",
    "--log-level=error",
    `--outfile=${program}`,
  ]
  execFileSync(join(root, "node_modules/.bin/esbuild"), [join(__dirname, "large.program.ts"), ...options])
  try {
    const said = execFileSync(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, "--max-semi-space-size=2", program], {
      encoding: "utf8",
    })
    const { bytes, same, peakMiB, rssGrowthMiB } = JSON.parse(said)
    process.stderr.write(`256 MiB: at most ${peakMiB} MiB held, resident memory grew by ${rssGrowthMiB} MiB\n`)
    expect(same).toBe(true)
    expect(bytes).toBe(335_544_320)
    expect(peakMiB).toBeLessThan(96)
    expect(rssGrowthMiB).toBeLessThan(192)
  } finally {
    rmSync(program)
  }
}, 120_000)
