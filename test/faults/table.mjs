/** `npm run faults [-- --nightly] [--json] [--check]`: what must survive, row by row, by the tests that make it happen with real processes and signals.
 *  Prints a table and writes it to docs/faults.md, where nothing is typed by hand. 1: something did not hold, or was not tried.
 *  `--check` runs nothing: it says which row names a test that is not there. */

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const root = join(dirname(fileURLToPath(import.meta.url)), "../..")
const NIGHTLY = { SOTTO_KILL_ROUNDS: "25", SOTTO_MALFORMED: "10000", SOTTO_IDLE: "10000" }

/** Each fault, what must hold, and which tests of which files make it happen. */
const ROWS = [
  {
    fault: "`kill -9` of the server, and of PostgreSQL, at any point under load",
    holds: "every 201 is there, byte for byte; nothing half-written is listed; uploads resume",
    tests: [
      ["test/faults/kill.test.ts", /^/],
      ["test/faults/processes.test.ts", /^/],
      ["test/faults/uploads.test.ts", /kill -9/],
    ],
  },
  {
    fault: "a line that is cut at random bytes; duplicated, reordered, overlapping pieces",
    holds: "the file arrives whole or is not there",
    tests: [
      ["test/faults/uploads.test.ts", /50 MB/],
      ["test/server/uploads.test.ts", /another offset|eight senders|broken line/],
    ],
  },
  {
    fault: "a relay that is down, slow, rejecting, duplicating; `kill -9` in between",
    holds: "no mail lost, at most the one in flight again with the same Message-ID; no tip delayed",
    tests: [
      ["test/faults/mail.test.ts", /^/],
      ["test/server/notify.test.ts", /delays no tip/],
    ],
  },
  {
    fault: "disk full; every connection taken; PostgreSQL restarted",
    holds: "503 with Retry-After, no lost 201, recovers by itself",
    tests: [
      ["test/faults/disk.test.ts", /^/],
      ["test/faults/database.test.ts", /^/],
    ],
  },
  {
    fault: "a clock that is days off, the source's or the server's",
    holds: "a clear message or success, never a tip that nobody can open",
    tests: [["test/faults/clock.test.ts", /^/]],
  },
  {
    fault: "a reporter's machine cut at any write of `sync`, rotations, `purge`, replies, ceremonies",
    holds: "run again it is right; no tip lost, no key destroyed early",
    tests: [
      ["test/scripts/vault.test.ts", /cut/],
      ["test/scripts/seeds.test.ts", /cut/],
      ["test/scripts/rotation.test.ts", /cut/],
      ["test/scripts/reply.test.ts", /cut/],
      ["test/scripts/ceremony.test.ts", /cut/],
      ["test/scripts/overview.test.ts", /purged/],
    ],
  },
  {
    fault: "malformed requests from a grammar; each parser fuzzed",
    holds: "only 4xx, no crash, no memory growth",
    tests: [
      ["test/faults/strangers.test.ts", /malformed/],
      ["test/fuzz/fuzz.test.ts", /^/],
    ],
  },
  {
    fault: "slow readers, slow writers, idle connections",
    holds: "honest clients are served",
    tests: [["test/faults/strangers.test.ts", /idle/]],
  },
]

/** @param found - Jest's own report
 *  @returns each row with what its tests came to */
function held({ testResults }, rows) {
  return rows.map(({ fault, holds, tests }) => {
    const tried = tests.flatMap(([file, title]) =>
      testResults
        .filter(({ name }) => name === join(root, file))
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ fullName }) => title.test(fullName))
        .map(({ fullName, status, duration }) => ({ file, fullName, status, seconds: Math.round((duration ?? 0) / 100) / 10 })),
    )
    return { fault, holds, tried, isHeld: tried.length > 0 && tried.every(({ status }) => status === "passed") }
  })
}

const cell = (text) => text.replaceAll("|", "\\|")
function markdown(rows, sizes) {
  const words = { passed: "holds", failed: "DOES NOT HOLD", pending: "not tried on this machine" }
  const lines = rows.flatMap(({ fault, holds, tried }) => [
    `| **${cell(fault)}** | **${cell(holds)}** | |`,
    ...tried.map(({ file, fullName, status, seconds }) => `| ${cell(fullName)} | \`${file}\` | ${words[status] ?? status}, ${seconds} s |`),
  ])
  return `# What must survive

\`npm run faults\` made this; real processes, real signals, a real PostgreSQL. ${sizes}. ${cpus().length} cores, ${process.platform} ${process.arch}, node ${process.versions.node}.

| fault, and what is done | what must hold, and where it is shown | |
| --- | --- | --- |
${lines.join("\n")}
`
}

/** @returns the rows' tests that no line of their file names */
const missing = () =>
  ROWS.flatMap(({ tests }) => tests).filter(([file, title]) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n")
    const named = lines.filter((line) => /\b(test|describe)\w*(\.each)?\(|^ +[`"].*,$/.test(line))
    return !named.some((line) => new RegExp(title.source.replace(/^\^$/, "")).test(line))
  })

function main() {
  const boolean = { type: "boolean" }
  const { values } = parseArgs({ options: { nightly: boolean, json: boolean, check: boolean } })
  if (values.check === true) {
    const gone = missing()
    for (const [file, title] of gone) process.stdout.write(`${file} has no test like ${title.source}\n`)
    process.exitCode = gone.length === 0 ? 0 : 1
    return
  }
  const files = [...new Set(ROWS.flatMap(({ tests }) => tests.map(([file]) => file)))]
  const folder = mkdtempSync(join(tmpdir(), "sotto-faults-"))
  const report = join(folder, "report.json")
  try {
    // What Jest says goes to stderr: stdout is for the table.
    spawnSync(process.execPath, [join(root, "node_modules/jest/bin/jest.js"), "--json", `--outputFile=${report}`, ...files], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...(values.nightly === true ? NIGHTLY : {}) },
    })
    const rows = held(JSON.parse(readFileSync(report, "utf8")), ROWS)
    const sizes = values.nightly === true ? "The nightly sizes" : "The sizes of `npm test`"
    if (values.json === true) process.stdout.write(`${JSON.stringify({ v: 1, nightly: values.nightly === true, rows })}\n`)
    else process.stdout.write(markdown(rows, sizes))
    writeFileSync(join(root, "docs/faults.md"), markdown(rows, sizes))
    process.exitCode = rows.every(({ isHeld }) => isHeld) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

main()
