/** Every answer, whatever its route or status, carries the same headers, and one CSP string. WEBCAT refuses a site where one response differs. */

import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import supertest from "supertest"
import type { Day } from "../../envelope/day.ts"
import { CONTENT_SECURITY_POLICY, commonHeaders } from "../../server/headers.ts"
import { chooseEncoding, loadPage } from "../../server/page.ts"
import { routes } from "../../server/routes.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { startServer, type TestServer } from "../support/server.ts"

const today = "2026-11-22" as Day
const ABSENT = [
  "etag",
  "last-modified",
  "server",
  "x-powered-by",
  "set-cookie",
  "nel",
  "report-to",
  "alt-svc",
  "link",
  "refresh",
  "location",
]
let server: TestServer
let url: string
beforeAll(async () => {
  const newsroom = await makeNewsroom({ today })
  url = newsroom.url
  server = await startServer(newsroom, today)
})
afterAll(() => server.stop())

const asked: readonly (readonly [method: "get" | "post" | "put" | "delete" | "head" | "options", path: string, status: number])[] = [
  ["get", "/", 200],
  ["get", "/amazon-layoffs", 200],
  ["get", "/index.html", 200],
  ["get", "/.well-known/security.txt", 200],
  ["get", "/%ff", 200],
  ["head", "/", 200],
  ["post", "/", 405],
  ["get", "/api/today", 200],
  ["head", "/api/today", 200],
  ["options", "/api/today", 405],
  ["get", "/api/keyring/1", 200],
  ["get", "/api/keyring/9", 404],
  ["get", "/api/nothing", 404],
  ["get", "/api", 404],
  ["get", "/healthz", 204],
  ...routes
    .filter(({ access }) => access !== "anyone")
    .map(({ method, path, body }) => [method.toLowerCase() as "get", path.replace(/:\w+/, today), body === undefined ? 401 : 415] as const),
]

describe("every answer", () => {
  test.each(asked)("%s %s: %i, with the whole set of headers and none of the others", async (method, path, status) => {
    const answer = await supertest(server.base)[method](path)
    expect(answer.status).toBe(status)
    const expected = Object.fromEntries(Object.entries(commonHeaders(url)).map(([name, value]) => [name.toLowerCase(), value]))
    expect(answer.headers).toMatchObject(expected)
    expect(ABSENT.filter((name) => name in answer.headers)).toEqual([])
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined()
  })

  test("is the page with status 200 for an unknown address, the same bytes", async () => {
    const bodies = await Promise.all(["/", "/x/y/z", "/favicon.ico"].map(async (path) => (await supertest(server.base).get(path)).text))
    expect(new Set(bodies).size).toBe(1)
  })

  test("of constant size: today's keys", async () => {
    const { text } = await supertest(server.base).get("/api/today")
    expect(Buffer.byteLength(text)).toBe(32_768)
    expect(JSON.parse(text)).toMatchObject({ format: "sotto-today/1", day: today })
  })

  test("has one CSP without a comma", () =>
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/,|unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|report/))

  test("says on https that it is only there, and on http nothing of it", () => {
    expect(commonHeaders("https://forms.example.org")["Strict-Transport-Security"]).toBe("max-age=63072000; includeSubDomains; preload")
    expect(commonHeaders("http://localhost:1")["Strict-Transport-Security"]).toBeUndefined()
  })
})

describe("what is not HTTP", () => {
  test("gets no other headers than everything else", async () => {
    const { refuseMalformed } = await import("../../server/serve.ts")
    refuseMalformed(server.server, url)
    const { port } = new URL(server.base)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("GET / HTTP/9.9\r\nHost: x\r\n\r\n"))
      let text = ""
      socket.setEncoding("utf8").on("data", (part: string) => (text += part))
      socket.on("close", () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    for (const [name, value] of Object.entries(commonHeaders(url))) expect(answer).toContain(`${name}: ${value}\r\n`)
    expect(answer).toContain("urn:sotto:problem:")
  })
})

test("the page holds the pinned newsroom and, for whoever has scripts off, the other ways to reach it, escaped", async () => {
  const { pinned } = await makeNewsroom({ today })
  const channels = [{ name: "Post <b>", address: '1 "Test" Street', drawback: "Slow & seen" }]
  const { html } = await loadPage(join(__dirname, "../../dist/page"), { ...pinned, channels })
  const text = (await html.bytes("identity")).toString("utf8")
  expect(text).not.toContain("{{")
  expect(text).toContain("<ul><li>Post &#60;b&#62;: 1 &#34;Test&#34; Street. Slow &#38; seen</li></ul>")
  expect(text).toMatch(/<meta name="sotto-newsroom" content="\{&#34;format&#34;:&#34;sotto-newsroom\/1&#34;/)
})

test.each([
  [undefined, "identity"],
  ["gzip, deflate, br", "br"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["identity", "identity"],
  ["*", "identity"],
] as const)("Accept-Encoding %j gives %s", (header, encoding) => expect(chooseEncoding(header)).toBe(encoding))
