/** Holds one answer to the release: status, every header field, compression, length, and each byte. SPEC.md §14.2, §14.3. */

import { promisify } from "node:util"
import { type BrotliDecompress, brotliDecompress, type Gunzip, gunzip } from "node:zlib"
import { hashOf } from "../../envelope/names.ts"
import { filledPage, pinInPage, unfilled } from "../../keyring/holes.ts"
import { type PinnedNewsroom, pinnedText } from "../../keyring/newsroom.ts"
import type { Html, ReleaseText, ServedFile } from "../../keyring/release.ts"
import { type Difference, quote } from "./difference.ts"
import type { Fetched } from "./visit.ts"
import { suspicious, whereFrom } from "./where.ts"

/** What an answer has to be. */
export interface Expected {
  readonly release: Pick<ReleaseText, "headers">
  readonly isHttps: boolean
  /** A file as it was built, the page of this newsroom, or an answer of the interface, which its reader judges. */
  readonly what:
    | { readonly file: ServedFile }
    | { readonly page: Html; readonly pin: PinnedNewsroom }
    | { readonly type: string; readonly status: number; readonly isCompressed: boolean }
  /** The file as it was built, where it is at hand: only to say where another one differs. */
  readonly built?: Uint8Array | undefined
}

/** Header fields that belong to the connection or to this one answer. */
const FREE = new Set(["connection", "keep-alive", "transfer-encoding", "date", "content-type", "content-length"])
const OF_FILES = new Set(["vary", "content-encoding"])
const OF_PROBLEMS = new Set(["allow", "retry-after"])

/** Why it matters, for fields that are often added. */
const WHY: Readonly<Record<string, string>> = {
  "set-cookie": "it recognises a visitor who comes back",
  etag: "it recognises a visitor who comes back",
  "last-modified": "it can recognise a visitor who comes back",
  link: "a browser may load what it names",
  refresh: "it leads elsewhere",
  location: "it leads elsewhere",
  "service-worker-allowed": "it lets a script take over the whole site",
  "alt-svc": "it sends the next visit to another server",
  nel: "it makes browsers report on their users",
  "report-to": "it makes browsers report on their users",
  "reporting-endpoints": "it makes browsers report on their users",
  server: "it says what runs there",
}

const DECODED = { br: promisify(brotli), gzip: promisify(gunzipped) } as const
type Encoding = keyof typeof DECODED
type Done = (error: Error | null, found?: { readonly bytes: Buffer; readonly used: number }) => void
const LIMIT = { maxOutputLength: 64 * 1_048_576, info: true } as const
function brotli(body: Buffer, done: Done): void {
  brotliDecompress(body, LIMIT, withUsed(done))
}
function gunzipped(body: Buffer, done: Done): void {
  gunzip(body, LIMIT, withUsed(done))
}
/** With `info` the answer is the bytes and the engine, which Node's types do not know. */
function withUsed(done: Done) {
  return (error: Error | null, found: unknown) => {
    if (error !== null) return done(error)
    const { buffer, engine } = found as { buffer: Buffer; engine: BrotliDecompress | Gunzip }
    done(null, { bytes: buffer, used: engine.bytesWritten })
  }
}

/** The first that the server knows of those that were asked for. */
const wanted = (encodings: string): Encoding | undefined =>
  (["br", "gzip"] as const).find((name) => encodings.split(",").some((one) => one.trim() === name))

/** @param at - for people: the path, and how it was asked for */
export async function compare(fetched: Fetched, expected: Expected, at: string): Promise<readonly Difference[]> {
  const found: Difference[] = []
  const say = (kind: Difference["kind"], says: string) => void found.push({ kind, at, says })
  const { what } = expected
  for (const beside of fetched.besides) say("beside", beside)
  const status = "status" in what ? what.status : 200
  if (fetched.status >= 300 && fetched.status < 400)
    say("redirect", `answered with ${fetched.status}, to ${quote(valuesOf(fetched, "location").join(", "))}`)
  else if (fetched.status !== status) say("status", `answered with ${fetched.status}, not with ${status}`)
  compareHeaders(fetched, expected, say)
  // The body of another answer is another's: only that it is one has to be said.
  if (fetched.status !== status || ("status" in what && !what.isCompressed)) return found
  const body = await decoded(fetched, say)
  if (body === undefined || "status" in what) return found
  if ("file" in what) {
    const { sha256, bytes } = what.file
    if ((await hashOf(new Uint8Array(body))) !== sha256)
      say("bytes", `is not the file of the release (${body.length} bytes, ${bytes} in the release)${whereFrom(body, expected.built)}`)
  } else await comparePage(body, what, expected.built, say)
  return found
}

type Say = (kind: Difference["kind"], says: string) => void
const valuesOf = ({ headers }: Fetched, wanted: string): readonly string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)

function compareHeaders(fetched: Fetched, { release, isHttps, what }: Expected, say: Say): void {
  const expected = [...release.headers.always, ...(isHttps ? release.headers.https : [])]
  const known = new Set(expected.map(([name]) => name.toLowerCase()))
  for (const [name, value] of expected) {
    const values = valuesOf(fetched, name.toLowerCase())
    if (values.length === 0) say("header-missing", `has no ${name}`)
    else if (values.length > 1) say("header-value", `has ${name} ${values.length} times`)
    else if (values[0] !== value) say("header-value", `has another ${name}: ${quote(difference(values[0] ?? "", value))}`)
  }
  const isCompressed = !("status" in what) || what.isCompressed
  const isProblem = "status" in what && what.status >= 400
  const isAllowed = (name: string) =>
    known.has(name) || FREE.has(name) || (isCompressed && OF_FILES.has(name)) || (isProblem && OF_PROBLEMS.has(name))
  for (const name of new Set(fetched.headers.map(([name]) => name.toLowerCase())))
    if (!isAllowed(name))
      say("header-extra", `has ${quote(name)}, which the release has not${WHY[name] === undefined ? "" : `: ${WHY[name]}`}`)
  const type = "file" in what ? what.file.type : "page" in what ? what.page.type : what.type
  const types = valuesOf(fetched, "content-type")
  // A problem or a redirect in place of a file has its own type, and has been said.
  if (fetched.status === ("status" in what ? what.status : 200) && (types.length !== 1 || types[0] !== type))
    say("type", `is ${quote(types.join(", "))}, not ${type}`)
  if (isCompressed && fetched.status === 200 && valuesOf(fetched, "vary").join() !== "Accept-Encoding")
    say("header-value", "has another Vary than Accept-Encoding")
  const lengths = valuesOf(fetched, "content-length")
  if (lengths.length > 1 || (lengths.length === 1 && lengths[0] !== String(fetched.body.length)))
    say("length", `has ${fetched.body.length} bytes and announces ${quote(lengths.join(", "))}`)
}

/** A long value is shown from where it parts from the one of the release. */
function difference(value: string, expected: string): string {
  let at = 0
  while (at < value.length && value[at] === expected[at]) at += 1
  return at < 40 ? value : `…${value.slice(at - 20)}`
}

async function decoded(fetched: Fetched, say: Say): Promise<Buffer | undefined> {
  const asked = wanted(fetched.encodings)
  const sent = valuesOf(fetched, "content-encoding").join(", ")
  if (sent !== (asked ?? "")) {
    say(
      "encoding",
      `is ${sent === "" ? "not compressed" : `compressed as ${quote(sent)}`} where ${asked ?? "no compression"} was asked for`,
    )
    return undefined
  }
  if (asked === undefined) return fetched.body
  try {
    const result = await DECODED[asked](fetched.body)
    if (result === undefined) return undefined
    if (result.used !== fetched.body.length)
      say("encoding", `has ${fetched.body.length - result.used} bytes behind the end of what is compressed`)
    return result.bytes
  } catch {
    say("encoding", `cannot be decompressed as ${asked}`)
    return undefined
  }
}

async function comparePage(
  body: Buffer,
  { page, pin }: { readonly page: Html; readonly pin: PinnedNewsroom },
  built: Uint8Array | undefined,
  say: Say,
): Promise<void> {
  const text = body.toString("utf8")
  const shown = pinInPage(text)
  if (shown === undefined) say("pin", "names no newsroom whose roots it believes")
  else if (shown !== pinnedText(pin))
    say("pin", `believes other roots or another newsroom than the keyring has: ${quote(difference(shown, pinnedText(pin)))}`)
  const own = shown === undefined ? pin : await pinOr(shown, pin)
  const found = unfilled(new Uint8Array(body), page.holes, own)
  if (!("hole" in found) && (await hashOf(found)) === page.sha256) return
  const where =
    built === undefined
      ? "hole" in found
        ? `: something else stands where the newsroom's ${found.hole} should, at byte ${found.at}`
        : ""
      : whereFrom(body, Buffer.from(filledPage(Buffer.from(built).toString("utf8"), own)))
  say("bytes", `is not the page of the release${where}`)
  for (const one of suspicious(text)) say("bytes", one)
}

/** The pin that the page shows, so that the rest of the page is still held to the release; ours, where that one is none. */
async function pinOr(shown: string, pin: PinnedNewsroom): Promise<PinnedNewsroom> {
  const { parsePinned } = await import("../../keyring/newsroom.ts")
  return parsePinned(shown).catch(() => pin)
}
