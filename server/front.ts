/** The HTTP server itself. What Node would answer by its own hand, before a listener is asked, has the same headers as everything else here. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AppServices } from "./app.ts"
import { commonHeaders } from "./headers.ts"
import { makeListener } from "./hot.ts"
import { PROBLEM_TYPE, Problem, problemBody } from "./problem.ts"

/** For whoever was refused to read why. */
const LINGER_MS = 1_000
/** How long a request may take to come. A page sends a tip of 1 MiB for ten minutes (client/sending.ts), and other software a whole upload in one. */
const REQUEST_MS = 900_000

/** @param requestMs - how long a request may take to come */
export function makeServer(services: AppServices, requestMs = REQUEST_MS): Server {
  const { url } = services.pinned
  const listener = makeListener(services)
  // Whether there is a Host is looked at here.
  const options = { requireHostHeader: false, requestTimeout: requestMs, connectionsCheckingInterval: Math.ceil(requestMs / 30) }
  const server = createServer(options, (req, res) => {
    if (req.headers.host === undefined && req.httpVersion !== "1.0") refuse(req, res, url, "A request says which host it is for.")
    // A proxy's form of it, or none: what follows takes paths alone, and would answer in words of its own.
    else if (!req.url?.startsWith("/")) refuse(req, res, url, "A request is for a path of this host.")
    else listener(req, res)
  })
  server.on("checkExpectation", (req, res) => refuse(req, res, url, "Nothing is to be expected here but 100-continue."))
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Without an answer: an answer is final to whoever sends a tip or an upload, and a line that broke is something to go on from.
    if (!socket.writable || error.code === "ERR_HTTP_REQUEST_TIMEOUT") return void socket.destroy()
    // Node leaves the connection to us, all of it: one of which only our half is ended would stay for as long as the other side likes.
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
    const { status, headers, body } = refusal(url, "This is not an HTTP request.")
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} Bad Request\r\n${lines.join("")}\r\n${body}`)
  })
  return server
}

function refuse(req: IncomingMessage, res: ServerResponse, url: string, rule: string): void {
  const { status, headers, body } = refusal(url, rule)
  res.writeHead(status, headers)
  res.end(req.method === "HEAD" ? undefined : body)
}

function refusal(url: string, rule: string) {
  const problem = new Problem("bad-query", rule)
  const body = problemBody(problem)
  const headers = { ...commonHeaders(url), "Content-Type": PROBLEM_TYPE, "Content-Length": String(body.length), Connection: "close" }
  return { status: problem.status, headers, body }
}
