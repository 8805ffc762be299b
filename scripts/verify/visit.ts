/** One visit: a connection of its own, and on it the requests of one browser, byte for byte. Nothing is believed or repaired here: what came
 *  is handed on as it came. */

import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import type { Socket } from "node:net"
import { connect as tlsConnect } from "node:tls"
import { Failure } from "../failure.ts"
import { type SocksProxy, throughProxy } from "../socks.ts"
import { deadlineMs } from "../transport.ts"
import type { Body, Browser, Fields, Kind } from "./browsers.ts"

export interface Fetched {
  readonly path: string
  /** What `Accept-Encoding` said. */
  readonly encodings: string
  readonly status: number
  /** As they came, in order, names as spelt. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** As it came: compressed. */
  readonly body: Buffer
  /** Informational answers before it, and fields after the body: a browser may act on both. */
  readonly besides: readonly string[]
}
export interface Ask {
  readonly kind: Kind
  /** In place of the browser's `Accept-Encoding`. */
  readonly encodings?: string
  readonly more?: readonly (readonly [string, string])[]
}
export interface Visit {
  readonly browser: string
  /** @throws Failure `failed`: no answer, or not a whole one */
  get(path: string, ask: Ask): Promise<Fetched>
  /** As the page's script sends something. Errors as {@link get}. */
  post(path: string, body: Body): Promise<Fetched>
  close(): void
}
export interface Way {
  /** The newsroom's address, in every request. */
  readonly url: string
  /** Where it is reached, if not there. */
  readonly base?: string
  readonly proxy?: SocksProxy
  readonly timeoutMs: number
}

const TOO_LONG = "it took too long"
const MAX_BYTES = 64 * 1_048_576

/** @param isolation - visits with different ones share no circuit of Tor */
export function openVisit({ url, base, proxy, timeoutMs }: Way, browser: Browser, isolation: string): Visit {
  const own = new URL(url)
  const target = new URL(base ?? url)
  const isTls = target.protocol === "https:"
  const port = Number(target.port || (isTls ? 443 : 80))
  const settings = { keepAlive: true, maxSockets: 1, timeout: timeoutMs }
  const agent = isTls ? new HttpsAgent(settings) : new HttpAgent(settings)
  if (proxy !== undefined)
    Object.assign(agent, {
      createConnection(_options: unknown, done: (error: Error | null, socket?: Socket) => void) {
        throughProxy(proxy, { host: target.hostname, port, circuit: isolation }, timeoutMs).then(
          (socket) => done(null, isTls ? tlsConnect({ socket, servername: own.hostname, ALPNProtocols: ["http/1.1"] }) : socket),
          (error: Error) => done(error),
        )
      },
    })
  const ask = (method: "GET" | "POST", path: string, headers: Fields, body: Uint8Array) => {
    const sent = [["Host", own.host] as const, ...headers]
    const request = (isTls ? httpsRequest : httpRequest)({
      agent,
      host: target.hostname,
      port,
      servername: own.hostname,
      method,
      path,
      headers: sent.flat(),
      setHost: false,
      timeout: timeoutMs,
    })
    const encodings = sent.find(([name]) => name === "Accept-Encoding")?.[1] ?? ""
    return answered(request, body, timeoutMs).then((answer) => ({ path, encodings, ...answer }))
  }
  return {
    browser: browser.name,
    get(path, { kind, encodings, more = [] }) {
      const headers = browser
        .headers(kind, own.origin)
        .map(([name, value]) =>
          name === "Accept-Encoding" && encodings !== undefined ? ([name, encodings] as const) : ([name, value] as const),
        )
      return ask("GET", path, [...headers, ...more], new Uint8Array(0))
    },
    post(path, body) {
      if (browser.sending === undefined) throw new TypeError(`how ${browser.name} sends is not known`)
      return ask("POST", path, browser.sending(body, own.origin), body.bytes)
    },
    close: () => agent.destroy(),
  }
}

async function answered(request: ClientRequest, body: Uint8Array, timeoutMs: number): Promise<Omit<Fetched, "path" | "encodings">> {
  const besides: string[] = []
  const begun = Date.now()
  // A host that drips is never silent. What has come buys time, so that a slow line is not taken for one.
  const until = (length: number) =>
    setTimeout(() => request.destroy(new Error(TOO_LONG)), begun + deadlineMs(timeoutMs, length) - Date.now())
  let late = until(0)
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("information", ({ statusCode }) => besides.push(`an informational answer, ${statusCode}`))
      request.once("response", resolve)
      request.once("timeout", () => request.destroy(new Error(TOO_LONG)))
      request.once("error", reject)
      request.end(body)
    })
    const parts: Buffer[] = []
    let length = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length
      if (length > MAX_BYTES) throw new Error("the answer does not end")
      parts.push(part)
      clearTimeout(late)
      late = until(length)
    }
    if (answer.rawTrailers.length > 0) besides.push("header fields after the body")
    const headers = answer.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1] ?? ""] as const] : []))
    return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(parts), besides }
  } catch (cause) {
    request.destroy()
    throw new Failure(
      "failed",
      `the server cannot be reached: ${reasonOf(cause)}`,
      "check the network, the address and the proxy; then try again",
      {
        cause,
      },
    )
  } finally {
    clearTimeout(late)
  }
}

/** The system's name for it, or our own words; never the server's. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unforeseen"
  return "code" in error && typeof error.code === "string" ? error.code : error.message
}
