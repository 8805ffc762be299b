/** What Integrity-Policy does in both engines: a script without integrity does not run; a worker, and the one that is tried after it, do.
 *  So the header costs the page nothing, and says only what the HTML says already. A classic script with integrity would be stopped as well: the
 *  policy asks for CORS too, which a module has by itself. */

import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { commonHeaders } from "../../server/headers.ts"
import { launchBrowser } from "../support/browser.ts"
import { FIREFOX, launchFirefox } from "../support/firefox.ts"
import { describeWhere } from "../support/needs.ts"

const hash = async (text: string) =>
  `sha384-${Buffer.from(await crypto.subtle.digest("SHA-384", new TextEncoder().encode(text))).toString("base64")}`
const MARK = (name: string) => `document.documentElement.dataset.${name} = "ran"`
/** As the page does it: a worker that fails, then another. */
const STARTER = `${MARK("whole")}
const policy = globalThis.trustedTypes?.createPolicy("sotto-worker", { createScriptURL: (path) => path }) ?? { createScriptURL: (path) => path }
const start = (path) => new Promise((resolve, reject) => {
  const worker = new Worker(policy.createScriptURL(path))
  worker.onmessage = resolve
  worker.onerror = reject
})
start("/missing.js").catch(() => start("/worker.js")).then(() => { document.documentElement.dataset.worker = "ran" })`
const FILES: Readonly<Record<string, string>> = { "/whole.js": STARTER, "/bare.js": MARK("bare"), "/worker.js": "postMessage(1)" }

let url: string
let close: () => void
beforeAll(async () => {
  const html = `<!doctype html><title>x</title><script type="module" src="/bare.js"></script><script type="module" src="/whole.js" integrity="${await hash(STARTER)}"></script>`
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(commonHeaders("http://localhost"))) response.setHeader(name, value)
    const script = FILES[request.url ?? ""]
    if (request.url === "/missing.js") response.writeHead(404).end()
    else response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript").end(script ?? html)
  }).listen(0, "localhost")
  await once(server, "listening")
  url = `http://localhost:${(server.address() as AddressInfo).port}/`
  close = () => {
    server.closeAllConnections()
    server.close()
  }
})
afterAll(() => close())

const ASK = () => ({ ...document.documentElement.dataset })
const EXPECTED = { whole: "ran", worker: "ran" }

describe("Integrity-Policy in Chromium", () => {
  test("stops a script without integrity, and no worker", async () => {
    const launched = await launchBrowser()
    try {
      const page = await launched.browser.newPage()
      await page.goto(url)
      await page.waitForSelector("html[data-worker]", { state: "attached" })
      expect(await page.evaluate(ASK)).toEqual(EXPECTED)
    } finally {
      await launched.close()
    }
  }, 60_000)
})

describeWhere(FIREFOX, "Integrity-Policy in Firefox", () => {
  test("stops a script without integrity, and no worker", async () => {
    const launched = await launchFirefox()
    try {
      const page = await launched.browser.newPage()
      await page.goto(url)
      await page.waitForSelector("html[data-worker]")
      expect(await page.evaluate(ASK)).toEqual(EXPECTED)
    } finally {
      await launched.close()
    }
  }, 60_000)
})
