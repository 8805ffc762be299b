/** Manual pages and completions are made from the commands themselves: each is there, each is whole, and the programs that read them take them. */

import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, expect, test } from "@jest/globals"
import { run } from "../../scripts/program.ts"
import { describeWhere } from "../support/needs.ts"
import { folder, listener, removeFolders, TestClock, TODAY } from "./bench.ts"

const execute = promisify(execFile)
afterAll(removeFolders)

async function sotto(...args: string[]) {
  const said = listener({ isScreen: false })
  const code = await run(args, {
    terminal: said.terminal,
    clock: new TestClock(TODAY),
    home: "/nowhere",
    passphraseFile: undefined,
    workFactor: undefined,
  })
  return { code, out: said.out(), err: said.err() }
}

test("there is a page for each command that --help lists, and it names each option that its --help does", async () => {
  const out = join(await folder(), "man")
  expect(await sotto("manual", out)).toMatchObject({ code: 0 })
  const pages = new Set(await readdir(out))
  const { out: help } = await sotto("--help")
  const groups = [...help.matchAll(/^([A-Z][^\n]*):$/gm)].map(([, heading]) => heading)
  expect(groups.slice(0, 2)).toEqual(["Options", "Every day"])
  expect(groups).not.toContain("Commands")
  const [listed = ""] = help.slice(help.indexOf("\nEvery day:")).split("\nEnvironment:")
  const commands = [...listed.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help")
  expect(commands.length).toBeGreaterThan(25)
  for (const name of commands) {
    expect([name, pages.has(`sotto-${name}.1`)]).toEqual([name, true])
    const page = (await readFile(join(out, `sotto-${name}.1`), "utf8")).replaceAll("\\-", "-")
    for (const [, option = ""] of (await sotto(name, "--help")).out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm))
      if (option !== "--help") expect([name, page.includes(option)]).toEqual([name, true])
  }
})

test("completions name each command, and the shell that is here takes them", async () => {
  const bash = (await sotto("completion", "bash")).out
  for (const name of ["inbox", "tally", "vault", "backup", "--anonymise"]) expect(bash).toContain(name)
  await execute("bash", ["-n", "-c", bash])
  const asked = `${bash}\nCOMP_WORDS=(sotto vault ""); COMP_CWORD=2; _sotto; echo "\${COMPREPLY[@]}"`
  expect((await execute("bash", ["-c", asked])).stdout.trim().split(" ")).toEqual(expect.arrayContaining(["rekey", "backup", "restore"]))
  expect((await sotto("completion", "zsh")).out).toMatch(/^#compdef sotto\n/)
  expect((await sotto("completion", "fish")).out).toContain("complete -c sotto -f -n '__fish_use_subcommand' -a inbox -d ")
  expect((await sotto("completion", "tcsh")).code).toBe(2)
})

describeWhere("/usr/bin/man", "man", () => {
  test("reads pages without a warning", async () => {
    const out = join(await folder(), "man")
    await sotto("manual", out)
    for (const name of ["sotto.1", "sotto-export.1", "sotto-vault-backup.1"]) {
      const { stdout, stderr } = await execute("man", ["--warnings=all", "-P", "cat", "-l", join(out, name)], {
        env: { ...process.env, MANWIDTH: "80", LC_ALL: "C.UTF-8" },
      })
      expect([name, stderr]).toEqual([name, ""])
      expect(stdout).toContain("SYNOPSIS")
    }
  }, 120_000)
})
