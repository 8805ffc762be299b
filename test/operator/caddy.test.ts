/** deploy/Caddyfile, really run (Debian's Caddy, certificates of its own, on loopback) before the real server on its socket: HTTPS, no
 *  access log, nothing about who asks in its log or in the request that the server gets, and uploads that are passed on as they come. */

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer, type IncomingHttpHeaders, request as plainRequest, type Server } from "node:http"
import { connect as connectSecure } from "node:http2"
import { request } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { unavailableCaddy } from "../../scripts/operator/unavailable.ts"
import { commonHeaders } from "../../server/headers.ts"
import { describeWhere } from "../support/needs.ts"
import { freePort } from "../support/port.ts"
import type { Answered } from "../support/server.ts"

const CADDY = "/usr/bin/caddy"
const deploy = join(__dirname, "../../deploy")
const MARK = "a-marked-request"

test("what Caddy says while the server is away has the server's own headers", async () => {
  expect(await readFile(join(deploy, "unavailable.caddy"), "utf8")).toBe(unavailableCaddy())
})

describeWhere(CADDY, "Caddy before the server", () => {
  let folder: string
  let ports: { http: number; https: number }
  let caddy: ChildProcess
  let said = ""
  /** Stands behind the socket and keeps what came: headers, and when the parts of a body arrived. */
  let behind: Server
  const came: { headers: IncomingHttpHeaders; parts: number[]; sha256: string }[] = []
  let firstPart: () => void = () => undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sotto-caddy-"))
    ports = { http: await freePort(), https: await freePort() }
    await cp(deploy, join(folder, "deploy"), { recursive: true })
    await mkdir(join(folder, "data"))
    behind = createServer((req, res) => {
      const hash = createHash("sha256")
      const parts: number[] = []
      req.on("data", (part: Buffer) => {
        parts.push(part.length)
        hash.update(part)
        firstPart()
      })
      req.on("end", () => {
        came.push({ headers: req.headers, parts, sha256: hash.digest("hex") })
        res.writeHead(201, { "Content-Security-Policy": "ours", "Content-Length": 0 }).end()
      })
    })
    await listenBehind()
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      SOTTO_DOMAIN: "localhost",
      SOTTO_TLS: "internal",
      SOTTO_SOCKET: join(folder, "web.sock"),
      SOTTO_HTTP_PORT: String(ports.http),
      SOTTO_HTTPS_PORT: String(ports.https),
      SOTTO_CADDY_DATA: join(folder, "data"),
    }
    const config = join(folder, "deploy/Caddyfile")
    await promisify(execFile)(CADDY, ["validate", "--adapter", "caddyfile", "--config", config], { env })
    caddy = spawn(CADDY, ["run", "--adapter", "caddyfile", "--config", config], { env, stdio: ["ignore", "pipe", "pipe"] })
    for (const stream of [caddy.stdout, caddy.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (said += text))
    while ((await ask("GET", "/").catch(() => undefined)) === undefined) await sleep(50)
    came.length = 0
  }, 60_000)
  afterAll(async () => {
    caddy.kill("SIGTERM")
    behind.closeAllConnections()
    behind.close()
    await rm(folder, { recursive: true, force: true })
  })

  const listenBehind = () => new Promise<void>((resolve) => behind.listen(join(folder, "web.sock"), resolve))
  const authority = async () => readFile(join(folder, "data/pki/authorities/local/root.crt"))

  async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: AsyncIterable<Buffer>): Promise<Answered> {
    const ca = await authority()
    return new Promise((resolve, reject) => {
      const asked = request({ host: "localhost", port: ports.https, ca, method, path, headers, agent: false }, (answer) => {
        const all: Buffer[] = []
        answer.on("data", (part: Buffer) => all.push(part))
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(all) }))
      })
      asked.on("error", reject)
      if (body === undefined) asked.end()
      else write(asked, body).catch(reject)
    })
  }
  async function write(asked: ReturnType<typeof request>, body: AsyncIterable<Buffer>): Promise<void> {
    for await (const part of body) if (!asked.write(part)) await once(asked, "drain")
    asked.end()
  }

  test("serves HTTPS with a certificate for its name, and answers over HTTP/2 too, but offers no HTTP/3", async () => {
    const answer = await ask("GET", "/")
    expect([answer.status, answer.headers["content-security-policy"]]).toEqual([201, "ours"])
    for (const absent of ["alt-svc", "server", "via"]) expect(answer.headers).not.toHaveProperty(absent)
    const session = connectSecure(`https://localhost:${ports.https}`, { ca: await authority() })
    const stream = session.request({ ":path": "/" })
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>]
    expect(headers).toMatchObject({ ":status": 201, "content-security-policy": "ours" })
    session.destroy()
  })

  test("tells the server nothing of who asks, whatever the visitor or a proxy before it has added", async () => {
    const forged = {
      "X-Forwarded-For": "192.0.2.1",
      Forwarded: "for=192.0.2.1",
      "X-Forwarded-Host": "x",
      "X-Forwarded-Proto": "http",
      Via: "1.1 x",
    }
    await ask("GET", "/api/today", { ...forged, "X-Real-IP": "192.0.2.1" })
    const headers: IncomingHttpHeaders = came.at(-1)?.headers ?? {}
    expect(headers.host).toBe(`localhost:${ports.https}`)
    expect(Object.keys(headers).filter((name) => /forward|^via$|real-ip|client/.test(name))).toEqual([])
    expect(JSON.stringify(headers)).not.toMatch(/127\.0\.0\.1|192\.0\.2\.1|::1/)
  })

  test("passes an upload on while it is still being sent, byte for byte", async () => {
    const hash = createHash("sha256")
    const arrived = new Promise<void>((resolve) => {
      firstPart = resolve
    })
    async function* parts() {
      for (let at = 0; at < 64; at++) {
        const part = Buffer.alloc(65_536, at)
        hash.update(part)
        yield part
        // The rest is sent only once the beginning has come out at the other end.
        if (at === 0) await arrived
      }
    }
    const { status } = await ask("POST", "/api/envelopes?day=2026-11-22", { "Content-Length": String(64 * 65_536) }, parts())
    expect(status).toBe(201)
    expect(came.at(-1)?.sha256).toBe(hash.digest("hex"))
  }, 20_000)

  test("sends whoever comes without HTTPS to the front page, whatever they asked for", async () => {
    const asked = plainRequest({ host: "localhost", port: ports.http, path: `/${MARK}`, agent: false }).end()
    const [answer] = (await once(asked, "response")) as [import("node:http").IncomingMessage]
    answer.resume()
    expect([answer.statusCode, answer.headers.location, answer.headers.server]).toEqual([308, "https://localhost/", undefined])
  })

  test("answers with the server's own headers while the server is away, and is back with it", async () => {
    await new Promise((resolve) => {
      behind.close(resolve)
      behind.closeAllConnections()
    })
    const { status, headers, body } = await ask("POST", `/${MARK}`)
    expect([status, headers["retry-after"], headers["content-type"]]).toEqual([503, "5", "application/problem+json"])
    for (const [name, value] of Object.entries(commonHeaders("https://localhost")))
      expect([name, headers[name.toLowerCase()]]).toEqual([name, value])
    expect(headers).not.toHaveProperty("server")
    expect(JSON.parse(body.toString())).toMatchObject({ type: "urn:sotto:problem:not-ready" })
    await listenBehind()
    expect((await ask("GET", "/")).status).toBe(201)
  })

  test("has logged no request in all this: not the one that failed, nor a broken handshake", async () => {
    const { connect } = await import("node:net")
    const noTls = connect(ports.https, "127.0.0.1")
    noTls.end(`GET /${MARK} HTTP/1.0\r\n\r\n`)
    noTls.resume()
    await once(noTls, "close")
    expect(said).not.toMatch(new RegExp(`${MARK}|127\\.0\\.0\\.1|::1|remote|user.agent`, "i"))
    // It has spoken, so this was its log.
    expect(said).toContain('"logger"')
  })
})
