/** Each benchmark runs once, small, to show that it works and gives the keys that are relied on. No time is asserted. */

import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "@jest/globals"
import { FIREFOX } from "../support/firefox.ts"
import { describeWhere } from "../support/needs.ts"

const run = promisify(execFile)
const BENCH = join(__dirname, "../../dist/bench.js")

describeWhere("/usr/bin/pgbench", "npm run bench -- accept", () => {
  test("gives one object with its ratios and figures", async () => {
    const { stdout } = await run(process.execPath, [BENCH, "accept", "--json", "--small"])
    const { ratios } = JSON.parse(stdout)
    expect(Object.keys(ratios)).toEqual([
      "acceptOverPgbench",
      "acceptAt1MOver1K",
      "p99OverP50",
      "failures",
      "cpuUsPerEnvelope",
      "purgeMs",
      "syncNothingNewMs",
      "idleMB",
    ])
    expect(ratios.failures).toBe(0)
  }, 240_000)
})

test("npm run bench -- upload gives one object with its ratios", async () => {
  const { stdout } = await run(process.execPath, [BENCH, "upload", "--json", "--small"])
  expect(Object.keys(JSON.parse(stdout).ratios)).toEqual(["uploadOverBarePg", "serverGrowthMB"])
}, 240_000)

describeWhere(FIREFOX, "npm run bench -- page", () => {
  test("gives one object with its ratios, those of a slow browser too", async () => {
    const { stdout } = await run(process.execPath, [BENCH, "page", "--json", "--small"])
    const { ratios, versions } = JSON.parse(stdout)
    expect(Object.keys(ratios)).toEqual([
      "wireBytes",
      "requests",
      "readyMs",
      "sealOverLibsodium",
      "pageGrowthMB",
      "saferReadyMs",
      "saferSealMs",
    ])
    expect(Object.keys(versions)).toEqual(["chromium", "firefox", "node"])
    // The worker alone, which a browser's own tools do not count with the page.
    expect(ratios.wireBytes).toBeGreaterThan(100_000)
    expect(ratios.requests).toBeGreaterThanOrEqual(5)
  }, 240_000)
})

describeWhere("/usr/bin/age", "npm run bench", () => {
  test.each([
    ["envelope", ["open500OverAge", "open500OverGpg", "open1GBOverAge", "sealOverLibsodium", "openOverAgeEncryption"]],
    ["desk", ["startupOverNode", "open500OverAge", "open500OverGpg", "list100kMs", "search100kMs"]],
  ] as const)(
    "-- %s --json gives one object with its ratios",
    async (name, keys) => {
      const { stdout } = await run(process.execPath, [BENCH, name, "--json", "--small"])
      const outcome = JSON.parse(stdout)
      expect(Object.keys(outcome)).toEqual(expect.arrayContaining(["name", "machine", "versions", "rounds", "results", "ratios"]))
      expect(Object.keys(outcome.ratios)).toEqual([...keys])
      for (const ratio of Object.values(outcome.ratios)) expect(ratio).toBeGreaterThan(0)
    },
    240_000,
  )

  test("refuses a name that it does not know", async () => {
    await expect(run(process.execPath, [BENCH, "nothing"])).rejects.toMatchObject({ code: 2 })
  })
})
