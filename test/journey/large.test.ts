/** A large file from a real browser's page, over a line that breaks, through the real server, to the reporter's disk: byte for byte, in flat memory.
 *  SOTTO_LARGE_BYTES sets its size: `SOTTO_LARGE_BYTES=2000000000 npx jest test/journey/large.test.ts`. */

import { createHash, randomFillSync } from "node:crypto"
import { createReadStream, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, open, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { sotto } from "../../scripts/demo/commands.ts"
import { type DemoLine, startLine } from "../../scripts/demo/line.ts"
import { freePort } from "../support/port.ts"
import { launchUnwatched, type Unwatched } from "../support/unwatched.ts"

const BYTES = Number(process.env.SOTTO_LARGE_BYTES ?? 40_000_000)
/** The design's measure: no more memory for a large file than for one of this size. */
const FIRST_BYTES = 10_000_000
const PATIENCE_MS = 120_000 + BYTES / 2_000
const DIST = join(__dirname, "../../dist")
const PROGRAMS = { sotto: join(DIST, "sotto.js"), server: join(DIST, "server.js") }
let folder: string
let profile: string
let line: DemoLine
let page: Unwatched
let sum = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-large-"))
  profile = await mkdtemp(join(tmpdir(), "sotto-profile-"))
  sum = await randomFile(join(folder, "list.bin"), BYTES)
  line = await startLine(PROGRAMS, folder, await freePort(), () => undefined)
  page = await launchUnwatched(profile)
}, PATIENCE_MS)
afterAll(async () => {
  await page.close()
  await line.stop()
  for (const one of [folder, profile]) await rm(one, { recursive: true, force: true })
})

async function randomFile(path: string, bytes: number): Promise<string> {
  const file = await open(path, "w")
  const hash = createHash("sha256")
  const piece = Buffer.alloc(1_000_000)
  for (let left = bytes; left > 0; left -= piece.length) {
    const part = randomFillSync(piece).subarray(0, left)
    hash.update(part)
    await file.write(part)
  }
  await file.close()
  return hash.digest("hex")
}
async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(piece)
  return hash.digest("hex")
}

const megabytes = (pid: number): number => {
  const [, kib = "0"] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kib) / 1_000
}
/** The processes of this browser that show pages: those of their kind whose forebear was started with our profile. */
function renderers(): number[] {
  const read = (pid: string | number, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "latin1")
    } catch {
      return "" // it has ended meanwhile
    }
  }
  const isOurs = (pid: number): boolean => {
    if (pid <= 1) return false
    return read(pid, "cmdline").includes(profile) || isOurs(Number(/\) \S (\d+)/.exec(read(pid, "stat"))?.[1] ?? 0))
  }
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && read(name, "cmdline").includes("--type=renderer"))
  return all.map(Number).filter(isOurs)
}
const pageMegabytes = () => renderers().reduce((total, pid) => total + megabytes(pid), 0)

const CHECKED = "document.querySelector('#check')?.disabled === false"
const click = (selector: string) => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)
const confirmed = async () => Number(await page.evaluate("document.querySelector('progress')?.value ?? 0"))
const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`

test(
  `${BYTES} bytes arrive byte for byte, whatever the line does, and nobody's memory grows with them`,
  async () => {
    await page.goto(line.url)
    await page.until(CHECKED, 60_000)
    expect(await page.evaluate("document.querySelector('#files-limit').textContent")).toContain("up to 4 GB")
    await click("#readers input[type=checkbox]")
    await page.evaluate("document.querySelector('#message').value = 'The list is attached.'")
    await page.chooseFiles("#files", [join(folder, "list.bin")])
    await click("#check")
    await page.until("document.querySelector('#send').checkVisibility()", 60_000)
    expect(pageMegabytes()).toBeGreaterThan(1)
    const seen: { readonly server: number; readonly page: number }[] = []
    const look = setInterval(() => seen.push({ server: megabytes(line.server.pid), page: pageMegabytes() }), 100)
    await click("#send")

    // Something is confirmed; then the network goes, and comes back by itself.
    await page.until("document.querySelector('progress')?.value > 0", 60_000)
    await page.setOffline(true)
    await page.until(says("The connection dropped."), PATIENCE_MS)
    const held = await confirmed()
    await page.setOffline(false)
    // What an upload needs however small it is: the worker, the pieces under way, what has not been collected yet. From here on it must not grow.
    await page.until(`document.querySelector('progress')?.value >= ${FIRST_BYTES}`, PATIENCE_MS)
    const little = seen.length
    const [sending, from] = [Date.now(), await confirmed()]
    await page.until("document.querySelector('#sent').checkVisibility()", PATIENCE_MS)
    const sentMs = Date.now() - sending
    clearInterval(look)
    expect(held).toBeLessThan(BYTES)
    expect(await page.evaluate("document.querySelectorAll('#words-list li').length")).toBe(8)

    const as = (...args: readonly string[]) => sotto(PROGRAMS.sotto, line.reporter, ...args)
    await as("sync")
    expect(await as("read", "1", "--plaintext")).toContain("The list is attached.")
    const out = join(folder, "saved")
    const saving = Date.now()
    await as("save", "1", "--out", out)
    const savedMs = Date.now() - saving
    const [name = ""] = (await readdir(out)).filter((one) => one.endsWith(".untrusted"))
    expect(await sha256(join(out, name))).toBe(sum)

    const most = (of: "server" | "page", begin: number, end: number) => Math.max(...seen.slice(begin, end).map((one) => one[of]))
    const half = Math.floor((little + seen.length) / 2)
    const memory = (of: "server" | "page") => ({
      little: most(of, 0, little),
      first: most(of, little, half),
      second: most(of, half, seen.length),
    })
    const [server, inPage] = [memory("server"), memory("page")]
    const told = ({ little, first, second }: typeof server) => [little, first, second].map((one) => one.toFixed(0)).join(", ")
    const rate = (bytes: number, ms: number) => `${(bytes / 1_000 / ms).toFixed(1)} MB/s`
    process.stderr.write(
      `${BYTES} bytes: sent at ${rate(BYTES - from, sentMs)}, saved at ${rate(BYTES, savedMs)}; MB held at most up to ${FIRST_BYTES} bytes, in the first half of the rest, in the second: server ${told(server)}; page ${told(inPage)}\n`,
    )
    expect(Math.max(server.first, server.second) - server.little).toBeLessThan(150)
    // A page is collected when its engine thinks fit, so it holds more than it did at first; what may not be is that it goes on growing.
    expect(Math.max(inPage.first, inPage.second) - inPage.little).toBeLessThan(150)
    expect(inPage.second - inPage.first).toBeLessThan(80)
  },
  2 * PATIENCE_MS,
)
