/** Bodies that never end cost a bounded amount of memory, and make way for those that do. */

import { createServer, type Server } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { afterEach, expect, test } from "@jest/globals"
import { boundedBodies } from "../../server/receiving.ts"
import { ask } from "../support/server.ts"

let server: Server
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
async function open(rooms: [number, number]): Promise<string> {
  server = createServer(
    boundedBodies((req, res) => {
      req.resume()
      req.once("end", () => res.end("taken"))
    }, rooms),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
/** Announces a body, sends a byte of it, and waits. */
function unfinished(base: string, bytes: number): { closed: boolean } {
  const state = { closed: false }
  const socket = connect(Number(new URL(base).port), "127.0.0.1")
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n1`)
  socket.on("close", () => (state.closed = true))
  socket.on("error", () => undefined)
  sockets.push(socket)
  return state
}
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test("the oldest unfinished bodies make way, and whoever sends at an ordinary pace is served", async () => {
  const base = await open([10 * 32_768, 1_048_576])
  const slow: { closed: boolean }[] = []
  for (let index = 0; index < 30; index++) {
    slow.push(unfinished(base, 32_768))
    // One after the other, so that it is known who is the oldest.
    await until(() => sockets.at(-1)?.bytesWritten !== 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => slow.filter(({ closed }) => closed).length === 20)
  expect(slow.slice(0, 15).every(({ closed }) => closed)).toBe(true)
  const { status } = await ask(base, "POST", "/", { body: Buffer.alloc(32_768) })
  expect(status).toBe(200)
})

test("large bodies take no room from small ones", async () => {
  const base = await open([2 * 32_768, 1_048_576])
  const small = unfinished(base, 32_768)
  await until(() => sockets[0]?.bytesWritten !== 0)
  const large = Array.from({ length: 10 }, () => unfinished(base, 1_000_000))
  await until(() => large.filter(({ closed }) => closed).length === 9)
  expect(small.closed).toBe(false)
})
