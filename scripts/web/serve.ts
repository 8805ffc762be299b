/** `web`: the inbox as a page on the loopback address alone. Who does not have the token gets nothing; no cookie is set, nothing is stored,
 *  and nothing of a tip stands in an address. Other pages in the same browser are kept out by the token, the host name that is checked, and the headers. */

import { randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join, resolve } from "node:path"
import { fromUtf8 } from "../../envelope/bytes.ts"
import { array, integer, object, parseJson, string } from "../../envelope/json.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { describe } from "../faults.ts"
import { harmless, harmlessLine } from "../harmless.ts"
import { sizeText } from "../progress.ts"
import { foundText } from "../reporter/clean.ts"
import { besides, inboxLine, newest } from "../reporter/inbox.ts"
import { gather, type Letter } from "../reporter/letters.ts"
import { tag } from "../reporter/mark.ts"
import { markRead } from "../reporter/read.ts"
import { save } from "../reporter/save.ts"
import { type Found, findTips } from "../reporter/search.ts"
import { threadsOf } from "../reporter/threads.ts"
import type { Terminal } from "../terminal.ts"
import { readOverview } from "../vault/overview.ts"
import { openVault, openVaultOnly } from "../vault/vault.ts"
import { ASSETS, type Assets } from "./assets.ts"
import type { Shown, ShownLetter, ShownSaved } from "./shown.ts"

/** Left alone for so long, it locks: the process ends, and with it what it has opened. */
const IDLE_MS = 600_000
const MOST_ROWS = 500
const MAX_BODY = 16_384

export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "cache-control": "no-store",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "permissions-policy": "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "DENY",
}

export interface Web {
  /** With the token in its fragment. */
  readonly url: string
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** @throws Failure `not-set-up`, `wrong-passphrase` */
export async function web(desk: Desk): Promise<void> {
  const { terminal } = desk
  const served = await serveWeb({ ...desk, held: desk.held ?? {} })
  terminal.answer(served.url)
  terminal.say("open it in a browser on this machine. What stands behind # lets in whoever has it: do not pass it on. Ctrl-C ends it")
  await served.ended
  terminal.say("left alone for ten minutes: locked")
}

/** @param options.assets - the page's files
 *  @param options.folder - below it tips' files are saved; where the command was started if absent
 *  @param options.idleMs - ends after so long without a request */
export async function serveWeb(
  desk: Desk,
  { assets = ASSETS, folder = ".", idleMs = IDLE_MS }: { assets?: Assets; folder?: string; idleMs?: number } = {},
): Promise<Web> {
  // Asks for the passphrase now, on the terminal, and not when a browser does.
  await openVault(desk)
  const token = randomBytes(32).toString("base64url")
  const inside: Desk = { ...desk, terminal: silent(desk.terminal) }
  const saving = new Set<number>()
  let stop: () => Promise<void> = () => Promise.resolve()
  const idle = setTimeout(() => void stop(), idleMs)
  const use = async <T>(work: () => Promise<T>): Promise<T> => {
    idle.refresh()
    // A large tip takes longer to save than the page may be left alone.
    const busy = setInterval(() => idle.refresh(), idleMs / 2)
    try {
      return await work()
    } finally {
      clearInterval(busy)
    }
  }
  const server = createServer((request, response) => {
    void answer({ desk: inside, token, assets, folder, saving, host: hostOf(server), use }, request, response)
  })
  server.headersTimeout = 10_000
  const ended = new Promise<void>((resolve) => server.once("close", resolve))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  stop = async () => {
    clearTimeout(idle)
    server.close()
    server.closeAllConnections()
    await ended
  }
  return { url: `http://${hostOf(server)}/#${token}`, ended, stop: () => stop() }
}

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`

/** What commands would print goes nowhere: the page shows its own. */
function silent(terminal: Terminal): Terminal {
  const nothing = () => undefined
  return {
    ...terminal,
    canAsk: false,
    isScreen: false,
    answer: nothing,
    tell: nothing,
    quote: nothing,
    json: nothing,
    say: nothing,
    next: nothing,
  }
}

interface Context {
  readonly desk: Desk
  readonly token: string
  readonly assets: Assets
  readonly folder: string
  /** Tips whose files are being written now. */
  readonly saving: Set<number>
  readonly host: string
  /** Puts the lock off while it works: for who has shown the token alone, or any program on this machine could keep the vault open. */
  use<T>(work: () => Promise<T>): Promise<T>
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8`, "content-length": Buffer.byteLength(body) })
  response.end(body)
}
const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, "application/json", JSON.stringify(value))

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { token, assets, host } = context
  const { method, url = "/", headers } = request
  // A name that leads here by DNS is not ours: its page would be of another origin and could read what we answer.
  if (headers.host !== host) return sendJson(response, 421, { error: "not this address" })
  // Without the token nothing is done anyway; a browser that says that another page asks is not even looked at.
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return sendJson(response, 403, { error: "not this page" })
  const asset = method === "GET" ? assets[url] : undefined
  if (asset !== undefined) return send(response, 200, asset.type, asset.body)
  if (!isAllowed(headers.authorization, token))
    return sendJson(response, 401, { error: "the link's end is missing: open the whole link again" })
  try {
    const found = await context.use(() => route(context, `${method} ${url}`, request))
    if (found === undefined) sendJson(response, 404, { error: "there is nothing here" })
    else sendJson(response, 200, found)
  } catch (error) {
    const { message } = describe(error)
    sendJson(response, 400, { error: harmlessLine(message, { isUnicode: true }) })
  }
}

function isAllowed(given: string | undefined, token: string): boolean {
  const [wanted, got] = [Buffer.from(`Bearer ${token}`), Buffer.from(given ?? "")]
  return wanted.length === got.length && timingSafeEqual(wanted, got)
}

const searchBody = object({ words: string({ min: 0, max: 500 }) })
const tagBody = object({
  number: integer(1, 1e9),
  tags: array(string({ max: 40 }), { max: 30 }),
  remove: array(string({ max: 40 }), { max: 30 }),
})

const saveBody = object({ number: integer(1, 1e9) })

async function route(context: Context, target: string, request: IncomingMessage): Promise<unknown> {
  const { desk } = context
  if (target === "GET /api/inbox") return showInbox(desk)
  const [, number] = /^GET \/api\/letter\/([1-9]\d{0,8})$/.exec(target) ?? []
  if (number !== undefined) return showLetter(desk, Number(number))
  if (target === "POST /api/search") {
    const { words } = parseJson(await body(request), searchBody, "request")
    return shownRows(desk, await findTips(desk, await openVaultOnly(desk), [words], MOST_ROWS))
  }
  if (target === "POST /api/tag") {
    const { number, tags, remove } = parseJson(await body(request), tagBody, "request")
    return tag(desk, { number, tags, remove })
  }
  if (target === "POST /api/save") return saveFiles(context, parseJson(await body(request), saveBody, "request").number)
  return undefined
}

/** As `save NUMBER` in the folder in which the command was started: the page can name neither a folder nor a program. */
async function saveFiles({ desk, folder, saving }: Context, number: number): Promise<ShownSaved> {
  if (saving.has(number)) throw new Failure("failed", `the files of tip ${number} are being saved`, "wait for it")
  saving.add(number)
  try {
    const out = join(folder, `tip-${number}`)
    const files = await save(desk, { number, out })
    const ours = (text: string) => ({ text: plain(text), isOurs: true })
    const lines = files.flatMap((file) => [
      ours(`${file.saved}, ${sizeText(file.bytes)}, SHA-256 ${file.sha256.slice(0, 16)}…`),
      { text: plain(file.name), isOurs: false },
      ...(file.hidden === undefined ? [] : [ours(foundText(file.saved, { ...file, hidden: file.hidden }))]),
    ])
    const advice = "A stranger sent this. Open it with Dangerzone, or on a machine with no network."
    return { lines: [ours(`Saved in ${resolve(out)}`), ...lines, ours(advice)] }
  } finally {
    saving.delete(number)
  }
}

async function body(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = []
  let sum = 0
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    sum += piece.length
    if (sum > MAX_BODY) throw new Error("that is too long")
    pieces.push(piece)
  }
  return fromUtf8(new Uint8Array(Buffer.concat(pieces)))
}

const plain = (text: string): string => harmlessLine(text, { isUnicode: true })

async function showInbox(desk: Desk): Promise<Shown> {
  const { secrets } = await openVaultOnly(desk)
  return shownRows(desk, await newest(await readOverview(desk, secrets), MOST_ROWS))
}

function shownRows({ clock }: Desk, { tips, records, more }: Found): Shown {
  const threads = threadsOf(records)
  const today = clock.today()
  const rows = [...tips].reverse().map((tip) => {
    const [number = "", day = "", about = "", ...rest] = inboxLine(tip, besides(threads, tip, today)).split("  ")
    return {
      number: tip.tip,
      title: plain(`${number}  ${about}`),
      about: plain([day, ...rest.filter((one) => one !== "0 files")].join(" · ")),
      isNew: tip.state === "new",
    }
  })
  return { rows, more }
}

async function showLetter(desk: Desk, number: number): Promise<ShownLetter> {
  const vault = await openVault(desk)
  const { letters } = await gather(desk, vault, [number])
  const [letter] = letters
  if (letter === undefined) throw new Error(`${number} cannot be read; the command says why`)
  await markRead(desk, vault, number)
  const thread = threadsOf(vault.records).of(vault.records.tips.get(number)?.source)
  const others = [...thread.tips.map(({ tip }) => tip), ...thread.replies.map(({ reply }) => reply)].filter((one) => one !== number)
  return shownLetter(letter, others)
}

function shownLetter(letter: Letter, others: readonly number[]): ShownLetter {
  const { number, kind, day, callout, answers, message, files, warnings, to, tags = [], notes = [], by, assignee } = letter
  const ours = (heading: string, text: string | undefined) =>
    text === undefined || text === "" ? [] : [{ heading, text: plain(text), isOurs: true }]
  const theirs = (heading: string, text: string) => ({ heading: plain(heading), text: harmless(text, { isUnicode: true }), isOurs: false })
  const parts = [
    ...warnings.map((warning) => ({ heading: "Warning", text: plain(warning), isOurs: true })),
    ...ours("Callout", callout && `${callout.title ?? "not ours"} (${callout.id})`),
    ...ours("By", by),
    ...ours("For", to?.join(", ")),
    ...ours("Assigned to", assignee),
    ...answers.map(({ question, id, fits, text }) =>
      theirs(`${question ?? `question ${id}, which is not ours`}${fits ? "" : " (it cannot have this answer)"}`, text),
    ),
    ...(message.trim() === "" ? [] : [theirs("Message", message)]),
    ...files.map(({ name, bytes, type }, at) => theirs(`File ${at + 1}, ${sizeText(bytes)}`, `${name}  ${type}`)),
    ...notes.map((note) => theirs(`Note by ${note.by}, ${note.day}`, note.text)),
    ...ours("In the same conversation", others.join(", ")),
  ]
  return {
    number,
    title: `${kind === "tip" ? "Tip" : "Reply"} ${number}, ${day}`,
    parts,
    tags: tags.map(plain),
    canTag: kind === "tip",
    files: files.length,
  }
}
