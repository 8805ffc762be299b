/** A stage for the built page: its real files and headers on http://localhost, and an `/api` that says what a test wants it to say. */

import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { commonHeaders } from "../../server/headers.ts"
import { loadPage } from "../../server/page.ts"
import { Problem, type ProblemType, problemBody } from "../../server/problem.ts"

export interface Answer {
  readonly status: number
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}
export interface Posted {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage["headers"]
  readonly body: Uint8Array<ArrayBuffer>
}
export interface Stage {
  readonly url: string
  /** Every request since the last {@link Stage.reset}, as `METHOD target`. */
  readonly requests: readonly string[]
  readonly posted: readonly Posted[]
  /** What `/api/today` says. */
  today: () => Promise<Answer> | Answer
  /** What becomes of an envelope; `undefined` breaks the connection. */
  post: (posted: Posted) => Promise<Answer | undefined> | Answer | undefined
  /** Pins another text in the HTML; `undefined`: the newsroom that the stage was opened with. */
  pin(text: string | undefined): void
  reset(): void
  close(): Promise<void>
}

const META = /(<meta name="sotto-newsroom" content=")[^"]*"/
const DIST = join(__dirname, "../../dist/page")
export const KEPT: Answer = { status: 201 }
export const said = (body: string): Answer => ({ status: 200, body, headers: { "content-type": "application/json" } })
export const problem = (type: ProblemType, headers: Record<string, string> = {}): Answer => {
  const found = new Problem(type, "A rule.")
  return { status: found.status, body: problemBody(found), headers: { "content-type": "application/problem+json", ...headers } }
}

export async function openStage(newsroom: PinnedNewsroom): Promise<Stage> {
  const requests: string[] = []
  const posted: Posted[] = []
  const page = await loadPage(DIST, newsroom)
  let pinned: string | undefined
  const common = commonHeaders("http://localhost")

  async function answerPage(path: string, response: ServerResponse): Promise<void> {
    const file = page.files.get(path) ?? page.html
    response.setHeader("content-type", file.type)
    const bytes = await file.bytes("identity")
    response.end(
      pinned === undefined || file !== page.html ? bytes : bytes.toString("utf8").replace(META, `$1${pinned.replaceAll('"', "&quot;")}"`),
    )
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/"
    requests.push(`${request.method} ${target}`)
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value)
    if (!target.startsWith("/api/")) return answerPage(target, response)
    let told: Answer | undefined = target === "/api/today" ? await stage.today() : undefined
    if (target !== "/api/today") {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const one = { method: request.method ?? "", target, headers: request.headers, body: new Uint8Array(Buffer.concat(parts)) }
      posted.push(one)
      told = await stage.post(one)
    }
    if (told === undefined) return void response.destroy()
    response.writeHead(told.status, told.headers ?? {}).end(told.body)
  }

  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  }).listen(0, "localhost")
  await once(server, "listening")
  const stage: Stage = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    requests,
    posted,
    today: () => ({ status: 500 }),
    post: () => KEPT,
    pin(text) {
      pinned = text
    },
    reset() {
      requests.length = 0
      posted.length = 0
      stage.post = () => KEPT
      pinned = undefined
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return stage
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained about: violations of the CSP, of Trusted Types, and errors of the script. */
  readonly complaints: readonly string[]
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    // A failed request is logged by the browser itself; the tests bring such failures about.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, context, complaints }
}
