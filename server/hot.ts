/** `POST /api/envelopes` as every page sends it, answered without Express: the framework costs several times what the work does.
 *  Only that: a request in any other form goes to the routes, which refuse it or take it, with the same words and the same headers.
 *  docs/decisions/0036. */

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Request, Response } from "express"
import type { Bytes } from "../envelope/bytes.ts"
import { type AppServices, asProblem, makeApp, RETRY_SECONDS } from "./app.ts"
import { commonHeaders } from "./headers.ts"
import { nameOf } from "./log.ts"
import { PROBLEM_TYPE, Problem, problemBody } from "./problem.ts"
import { boundedBodies } from "./receiving.ts"
import { routes } from "./routes.ts"

const TARGET = /^\/api\/envelopes\?day=([0-9-]{10})$/
const LENGTH = /^[1-9]\d{4,6}$/

/** The whole server as one listener. */
export function makeListener(services: AppServices): RequestListener {
  const app = makeApp(services)
  // What passes every route is cut: Express would answer with a page and headers of its own.
  const others: RequestListener = (req, res) => app(req as Request, res as Response, () => res.destroy())
  return boundedBodies(hotPath(services, others))
}

/** @param others - answers everything else */
export function hotPath(services: AppServices, others: RequestListener): RequestListener {
  const route = routes.find(({ method, path }) => method === "POST" && path === "/api/envelopes")
  if (route?.body === undefined || route.checkLength === undefined) throw new Error("there is no route for envelopes")
  const { body: form, checkLength, answer } = route
  const common = Object.entries(commonHeaders(services.pinned.url)).flat()
  const taken = [...common, "Content-Length", "0"]

  function refuse(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    const problem = asProblem(error) ?? new Problem("broken", "Something is wrong on our side. Nothing was kept.")
    if (problem.type === "broken") services.log({ event: "broken", where: "request", error: nameOf(error) })
    const body = problemBody(problem)
    const headers = [...common, "Content-Type", PROBLEM_TYPE, "Content-Length", String(Buffer.byteLength(body))]
    if (problem.type === "not-ready") headers.push("Retry-After", RETRY_SECONDS)
    if (!req.complete) headers.push("Connection", "close")
    res.writeHead(problem.status, headers)
    res.end(body)
  }

  async function take(req: IncomingMessage, res: ServerResponse, day: string, length: number): Promise<void> {
    try {
      await checkLength?.(length, services)
      const body = await bodyOf(req, length)
      if (body === undefined) return // the sender has gone
      const { status } = await answer({ params: {}, query: { day }, body, headers: workOf(req) }, services)
      res.writeHead(status, taken)
      res.end()
    } catch (error) {
      refuse(req, res, error)
    }
  }

  return (req, res) => {
    const { headers, method } = req
    const day = method === "POST" ? TARGET.exec(req.url ?? "")?.[1] : undefined
    const length = headers["content-length"] ?? ""
    const isOrdinary = headers["content-type"] === form.type && headers["content-encoding"] === undefined && LENGTH.test(length)
    if (day === undefined || !isOrdinary || Number(length) > form.maxBytes) return void others(req, res)
    void take(req, res, day, Number(length))
  }
}

/** The one field that the route looks at. */
function workOf({ headers }: IncomingMessage): { "sotto-work"?: string } {
  const work = headers["sotto-work"]
  return typeof work === "string" ? { "sotto-work": work } : {}
}

/** The whole body, of the length that was announced, which Node's parser holds it to; `undefined` when the connection ended before. */
function bodyOf(req: IncomingMessage, length: number): Promise<Bytes | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    req.on("data", (part: Buffer) => parts.push(part))
    req.once("end", () => {
      const [only] = parts
      const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, length)
      resolve(new Uint8Array(whole.buffer as ArrayBuffer, whole.byteOffset, whole.byteLength))
    })
    req.once("close", () => resolve(undefined))
    req.once("error", () => resolve(undefined))
  })
}
