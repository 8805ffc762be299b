/** `panic`: afterwards nothing in the folder opens, whoever has the passphrase; a backup does; and it is asked first. */

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { read } from "../../scripts/reporter/read.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { backup, restore } from "../../scripts/vault/backup.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { panic } from "../../scripts/vault/panic.ts"
import { readSecrets } from "../../scripts/vault/secrets.ts"
import type { TestDesk } from "./bench.ts"
import { freshLines } from "./line.ts"

const line = freshLines()
const everyFile = async (home: string) =>
  (await readdir(home, { recursive: true, withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name)

describe("panic", () => {
  test("leaves nothing that the passphrase opens, and no day key; a backup opens as before", async () => {
    const { one, send, again, carried } = await line(["one"])
    await send({ message: "kept" })
    await sync(one)
    const file = join(carried, "one.backup")
    await backup(one, { file })
    // As a write that was cut leaves it.
    await writeFile(`${homePaths(one.home).secrets}.new`, await readFile(homePaths(one.home).secrets))
    one.said.clear()
    await panic(one, { yes: true })
    expect((await everyFile(one.home)).filter((name) => /secrets|^\d{4}-/.test(name))).toEqual([])
    expect(one.said.out()).toContain("the keys in this folder are destroyed")
    await expect(readSecrets(one)).rejects.toMatchObject({ code: "not-set-up" })
    await expect(sync(one)).rejects.toMatchObject({ code: "not-set-up" })
    await expect(read(one, { number: 1 })).rejects.toMatchObject({ code: "not-set-up" })
    await expect(panic(one, { yes: true })).rejects.toMatchObject({ code: "not-set-up" })
    const found = again({ home: join(carried, "restored") } as TestDesk)
    await restore(found, { file })
    expect((await read(found, { number: 1 })).message).toBe("kept")
  })

  test("asks first, and changes nothing unless it is told to", async () => {
    const { one, again } = await line(["one"])
    await expect(panic(one)).rejects.toMatchObject({ code: "needs-terminal" })
    await expect(panic(again(one, { typed: ["yes"] }))).rejects.toMatchObject({ code: "failed" })
    expect((await status(one)).tips).toBe(0)
    await panic(again(one, { typed: ["destroy"] }))
    await expect(readSecrets(one)).rejects.toMatchObject({ code: "not-set-up" })
  })

  test("cut after its first step has taken the key that all the others are sealed to", async () => {
    const { one, again } = await line(["one"])
    let steps = 0
    const cutting = again(one, {
      before: () => {
        if (++steps === 3) throw new Error("power cut")
      },
    })
    await expect(panic(cutting, { yes: true })).rejects.toThrow("power cut")
    await expect(readSecrets(one)).rejects.toMatchObject({ code: "not-set-up" })
  })

  test("leaves a newsroom's roots unless they are named", async () => {
    const { admin } = await line(["one"])
    await expect(panic(admin, { yes: true })).rejects.toMatchObject({ code: "not-set-up" })
    await panic(admin, { yes: true, roots: true })
    expect((await everyFile(admin.home)).filter((name) => name.startsWith("roots"))).toEqual([])
  })
})
