/** One HTTP request, byte for byte as asked: no redirect is followed, no cookie kept, nothing decompressed.
 *  Not `fetch`, which lets nobody say under which host name a server is addressed when it is reached by another. */

import type { IncomingMessage, RequestOptions } from "node:http"
import type { SocksProxy } from "./socks.ts"

export interface Wire {
  /** Where to connect, path and query included. */
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Partial<Record<string, string>>>
  readonly body: Uint8Array
  /** More than this is not read. */
  readonly maxBytes: number
  /** With nothing coming for so long, it is given up. */
  readonly timeoutMs: number
  /** When it is given up however much comes, if not by {@link deadlineMs}: a host that sends a byte a minute is never silent, and holds a
   *  command for ever, with keys that this command would have destroyed. */
  readonly deadlineMs?: number
  /** Every connection goes through it; none goes around it. */
  readonly proxy?: SocksProxy
}
export interface Answered {
  readonly status: number
  readonly body: Uint8Array<ArrayBuffer>
  /** What the server's clock said, milliseconds, if it said so: believed for a hint and for nothing else. */
  readonly date?: number
}

/** Thrown when an answer is longer than it may be. */
export class TooLong extends Error {}
/** Thrown when an answer has not ended by the time it had to. */
export class TooSlow extends Error {}

/** Slower than any line that people use, Tor's included. */
const LEAST_BYTES_PER_SECOND = 4_096
/** The longest that so many bytes may take, there and back. */
export const deadlineMs = (timeoutMs: number, bytes: number): number => timeoutMs + Math.ceil((bytes / LEAST_BYTES_PER_SECOND) * 1_000)

/** @throws {@link TooLong}, {@link TooSlow}, or whatever the network says */
export async function exchange(wire: Wire): Promise<Answered> {
  const { timeoutMs, body, maxBytes } = wire
  const answer = await begin({ deadlineMs: deadlineMs(timeoutMs, body.length + maxBytes), ...wire })
  const date = Date.parse(answer.headers.date ?? "")
  return { status: answer.statusCode ?? 0, body: await whole(answer, wire.maxBytes), ...(Number.isNaN(date) ? {} : { date }) }
}

/** As {@link exchange}, as soon as the answer begins: its body is for whoever asked to take as it comes, and breaks off at the deadline. */
export async function begin(wire: Omit<Wire, "maxBytes">): Promise<IncomingMessage> {
  const { url, method, headers, body, timeoutMs, proxy } = wire
  const until = Date.now() + (wire.deadlineMs ?? deadlineMs(timeoutMs, body.length))
  const target = new URL(url)
  const { request } = target.protocol === "https:" ? await import("node:https") : await import("node:http")
  const options: RequestOptions = { method, headers: { ...headers, "content-length": body.length }, agent: false, timeout: timeoutMs }
  // The certificate is that of the name that was asked for, wherever the connection leads.
  const host = headers.host?.replace(/:\d+$/, "")
  const connected = proxy === undefined ? {} : await connection(target, proxy, { host, timeoutMs })
  return new Promise<IncomingMessage>((resolve, reject) => {
    let answer: IncomingMessage | undefined
    const sent = request(target, { ...options, ...(host === undefined ? {} : { servername: host }), ...connected }, (came) => {
      answer = came
      resolve(came)
    })
    const late = setTimeout(() => {
      const tooSlow = new TooSlow("the server is too slow")
      answer?.destroy(tooSlow)
      sent.destroy(tooSlow)
    }, until - Date.now())
    sent.once("close", () => clearTimeout(late))
    sent.once("timeout", () => sent.destroy(new Error("timed out")))
    sent.once("error", reject)
    sent.end(body)
  })
}

/** Without an agent: only then does Node take a connection that was made before. */
async function connection(
  { protocol, hostname, port }: URL,
  proxy: SocksProxy,
  { host, timeoutMs }: { readonly host: string | undefined; readonly timeoutMs: number },
): Promise<RequestOptions> {
  const { throughProxy } = await import("./socks.ts")
  const isSecure = protocol === "https:"
  const socket = await throughProxy(proxy, { host: hostname, port: Number(port) || (isSecure ? 443 : 80) }, timeoutMs)
  // Without an agent nobody knows the usual port, and it would stand behind the name of the host, which is signed without it.
  const direct = { agent: undefined, defaultPort: isSecure ? 443 : 80 }
  if (!isSecure) return { ...direct, createConnection: () => socket }
  const { connect } = await import("node:tls")
  return { ...direct, createConnection: () => connect({ socket, servername: host ?? hostname }) }
}

export async function whole(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let sum = 0
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    sum += piece.length
    if (sum > maxBytes) throw new TooLong("the answer is too long")
    pieces.push(piece)
  }
  const bytes = new Uint8Array(sum)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
