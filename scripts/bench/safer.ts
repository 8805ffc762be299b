/** The page where somebody has switched WebAssembly off, and compilers too: Tor Browser set to safer, Lockdown Mode. Our plain JavaScript beside
 *  libsodium's own, each as `worker-plain.js` of the same page in the same Firefox, a fresh profile each time. */

import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync } from "node:zlib"
import { build } from "esbuild"
import { parsePinned } from "../../keyring/newsroom.ts"
import { commonHeaders } from "../../server/headers.ts"
import { loadPage, type Page, pageFile } from "../../server/page.ts"
import { startLine } from "../demo/line.ts"
import { FIREFOX, launchFirefox, NO_JIT, NO_WASM } from "../firefox.ts"
import { type Bench, inTurns, median, type Options, type Outcome, rounded } from "./measure.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const WORKER = "/worker-plain.js"
const MESSAGE = "They told us on a call that the whole team is to go. ".repeat(20)
const LONG_MS = 300_000

/** The page with another worker in it, and an `/api` that knows one day and keeps nothing. */
async function servePage({ files, html }: Page, worker: Buffer, today: string) {
  const posted = new EventTarget()
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(commonHeaders("http://localhost"))) response.setHeader(name, value)
    const path = (request.url ?? "/").replace(/\?.*/, "")
    if (path === "/api/today") return void response.setHeader("content-type", "application/json").end(today)
    if (request.method === "POST") {
      posted.dispatchEvent(new Event("posted"))
      return void request.resume().on("end", () => response.writeHead(201).end())
    }
    const file = path === WORKER ? pageFile("text/javascript; charset=utf-8", worker) : (files.get(path) ?? html)
    response.setHeader("content-type", file.type)
    response.setHeader("content-encoding", "br")
    file.bytes("br").then(
      (bytes) => response.end(bytes),
      () => response.destroy(),
    )
  }).listen(0, "localhost")
  await once(server, "listening")
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    nextPost: () => new Promise<number>((arrived) => posted.addEventListener("posted", () => arrived(performance.now()), { once: true })),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Visit {
  /** From opening the page until its button can be pressed. */
  readonly readyMs: number
  /** From "seal and send" until the server hears of it: eight slots, nine stanzas. */
  readonly sealMs: number
}

/** A worker of the page, and what the browser that runs it has switched off. */
type Contestant = readonly [worker: Buffer, prefs: Readonly<Record<string, boolean>>]

async function visit(page: Page, today: string, [worker, prefs]: Contestant): Promise<Visit> {
  const served = await servePage(page, worker, today)
  const { browser, close } = await launchFirefox({ prefs })
  try {
    const tab = await browser.newPage()
    tab.setDefaultTimeout(LONG_MS)
    const opened = performance.now()
    await tab.goto(served.url)
    await tab.waitForSelector("#check:enabled")
    const readyMs = performance.now() - opened
    await tab.click("#readers input[type=checkbox]")
    await tab.type("#message", "x")
    await tab.$eval(
      "#message",
      (field, text) => {
        ;(field as HTMLTextAreaElement).value = text
      },
      MESSAGE,
    )
    await tab.click("#check")
    await tab.waitForSelector("#send", { visible: true })
    const arrival = served.nextPost()
    const pressed = performance.now()
    await tab.click("#send")
    return { readyMs, sealMs: (await arrival) - pressed }
  } finally {
    await close()
    served.close()
  }
}

const ourWorker = (): Promise<Buffer> => readFile(join(root, "dist/page", WORKER))

/** libsodium's CommonJS build, the only one that falls back to plain JavaScript, as this page carried it before. */
async function libsodiumWorker(): Promise<Buffer> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["client/worker.ts"],
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    format: "iife",
    platform: "browser",
    target: ["es2022", "firefox115"],
    define: { "import.meta.url": '""' },
    external: ["node:*"],
    legalComments: "none",
    alias: {
      "libsodium-wrappers": join(root, "node_modules/libsodium-wrappers/dist/modules/libsodium-wrappers.js"),
      libsodium: join(root, "node_modules/libsodium/dist/modules/libsodium.js"),
    },
  })
  return Buffer.from(outputFiles[0]?.contents ?? "")
}

interface Told {
  /** The answer of `/api/today`, and the newsroom's pin. */
  readonly today: string
  readonly pin: string
}

/** What a page of a newsroom with one reporter is told today, from a real server. */
async function todayOf(folder: string, say: Options["say"]): Promise<Told> {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  listener.close()
  const line = await startLine({ sotto: join(root, "dist/sotto.js"), server: join(root, "dist/server.js") }, folder, port, say)
  try {
    const today = await (await fetch(`${line.url}/api/today`)).text()
    return { today, pin: (await readFile(join(line.admin.home, "newsroom.json"), "utf8")).trim() }
  } finally {
    await line.stop()
  }
}

const NO_COMPILER = { ...NO_WASM, ...NO_JIT }

/** Visits in turns, medians. */
async function inFirefox<Name extends string>(
  { rounds, say }: Pick<Options, "rounds" | "say">,
  { today, pin }: Told,
  contestants: Readonly<Record<Name, Contestant>>,
): Promise<Record<Name, Visit>> {
  const page = await loadPage(join(root, "dist/page"), await parsePinned(pin))
  const names = Object.keys(contestants) as Name[]
  const ready = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  const go = (name: Name) => async () => {
    const { readyMs, sealMs } = await visit(page, today, contestants[name])
    say(`${name}: ready ${Math.round(readyMs)} ms, sealed ${Math.round(sealMs)} ms`)
    ready[name].push(readyMs)
    return sealMs
  }
  const sealed = await inTurns(rounds, Object.fromEntries(names.map((name) => [name, go(name)])) as Record<Name, () => Promise<number>>)
  const visits = names.map((name) => [name, { readyMs: median(ready[name]), sealMs: sealed[name] }])
  return Object.fromEntries(visits) as Record<Name, Visit>
}

async function firefoxVersion(): Promise<string> {
  const { name, close } = await launchFirefox()
  await close()
  return name.replace(/^Firefox /, "")
}

/** Our page alone, for the benchmark of the page; where there is no Firefox, only a note that says so. */
export async function saferPage(
  options: Pick<Options, "rounds" | "say">,
  told: Told,
): Promise<Pick<Outcome, "versions" | "ratios" | "notes">> {
  if (!existsSync(FIREFOX)) {
    const note = `saferReadyMs and saferSealMs were left out: there is no ${FIREFOX} here; scripts/ci-packages.sh installs it`
    return { versions: {}, ratios: {}, notes: [note] }
  }
  const visits = await inFirefox(options, told, { safer: [await ourWorker(), NO_COMPILER] })
  return {
    versions: { firefox: await firefoxVersion() },
    ratios: { saferReadyMs: rounded(visits.safer.readyMs), saferSealMs: rounded(visits.safer.sealMs) },
    notes: ["safer: in Firefox without WebAssembly and without a compiler; `npm run bench -- safer` sets other engines beside ours"],
  }
}

export const safer: Bench = async ({ rounds, isSmall, say }) => {
  const folder = await mkdtemp(join(tmpdir(), "sotto-safer-"))
  try {
    const [ours, theirs] = [await ourWorker(), await libsodiumWorker()]
    const slow = { safer: [ours, NO_COMPILER], saferLibsodium: [theirs, NO_COMPILER] } as const
    const compiled = { noWasm: [ours, NO_WASM], noWasmLibsodium: [theirs, NO_WASM] } as const
    const told = await todayOf(folder, say)
    const visits = await inFirefox({ rounds, say }, told, isSmall ? slow : { ...slow, ...compiled })
    const figures = Object.entries(visits).flatMap(([name, { readyMs, sealMs }]) => [
      [`${name}ReadyMs`, rounded(readyMs)] as const,
      [`${name}SealMs`, rounded(sealMs)] as const,
    ])
    const wire = { workerWireBytes: brotliCompressSync(ours).length, workerLibsodiumWireBytes: brotliCompressSync(theirs).length }
    return {
      versions: { firefox: await firefoxVersion(), node: process.versions.node },
      results: { ...Object.fromEntries(figures), ...wire },
      ratios: {
        saferReadyMs: rounded(visits.safer.readyMs),
        saferSealMs: rounded(visits.safer.sealMs),
        saferReadyOverLibsodium: rounded(visits.saferLibsodium.readyMs / visits.safer.readyMs),
        saferSealOverLibsodium: rounded(visits.saferLibsodium.sealMs / visits.safer.sealMs),
      },
      notes: [
        "`safer`: no WebAssembly and no compiler; `noWasm`: no WebAssembly. `…Libsodium`: the same page with libsodium's plain JavaScript in its worker",
        "ready: from opening the page, on a fresh profile, until its button can be pressed; seal: from pressing it until the server hears of the tip (8 slots)",
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
