/** The source's page in a real browser: what a first visit costs, and locking 500 MB beside bare libsodium in a worker of the same page. */

import { randomFillSync } from "node:crypto"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { mkdtemp, open, readFile, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import type { Browser, Page } from "playwright-core"
import { dayOf } from "../../envelope/day.ts"
import { launchBrowser } from "../browser.ts"
import { startLine } from "../demo/line.ts"
import { type Counter, countingLine } from "./counter.ts"
import { type Bench, inTurns, median, rounded } from "./measure.ts"
import { saferPage } from "./safer.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const MB = 1_000_000
/** The largest piece that the page asks for: client/upload.ts. */
const PIECE_BYTES = 2_097_152
/** Without it the page's own headers keep the bare worker out. */
const ISOLATED = { "cross-origin-embedder-policy": "require-corp", "cross-origin-resource-policy": "same-origin" }

/** libsodium's cipher in a loop over chunks of 64 KiB, in a worker, and nothing else. */
const BARE = `
import sodium from "libsodium-wrappers"
onmessage = async ({ data: bytes }) => {
  await sodium.ready
  const [key, nonce, piece] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(65536)]
  const started = performance.now()
  for (let at = 0; at < bytes; at += piece.length) sodium.crypto_aead_chacha20poly1305_ietf_encrypt(piece, null, null, nonce, key)
  postMessage(performance.now() - started)
}`

async function bareWorker(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: BARE, resolveDir: root },
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    platform: "browser",
    define: { "import.meta.url": '""' },
    logLevel: "silent",
  })
  return outputFiles[0]?.text ?? ""
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  listener.close()
  return port
}

interface Visit {
  readonly wireBytes: number
  readonly requests: number
  readonly readyMs: number
}

/** A visit by somebody who was never here: bytes on the wire, requests, and the time to a form that can be sent. */
async function firstVisit(browser: Browser, counter: Counter): Promise<Visit> {
  const context = await browser.newContext()
  const page = await context.newPage()
  counter.counted()
  const started = performance.now()
  await page.goto(`http://localhost:${counter.port}/`)
  await page.locator("#check:enabled").waitFor()
  const readyMs = performance.now() - started
  const { bytes, requests } = counter.counted()
  await context.close()
  return { wireBytes: bytes, requests, readyMs }
}

/** Private memory of all processes that show pages and descend from ours, MB. */
function pageMB(): number {
  const read = (pid: string | number, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "latin1")
    } catch {
      return "" // it has ended meanwhile, or this is no Linux
    }
  }
  const isOurs = (pid: number): boolean =>
    pid === process.pid || (pid > 1 && isOurs(Number(/\) \S (\d+)/.exec(read(pid, "stat"))?.[1] ?? 0)))
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && read(name, "cmdline").includes("--type=renderer"))
  const kib = pids.filter((pid) => isOurs(Number(pid))).map((pid) => Number(/^RssAnon:\s+(\d+)/m.exec(read(pid, "status"))?.[1] ?? 0))
  return (kib.reduce((sum, one) => sum + one, 0) * 1_024) / MB
}

/** Asks the page's own worker to lock the file in the page's field, piece by piece as the page does, and throws the pieces away. */
const sealInPage = (page: Page, said: { readonly pin: string; readonly answer: string; readonly today: string }): Promise<number> =>
  page.evaluate(
    async ({ pin, answer, today, most }) => {
      const worker = new Worker("/worker.js")
      const next = () => new Promise<Record<string, unknown>>((resolve) => (worker.onmessage = ({ data }) => resolve(data.message)))
      let number = 0
      const ask = (message: unknown) => {
        const answered = next()
        worker.postMessage({ number: ++number, message })
        return answered
      }
      await next()
      const { view } = (await ask({ kind: "verify", pin, answer, today })) as { view: { readers: { id: string }[] } }
      const [file] = document.querySelector<HTMLInputElement>("#bench-file")?.files ?? []
      const files = [{ name: "list.bin", type: "", blob: file }]
      const started = performance.now()
      const draft = { to: [view.readers[0]?.id], answers: [], message: "", files }
      const { bytes } = (await ask({ kind: "seal", draft })) as { bytes: number }
      for (let at = 0; at < bytes; ) at += ((await ask({ kind: "piece", bytes: most })) as { piece: Uint8Array }).piece.length
      worker.terminate()
      return performance.now() - started
    },
    { ...said, most: PIECE_BYTES },
  )

const bareInPage = (page: Page, bytes: number): Promise<number> =>
  page.evaluate(
    (count) =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker("/bare-worker.js")
        worker.onmessage = ({ data }) => {
          worker.terminate()
          resolve(data)
        }
        worker.onerror = () => reject(new Error("the bare worker does not run"))
        worker.postMessage(count)
      }),
    bytes,
  )

async function randomFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, "w")
  const piece = Buffer.alloc(MB)
  for (let left = bytes; left > 0; left -= MB) await file.write(randomFillSync(piece), 0, Math.min(left, MB))
  await file.close()
}

export const sourcePage: Bench = async ({ rounds, isSmall, say }) => {
  const bytes = isSmall ? 8 * MB : 500 * MB
  const folder = await mkdtemp(join(tmpdir(), "sotto-page-"))
  const programs = { sotto: join(root, "dist/sotto.js"), server: join(root, "dist/server.js") }
  const line = await startLine(programs, folder, await freePort(), say)
  const { browser, name, close } = await launchBrowser()
  try {
    const counter = await countingLine(Number(new URL(line.url).port))
    const visits: Visit[] = []
    for (let round = 0; round < rounds; round++) visits.push(await firstVisit(browser, counter))
    counter.close()
    await randomFile(join(folder, "list.bin"), bytes)
    const answer = await (await fetch(`${line.url}/api/today`)).text()
    const pin = (await readFile(join(line.admin.home, "newsroom.json"), "utf8")).trim()
    // The page's own policy lets nobody start a second worker of the same name; the worker is the same one.
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    const script = await bareWorker()
    await page.route("**/bare-worker.js", (route) => route.fulfill({ contentType: "text/javascript", headers: ISOLATED, body: script }))
    await page.goto(line.url)
    await page.evaluate(() => {
      const field = Object.assign(document.createElement("input"), { type: "file", id: "bench-file" })
      document.body.append(field)
    })
    await page.locator("#bench-file").setInputFiles(join(folder, "list.bin"))
    const before = pageMB()
    let mostMB = before
    const look = setInterval(() => (mostMB = Math.max(mostMB, pageMB())), 200)
    const { sealMs, libsodiumMs } = await inTurns(rounds, {
      async sealMs() {
        const ms = await sealInPage(page, { pin, answer, today: dayOf(Date.now()) })
        say(`locked in the page: ${Math.round(ms)} ms`)
        return ms
      },
      async libsodiumMs() {
        const ms = await bareInPage(page, bytes)
        say(`bare libsodium: ${Math.round(ms)} ms`)
        return ms
      },
    })
    clearInterval(look)
    // Not beside the others: a second browser would slow them down.
    await page.close()
    const slow = await saferPage({ rounds, say }, { today: answer, pin })
    return {
      versions: { chromium: name.replace(/^Chromium /, ""), ...slow.versions, node: process.versions.node },
      results: {
        bytes,
        sealMs: rounded(sealMs),
        libsodiumMs: rounded(libsodiumMs),
        sealMBps: rounded(bytes / 1_000 / sealMs),
        pageMB: rounded(mostMB),
      },
      ratios: {
        wireBytes: median(visits.map(({ wireBytes }) => wireBytes)),
        requests: median(visits.map(({ requests }) => requests)),
        readyMs: rounded(median(visits.map(({ readyMs }) => readyMs))),
        sealOverLibsodium: rounded(libsodiumMs / sealMs),
        pageGrowthMB: rounded(mostMB - before),
        ...slow.ratios,
      },
      notes: [
        "wire: all that the server sends on a first visit with a fresh profile, headers and compressed bodies, what the worker fetches too; ready: until the form can be sent",
        "locking reads the file from disk, hashes it for the signature and seals it; bare libsodium seals one chunk in memory again and again",
        ...slow.notes,
        ...(isSmall ? ["small sizes, to show that it works: no figure here means anything"] : []),
      ],
    }
  } finally {
    await close()
    await line.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
