/** The newsroom's server as the command line sees it. Believes nothing of it: sizes and shapes of answers are checked, redirects refused,
 *  and a refusal becomes an error that says what to do. SPEC.md §4.5, §8, §9. */

import { type Bytes, fromUtf8, utf8 } from "../envelope/bytes.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { integer, object, parseJson, type Shape, string } from "../envelope/json.ts"
import type { Signer } from "../keyring/note.ts"
import { MAX_SKEW_SECONDS, signRequest } from "../keyring/request.ts"
import type { Clock } from "./clock.ts"
import { Failure } from "./failure.ts"
import type { SocksProxy } from "./socks.ts"
import { type Answered, begin, deadlineMs, exchange, TooLong, TooSlow, type Wire, whole } from "./transport.ts"

export interface ServerAddress {
  /** The newsroom's own address: what signatures are made for. */
  readonly url: string
  /** Where it is reached, if not there. */
  readonly base?: string
  /** Through which it is reached, if one is set. */
  readonly proxy?: SocksProxy
  readonly clock: Clock
  /** Signs requests; absent for what anybody may ask. */
  readonly signer?: Signer
}

/** How a desk reaches a server: by another address, through a proxy, or plainly. */
export const reach = ({ base, proxy }: Pick<ServerAddress, "base" | "proxy">): Pick<ServerAddress, "base" | "proxy"> => ({
  ...(base === undefined ? {} : { base }),
  ...(proxy === undefined ? {} : { proxy }),
})

/** The server refused. `type` is one of SPEC.md §9's second list, or what it made up. */
export class Refused extends Failure {
  readonly type: string
  readonly status: number
  constructor(type: string, status: number, rule: string, hint?: string) {
    super(
      "failed",
      `the server refused: ${rule} (${type})`,
      hint ?? HINTS[type] ?? "run the same command again later; if it stays, tell whoever runs the server",
    )
    this.type = type
    this.status = status
  }
}
/** The server did not answer, or not as SPEC.md §8 says. */
export class Unreachable extends Failure {
  constructor(message: string, options?: ErrorOptions) {
    super("failed", message, "check the network and the newsroom's address, then run the same command again", options)
  }
}

const HINTS: Readonly<Record<string, string>> = {
  "not-ready": "the newsroom's keyring is not published yet (`keyring publish`), or the database is away",
  "bad-signature": "check this machine's clock: it may be five minutes off at most",
  "not-allowed": "the published keyring does not name you: ask an admin whether you were admitted and whether it was published",
  "bad-note": "run `sync`, so that this folder has the newest keyring; an admin may have to run `keyring publish`",
  conflict: "somebody else published this version first: run `sync` and make the change again",
}
const TIMEOUT_MS = 120_000
const PROBLEM = "urn:sotto:problem:"
const MAX_PROBLEM_BYTES = 16_384
const problemShape = object({ type: string({ max: 100 }), title: string({ max: 500 }), status: integer(400, 599) })

export interface Call {
  readonly method: "GET" | "POST" | "PUT"
  /** Path and query. */
  readonly target: string
  readonly body?: { readonly type: string; readonly bytes: Bytes }
  /** More than this is no answer to this question. */
  readonly maxBytes: number
  readonly signed: boolean
}

/** @throws {@link Refused}, {@link Unreachable} */
export async function call(server: ServerAddress, request: Call): Promise<Bytes> {
  const wire = await wireOf(server, request)
  const answer = await reached(exchange({ ...wire, maxBytes: Math.max(request.maxBytes, MAX_PROBLEM_BYTES) }))
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw refusal(server, answer)
}

async function wireOf(server: ServerAddress, { method, target, body, signed }: Omit<Call, "maxBytes">): Promise<Omit<Wire, "maxBytes">> {
  const bytes = body?.bytes ?? new Uint8Array(0)
  const own = new URL(server.url)
  const headers: Record<string, string> = { ...(body === undefined ? {} : { "content-type": body.type }) }
  if (server.base !== undefined) headers.host = own.host
  if (signed) Object.assign(headers, await signature(server, method, target, own.host, bytes))
  return {
    url: `${server.base ?? server.url}${target}`,
    method,
    headers,
    body: bytes,
    timeoutMs: TIMEOUT_MS,
    ...(server.proxy === undefined ? {} : { proxy: server.proxy }),
  }
}

async function reached<Value>(asking: Promise<Value>): Promise<Value> {
  try {
    return await asking
  } catch (cause) {
    throw new Unreachable(whyNot(cause), { cause })
  }
}

function whyNot(cause: unknown): string {
  if (cause instanceof TooLong) return "the server's answer is longer than it may be"
  return cause instanceof TooSlow ? "the server is too slow" : "the server cannot be reached"
}

function refusal({ clock }: ServerAddress, { status, body, date }: Answered): Failure {
  const refused = problem(status, body)
  return refused instanceof Refused && refused.type === "bad-signature" ? skewed(refused, clock.seconds(), date) : refused
}

/** A part of something large, as it comes: the bytes from `from` to before `to`, of `total`. Signed.
 *  @throws {@link Refused}, {@link Unreachable}; while it comes {@link TooSlow}, or whatever the network says */
export async function callRange(
  server: ServerAddress,
  target: string,
  { from, to, total }: { readonly from: number; readonly to: number; readonly total: number },
): Promise<AsyncIterable<Uint8Array>> {
  const wire = await wireOf(server, { method: "GET", target, signed: true })
  const answer = await reached(
    begin({ ...wire, headers: { ...wire.headers, range: `bytes=${from}-${to - 1}` }, deadlineMs: deadlineMs(wire.timeoutMs, to - from) }),
  )
  if (answer.statusCode === 206 && answer.headers["content-range"] === `bytes ${from}-${to - 1}/${total}`) return answer
  if ((answer.statusCode ?? 0) < 400) {
    answer.destroy()
    throw new Unreachable("the server sent another part than was asked for")
  }
  const body = await reached(whole(answer, MAX_PROBLEM_BYTES))
  throw refusal(server, { status: answer.statusCode ?? 0, body })
}

/** A signature holds for five minutes: says how far this machine's clock is off, where that is the reason. */
function skewed(refused: Refused, seconds: number, date: number | undefined): Refused {
  const ahead = date === undefined ? 0 : seconds - Math.floor(date / 1_000)
  if (Math.abs(ahead) <= MAX_SKEW_SECONDS) return refused
  const minutes = Math.round(Math.abs(ahead) / 60)
  return new Refused(
    refused.type,
    refused.status,
    `a request carries the time at which it was signed, and this machine's clock is ${minutes} minutes ${ahead > 0 ? "ahead of" : "behind"} the server's`,
    "set this machine's clock (five minutes off is the most), then run the same command again; if yours is right, tell whoever runs the server",
  )
}

async function signature(
  { signer, clock }: ServerAddress,
  method: string,
  target: string,
  authority: string,
  body: Bytes,
): Promise<Record<string, string>> {
  if (signer === undefined) throw new TypeError("this request needs a reporter's key")
  const at = target.indexOf("?")
  const [path, query] = at === -1 ? [target, "?"] : [target.slice(0, at), target.slice(at)]
  return { ...(await signRequest({ method, authority, path, query, body }, signer, clock.seconds())) }
}

function problem(status: number, answer: Bytes): Failure {
  try {
    const { type, title } = parseJson(fromUtf8(answer), problemShape, "problem")
    return new Refused(type.startsWith(PROBLEM) ? type.slice(PROBLEM.length) : type, status, title)
  } catch {
    return new Unreachable(`the server answered ${status} without saying why`)
  }
}

/** As {@link call}, for an answer in JSON. */
export async function callJson<Value>(server: ServerAddress, request: Call, shape: Shape<Value>): Promise<Value> {
  const answer = await call(server, request)
  try {
    // The answer to a page is filled up with spaces.
    return parseJson(fromUtf8(answer).replace(/ +$/, ""), shape, "answer")
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw new Unreachable("the server's answer is not what was asked for", { cause })
    throw cause
  }
}

export const jsonBody = (value: unknown): NonNullable<Call["body"]> => ({ type: "application/json", bytes: utf8(JSON.stringify(value)) })
export const noteBody = (note: string): NonNullable<Call["body"]> => ({ type: "text/plain; charset=utf-8", bytes: utf8(note) })
