/** A real browser on a bare machine: Chromium from npm, which brings its own libraries, or the system's. For the demo and the tests. */

import { execFile } from "node:child_process"
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import type { Browser, BrowserContext } from "playwright-core"

export interface LaunchedBrowser {
  readonly browser: Browser
  /** For people and reports, such as `Chromium 147.0.7727.0`. */
  readonly name: string
  /** Closes it. Idempotent. */
  close(): Promise<void>
}

export interface LaunchOptions {
  /** Keeps pages that were left in memory, as browsers do for Back; automation switches it off otherwise. */
  readonly keepsPages?: boolean
  /** More command line flags, such as `--js-flags=--jitless`. */
  readonly args?: readonly string[]
}

/** Not the package's own list: that one puts everything into one process and switches web security off.
 *  The rest keeps the browser from talking to anybody but the page's server. */
const FLAGS: readonly string[] = [
  "--disable-gpu",
  "--no-first-run",
  "--no-default-browser-check",
  "--no-pings",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--disable-quic",
  // Containers often have 64 MB of /dev/shm, and a tab ends when that is full.
  "--disable-dev-shm-usage",
  "--font-render-hinting=none",
]

/** Starts a browser without a window. About two seconds the first time after an install, while it unpacks, then half of one.
 *  @throws Error if there is none that runs here */
export async function launchBrowser({ args = [], keepsPages = false }: LaunchOptions = {}): Promise<LaunchedBrowser> {
  const home = await mkdtemp(join(tmpdir(), "sotto-browser-"))
  const { chromium } = await import("playwright-core")
  const browser = await chromium.launch({
    ...(await settings(home, args)),
    ...(keepsPages ? { ignoreDefaultArgs: ["--disable-back-forward-cache"] } : {}),
  })
  const close = async (): Promise<void> => {
    await browser.close()
    await rm(home, { recursive: true, force: true })
  }
  return { browser, name: `Chromium ${browser.version()}`, close }
}

/** The same browser as people have it: with a profile on disk, in which it keeps what browsers keep. What it leaves there can be looked at
 *  once it is closed.
 *  @param folder - the profile; must exist */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  const { chromium } = await import("playwright-core")
  return chromium.launchPersistentContext(join(folder, "profile"), await settings(folder, []))
}

/** How the browser is started, for whoever drives it without Playwright.
 *  @param profile - a folder for what it needs beside itself; must exist */
export async function browserCommand(profile: string): Promise<{ path: string; env: Record<string, string>; args: readonly string[] }> {
  const { executablePath, env, args } = await settings(profile, [])
  return { path: executablePath, env, args }
}

async function settings(profile: string, args: readonly string[]) {
  const { executablePath, env, fonts, isSandboxed } = await findBrowser()
  // The package's own list of font folders names places that only Amazon's machines have; without any font a text field ends the browser.
  const fontList = join(profile, "fonts.conf")
  await writeFile(fontList, fontConfig([...fonts, "/usr/share/fonts"], join(profile, "font-cache")))
  return {
    executablePath,
    env: { PATH: process.env.PATH ?? "", ...env, FONTCONFIG_FILE: fontList, HOME: profile, TMPDIR: profile },
    args: [...FLAGS, ...(isSandboxed ? [] : ["--no-sandbox"]), ...args],
    // A test's own timeout comes first; these would end the browser under somebody who only pressed Ctrl-C in a menu.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  }
}

interface Found {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
  /** Folders of fonts that come with it. */
  readonly fonts: readonly string[]
  readonly isSandboxed: boolean
}

function fontConfig(folders: readonly string[], cache: string): string {
  const dirs = folders.map((folder) => `  <dir>${folder}</dir>\n`).join("")
  return `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n${dirs}  <cachedir>${cache}</cachedir>\n</fontconfig>\n`
}

async function findBrowser(): Promise<Found> {
  const folder = await unpack().catch((error: unknown) => error)
  if (typeof folder === "string") {
    const env = { LD_LIBRARY_PATH: join(folder, "al2023", "lib") }
    // npm cannot carry the setuid program that its sandbox wants. It opens nothing here but our own page.
    return { executablePath: join(folder, "chromium"), env, fonts: [join(folder, "fonts")], isSandboxed: false }
  }
  for (const executablePath of ["/usr/bin/chromium", "/usr/bin/google-chrome"]) {
    if (await exists(executablePath)) return { executablePath, env: {}, fonts: [], isSandboxed: process.getuid?.() !== 0 }
  }
  throw new Error("no browser here: npm's Chromium did not unpack, and /usr/bin/chromium is not installed", { cause: folder })
}

/** Unpacks npm's Chromium beside the package, once an install. Two who do it at the same time do no harm: the first to finish wins. */
async function unpack(): Promise<string> {
  // Its CommonJS half, whatever we are compiled to: it is only handed to a `node -e`.
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium")
  const cache = join(entry.slice(0, entry.lastIndexOf("node_modules")), "node_modules", ".cache", "sotto")
  const { version } = JSON.parse(await readFile(join(dirname(entry), "..", "..", "package.json"), "utf8")) as { version: string }
  const folder = join(cache, `chromium-${version}`)
  if (await exists(join(folder, "chromium"))) return folder
  await mkdir(cache, { recursive: true })
  const half = await mkdtemp(join(cache, "half-"))
  // In a process of its own: it unpacks into TMPDIR, believes what it is told about Amazon (only there it brings its own
  // libraries), and changes LD_LIBRARY_PATH for whoever loads it.
  const env = {
    PATH: process.env.PATH ?? "",
    TMPDIR: half,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
    AWS_LAMBDA_JS_RUNTIME: "nodejs20.x",
  }
  const unpacking = "const it = require(process.argv[1]); (it.default ?? it).executablePath()"
  try {
    await promisify(execFile)(process.execPath, ["-e", unpacking, entry], { env })
    await rename(half, folder)
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    if (!(await exists(join(folder, "chromium")))) throw error
  }
  return folder
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
