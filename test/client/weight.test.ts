/** What a first visit costs, counted where it leaves the real server, headers and all: a fresh profile, from nothing to a form that can be sent. */

import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { Socket } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { type Day, dayOf } from "../../envelope/day.ts"
import { parseDayNote } from "../../keyring/days.ts"
import { dayNoteStore } from "../../server/day-notes.ts"
import { loadPage } from "../../server/page.ts"
import { type LaunchedBrowser, launchBrowser } from "../support/browser.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { startServer, type TestServer } from "../support/server.ts"
import { makeDesk } from "./newsroom.ts"

const DIST = join(__dirname, "../../dist/page")
const MOST_BYTES = 200_000
const MOST_REQUESTS = 6
const today: Day = dayOf(Date.now())
let newsroom: TestNewsroom
let server: TestServer
let launched: LaunchedBrowser

beforeAll(async () => {
  newsroom = (await makeDesk(today)).newsroom
  server = await startServer(newsroom, today, await loadPage(DIST, newsroom.pinned))
  const notes = await Promise.all(newsroom.reporters.slice(0, 2).map((reporter) => newsroom.dayNote(reporter, today)))
  await dayNoteStore(server.database).put(notes.map((source) => ({ key: parseDayNote(source), source })))
  launched = await launchBrowser()
}, 120_000)
afterAll(async () => {
  await launched.close()
  await server.stop()
})

describe("a first visit", () => {
  test("costs at most 200 KB and six requests, with WebAssembly, all languages and the day's keys", async () => {
    const sockets = new Set<Socket>()
    const requests: string[] = []
    server.server.on("connection", (socket) => sockets.add(socket))
    server.server.on("request", ({ url = "" }) => requests.push(url))
    const context = await launched.browser.newContext()
    const page = await context.newPage()
    await page.goto(`${server.base}/#amazon-layoffs`)
    await page.waitForSelector("#check:enabled")
    const bytes = [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)
    process.stderr.write(`a first visit: ${bytes} bytes, ${requests.length} requests: ${requests.join(" ")}\n`)
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
    expect(requests.length).toBeLessThanOrEqual(MOST_REQUESTS)
    expect(new Set(requests)).toEqual(
      new Set(["/", "/style.css", "/page.js", "/worker.js", "/api/today", ...requests.filter((one) => one === "/icon.svg")]),
    )
    await context.close()
  }, 120_000)

  test("hands the engine the WebAssembly module that libsodium's authors made, byte for byte", async () => {
    const source = await readFile(join(__dirname, "../../node_modules/libsodium/dist/modules-esm/libsodium.mjs"), "utf8")
    const [, base64 = ""] = /"([A-Za-z0-9+/]{100000,}={0,2})"/.exec(source) ?? []
    const module = Buffer.from(base64, "base64")
    expect(module.subarray(0, 4).toString("latin1")).toBe("\0asm")
    const context = await launched.browser.newContext()
    const page = await context.newPage()
    // The worker is looked into before its first line runs: its script is fetched by the test and given one line before it.
    const worker = await readFile(join(DIST, "worker.js"), "utf8")
    const spy = `{const real = WebAssembly.instantiate; WebAssembly.instantiate = async (bytes, ...rest) => {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)); postMessage({spied: [...digest]}); return real(bytes, ...rest) }}\n`
    await context.route("**/worker.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: spy + worker, headers: { "cross-origin-embedder-policy": "require-corp" } }),
    )
    await page.addInitScript(() => {
      const found = globalThis as unknown as { spied?: number[] }
      const Real = Worker
      globalThis.Worker = class extends Real {
        constructor(url: string | URL) {
          super(url)
          this.addEventListener("message", ({ data }: MessageEvent<{ spied?: number[] }>) => {
            if (data.spied !== undefined) found.spied = data.spied
          })
        }
      }
    })
    await page.goto(server.base)
    const spied = await page.waitForFunction(() => (globalThis as unknown as { spied?: number[] }).spied)
    expect(Buffer.from((await spied.jsonValue()) ?? []).toString("hex")).toBe(createHash("sha256").update(module).digest("hex"))
    await context.close()
  }, 120_000)
})

describe("what is carried of libsodium", () => {
  test("is what the envelope's door lists, with its test of itself, and no other function", async () => {
    const listed = (await readFile(join(__dirname, "../../envelope/primitives.ts"), "utf8")).matchAll(/^ {2}(crypto_\w+)\(/gm)
    const door = [...listed].map(([, name]) => name)
    const worker = await readFile(join(DIST, "worker.js"), "utf8")
    const tables = [...worker.matchAll(/=\[("crypto_\w+"(?:,"\w+")*)\]/g)].flatMap(([, names]) => JSON.parse(`[${names}]`) as string[])
    expect(door.length).toBeGreaterThan(8)
    expect(new Set(tables)).toEqual(
      new Set([
        ...door,
        "randombytes_buf",
        ...["crypto_secretbox_easy", "crypto_secretbox_open_easy", "crypto_secretbox_NONCEBYTES", "crypto_secretbox_KEYBYTES"],
      ]),
    )
  })
})

describe("the page's own script", () => {
  test("does not contain libsodium, nor the list that words come from", async () => {
    const script = await readFile(join(DIST, "page.js"), "utf8")
    expect(script).not.toMatch(/abacus|crypto_kem|crypto_sign|WebAssembly\.instantiate/)
  })
})
