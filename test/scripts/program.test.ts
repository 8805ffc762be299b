/** Arguments and exit codes, as a shell sees them. */

import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "@jest/globals"
import { run } from "../../scripts/program.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { VERSION } from "../../scripts/version.ts"
import { CALLOUT, ceremony, folder, listener, removeFolders, TestClock, TODAY, URL_OF_LINE } from "./bench.ts"

afterAll(removeFolders)

async function sotto(
  home: string,
  args: readonly string[],
  { passphrase = "a passphrase for tests", chosen = "", workFactor = "10", isScreen = false } = {},
) {
  const passphraseFile = `${home}.pass`
  await writeFile(passphraseFile, `${passphrase}\n`)
  const newPassphraseFile = chosen === "" ? undefined : `${home}.chosen`
  if (newPassphraseFile !== undefined) await writeFile(newPassphraseFile, `${chosen}\n`)
  const said = listener({ isScreen })
  const started = { terminal: said.terminal, clock: new TestClock(TODAY), home, passphraseFile, newPassphraseFile, workFactor }
  const code = await run(args, started)
  return { code, out: said.out(), err: said.err() }
}

describe("the command", () => {
  test("knows its version, which is that of the package", async () => {
    const { version } = JSON.parse(await readFile(join(__dirname, "../../package.json"), "utf8")) as { version: string }
    expect(VERSION).toBe(version)
    expect(await sotto(join(await folder(), "home"), ["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" })
  })

  test("walks the whole ceremony by arguments alone", async () => {
    const carried = await folder()
    const [admin, one] = [join(carried, "admin"), join(carried, "one")]
    const at = (name: string) => join(carried, name)
    await writeFile(at("callout.json"), JSON.stringify(CALLOUT, null, 2))
    const made = await sotto(admin, [
      "newsroom",
      "new",
      "--name",
      "The Daily Test",
      "--url",
      URL_OF_LINE,
      "--channel",
      "Post|1 Test Street|slow",
      "--colour",
      "#0a5c7a",
    ])
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^sotto-newsroom-1[a-z0-9]+\n$/) })
    expect(await sotto(admin, ["callout", "new", at("callout.json")])).toMatchObject({ code: 0 })
    expect(await sotto(admin, ["invite", "Reporter One", "--id", "one", "--beat", "labour", "--out", at("i.json")])).toMatchObject({
      code: 0,
    })
    const joined = await sotto(one, ["join", at("i.json"), "--out", at("j.note")])
    const words = joined.out.trimEnd().split("\n").at(-1) ?? ""
    expect(words.split(" ")).toHaveLength(6)
    expect(await sotto(admin, ["admit", at("j.note"), "--words", words, "--expires-in", "30"])).toMatchObject({
      code: 0,
      out: "keyring 3 is signed, valid until 2026-12-22\n",
      err: expect.stringContaining("next: sotto keyring publish\n"),
    })
    expect((await sotto(admin, ["keyring", "log"])).out.split("\n")).toHaveLength(5)
    expect(JSON.parse((await sotto(one, ["status", "--json"])).out)).toMatchObject({ v: 1, reporter: null })
  })
})

describe("the exit code", () => {
  test.each([
    ["2 for an unknown command", ["nonsense"], 2],
    ["2 for an unknown option", ["inbox", "--bad"], 2],
    ["2 for a missing argument", ["read"], 2],
    ["2 for what is no number", ["read", "four"], 2],
    ["2 for a number out of bounds", ["newsroom", "new", "--name", "x", "--url", URL_OF_LINE, "--slots", "5"], 2],
    ["10 where nothing was set up", ["inbox"], 10],
    ["10 where there is no root key", ["keyring", "log"], 10],
    ["1 for a file that is not there", ["join", "nowhere.json"], 1],
    ["0 for help", ["--help"], 0],
  ])("is %s", async (_what, args, code) => {
    const { code: found, err } = await sotto(join(await folder(), "home"), args, { isScreen: true })
    expect(found).toBe(code)
    if (code !== 0) expect(err).toMatch(/^sotto: error: .+\nsotto: hint: .+/s)
  })

  test("is 12 for a wrong passphrase, 11 while another is at work, 64 with nobody to ask", async () => {
    const { admin, reporters } = await ceremony(["one"])
    const one = reporters[0]?.home ?? ""
    expect(await sotto(one, ["status"], { passphrase: "another" })).toMatchObject({ code: 12 })
    await writeFile(join(admin.home, "lock"), JSON.stringify({ pid: process.pid, program: "sotto" }))
    expect(await sotto(admin.home, ["keyring", "renew"])).toMatchObject({
      code: 11,
      err: expect.stringContaining("hint: wait until it ends"),
    })
    expect(await sotto(one, ["inbox"], { workFactor: "9" })).toMatchObject({ code: 2 })
    const said = listener()
    const started = { terminal: said.terminal, clock: new TestClock(TODAY), home: one, passphraseFile: undefined, workFactor: undefined }
    expect(await run(["status"], started)).toBe(64)
    expect(said.err()).toContain("hint: use SOTTO_PASSPHRASE_FILE=FILE")
  })

  test("is 1 where another passphrase is wanted and the same is given, and nothing has changed", async () => {
    const { reporters } = await ceremony(["one"])
    const one = reporters[0]?.home ?? ""
    const copy = join(await folder(), "one.backup")
    for (const args of [
      ["vault", "passphrase"],
      ["vault", "backup", copy],
    ])
      expect(await sotto(one, args)).toMatchObject({ code: 1, err: expect.stringContaining("SOTTO_NEW_PASSPHRASE_FILE") })
    await expect(readFile(copy)).rejects.toMatchObject({ code: "ENOENT" })
    expect(await sotto(one, ["status"])).toMatchObject({ code: 0 })
    expect(await sotto(one, ["vault", "backup", copy], { chosen: "quite another passphrase" })).toMatchObject({ code: 0 })
    expect(await sotto(one, ["vault", "verify", copy], { passphrase: "quite another passphrase" })).toMatchObject({ code: 0 })
  })

  test("is 14 while a change of the keyring waits to be acknowledged, and 0 again after", async () => {
    const { admin, reporters } = await ceremony(["one"])
    const one = reporters[0]?.home ?? ""
    const versions = [1, 2, 3].map((version) => homePaths(admin.home).keyring(version))
    expect(await sotto(one, ["keyring", "import", ...versions])).toMatchObject({ code: 0, out: "keyring 3 is now the newest here\n" })
    expect(await sotto(one, ["status"])).toMatchObject({ code: 14, err: expect.stringContaining("next: sotto keyring ack\n") })
    expect(await sotto(one, ["keyring", "ack"])).toMatchObject({ code: 64 })
    expect(await sotto(one, ["keyring", "ack", "--yes"])).toMatchObject({ code: 0 })
    expect(await sotto(one, ["status"])).toMatchObject({ code: 0 })
    expect(await sotto(one, ["keyring", "show", "--json"])).toMatchObject({ code: 0, out: expect.stringContaining('"unacknowledged":0') })
    expect(await sotto(one, ["keyring", "verify", URL_OF_LINE])).toMatchObject({ code: 2 })
    expect(await sotto(admin.home, ["revoke", "one", "--offline", "--dry-run"])).toMatchObject({
      code: 0,
      err: expect.stringContaining("nothing was changed; without --dry-run the same command does it"),
    })
  })

  test("is 1 for a damaged vault, with a hint and without its content", async () => {
    const { reporters } = await ceremony(["one"])
    const home = reporters[0]?.home ?? ""
    const bytes = await readFile(homePaths(home).secrets)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    await writeFile(homePaths(home).secrets, bytes)
    expect(await sotto(home, ["status"])).toMatchObject({ code: 1, err: expect.stringContaining("(bad-payload)") })
  })
})

describe("a new passphrase", () => {
  test("is suggested, typed twice, and long enough", async () => {
    const carried = await folder()
    const said = listener({ typed: ["short", "long enough to take", "something else", "long enough to take", "long enough to take"] })
    const started = {
      terminal: said.terminal,
      clock: new TestClock(TODAY),
      home: join(carried, "home"),
      passphraseFile: undefined,
      workFactor: "10",
    }
    expect(await run(["newsroom", "new", "--name", "N", "--url", URL_OF_LINE], started)).toBe(0)
    expect(said.err()).toMatch(/\n {2}([a-z-]+ ){5}[a-z-]+\n/)
    expect(said.err()).toContain("that is short: at least 12 characters\nthe two are not the same\n")
    expect(await sotto(join(carried, "home"), ["keyring", "renew"], { passphrase: "long enough to take" })).toMatchObject({ code: 0 })
  })
})
