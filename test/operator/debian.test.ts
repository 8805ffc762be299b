/** The way without containers: deploy/install-debian.sh into an empty folder, the server started by the unit's own command from there, and the
 *  units held to systemd's own judgement. systemd itself does not run here, so no unit is started. */

import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { dayOf } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { startServerProcess } from "../../scripts/operator/server-process.ts"
import { freshDatabase } from "../support/database.ts"
import { describeWhere } from "../support/needs.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { askSocket } from "../support/server.ts"

const run = promisify(execFile)
const root = join(__dirname, "../..")
const UNITS = ["sotto.service", "sotto-backup.service", "sotto-backup.timer"].map((name) => join(root, "deploy", name))
const unit = readFileSync(join(root, "deploy/sotto.service"), "utf8")

describe("on plain Debian", () => {
  let folder: string
  const install = () => run("bash", [join(root, "deploy/install-debian.sh")], { env: { PATH: process.env.PATH ?? "", DESTDIR: folder } })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sotto-debian-"))
    await install()
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test("the unit's command takes a tip from where the script has put it", async () => {
    const program = /^ExecStart=\/usr\/bin\/node (\S+)$/m.exec(unit)?.[1] ?? ""
    const database = await freshDatabase()
    const today = dayOf(Date.now())
    const newsroom = await makeNewsroom({ today, url: "https://forms.example.org" })
    await writeFile(join(folder, "etc/sotto/newsroom.json"), pinnedText(newsroom.pinned))
    const socket = join(folder, "web.sock")
    const server = await startServerProcess({
      program: join(folder, program),
      databaseUrl: database.url,
      newsroom: join(folder, "etc/sotto/newsroom.json"),
      port: 0,
      socket,
    })
    for (const { source } of newsroom.chain)
      await askSocket(socket, "POST", "/api/keyring", {
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: Buffer.from(source),
      })
    const body = await newsroom.tip(today, newsroom.reporters, "without containers")
    const { status } = await askSocket(socket, "POST", `/api/envelopes?day=${today}`, {
      headers: { "content-type": "application/age" },
      body,
    })
    await server.kill("SIGTERM")
    await database.drop()
    expect(status).toBe(201)
  }, 60_000)

  test("run again, the script replaces the program and keeps the settings", async () => {
    const settings = join(folder, "etc/sotto/env")
    await writeFile(settings, "SOTTO_DOMAIN=kept.example.org\n")
    await rm(join(folder, "opt/sotto/dist/server.js"))
    await install()
    expect(await readFile(settings, "utf8")).toBe("SOTTO_DOMAIN=kept.example.org\n")
    expect((await stat(join(folder, "opt/sotto/dist/server.js"))).size).toBeGreaterThan(0)
    expect((await stat(join(folder, "etc/sotto"))).mode & 0o007).toBe(0)
  }, 60_000)
})

describeWhere("/usr/bin/systemd-analyze", "systemd", () => {
  test("finds nothing wrong with the units", async () => {
    // Of the programs that they name, only Node is a matter of the machine.
    const { stderr } = await run("systemd-analyze", ["verify", "--recursive-errors=no", ...UNITS]).catch(
      (error: { stderr: string }) => error,
    )
    expect(stderr.split("\n").filter((line) => line !== "" && !/is not executable: No such file/.test(line))).toEqual([])
  })

  test("judges the server's unit to be as good as shut in", async () => {
    const { stdout } = await run("systemd-analyze", ["security", "--offline=true", "--no-pager", join(root, "deploy/sotto.service")])
    const exposure = Number(/Overall exposure level for sotto\.service: ([\d.]+)/.exec(stdout)?.[1] ?? "10")
    process.stdout.write(`systemd: exposure of sotto.service ${exposure} of 10\n`)
    expect(exposure).toBeLessThan(2)
  })
})
