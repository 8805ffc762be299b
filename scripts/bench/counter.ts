/** A line through which a browser speaks to a server, and which counts what goes over it: a browser's own tools leave out what a worker fetches. */

import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface Counter {
  readonly port: number
  /** What was sent to the browser and asked by it since the last call, on all connections: bytes with all headers, and requests. */
  counted(): { readonly bytes: number; readonly requests: number }
  close(): void
}

/** HTTP/1.1 without bodies on the way there, as a first visit's is. */
const REQUEST = /(?:^|\r\n)[A-Z]+ \S+ HTTP\/1\.1\r\n/g

/** @param to - the server's port on this machine */
export async function countingLine(to: number): Promise<Counter> {
  let [bytes, requests] = [0, 0]
  const sockets = new Set<Socket>()
  const listener = createServer((browser) => {
    const server = connect(to, "localhost")
    for (const [one, other] of [[browser, server] as const, [server, browser] as const]) {
      sockets.add(one)
      one.on("error", () => other.destroy())
      one.on("close", () => sockets.delete(one))
    }
    browser.on("data", (sent) => (requests += sent.toString("latin1").match(REQUEST)?.length ?? 0))
    server.on("data", (sent) => (bytes += sent.length))
    browser.pipe(server).pipe(browser)
  }).listen(0, "localhost")
  await once(listener, "listening")
  return {
    port: (listener.address() as AddressInfo).port,
    counted() {
      const found = { bytes, requests }
      bytes = requests = 0
      return found
    },
    close() {
      listener.close()
      for (const one of sockets) one.destroy()
    },
  }
}
