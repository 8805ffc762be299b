/** The browser that journeys run in has what the page needs: several pages, workers, WebAssembly, WebCrypto. */

import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { type LaunchedBrowser, launchBrowser } from "./browser.ts"

/** A WebAssembly module with one function that returns 42. */
const MODULE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]
const WORKER = `WebAssembly.instantiate(new Uint8Array([${MODULE}])).then(({ instance }) => postMessage([instance.exports.f(), typeof crypto.subtle]))`

let server: Server
let launched: LaunchedBrowser
let url: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const isScript = request.url === "/worker.js"
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8")
    response.end(isScript ? WORKER : "<!doctype html><title>Contact</title><h1>Grüße</h1>")
  }).listen(0)
  await once(server, "listening")
  url = `http://localhost:${(server.address() as AddressInfo).port}/`
  launched = await launchBrowser()
})

afterAll(async () => {
  await launched.close()
  server.closeAllConnections()
  server.close()
})

test("several pages at once run a worker with WebAssembly and WebCrypto on http://localhost", async () => {
  const context = await launched.browser.newContext()
  const answers = await Promise.all(
    [1, 2, 3].map(async () => {
      const page = await context.newPage()
      await page.goto(url)
      return page.evaluate(
        () =>
          new Promise((resolve) => {
            new Worker("/worker.js").onmessage = ({ data }) => resolve([...data, isSecureContext])
          }),
      )
    }),
  )
  expect(answers).toEqual(Array(3).fill([42, "object", true]))
})

test("it says which one it is", () => {
  expect(launched.name).toMatch(/^Chromium \d+\./)
})
