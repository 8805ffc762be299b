/** A host, or a proxy, that drips: it is never silent, and is given up all the same. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net"
import { afterEach, describe, expect, test } from "@jest/globals"
import { throughProxy } from "../../scripts/socks.ts"
import { begin, deadlineMs, exchange, TooSlow, whole } from "../../scripts/transport.ts"
import { browser } from "../../scripts/verify/browsers.ts"
import { openVisit } from "../../scripts/verify/visit.ts"

const DRIP_MS = 50
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** @returns its address */
async function host(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function drip(write: () => unknown): void {
  const dripping = setInterval(write, DRIP_MS)
  ends.push(() => clearInterval(dripping))
}

const asking = { method: "GET", headers: {}, body: new Uint8Array(0), timeoutMs: 10 * DRIP_MS }
const slow = { ...asking, deadlineMs: 12 * DRIP_MS }

describe("a request", () => {
  test("whose answer drips is given up at its deadline, though it was never silent for as long as it may be", async () => {
    const url = await host((_request, response) => {
      response.writeHead(200, { "content-length": 1_000_000 })
      drip(() => response.write("x"))
    })
    await expect(exchange({ ...slow, url, maxBytes: 1_000_000 })).rejects.toBeInstanceOf(TooSlow)
    const begun = await begin({ ...slow, url })
    await expect(whole(begun, 1_000_000)).rejects.toBeInstanceOf(TooSlow)
  })

  test("whose answer's headers drip is given up too", async () => {
    const server = createSocketServer((socket: Socket) => {
      socket.on("error", () => undefined)
      socket.write("HTTP/1.1 200 OK\r\n")
      drip(() => socket.write("a: b\r\n"))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    ends.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await expect(exchange({ ...slow, url, maxBytes: 1_000 })).rejects.toBeInstanceOf(TooSlow)
  })

  test("is allowed longer, the more it may bring: a large part over a slow line comes whole", async () => {
    expect(deadlineMs(120_000, 0)).toBe(120_000)
    expect(deadlineMs(120_000, 1_048_576)).toBe(120_000 + 256_000)
    const url = await host((_request, response) => {
      let left = 20
      drip(() => (left-- > 0 ? response.write("x") : response.end()))
    })
    // 10 drips of silence would be too much, 20 drips in all are not.
    const { body } = await exchange({ ...asking, url, maxBytes: 100_000 })
    expect(body).toHaveLength(20)
  })
})

test("a visit of the watch ends too, and what keeps coming at a pace comes whole", async () => {
  const open = (url: string) => openVisit({ url, timeoutMs: 10 * DRIP_MS }, browser("firefox", "en"), "x")
  const dripping = await host((_request, response) => {
    response.writeHead(200, { "content-length": 1_000_000 })
    drip(() => response.write("x"))
  })
  await expect(open(dripping).get("/", { kind: "document" })).rejects.toMatchObject({ code: "failed" })
  const slowly = await host((_request, response) => {
    let left = 20
    drip(() => (left-- > 0 ? response.write("x".repeat(1_024)) : response.end()))
  })
  expect((await open(slowly).get("/", { kind: "document" })).body).toHaveLength(20 * 1_024)
})

test("a proxy that drips its greeting, or says nothing, is given up", async () => {
  for (const says of [false, true]) {
    const proxy = createSocketServer((socket: Socket) => {
      socket.on("error", () => undefined)
      if (!says) return
      socket.once("data", () => socket.write(Uint8Array.of(5, 2)))
      // The address that it is reached from: a name of 255 letters, one at a time.
      socket.on("data", (data) => {
        if (data[0] === 1) socket.write(Uint8Array.of(1, 0))
        if (data[0] === 5 && data.length > 3) {
          socket.write(Uint8Array.of(5, 0, 0, 3, 255))
          drip(() => socket.write("a"))
        }
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    ends.push(() => proxy.close())
    const { port } = proxy.address() as AddressInfo
    await expect(throughProxy({ host: "127.0.0.1", port }, { host: "forms.example.org", port: 443 }, 10 * DRIP_MS)).rejects.toThrow(
      "the proxy",
    )
    const through = { ...asking, url: "http://forms.example.org/", proxy: { host: "127.0.0.1", port }, maxBytes: 10 }
    await expect(exchange(through)).rejects.toThrow("the proxy")
  }
})
