/** docs/operating.md, "In an afternoon", and docs/bad-days.md: every block of commands that is marked for trying is run, in the order in which
 *  it stands, against a real server and a real database. `docker compose up` starts the built server, for no engine is at hand;
 *  `createdb` makes a database; the six words that a person would hear are taken from what `join` said. */

import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { dayOf } from "../../envelope/day.ts"
import { newWords } from "../../keyring/words.ts"
import { LAYOFFS } from "../../scripts/demo/layoffs.ts"
import { type ServerProcess, startServerProcess } from "../../scripts/operator/server-process.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { freePort } from "../support/port.ts"

const root = join(__dirname, "../..")
interface Block {
  readonly page: string
  readonly who: string
  readonly commands: string
}
function blocksOf(file: string): readonly Block[] {
  const text = readFileSync(join(root, file), "utf8")
  return text.split(/^## /m).flatMap((section) => {
    const page = section.split("\n", 1)[0] ?? ""
    return [...section.matchAll(/^```sh try=(\w+)\n([\s\S]*?)^```$/gm)].map(([, who = "", commands = ""]) => ({ page, who, commands }))
  })
}
const afternoon = blocksOf("docs/operating.md")
const badDays = blocksOf("docs/bad-days.md")

let folder: string
let url: string
let server: ServerProcess | undefined
const databases: TestDatabase[] = []
let words = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-pages-"))
  url = `http://localhost:${await freePort()}`
  databases.push(await freshDatabase())
  const bin = join(folder, "bin")
  await mkdir(bin)
  // 14 means: done, and the keyring changed; a person would read on, and so do the pages.
  const wrapper = `#!/bin/sh\n"${process.execPath}" "${join(root, "dist/sotto.js")}" "$@"\ncode=$?\n[ $code -eq 14 ] && exit 0\nexit $code\n`
  await writeFile(join(bin, "sotto"), wrapper)
  await writeFile(join(bin, "docker"), "#!/bin/sh\ntouch started\n")
  await writeFile(join(bin, "createdb"), "#!/bin/sh\nexit 0\n")
  for (const name of await readdir(bin)) await chmod(join(bin, name), 0o755)
  await writeFile(join(folder, "callout.json"), JSON.stringify(LAYOFFS))
  await copyFile(join(root, ".env.example"), join(folder, ".env.example"))
  for (const who of ["admin", "one", "two", "server"])
    await writeFile(join(folder, `${who}.passphrase`), `${await newWords()}\n`, { mode: 0o600 })
}, 60_000)
afterAll(async () => {
  await server?.kill("SIGKILL")
  for (const database of databases) await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function tryBlock({ who, commands }: Block): Promise<string> {
  if (who === "createdb") databases.push(await freshDatabase())
  const databaseUrl = databases.at(-1)?.url ?? ""
  const next = join(folder, `${who}.passphrase.next`)
  await writeFile(next, `${await newWords()}\n`, { mode: 0o600 })
  // Who chose another passphrase types that one from then on.
  const typed = commands.replace(/^sotto vault passphrase$/m, `$&\nmv ${next} ${join(folder, `${who}.passphrase`)}`)
  const env = {
    PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}`,
    SOTTO_HOME: join(folder, who),
    SOTTO_PASSPHRASE_FILE: join(folder, `${who}.passphrase`),
    ...(typed === commands ? {} : { SOTTO_NEW_PASSPHRASE_FILE: next }),
    SOTTO_WORK_FACTOR: "10",
    URL: url,
    WORDS: words,
    ...(who === "server" || who === "createdb" ? { DATABASE_URL: databaseUrl } : {}),
  }
  const { stdout, stderr } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", typed], { cwd: folder, env })
  words = /^[a-z-]+( [a-z-]+){5}$/m.exec(stdout)?.[0] ?? words
  if (commands.includes("docker compose up")) {
    await server?.kill("SIGTERM")
    const program = join(root, "dist/server.js")
    server = await startServerProcess({ program, databaseUrl, newsroom: join(folder, "newsroom.json"), port: Number(new URL(url).port) })
  }
  return stdout + stderr
}

async function inbox(who: string): Promise<string> {
  return tryBlock({ page: "", who, commands: "sotto sync >&2; sotto inbox --json" })
}

describe("docs/operating.md", () => {
  test("leads from nothing to a line that takes a tip, by the commands that it names", async () => {
    expect(afternoon.map(({ who }) => who)).toEqual(expect.arrayContaining(["admin", "one", "two", "server"]))
    for (const block of afternoon) await tryBlock(block)
    // A server's own user reads it, wherever it was copied to and however.
    for (const name of ["newsroom.json", "admin/newsroom.json", "one/newsroom.json"])
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o644])
    // As from the page: sealed to both by the command for those without scripts, posted to the server.
    const today = dayOf(Date.now())
    const { days } = (await (await fetch(`${url}/api/days/${today}`)).json()) as { days: readonly string[] }
    expect(days).toHaveLength(2)
  }, 600_000)
})

describe("docs/bad-days.md", () => {
  const pages = [...new Set(badDays.map(({ page }) => page))]
  test("has a page for every day that is feared", () => {
    for (const feared of [/server is seized/, /laptop is lost/, /admin is gone/, /disk is full/, /key is compromised/, /flood/, /subpoena/])
      expect(pages.filter((page) => feared.test(page))).toHaveLength(1)
  })

  test.each(pages.map((page) => [page]))(
    "%s: every command does what the page says",
    async (page) => {
      for (const block of badDays.filter((one) => one.page === page)) await tryBlock(block)
      // Whatever happened that day: afterwards the line stands, and a reporter who is left can work.
      expect((await fetch(`${url}/healthz`)).status).toBe(204)
      expect(await inbox("one")).toContain("{")
    },
    600_000,
  )
})
