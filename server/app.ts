/** The routes as an Express application: form first, then who asks, then the handler; one place that answers errors. */

import express, { type Express, type NextFunction, type Request, type Response } from "express"
import type { Bytes } from "../envelope/bytes.ts"
import { KeyringError } from "../keyring/errors.ts"
import type { PinnedNewsroom } from "../keyring/newsroom.ts"
import { securityHeaders } from "./headers.ts"
import { type Log, nameOf } from "./log.ts"
import type { NonceStore } from "./nonces.ts"
import { chooseEncoding, type PageFile } from "./page.ts"
import { PROBLEM_TYPE, Problem, problemBody } from "./problem.ts"
import type { Answer, Checked, Route, Services } from "./route.ts"
import { routes } from "./routes.ts"
import { whoSigned, whoseMailbox } from "./signed.ts"
import { TUS_VERSION } from "./tus.ts"
import { isUnavailable } from "./unavailable.ts"

export interface AppServices extends Services {
  readonly nonces: NonceStore
  readonly log: Log
}

const NO_BODY = new Uint8Array(0)
export const RETRY_SECONDS = "5"

export function makeApp(services: AppServices): Express {
  const app = express()
  app.disable("x-powered-by")
  app.disable("etag") // an ETag recognises a visitor who comes back
  app.set("query parser", false) // the handlers see checked parameters only
  app.set("case sensitive routing", true)
  app.set("strict routing", true)
  app.use(securityHeaders(services.pinned.url))
  for (const path of paths()) app.all(path, ...handlers(path, services))
  app.all(/^\/api(\/|$)/, () => {
    throw new Problem("not-found", "There is nothing at this address.")
  })
  app.all(/.*/, servePage(services))
  app.use(answerPerson(services))
  app.use(answerError(services.log))
  return app
}

/** Fixed paths first: `/api/feed/fetch` is not a day. */
function paths(): readonly string[] {
  const all = [...new Set(routes.map(({ path }) => path))]
  return [...all.filter((path) => !path.includes(":")), ...all.filter((path) => path.includes(":"))]
}

type Handler = (req: Request, res: Response, next: NextFunction) => void | Promise<void>

/** Everything at one path: the method is chosen here, so that another one is told which there are. */
function handlers(path: string, services: AppServices): Handler[] {
  const here = routes.filter((route) => route.path === path)
  const find = (req: Request): Route => {
    const method = methodOf(req, path)
    const route = here.find((one) => one.method === method) ?? (method === "HEAD" ? here.find((one) => one.method === "GET") : undefined)
    if (route === undefined) throw new WrongMethod(here.map((one) => one.method))
    return route
  }
  // A page's address answers with the page to whoever only looks: there is no other page that could be altered unseen (WEBCAT).
  const isForm = here.every(({ refused }) => refused !== undefined)
  return [
    (req, _res, next) => next(isForm && (req.method === "GET" || req.method === "HEAD") ? "route" : undefined),
    (_req, res, next) => {
      if (isUpload(path)) res.setHeader("Tus-Resumable", TUS_VERSION)
      next()
    },
    (req, _res, next) => {
      const { body } = find(req)
      if (body === undefined) return next()
      if (!isOfType(req.headers["content-type"], body)) throw new Problem("wrong-type", `The body is ${body.type}.`)
      if (req.headers["content-encoding"] !== undefined)
        throw new Problem("wrong-type", "The body is sent as it is, without a content encoding.")
      return next()
    },
    async (req, _res, next) => {
      const { checkLength } = find(req)
      const announced = req.headers["content-length"]
      checkedQuery(req, find(req))
      if (checkLength !== undefined && announced !== undefined) await checkLength(Number(announced), services)
      next()
    },
    (req, res, next) => {
      const { body } = find(req)
      if (body === undefined || body.isStream) return next()
      express.raw({ type: () => true, limit: body.maxBytes, inflate: false })(req, res, next)
    },
    async (req, res) => {
      const route = find(req)
      await send(req, res, await route.answer(await checked(req, route, services), services))
    },
  ]
}

const isOfType = (given: string | undefined, { type, hasBoundary }: NonNullable<Route["body"]>): boolean =>
  hasBoundary ? given?.startsWith(`${type}; boundary=`) === true : given === type

const isUpload = (path: string) => path.startsWith("/api/uploads")

/** tus: whoever cannot send PATCH or DELETE sends POST and says what is meant. Nowhere else does a header stand for a method. */
function methodOf(req: Request, path: string): string {
  const meant = isUpload(path) && path.includes(":") ? req.get("x-http-method-override") : undefined
  return meant !== undefined && req.method === "POST" ? meant : req.method
}

class WrongMethod extends Problem {
  readonly allow: string
  constructor(methods: readonly string[]) {
    super("wrong-method", "This address takes other methods.")
    this.allow = methods.includes("GET") && !methods.includes("HEAD") ? [...methods, "HEAD"].join(", ") : methods.join(", ")
  }
}

async function checked(req: Request, route: Route, services: AppServices): Promise<Checked> {
  const body = bodyOf(req)
  const params = Object.fromEntries(Object.entries(req.params).map(([name, value]) => [name, String(value)]))
  const headers = Object.fromEntries((route.headers ?? []).map((name) => [name, req.get(name)]))
  const request = { params, query: checkedQuery(req, route), body, headers, stream: req as AsyncIterable<Uint8Array> }
  if (route.access === "anyone") return request
  const unsigned = { method: req.method, target: req.originalUrl, header: (name: string) => req.get(name), body }
  const keyring = await services.keyrings.current()
  if (route.access === "source") return { ...request, mailbox: await whoseMailbox(unsigned, keyring, services.clock.today()) }
  return { ...request, reporter: await whoSigned(unsigned, keyring, services) }
}

function bodyOf(req: Request): Bytes {
  const body: unknown = req.body // undefined when there was none
  return body instanceof Uint8Array ? new Uint8Array(body) : NO_BODY
}

/** Exactly the route's parameters, each once. */
function checkedQuery(req: Request, { query }: Route): Record<string, string> {
  const given = [...new URL(req.originalUrl, "http://x").searchParams]
  const exact = given.length === query.length && query.every((name) => given.some(([key]) => key === name))
  if (!exact)
    throw new Problem(
      "bad-query",
      query.length === 0 ? "This address takes no parameters." : `This address takes exactly: ${query.join(", ")}.`,
    )
  return Object.fromEntries(given)
}

async function send(req: Request, res: Response, { status, type, headers = {}, body }: Answer): Promise<void> {
  res.status(status)
  if (type !== undefined) res.setHeader("Content-Type", type)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  const isStream = typeof body === "object" && "pieces" in body
  res.setHeader("Content-Length", body === undefined ? 0 : isStream ? body.bytes : Buffer.byteLength(body))
  if (status === 204) res.removeHeader("Content-Length")
  if (!isStream) return void res.end(body)
  if (req.method !== "HEAD") await stream(res, body.pieces())
  res.end()
}

/** As fast as it is taken, and no longer than somebody is there. */
async function stream(res: Response, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const left = new Promise((resolve) => res.once("close", resolve))
  for await (const piece of pieces) {
    if (res.destroyed) return
    if (!res.write(piece)) await Promise.race([new Promise((resolve) => res.once("drain", resolve)), left])
  }
}

/** Tor Browser offers the onion service to whoever came by the ordinary way, and heeds it on https only. */
const isClearnet = (req: Request, { url }: PinnedNewsroom): boolean =>
  url.startsWith("https://") && !/\.onion(:\d+)?$/.test(req.get("host") ?? "")

/** The page's files; an unknown path gets the page itself and 200, so that no error page exists that could be altered unseen (WEBCAT). */
function servePage({ page: { files, html }, keyrings, pinned }: AppServices): Handler {
  return async (req, res) => {
    if (req.method !== "GET" && req.method !== "HEAD") throw new WrongMethod(["GET"])
    const file: PageFile = files.get(req.path) ?? html
    const encoding = chooseEncoding(req.get("accept-encoding"))
    const bytes = await file.bytes(encoding)
    res.setHeader("Vary", "Accept-Encoding")
    if (encoding !== "identity") res.setHeader("Content-Encoding", encoding)
    // A page that cannot ask the database is a page all the same.
    const onion = file.type.startsWith("text/html") ? (await keyrings.recent().catch(() => undefined))?.newsroom.onion : undefined
    if (onion !== undefined && isClearnet(req, pinned)) res.setHeader("Onion-Location", `${onion}${req.path}`)
    await send(req, res, { status: 200, type: file.type, body: bytes })
  }
}

/** What Express and its body parser throw, by what they call it. */
export function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof KeyringError) return new Problem("bad-note", `The note was not accepted: ${error.message}.`, { cause: error })
  if (isUnavailable(error))
    return new Problem("not-ready", "The server cannot keep anything right now. Nothing was kept; try again.", { cause: error })
  const type = error instanceof Error && "type" in error ? error.type : undefined
  if (type === "entity.too.large") return new Problem("too-large", "The body is longer than this address takes.")
  if (type === "request.size.invalid" || type === "request.aborted") return new Problem("bad-body", "The body is not as long as announced.")
  if (error instanceof URIError) return new Problem("bad-query", "The address is not well-formed.")
  return undefined
}

/** Somebody who sent a form is shown a page, and not a document for programs. What fails here too is answered like everything else. */
function answerPerson(services: AppServices) {
  return async (error: unknown, req: Request, res: Response, next: NextFunction): Promise<void> => {
    const refused = routes.find(({ method, path }) => method === req.method && path === req.path)?.refused
    if (refused === undefined || res.headersSent) return next(error)
    const problem = asProblem(error) ?? new Problem("broken", "Something is wrong on our side. Nothing was kept.")
    if (problem.type === "broken") services.log({ event: "broken", where: "request", error: nameOf(error) })
    const answer = await refused(problem, services).catch(() => undefined)
    if (answer === undefined) return next(error)
    if (!req.complete) res.setHeader("Connection", "close")
    if (problem.type === "not-ready") res.setHeader("Retry-After", RETRY_SECONDS)
    await send(req, res, answer)
  }
}

function answerError(log: Log) {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req: Request, res: Response, _next: NextFunction): void => {
    const problem = asProblem(error) ?? new Problem("broken", "Something is wrong on our side. Nothing was kept.")
    if (problem.type === "broken") log({ event: "broken", where: "request", error: nameOf(error) })
    if (res.headersSent) return void res.destroy()
    if (problem instanceof WrongMethod) res.setHeader("Allow", problem.allow)
    if (problem.type === "wrong-version") res.setHeader("Tus-Version", TUS_VERSION)
    if (problem.type === "not-ready") res.setHeader("Retry-After", RETRY_SECONDS)
    // What is left of a refused body is not read: the connection ends with the answer.
    if (!req.complete) res.setHeader("Connection", "close")
    res.status(problem.status).setHeader("Content-Type", PROBLEM_TYPE)
    res.setHeader("Content-Length", Buffer.byteLength(problemBody(problem)))
    res.end(problemBody(problem))
  }
}
