/** Suites that need a program beyond npm's packages. Where it is missing they are skipped, by name and counted;
 *  with SOTTO_ALL_SUITES=1, which .ci/run sets, they fail instead: there nothing may be left out unnoticed.
 *  Suites that need what a machine grants or does not, such as mounting: no package mends that, so they are skipped there too, by name and counted. */

import { existsSync } from "node:fs"
import { describe, test } from "@jest/globals"

export function describeWhere(program: string, name: string, tests: () => void): void {
  const why = `there is no ${program} here`
  if (existsSync(program)) {
    describe(name, tests)
  } else if (process.env.SOTTO_ALL_SUITES === "1") {
    describe(name, () => {
      test("has the program that it needs", () => {
        throw new Error(`${why}: scripts/ci-packages.sh installs it where it may`)
      })
    })
  } else {
    // Jest names a skipped suite only when asked to be verbose.
    process.stderr.write(`skipped: ${name}: ${why}\n`)
    describe.skip(`${name}: ${why}`, tests)
  }
}

/** @param lacks - what this machine does not grant; `undefined`: it does */
export function describeUnless(lacks: string | undefined, name: string, tests: () => void): void {
  if (lacks === undefined) describe(name, tests)
  else {
    process.stderr.write(`skipped: ${name}: ${lacks}\n`)
    describe.skip(`${name}: ${lacks}`, tests)
  }
}
