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
interface Sender {
  readonly socket: Socket
  closed: boolean
  answered: string
}
/** Announces a body, sends so many bytes of it, and waits. */
async function unfinished(base: string, announced: number, sent: number): Promise<Sender> {
  const socket = connect(Number(new URL(base).port), "127.0.0.1")
  const state: Sender = { socket, closed: false, answered: "" }
  socket.on("close", () => (state.closed = true))
  socket.on("error", () => undefined)
  socket.setEncoding("latin1").on("data", (text: string) => (state.answered += text))
  sockets.push(socket)
  await new Promise<void>((resolve) =>
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${announced}\r\n\r\n${"1".repeat(sent)}`, () => resolve()),
  )
  return state
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(10)
}
const left = (senders: readonly Sender[]) => senders.filter(({ closed }) => !closed).length

test("of bodies that stop no more is held than there is room for, and whoever sends at an ordinary pace is served", async () => {
  const base = await open([400_000, 1_048_576])
  const stopped: Sender[] = []
  for (let index = 0; index < 30; index++) stopped.push(await unfinished(base, 32_768, 30_000))
  await until(() => left(stopped) * 30_000 <= 400_000)
  await pause(300)
  // Not more of them than was needed.
  expect(left(stopped)).toBeGreaterThanOrEqual(10)
  const { status } = await ask(base, "POST", "/", { body: Buffer.alloc(32_768) })
  expect(status).toBe(200)
})

test("headers alone cut nobody off, however much they announce", async () => {
  const base = await open([2_000_000, 1_048_576])
  const honest = await unfinished(base, 32_768, 16_000)
  const headers = await Promise.all(Array.from({ length: 200 }, () => unfinished(base, 131_072, 0)))
  await pause(500)
  expect(honest.closed).toBe(false)
  honest.socket.write("1".repeat(16_768))
  await until(() => honest.answered.includes("taken"))
  expect(left(headers)).toBe(200)
})

test("a slow sender who goes on stays, those who stopped with as much make way", async () => {
  const base = await open([400_000, 1_048_576])
  const slow = await unfinished(base, 32_768, 1_000)
  const stopped: Sender[] = []
  let sent = 1_000
  while (sent < 32_768) {
    // Five come with nearly all they announced, and stop, for each two kilobytes of the slow one.
    for (let index = 0; index < 5; index++) stopped.push(await unfinished(base, 32_768, 30_000))
    slow.socket.write("1".repeat(Math.min(2_000, 32_768 - sent)))
    sent += 2_000
    await pause(150)
    if (slow.closed) break
  }
  await until(() => slow.closed || slow.answered.includes("taken"))
  expect([slow.closed, slow.answered.includes("taken")]).toEqual([false, true])
  expect(stopped.length - left(stopped)).toBeGreaterThan(50)
}, 30_000)

test("large bodies take no room from small ones", async () => {
  const base = await open([100_000, 1_048_576])
  const small = await unfinished(base, 32_768, 30_000)
  const large = await Promise.all(Array.from({ length: 10 }, () => unfinished(base, 1_000_000, 300_000)))
  await until(() => left(large) === 3)
  await pause(200)
  expect([small.closed, left(large)]).toEqual([false, 3])
})
