/** `npm run pictures`, the second half: docs/desk.md and docs/pictures/desk-*.png, from the real commands over a demo line. The terminal is a real one (tmux);
 *  nothing is drawn or typed by hand. */

import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { launchBrowser } from "./browser.ts"
import { sotto } from "./demo/commands.ts"
import { type DemoLine, startLine } from "./demo/line.ts"

const run = promisify(execFile)
const PORT = 8422
const DIST = dirname(fileURLToPath(import.meta.url))
const DOCS = join(DIST, "../docs")
const PROGRAM = join(DIST, "sotto.js")

/** What sources say, and what they tick. */
const TIPS: readonly (readonly [howMany: string, part: string, country: string, message: string])[] = [
  ["10 to 49", "AWS", "DE", "Our whole team was told on Monday. The meeting lasted four minutes; the invitation came ten minutes before."],
  ["200 or more", "Operations and logistics", "US", "They told us by video. Badges stopped working the same evening."],
  ["50 to 199", "AWS", "US", "Two floors were empty on Tuesday. Managers had a list since October."],
  ["10 to 49", "Devices", "US", "The whole hardware lab is closing, and nobody has said so yet."],
  ["10 to 49", "AWS", "IE", "Support was moved to another country. We trained the people who took over."],
  ["1 to 9", "AWS", "DE", "Half of us signed on the day. The works council heard of it from us."],
  ["50 to 199", "AWS", "DE", "Whole teams lost their accounts at midnight.\nPaid until the end of January."],
  ["50 to 199", "Devices", "US", "They kept the best and the youngest. Everybody over fifty is gone."],
  ["10 to 49", "Devices", "IN", "We are to hand over by Friday. To whom, nobody knows."],
  ["50 to 199", "AWS", "DE", "It was called a meeting about the budget."],
  ["50 to 199", "Devices", "US", "Contractors went first, a week before."],
  ["10 to 49", "AWS", "US", "Every second desk. They asked us not to talk about it."],
  ["10 to 49", "Devices", "DE", "We heard it from a colleague in another country."],
  ["1 to 9", "Stores and retail", "IE", "Two shops here, and three in the next town."],
  ["1 to 9", "Operations and logistics", "IN", "The night shift was told by a notice on the door."],
  ["200 or more", "Operations and logistics", "IE", "The whole building. It is to be let from March."],
  ["200 or more", "Stores and retail", "IN", "They count only those with a contract of their own."],
  ["10 to 49", "Stores and retail", "US", "I can show the slides. They call it a realignment. \u202ethis part imitates another direction"],
]

async function sendAll(browser: Browser, url: string): Promise<void> {
  for (const [at, [howMany, part, country, message]] of TIPS.entries()) {
    const context = await browser.newContext({ locale: "en" })
    const page = await context.newPage()
    await page.goto(`${url}/#amazon-layoffs`)
    await page.locator("#check:enabled").waitFor()
    await page.locator("#readers input[type=checkbox]").first().check()
    for (const words of [howMany, part]) await page.getByLabel(words, { exact: true }).check()
    await page.getByLabel("In which country?").selectOption(country)
    await page.locator("#message").fill(message)
    if (at === TIPS.length - 1)
      await page
        .locator("#files")
        .setInputFiles({ name: "all hands slides.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") })
    await page.locator("#check").click()
    await page.locator("#send").click()
    await page.locator("#sent").waitFor({ state: "visible" })
    await context.close()
  }
}

/** A terminal of its own, without anybody's settings. */
interface Tmux {
  /** Types a line, waits until the screen stands still, and gives what is on it. */
  type(line: string): Promise<string>
  end(): Promise<void>
}

async function openTmux(folder: string, { home, passphraseFile }: DemoLine["reporter"]): Promise<Tmux> {
  await symlink(PROGRAM, join(folder, "sotto"))
  const socket = join(folder, "tmux")
  const tmux = (...args: string[]) => run("tmux", ["-S", socket, "-f", "/dev/null", ...args])
  const env = {
    PATH: `${folder}:${process.env.PATH ?? ""}`,
    HOME: folder,
    LANG: "C.UTF-8",
    TERM: "screen",
    PS1: "$ ",
    SOTTO_HOME: home,
    SOTTO_PASSPHRASE_FILE: passphraseFile,
    SOTTO_WORK_FACTOR: "12",
  }
  const shell = ["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), "bash", "--norc", "--noprofile"]
  await tmux("new-session", "-d", "-x", "80", "-y", "60", "-c", folder, ...shell)
  const screen = async () => (await tmux("capture-pane", "-p")).stdout.trimEnd()
  const still = async (): Promise<string> => {
    for (let before = ""; ; ) {
      await new Promise((later) => setTimeout(later, 1_000))
      const now = await screen()
      if (now === before) return now
      before = now
    }
  }
  await still()
  return {
    async type(line) {
      await tmux("send-keys", "-l", line)
      await tmux("send-keys", "Enter")
      const shown = await still()
      await tmux("send-keys", "q")
      await tmux("send-keys", "C-u")
      await tmux("send-keys", "-R", "C-l")
      await tmux("clear-history")
      await still()
      // The next prompt, with nothing behind it, is not part of it.
      return shown.replace(/\n\$$/, "")
    },
    end: async () => void (await tmux("kill-server")),
  }
}

async function take(browser: Browser, url: string, options: BrowserContextOptions, name: string, prepare?: (page: Page) => Promise<void>) {
  const context = await browser.newContext({ locale: "en", ...options })
  const page = await context.newPage()
  await page.goto(url)
  await prepare?.(page)
  await page.screenshot({ path: join(DOCS, "pictures", `desk-${name}.png`) })
  await context.close()
}

/** `sotto web` as a reporter starts it: what it prints is where it is. */
async function serving(line: DemoLine, work: (url: string) => Promise<void>): Promise<void> {
  const { home, passphraseFile } = line.reporter
  const cwd = join(line.folder, "desk")
  await mkdir(cwd)
  const child = execFile(process.execPath, [PROGRAM, "web"], {
    cwd,
    env: { PATH: process.env.PATH ?? "", SOTTO_HOME: home, SOTTO_PASSPHRASE_FILE: passphraseFile, LANG: "C.UTF-8" },
  })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.once("data", (text) => resolve(String(text).trim()))
      child.once("exit", () => reject(new Error("web ended")))
    })
    await work(url)
  } finally {
    child.kill("SIGINT")
  }
}

const DESK = { width: 1_200, height: 760 }
const PHONE = { width: 390, height: 780 }

const folder = await mkdtemp(join(tmpdir(), "sotto-pictures-"))
const line = await startLine({ sotto: PROGRAM, server: join(DIST, "server.js") }, folder, PORT, () => undefined)
const { browser, close } = await launchBrowser()
try {
  await mkdir(join(DOCS, "pictures"), { recursive: true })
  await sendAll(browser, line.url)
  const as = (...args: string[]) => sotto(PROGRAM, line.reporter, ...args)
  await as("sync")
  const answer = join(folder, "answer.txt")
  await writeFile(answer, "Thank you. Could you tell us on which date the invitation was sent?\n")
  const number = await withFile(as)
  await as("read", String(number), "--plaintext")
  await as("tag", String(number), "slides", "call-back")
  await as("assign", String(number), "me")
  const other = number === 1 ? 2 : 1
  await as("read", String(other), "--plaintext")
  await as("tag", String(other), "checked")
  const terminal = await openTmux(folder, line.reporter)
  const shown: Record<string, string> = {}
  try {
    for (const command of [
      "sotto inbox",
      `sotto read ${number}`,
      "sotto search meeting invitation",
      `sotto save ${number}`,
      "sotto tally amazon-layoffs",
      "sotto status",
    ])
      shown[command.split(" ")[1] ?? ""] = await terminal.type(command)
  } finally {
    await terminal.end()
  }
  const [letters, counted] = [join(folder, "tips.html"), join(folder, "tally.html")]
  await as("export", "--all", "--format", "html", "--out", letters)
  await as("tally", "amazon-layoffs", "--out", counted)
  await take(browser, `file://${letters}`, { viewport: { width: 900, height: 760 } }, "export")
  await take(browser, `file://${counted}`, { viewport: { width: 900, height: 1_080 } }, "tally")
  const look = async (page: Page) => {
    await page.locator(`#letters button[data-number="${number}"]`).click()
    await page.locator('#letters button[aria-current="true"]').waitFor()
  }
  await serving(line, async (url) => {
    await take(browser, url, { viewport: DESK, colorScheme: "light" }, "light", look)
    await take(browser, url, { viewport: PHONE }, "phone", look)
    const saved = async (page: Page) => {
      await look(page)
      await page.locator("#letter .save button").click()
      await page.locator("#letter .report p").last().scrollIntoViewIfNeeded()
    }
    await take(browser, url, { viewport: DESK, colorScheme: "dark" }, "dark", saved)
  })
  const template = await readFile(join(DIST, "../scripts/pictures-desk.md"), "utf8")
  // Numbers are given in the order of the feed, which is nobody's: each run has others.
  await writeFile(
    join(DOCS, "desk.md"),
    template.replace(/^\{(\w+)\}$/gm, (_, name: string) => `\`\`\`\n${shown[name] ?? ""}\n\`\`\``),
  )
} finally {
  await close()
  await line.stop()
  await rm(folder, { recursive: true, force: true })
}

/** The tip that came with a file. */
async function withFile(as: (...args: string[]) => Promise<string>): Promise<number> {
  const { tips } = JSON.parse(await as("inbox", "--json")) as { tips: readonly { tip: number; files: number }[] }
  return tips.find(({ files }) => files > 0)?.tip ?? 1
}
