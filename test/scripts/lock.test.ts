/** One command at a time writes in a home. */

import { spawn } from "node:child_process"
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "@jest/globals"
import { locked } from "../../scripts/vault/lock.ts"
import { deskAt, folder, removeFolders } from "./bench.ts"

afterAll(removeFolders)

const home = async () => deskAt(join(await folder(), "home"))

describe("the lock", () => {
  test("lets one of many work at a time, and goes with the work, failed or not", async () => {
    const desk = await home()
    let [working, most] = [0, 0]
    const work = () =>
      locked(desk, async () => {
        most = Math.max(most, ++working)
        await new Promise((resolve) => setTimeout(resolve, 20))
        working--
      })
    const ended = await Promise.allSettled(Array.from({ length: 20 }, work))
    expect(most).toBe(1)
    for (const one of ended) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "vault-in-use" })
    await expect(locked(desk, () => Promise.reject(new Error("no")))).rejects.toThrow("no")
    expect(await locked(desk, () => Promise.resolve("yes"))).toBe("yes")
    expect(await readdir(desk.home)).toEqual([])
  })

  test.each([
    ["a process that has ended", { pid: 2 ** 22 - 1, program: "sotto.js" }],
    ["a number that belongs to another program by now", { pid: 1, program: "sotto-of-before-the-restart.js" }],
    ["a write that was cut", "{"],
  ])("that is left of %s is stale", async (_what, left) => {
    const desk = await home()
    await mkdir(desk.home)
    await writeFile(join(desk.home, "lock"), typeof left === "string" ? left : JSON.stringify(left))
    expect(await locked(desk, () => Promise.resolve("yes"))).toBe("yes")
    expect(await readdir(desk.home)).toEqual([])
  })

  test("whose name is taken and whose content is on its way is respected, and stale when that never came", async () => {
    const desk = await home()
    await mkdir(desk.home)
    const path = join(desk.home, "lock")
    await writeFile(path, "")
    await expect(locked(desk, () => Promise.resolve())).rejects.toMatchObject({ code: "vault-in-use" })
    const before = Date.now() / 1_000 - 60
    await utimes(path, before, before)
    expect(await locked(desk, () => Promise.resolve("yes"))).toBe("yes")
  })

  test("of a living process of the same program is respected", async () => {
    const desk = await home()
    await mkdir(desk.home)
    const child = spawn(process.execPath, ["-e", "setTimeout(() => undefined, 10000)", "sotto.js"])
    try {
      await new Promise((resolve) => child.once("spawn", resolve))
      await writeFile(join(desk.home, "lock"), JSON.stringify({ pid: child.pid, program: "sotto.js" }))
      await expect(locked(desk, () => Promise.resolve())).rejects.toMatchObject({ code: "vault-in-use" })
    } finally {
      child.kill()
    }
  })
})
