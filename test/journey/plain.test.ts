/** Where careful people are: scripts off, no network, a terminal. Each of these ways with the real server and its database, and each ends
 *  in `sotto read`. SPEC.md §3.10, §4.6, §8.4. */

import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals"
import type { Page } from "playwright-core"
import { OFFLINE } from "../../client/words/offline-catalogues.ts"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import { agePeer } from "../support/by-hand.ts"
import { FIREFOX, launchFirefox, NO_JIT, NO_WASM } from "../support/firefox.ts"
import { describeWhere } from "../support/needs.ts"
import { freePort } from "../support/port.ts"

const run = promisify(execFile)
const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
jest.setTimeout(120_000)
let folder: string
let line: DemoLine
let launched: LaunchedBrowser
let newsroomLine: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-plain-"))
  line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
  launched = await launchBrowser()
  newsroomLine = JSON.parse(await readFile(join(line.admin.home, "newsroom.json"), "utf8")).id
}, 120_000)
afterAll(async () => {
  await launched.close()
  await line.stop()
  await rm(folder, { recursive: true, force: true })
})

const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)
interface ReadTip {
  readonly tip: number
  readonly message: string
  readonly unsigned?: boolean
  readonly files: readonly { readonly name: string }[]
}
const read = async (number: number) => JSON.parse(await as("read", String(number), "--json")) as ReadTip
/** Fetches, and reads what is new. */
async function readNew(): Promise<ReadTip> {
  const { tips } = JSON.parse(await as("sync", "--json")) as { tips: readonly { tip: number }[] }
  expect(tips).toHaveLength(1)
  return read(tips[0]?.tip ?? 0)
}
const download = async (path: string, as: string) => {
  const file = join(await mkdtemp(join(folder, "saved-")), as)
  await writeFile(file, Buffer.from(await (await fetch(`${line.url}${path}`)).arrayBuffer()))
  return file
}

/** In a browser without scripts, as a person does it. @returns the heading of the answer */
async function handIn(file: string): Promise<string> {
  const context = await launched.browser.newContext({ javaScriptEnabled: false })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("Permissions-Policy")) complaints.push(message.text())
    })
    await page.goto(line.url)
    await page.getByLabel("Your locked file").setInputFiles(file)
    await page.getByRole("button", { name: "Hand it in" }).click()
    await page.waitForURL(`${line.url}/sealed`)
    // A refusal is logged by the browser itself.
    expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([])
    return (await page.locator("h1").textContent()) ?? ""
  } finally {
    await context.close()
  }
}

describe("with scripts off", () => {
  test("today's list, GNU tar and age make a tip that the form takes and `sotto read` shows, as unsigned", async () => {
    const at = await mkdtemp(join(folder, "shell-"))
    const bin = await agePeer(await mkdtemp(join(folder, "bin-")))
    await writeFile(join(at, "list.sh"), await readFile(await download("/api/recipients", "list.txt")))
    await writeFile(join(at, "message.txt"), "By hand, with scripts off.\n")
    await run("sh", ["list.sh"], { cwd: at, env: { PATH: `${bin}:/usr/bin:/bin` } })
    const [, day = ""] = /on (\d{4}-\d\d-\d\d)/.exec(await readFile(join(at, "list.sh"), "utf8")) ?? []
    expect(await handIn(join(at, `tip-${day}.age`))).toBe("Handed in")
    expect(await readNew()).toMatchObject({ message: "By hand, with scripts off.\n", unsigned: true })
    expect(await as("inbox")).toContain("UNSIGNED")
  })

  test("words that are not locked are refused, and it is said plainly", async () => {
    const file = join(await mkdtemp(join(folder, "open-")), "message.txt")
    await writeFile(file, "my boss is stealing")
    expect(await handIn(file)).toBe("Not taken: this is not a locked file")
  })
})

describe("in a terminal", () => {
  test("`sotto seal` makes what the page makes, by the newsroom's line alone, and it reads like any other tip", async () => {
    const at = await mkdtemp(join(folder, "terminal-"))
    const [message, file, out] = ["words.txt", "a list.csv", "tip.age"].map((name) => join(at, name)) as [string, string, string]
    await writeFile(message, "From a terminal.")
    await writeFile(file, "a,b\n")
    const keys = await download("/api/keys", "keys.json")
    const sealing = ["seal", file, "--message", message, "--to", line.reporterId, "--line", newsroomLine, "--keys", keys, "--out", out]
    const said = await as(...sealing)
    expect(said).toMatch(/\n\n([a-z-]+ ){7}[a-z-]+\n$/)
    await expect(as(...sealing)).rejects.toThrow("is there already")
    expect(await handIn(out)).toBe("Handed in")
    const tip = await readNew()
    expect(tip).toMatchObject({ message: "From a terminal.", files: [{ name: "a list.csv" }] })
    expect(tip.unsigned).toBeUndefined()
  })

  test("`sotto seal` makes nothing for a stranger's keys, another line, or somebody who is not there", async () => {
    const at = await mkdtemp(join(folder, "refused-"))
    const keys = await download("/api/keys", "keys.json")
    const words = join(at, "words.txt")
    await writeFile(words, "x")
    const sealing = (change: Readonly<Record<string, string>>) =>
      as(
        "seal",
        ...Object.entries({
          "--message": words,
          "--to": line.reporterId,
          "--line": newsroomLine,
          "--keys": keys,
          "--out": join(at, "tip.age"),
          ...change,
        }).flat(),
      )
    const slip = newsroomLine.replace(/.$/, (last) => (last === "q" ? "p" : "q"))
    await expect(sealing({ "--line": slip })).rejects.toThrow("key in text")
    await expect(sealing({ "--line": "sotto-newsroom-1v2aryuu389xy22xsh2pvp02jw7hyywf8nyukm0caj804s7hjywhqz4uy6v" })).rejects.toThrow(
      "forked",
    )
    await expect(sealing({ "--to": `${line.reporterId},somebody` })).rejects.toThrow("there are: desk-one (Desk One)")
    const altered = join(at, "altered.json")
    await writeFile(altered, (await readFile(keys, "utf8")).replace('"day":"2', '"day":"1'))
    await expect(sealing({ "--keys": altered })).rejects.toThrow()
    await expect(readFile(join(at, "tip.age"))).rejects.toThrow()
  })
})

const LANGUAGES = Object.keys(OFFLINE) as (keyof typeof OFFLINE)[]
const WORDS = "Written without a network.\nGrüße"

describe("the page that is saved", () => {
  test.each(LANGUAGES)(
    "in Chromium, from a disk and without a network, in %s: its file comes by post, and `sotto open` and `read` show it",
    async (language) => {
      const said = OFFLINE[language]
      const [saved, keys] = [await download("/offline.html", "offline.html"), await download("/api/keys", "keys.json")]
      const context = await launched.browser.newContext({ offline: true, acceptDownloads: true, locale: language })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on("console", (message) => complaints.push(message.text()))
      page.on("pageerror", (error) => complaints.push(String(error)))
      await page.goto(`file://${saved}`)
      await page.getByLabel(said.line).fill(` ${newsroomLine.slice(0, 30)}\n${newsroomLine.slice(30)} `)
      await page.getByLabel(said.file).setInputFiles(keys)
      await page.getByRole("button", { name: said.check }).click()
      await page.getByText(said.good.slice(0, said.good.indexOf("{day}")).replace("{newsroom}", "The Demo Newsroom")).waitFor()
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(said.dir)
      await page.getByLabel("Desk One").check()
      await page.getByRole("textbox", { name: said.message, exact: true }).fill(`${WORDS} ${said.name}`)
      await page.getByRole("button", { name: said.lock }).click()
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: said.save2 }).click()])
      expect(file.suggestedFilename()).toMatch(/^tip-\d{4}-\d\d-\d\d\.age$/)
      expect(await page.locator("#words li").count()).toBe(8)
      const tip = join(folder, `by-post-${language}.age`)
      await file.saveAs(tip)
      expect(await readFile(tip)).toHaveLength(32_768)
      expect(complaints).toEqual([])
      await context.close()
      const { tip: number } = JSON.parse(await as("open", tip, "--json")) as { tip: number }
      expect(await read(number)).toMatchObject({ message: `${WORDS} ${said.name}`, warnings: [] })
      // The same file by the form too is known as the same tip.
      expect(await handIn(tip)).toBe("Handed in")
      expect(JSON.parse(await as("sync", "--json"))).toMatchObject({ tips: [], replays: 1 })
    },
  )

  test("believes nothing that the line does not prove, and then has no field for words", async () => {
    const [saved, keys] = [await download("/offline.html", "offline.html"), await download("/api/keys", "keys.json")]
    const altered = join(folder, "altered.json")
    const whole = await readFile(keys, "utf8")
    const at = whole.lastIndexOf('\\"slot\\":1')
    expect(at).toBeGreaterThan(whole.indexOf('"days":['))
    await writeFile(altered, `${whole.slice(0, at)}\\"slot\\":2${whole.slice(at + '\\"slot\\":1'.length)}`)
    const foreign = join(folder, "foreign.json")
    await writeFile(foreign, (await readFile(keys, "utf8")).replace(/"keyrings":\["[^"]*",?/, '"keyrings":['))
    const context = await launched.browser.newContext({ offline: true })
    const page = await context.newPage()
    await page.goto(`file://${saved}`)
    const check = async (text: string, file: string) => {
      await page.getByLabel("The newsroom’s line").fill(text)
      await page.getByLabel("Today’s keys").setInputFiles(file)
      await page.getByRole("button", { name: "Check the keys" }).click()
      await page.locator("#keys-error:visible").waitFor()
      expect(await page.getByLabel("Your words").isVisible()).toBe(false)
      return (await page.locator("#keys-error").textContent()) ?? ""
    }
    expect(await check(newsroomLine.slice(0, -1), keys)).toContain("has a slip")
    expect(await check("sotto-newsroom-1v2aryuu389xy22xsh2pvp02jw7hyywf8nyukm0caj804s7hjywhqz4uy6v", keys)).toContain("Do not use it")
    expect(await check(newsroomLine, foreign)).toContain("Do not use it")
    expect(await check(newsroomLine, altered)).toMatch(/Nobody can be reached|Do not use it/)
    await page.clock.setFixedTime(Date.now() + 10 * 86_400_000)
    expect(await check(newsroomLine, keys)).toContain("of another day")
    await context.close()
  })

  test("on the newsroom's site only says that it is to be saved", async () => {
    const page: Page = await launched.browser.newPage()
    await page.goto(`${line.url}/offline.html`)
    expect(await page.getByRole("heading", { name: "Save this page first" }).isVisible()).toBe(true)
    expect(await page.locator("textarea:visible, input:visible").count()).toBe(0)
    await page.close()
  })
})

describeWhere(FIREFOX, "the page that is saved, in Firefox", () => {
  test.each([
    ["as it comes", {}],
    ["without WebAssembly and without a compiler", { ...NO_WASM, ...NO_JIT }],
  ])(
    "%s: its file is handed in and read",
    async (what, prefs) => {
      const downloads = join(folder, `downloads-${what.length}`)
      await mkdir(downloads)
      const [saved, keys] = [await download("/offline.html", "offline.html"), await download("/api/keys", "keys.json")]
      const { browser, close } = await launchFirefox({
        prefs: { ...prefs, "browser.download.folderList": 2, "browser.download.dir": downloads, "browser.download.useDownloadDir": true },
      })
      try {
        const page = await browser.newPage()
        page.setDefaultTimeout(120_000)
        await page.goto(`file://${saved}`)
        await page.locator("#line").fill(newsroomLine)
        const input = await page.$("#keys-file")
        await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(keys)
        await page.click("#keys button")
        await page.waitForSelector("#readers input", { visible: true })
        await page.click("#readers input")
        await page.locator("#message").fill(`${WORDS} ${what}`)
        await page.click("#tip button")
        await page.waitForSelector("#envelope", { visible: true })
        const name = await page.$eval("#envelope", (link) => (link as HTMLAnchorElement).download)
        await page.click("#envelope")
        const tip = join(downloads, name)
        await untilThere(tip, 32_768)
        expect(await handIn(tip)).toBe("Handed in")
      } finally {
        await close()
      }
      expect(await readNew()).toMatchObject({ message: `${WORDS} ${what}` })
    },
    180_000,
  )
})

async function untilThere(path: string, bytes: number): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    if ((await readFile(path).catch(() => Buffer.alloc(0))).length === bytes) return
    if (waited > 60_000) throw new Error("no download came")
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
