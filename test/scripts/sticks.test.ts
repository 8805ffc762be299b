/** Folders on sticks and some network shares know no second name for a file. Under strace every attempt to make one fails, as it does there. */

import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { describeWhere } from "../support/needs.ts"

const run = promisify(execFile)
const SOTTO = join(__dirname, "../../dist/sotto.js")
const NO_LINKS = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=link,linkat", "-e", "inject=link,linkat:error=EPERM"]

describeWhere("/usr/bin/strace", "without links", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sotto-stick-"))
    await writeFile(join(folder, "passphrase"), "eight words that nobody has chosen for this\n", { mode: 0o600 })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const sotto = (...args: readonly string[]) =>
    run("strace", [...NO_LINKS, process.execPath, SOTTO, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? "",
        SOTTO_HOME: join(folder, "home"),
        SOTTO_PASSPHRASE_FILE: join(folder, "passphrase"),
        SOTTO_WORK_FACTOR: "10",
      },
    })

  test("a file is handed out whole, and never over another one", async () => {
    const { stdout } = await sotto("operator", "key", "backup.key")
    expect(stdout).toMatch(/^age1pq1/)
    const key = await readFile(join(folder, "backup.key"), "utf8")
    await expect(sotto("operator", "key", "backup.key")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is there already"),
    })
    expect(await readFile(join(folder, "backup.key"), "utf8")).toBe(key)
    expect((await readdir(folder)).filter((name) => name.endsWith(".new"))).toEqual([])
  }, 60_000)

  test("a home is locked and worked in, and gives out files", async () => {
    await sotto("newsroom", "new", "--name", "The Paper", "--url", "http://localhost:8080")
    await sotto("invite", "Reporter One", "--id", "one", "--out", "invitation.json")
    expect(await readdir(join(folder, "home"))).not.toContain("lock")
    expect(JSON.parse(await readFile(join(folder, "invitation.json"), "utf8"))).toMatchObject({ format: "sotto-invitation/1" })
  }, 60_000)
})
