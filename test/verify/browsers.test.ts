/** A check comes with the header fields of a browser: held to the browsers themselves, on the real page. docs/decisions/0046. */

import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals"
import type { Day } from "../../envelope/day.ts"
import { dayOf } from "../../envelope/day.ts"
import { type Browser, browser, chromium, firefox, type Kind } from "../../scripts/verify/browsers.ts"
import { openVisit } from "../../scripts/verify/visit.ts"
import { launchBrowser } from "../support/browser.ts"
import { FIREFOX, launchFirefox } from "../support/firefox.ts"
import { describeWhere } from "../support/needs.ts"
import { makeSite, type Site } from "./site.ts"

jest.setTimeout(120_000)
/** The page's own clock is the machine's. */
const today: Day = dayOf(Date.now())

type Fields = readonly (readonly [string, string])[]
let site: Site
/** Hands on to the server and keeps what was asked, by path. */
let recorder: { readonly url: string; readonly seen: Map<string, Fields>; stop(): Promise<void> }
beforeAll(async () => {
  site = await makeSite(today)
  const seen = new Map<string, Fields>()
  const { port } = new URL(site.server.base)
  const server = createServer((asked, response) => {
    const { rawHeaders, url = "", method } = asked
    seen.set(
      url,
      rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1] ?? ""] as const] : [])),
    )
    const onward = request({ host: "127.0.0.1", port, path: url, method, headers: asked.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on("error", () => response.destroy())
    asked.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  recorder = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    seen,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}, 120_000)
afterAll(async () => {
  await recorder.stop()
  await site.stop()
})

const NEEDED = ["/", "/style.css", "/page.js", "/worker.js", "/api/today"]
async function whenLoaded(): Promise<void> {
  for (let tries = 0; tries < 600 && NEEDED.some((path) => !recorder.seen.has(path)); tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
}
const KINDS: Readonly<Record<string, Kind>> = {
  "/": "document",
  "/style.css": "style",
  "/page.js": "script",
  "/worker.js": "worker",
  "/icon.svg": "image",
  "/api/today": "data",
}
/** What differs by machine and version: whose names are compared, not whose values. */
const OF_THE_MACHINE = /^(user-agent|sec-ch-ua|sec-ch-ua-platform|host|accept-language)$/i
const named = (fields: Fields, without: RegExp): string[] =>
  fields.filter(([name]) => !without.test(name)).map(([name, value]) => (OF_THE_MACHINE.test(name) ? name : `${name}: ${value}`))

function compareAll(ours: Browser, without: RegExp): void {
  expect([...recorder.seen.keys()]).toEqual(expect.arrayContaining(NEEDED))
  for (const [path, fields] of recorder.seen) {
    const kind = KINDS[path]
    if (kind === undefined) continue
    const expected: Fields = [["Host", ""], ...ours.headers(kind, recorder.url)]
    expect([path, named(expected, without)]).toEqual([path, named(fields, without)])
  }
}

describe("as Chromium", () => {
  test("every request has its fields, in its order", async () => {
    recorder.seen.clear()
    const { browser: real, close } = await launchBrowser()
    try {
      const page = await real.newPage()
      await page.goto(`${recorder.url}/`)
      await whenLoaded()
    } finally {
      await close()
    }
    // Without a window it says no language; with one it is the last field.
    compareAll(chromium("", ""), /^accept-language$/i)
  })
})

describeWhere(FIREFOX, "as Firefox", () => {
  test("every request has its fields, in its order", async () => {
    recorder.seen.clear()
    const { browser: real, close } = await launchFirefox()
    try {
      const page = await real.newPage()
      await page.goto(`${recorder.url}/`)
      await whenLoaded()
    } finally {
      await close()
    }
    compareAll(firefox("", ""), /^$/)
  })

  test("so has the request that brings a tip", async () => {
    recorder.seen.clear()
    const path = `/api/envelopes?day=${today}`
    const { browser: real, close } = await launchFirefox()
    try {
      const page = await real.newPage()
      page.setDefaultTimeout(60_000)
      await page.goto(`${recorder.url}/`)
      await page.waitForSelector("#check:enabled", { visible: true })
      await page.locator("#readers input[type=checkbox]").click()
      await page.locator("#message").fill("hello")
      await page.locator("#check:enabled").click()
      await page.locator("#send:enabled").click()
      await page.waitForSelector("#sent", { visible: true })
    } finally {
      await close()
    }
    const fields = recorder.seen.get(path) ?? []
    const bytes = new Uint8Array(Number(fields.find(([name]) => name === "Content-Length")?.[1]))
    expect(bytes.length).toBeGreaterThan(32_000)
    const ours = firefox("", "").sending({ type: "application/age", bytes }, recorder.url)
    expect(named([["Host", ""], ...ours], /^$/)).toEqual(named(fields, /^$/))
  })
})

test.each(["chromium", "firefox", "tor"] as const)("as %s a visit sends exactly those fields, in that order", async (name) => {
  recorder.seen.clear()
  const ours = browser(name, "fr-FR,fr;q=0.9")
  const visit = openVisit({ url: "http://forms.example.org", base: recorder.url, timeoutMs: 30_000 }, ours, "x")
  try {
    for (const [path, kind] of Object.entries(KINDS)) await visit.get(path, { kind })
  } finally {
    visit.close()
  }
  for (const [path, kind] of Object.entries(KINDS))
    expect(recorder.seen.get(path)).toEqual([["Host", "forms.example.org"], ...ours.headers(kind, "http://forms.example.org")])
})

test("as Tor Browser it is a Firefox that speaks English", () => {
  const tor = browser("tor", "de-DE,de;q=0.9").headers("document", "")
  const other = browser("firefox", "de-DE,de;q=0.9").headers("document", "")
  expect(tor.map(([name]) => name)).toEqual(other.map(([name]) => name))
  expect(Object.fromEntries(tor)["Accept-Language"]).toBe("en-US,en;q=0.5")
})
