/** Hostile texts on a real terminal: the built command in tmux, which shows what a terminal made of every byte. SPEC.md §5; the corpus is test/support/hostile.ts. */

import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { tag } from "../../scripts/reporter/mark.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { FORBIDDEN, HOSTILE, MARKUP } from "../support/hostile.ts"
import { describeWhere } from "../support/needs.ts"
import { removeFolders, type TestDesk } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

const run = promisify(execFile)
const PROGRAM = join(__dirname, "../../dist/sotto.js")

describeWhere("/usr/bin/tmux", "a real terminal", () => {
  let line: Line
  let one: TestDesk
  let place: string
  const tmux = async (...args: string[]) => (await run("tmux", ["-S", join(place, "s"), "-f", "/dev/null", ...args])).stdout
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "tm-"))
    line = await makeLine(["one"])
    one = line.reporters[0] as TestDesk
    const texts = [...HOSTILE, ...MARKUP].map(([, text]) => text).filter((text) => text.isWellFormed())
    await line.send({
      message: `begin\n${texts.join("\nnext\n")}\nend`,
      files: [{ name: "\u202e]0;owned\u2028gnp.exe", content: new Uint8Array(1) }],
    })
    await sync(one)
    await tag(one, { number: 1, tags: ["checked"] })
    await writeFile(join(place, "pass"), "a passphrase for tests\n", { mode: 0o600 })
  }, 60_000)
  afterAll(async () => {
    await tmux("kill-server").catch(() => undefined)
    await line.stop()
    await rm(place, { recursive: true, force: true })
    await removeFolders()
  })

  test.each([
    ["read", ["read", "1", "--once"]],
    ["inbox", ["inbox"]],
    ["search", ["search", "begin"]],
    ["status", ["status"]],
  ])(
    "shows of %s printable text alone, and keeps its title, clipboard and cursor",
    async (name, args) => {
      const env = `SOTTO_HOME=${one.home} SOTTO_PASSPHRASE_FILE=${join(place, "pass")} LC_ALL=C.UTF-8`
      await writeFile(
        join(place, `${name}.sh`),
        `printf '\\033]2;ours\\007'; ${env} ${process.execPath} ${PROGRAM} ${args.join(" ")} 2>&1; echo "code $?"; printf 'X'; sleep 600\n`,
      )
      await tmux("new-session", "-d", "-s", name, "-x", "100", "-y", "40", "sh", join(place, `${name}.sh`))
      await tmux("set-option", "-g", "set-clipboard", "on")
      await tmux("set-option", "-g", "history-limit", "5000")
      let shown = ""
      for (let tries = 0; tries < 300 && !/code \d+\nX/.test(shown); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        shown = await tmux("capture-pane", "-p", "-J", "-S", "-", "-t", name)
      }
      // 14 is what status says of a keyring that nobody has acknowledged.
      expect(shown).toMatch(/code (0|14)\nX/)
      expect(shown).not.toMatch(FORBIDDEN)
      if (name === "read") {
        expect(shown).toContain("│ end")
        const [, message = ""] = shown.split("\nmessage\n")
        for (const one of (message.split("\n\n")[0] ?? "").split("\n")) expect(one).toMatch(/^│/)
      }
      // No colour, no attribute: what is captured with escapes is what is captured without.
      const withEscapes = await tmux("capture-pane", "-p", "-e", "-J", "-S", "-", "-t", name)
      expect(withEscapes.replace(/\s+/g, " ")).toBe(shown.replace(/\s+/g, " "))
      const [title = "", x = "", y = "", alternate = ""] = (
        await tmux("display-message", "-p", "-t", name, "#{pane_title}\n#{cursor_x}\n#{cursor_flag}\n#{alternate_on}")
      ).split("\n")
      expect([title, x, y, alternate]).toEqual(["ours", "1", "1", "0"])
      expect(await tmux("list-buffers")).toBe("")
      await tmux("kill-session", "-t", name)
    },
    60_000,
  )
})
