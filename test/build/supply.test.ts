/** `npm run supply`: what runs here, by whom, and whether it wants to run something of its own when it is installed. docs/checking.md. */

import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "@jest/globals"

const root = join(__dirname, "../..")
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}
const supply = (at: string, ...args: string[]): Promise<Said> =>
  new Promise((resolve) =>
    execFile(process.execPath, [join(at, "scripts/supply.mjs"), ...args], { maxBuffer: 1e8 }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    ),
  )

test("every package that runs is listed with size, licence and people, held by a hash, and none has an install script", async () => {
  const { code, out, err } = await supply(root, "--json")
  expect([code, err]).toEqual([0, ""])
  const { packages, faults } = JSON.parse(out) as { packages: Record<string, unknown>[]; faults: unknown[] }
  expect(faults).toEqual([])
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, Record<string, unknown>> }
  const running = Object.entries(lock.packages).filter(([path, one]) => path !== "" && !one.dev && !one.devOptional && !one.optional)
  expect(packages.filter(({ use }) => use === "runs")).toHaveLength(running.length)
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> }
  for (const [name, version] of Object.entries(dependencies))
    expect(packages).toContainEqual(expect.objectContaining({ name, version, isDirect: true, hasScript: false, isHashed: true }))
})

test("a package that has an install script, no hash or no licence is named, and ends it with 1", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sotto-supply-"))
  folders.push(folder)
  await mkdir(join(folder, "scripts"))
  await cp(join(root, "scripts/supply.mjs"), join(folder, "scripts/supply.mjs"))
  await writeFile(join(folder, "package.json"), JSON.stringify({ dependencies: { bad: "1.0.0" } }))
  const lock = {
    packages: {
      "": {},
      "node_modules/bad": { version: "1.0.0", hasInstallScript: true },
      "node_modules/dev": { version: "1.0.0", dev: true },
    },
  }
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock))
  await mkdir(join(folder, "node_modules/bad"), { recursive: true })
  const own = { name: "bad", author: "Somebody\u001b[2J <x@example.org>" }
  await writeFile(join(folder, "node_modules/bad/package.json"), JSON.stringify(own))
  const { code, out, err } = await supply(folder)
  expect(code).toBe(1)
  expect(err).toBe("supply: bad has an install script\nsupply: bad is not held by a hash\nsupply: bad names no licence\n")
  expect(out).toMatch(/^runs {8}bad 1\.0\.0 .* unknown .*Somebody2J {2}INSTALL SCRIPT$/m)
  expect(out).not.toContain("\u001b")
  expect((await supply(folder, "--nonsense")).code).toBe(2)
})
