/** Sends envelopes over plain sockets as fast as the server answers, each connection one after the other, and says how long each took.
 *  A process of its own, so that its share of the processors can be told apart. Prints one JSON object. */

import { readFileSync } from "node:fs"
import { connect } from "node:net"

const [port = "", path = "", file = "", size = "", connections = "", seconds = ""] = process.argv.slice(2)
const bodies = readFileSync(file)
const length = Number(size)
const requests = Array.from({ length: bodies.length / length }, (_, index) => {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/age\r\nContent-Length: ${length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bodies.subarray(index * length, (index + 1) * length)])
})

const times: number[] = []
let failures = 0
let next = 0
let over = false
const started = performance.now()
setTimeout(() => (over = true), Number(seconds) * 1_000)

function connection(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1")
    socket.setNoDelay(true)
    let sent = 0
    const send = () => {
      sent = performance.now()
      const request = requests[next++ % requests.length]
      if (request !== undefined) socket.write(request)
    }
    socket.on("connect", send)
    socket.on("data", (answer: Buffer) => {
      // Answers have a head and no body, and come in one piece; anything else is a failure.
      const isKept = answer.subarray(0, 13).equals(KEPT) && answer.subarray(-4).equals(END)
      if (isKept) times.push(performance.now() - sent)
      else failures++
      if (over) return void socket.end()
      send()
    })
    socket.on("error", () => failures++)
    socket.on("close", () => resolve())
  })
}
const KEPT = Buffer.from("HTTP/1.1 201 ")
const END = Buffer.from("\r\n\r\n")

await Promise.all(Array.from({ length: Number(connections) }, connection))
const elapsed = performance.now() - started
times.sort((a, b) => a - b)
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
const { user, system } = process.cpuUsage()
process.stdout.write(
  JSON.stringify({
    kept: times.length,
    failures,
    perSecond: (times.length / elapsed) * 1_000,
    p50: at(0.5),
    p99: at(0.99),
    cpuUs: user + system,
  }),
)
