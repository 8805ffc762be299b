/** Says at the very end how many tests passed and failed, on a line of its own that scripts can read. */

import { writeSync } from "node:fs"

export default class Count {
  #error

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
    // A file that could not even be loaded has no tests to count, but something has failed.
    const brokenFiles = testResults.filter(
      ({ testExecError, numFailingTests }) => testExecError !== undefined && numFailingTests === 0,
    ).length
    const failed = numFailedTests + brokenFiles
    const skipped = numPendingTests + numTodoTests
    if (numPassedTests + failed === 0) this.#error = new Error("no test ran at all")
    const line = `${numPassedTests} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}\n`
    // At the exit, because Jest and the other reporters may still have something to say.
    process.on("exit", () => writeSync(1, line))
  }

  /** Jest takes an error from here for a failed run. */
  getLastError() {
    return this.#error
  }
}
