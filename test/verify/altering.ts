/** A real server behind a small proxy that alters what it hands on: as whoever holds the machine, the certificates or the network could. */

import { randomInt } from "node:crypto"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib"

/** An answer on its way, to be changed in place. */
export interface Passing {
  readonly path: string
  /** The request's fields, in lower case. */
  readonly asked: Readonly<Record<string, string | string[] | undefined>>
  status: number
  /** Fields as they came, in order. */
  headers: [name: string, value: string][]
  /** As sent: compressed. */
  body: Buffer
}
/** Changes an answer; may also write to the connection itself before it. */
export type Alter = (passing: Passing, response: ServerResponse) => void

export const header = ({ headers }: Passing, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
export const without = (passing: Passing, name: string): void => {
  passing.headers = passing.headers.filter(([one]) => one.toLowerCase() !== name)
}
export function set(passing: Passing, name: string, value: string): void {
  without(passing, name.toLowerCase())
  passing.headers.push([name, value])
}
const encodingOf = (passing: Passing) => header(passing, "content-encoding")
export const textOf = (passing: Passing): string => plain(passing).toString("latin1")
function plain(passing: Passing): Buffer {
  const encoding = encodingOf(passing)
  return encoding === "br" ? brotliDecompressSync(passing.body) : encoding === "gzip" ? gunzipSync(passing.body) : passing.body
}
/** Puts other text in its place, compressed as before. */
export const rewrite = (passing: Passing, change: (text: string) => string): void =>
  rewriteBytes(passing, (bytes) => Buffer.from(change(bytes.toString("latin1")), "latin1"))
export function rewriteBytes(passing: Passing, change: (bytes: Buffer) => Buffer): void {
  const bytes = change(plain(passing))
  const encoding = encodingOf(passing)
  const fast = { params: { 1: 1 } }
  replace(passing, encoding === "br" ? brotliCompressSync(bytes, fast) : encoding === "gzip" ? gzipSync(bytes) : bytes)
}
/** The same for an answer in JSON, filled up with spaces to so many bytes. */
export const rewriteJson = <Said>(passing: Passing, change: (said: Said) => unknown, length = 0): void =>
  rewriteBytes(passing, (bytes) => {
    const said = Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString("utf8").trimEnd()) as Said)))
    return Buffer.concat([said, Buffer.alloc(Math.max(0, length - said.length), " ")])
  })
/** What is sent, as it is. */
export function replace(passing: Passing, body: Buffer): void {
  passing.body = body
  if (header(passing, "content-length") !== undefined) set(passing, "Content-Length", String(body.length))
}
export const isPage = (passing: Passing): boolean => header(passing, "content-type")?.startsWith("text/html") === true
export const chance = (oneIn: number): boolean => randomInt(oneIn) === 0

export interface AlteringProxy {
  readonly base: string
  /** From the next answer on; `undefined`: hands on as it is. */
  alter(alter: Alter | undefined): void
  /** How often anything was asked. */
  readonly requests: number
  stop(): Promise<void>
}

export async function startProxy(base: string): Promise<AlteringProxy> {
  const target = new URL(base)
  let now: Alter | undefined
  let requests = 0
  const server = createServer((asked, response) => {
    requests += 1
    pass(asked, response).catch(() => response.destroy())
  })
  async function pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path, rawHeaders } = asked
      const sent = request({ host: target.hostname, port: target.port, method, path, headers: rawHeaders, setHost: false }, resolve)
      sent.once("error", reject)
      asked.pipe(sent)
    })
    const parts: Buffer[] = []
    for await (const part of answer as AsyncIterable<Buffer>) parts.push(part)
    const fields = answer.rawHeaders.flatMap((name, at, all): [string, string][] => (at % 2 === 0 ? [[name, all[at + 1] ?? ""]] : []))
    const passing: Passing = {
      path: asked.url ?? "",
      asked: asked.headers,
      status: answer.statusCode ?? 0,
      headers: fields.filter(([name]) => !/^(connection|keep-alive|date)$/i.test(name)),
      body: Buffer.concat(parts),
    }
    now?.(passing, response)
    if (response.destroyed) return
    response.writeHead(passing.status, passing.headers.flat())
    response.end(passing.body)
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alter(alter) {
      now = alter
    },
    get requests() {
      return requests
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
