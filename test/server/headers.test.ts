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
import { ask, startServer, type TestServer } from "../support/server.ts"

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
  "access-control-allow-origin",
  "x-xss-protection",
  "expect-ct",
  "onion-location",
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

/** From the route table, so that a route is asked the day it is written: as somebody would who knows nothing of it. */
const known = routes.flatMap(({ method, path }) => {
  const target = path.replace(/:\w+/g, today)
  return [method, "TRACE", "GET"].map((one) => [one, target] as const)
})

function expectHeaders(headers: Readonly<Record<string, unknown>>): void {
  expect(headers).toMatchObject(Object.fromEntries(Object.entries(commonHeaders(url)).map(([name, value]) => [name.toLowerCase(), value])))
  expect(ABSENT.filter((name) => name in headers)).toEqual([])
}

describe("every answer", () => {
  test.each(asked)("%s %s: %i, with the whole set of headers and none of the others", async (method, path, status) => {
    const answer = await supertest(server.base)[method](path)
    expect(answer.status).toBe(status)
    expectHeaders(answer.headers)
  })

  test.each(known)("%s %s carries them, whatever its status", async (method, target) => {
    const { status, headers } = await ask(server.base, method, target)
    expect(status).toBeGreaterThanOrEqual(200)
    expectHeaders(headers)
  })

  test("carries them where the database is gone, and where a handler fails", async () => {
    await server.database.query("alter table keyrings rename to gone")
    try {
      const { status, headers } = await ask(server.base, "GET", "/api/keyrings?from=1")
      expect(status).toBe(500)
      expectHeaders(headers)
    } finally {
      await server.database.query("alter table gone rename to keyrings")
    }
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

describe("a request line", () => {
  test.each([
    "http://forms.example.org/api/today",
    "http://[::1/api/today",
    "http://[/x",
    "http://xn--/",
    "http://x:99999/api/today",
    "http://@/api/today",
    "http://[zebra]/api/today",
    "*",
  ])("that is for %s is refused like everything else, and is no fault of ours", async (target) => {
    const before = server.events.length
    for (const method of ["GET", "OPTIONS", "POST"]) {
      const { status, headers } = await ask(server.base, method, target)
      expect(status).toBe(400)
      expectHeaders(headers)
    }
    expect(server.events.slice(before)).toEqual([])
  })

  test.each(["//[x", "/\\[x", "//x:99999/api/today", "/%zz", "/api/%zz"])("that is for %s is answered by us", async (target) => {
    const { headers } = await ask(server.base, "GET", target)
    expectHeaders(headers)
  })
})

test("a request that takes longer than it may is cut without an answer: one would be final to whoever sends a tip", async () => {
  const newsroom = await makeNewsroom({ today })
  const impatient = await startServer(newsroom, today, undefined, undefined, 1_000)
  try {
    const socket = connect(Number(new URL(impatient.base).port), "127.0.0.1")
    let answer = ""
    socket.setEncoding("latin1").on("data", (text: string) => (answer += text))
    socket.write(`POST /api/envelopes?day=${today} HTTP/1.1\r\nHost: x\r\nContent-Type: application/age\r\nContent-Length: 32768\r\n\r\n`)
    const dribble = setInterval(() => socket.write("x"), 100)
    await new Promise<void>((resolve) => socket.once("close", () => resolve()).on("error", () => undefined))
    clearInterval(dribble)
    expect(answer).toBe("")
  } finally {
    await impatient.stop()
  }
})

describe("an onion service that the keyring names", () => {
  test("is offered with the page to whoever came over https, and to nobody else", async () => {
    const onion = `http://${"a".repeat(56)}.onion`
    const newsroom = await makeNewsroom({ today, url: "https://forms.example.org" })
    await newsroom.next({ newsroom: { name: "The Daily Test", url: newsroom.url, onion } })
    const there = await startServer(newsroom, today)
    try {
      const asked = async (path: string, host: string) =>
        (await ask(there.base, "GET", path, { headers: { host } })).headers["onion-location"]
      expect(await asked("/", "forms.example.org")).toBe(`${onion}/`)
      expect(await asked("/some/path?x=1", "forms.example.org")).toBe(`${onion}/some/path`)
      expect(await asked("/", onion.slice("http://".length))).toBeUndefined()
      expect(await asked("/api/today", "forms.example.org")).toBeUndefined()
    } finally {
      await there.stop()
    }
  })
})

/** Mozilla's observatory, its published tests and modifiers: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring, as of 2026.
 *  Each line is the observatory's own name for what it would find, what it asks, and what it gives. */
describe("Mozilla's observatory", () => {
  test("would find nothing to take away, and give A+", async () => {
    const headers = commonHeaders("https://forms.example.org")
    const answer = await ask(server.base, "GET", "/")
    const csp = new Map(
      String(headers["Content-Security-Policy"])
        .split("; ")
        .map((one) => [one.split(" ")[0] ?? "", one.split(" ").slice(1)]),
    )
    const html = answer.body.toString("utf8")
    const maxAge = Number(/max-age=(\d+)/.exec(String(headers["Strict-Transport-Security"]))?.[1])
    const scripts = [...html.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)
    const unsafe = /'unsafe-inline'|'unsafe-eval'|data:|https?:|\*/
    const findings: readonly (readonly [name: string, holds: boolean, modifier: number])[] = [
      [
        "csp-implemented-with-no-unsafe-default-src-none",
        csp.get("default-src")?.join() === "'none'" && ![...csp.values()].flat().some((one) => unsafe.test(one)),
        10,
      ],
      ["cookies-not-found", !("set-cookie" in answer.headers), 0],
      ["cross-origin-resource-sharing-not-implemented", !("access-control-allow-origin" in answer.headers), 0],
      ["referrer-policy-private", headers["Referrer-Policy"] === "no-referrer", 5],
      ["hsts-implemented-max-age-at-least-six-months", maxAge >= 15_768_000, 0],
      ["sri-implemented-and-all-scripts-loaded-securely", scripts.every((tag) => / src="\/[^/]/.test(tag)), 5],
      ["x-content-type-options-nosniff", headers["X-Content-Type-Options"] === "nosniff", 0],
      ["x-frame-options-implemented-via-csp", csp.get("frame-ancestors")?.join() === "'none'", 5],
      ["corp-implemented-with-same-origin", headers["Cross-Origin-Resource-Policy"] === "same-origin", 10],
    ]
    expect(findings.filter(([, holds]) => !holds)).toEqual([])
    const score = 100 + findings.reduce((sum, [, , modifier]) => sum + modifier, 0)
    process.stderr.write(`observatory's rules: ${score} of 100, ${score >= 100 ? "A+" : "less than A+"}\n`)
    expect(score).toBeGreaterThanOrEqual(100)
  })
})

describe("what Node would answer by itself", () => {
  const said = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(server.base).port), "127.0.0.1", () => socket.write(text))
      let answer = ""
      socket.setEncoding("utf8").on("data", (part: string) => (answer += part))
      socket.on("close", () => resolve(answer))
    })

  test.each([
    ["what is not HTTP", "GET / HTTP/9.9\r\nHost: x\r\n\r\n"],
    ["a request without a host", "GET / HTTP/1.1\r\n\r\n"],
    ["an expectation", "POST /api/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: sympathy\r\n\r\n"],
    ["headers without an end", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}`],
  ])("%s gets no other headers than everything else", async (_what, text) => {
    const answer = await said(text)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    for (const [name, value] of Object.entries(commonHeaders(url))) expect(answer).toContain(`${name}: ${value}\r\n`)
    expect(answer).toContain("urn:sotto:problem:")
  })

  test("a connection that was refused is closed on both sides, also when the other side keeps its half", async () => {
    const open = () => new Promise<number>((resolve) => server.server.getConnections((_, count) => resolve(count)))
    const before = await open()
    const socket = connect({ port: Number(new URL(server.base).port), host: "127.0.0.1", allowHalfOpen: true })
    socket.on("error", () => undefined)
    socket.resume()
    socket.write("this is not HTTP\r\n\r\n")
    await new Promise((resolve) => socket.once("end", resolve))
    for (let tries = 0; tries < 300 && (await open()) > before; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await open()).toBe(before)
    socket.destroy()
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
