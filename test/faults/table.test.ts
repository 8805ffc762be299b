/** The table of what must survive names tests that are there: a row whose tests were renamed would say nothing, and stay. */

import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "@jest/globals"

test("every row of the fault table has its tests", () => {
  const { status, stdout } = spawnSync(process.execPath, [join(__dirname, "table.mjs"), "--check"], { encoding: "utf8" })
  expect([stdout, status]).toEqual(["", 0])
})
