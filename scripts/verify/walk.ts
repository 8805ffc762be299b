/** What is asked for, and in which order: first as a browser does it, then what a browser would not ask for. */

import { randomBytes, randomInt } from "node:crypto"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { parseReleaseText, type Release, type ServedFile } from "../../keyring/release.ts"
import type { Kind } from "./browsers.ts"
import type { Seen } from "./seen.ts"
import type { Ask, Fetched, Visit } from "./visit.ts"

/** An answer, with what was asked and how, for people. */
export interface Asked {
  readonly at: string
  readonly fetched: Fetched
  /** `file`: whatever the release has at its path. */
  readonly what: "page" | "problem" | "today" | "file"
}

const KINDS: Readonly<Record<string, Kind>> = {
  "text/css": "style",
  "text/javascript": "worker",
  "image/svg+xml": "image",
  "text/html": "document",
}
/** One of them, by chance. */
export const pick = <Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item => items[randomInt(items.length)] as Item
const kindOf = ({ type }: ServedFile): Kind => KINDS[type.split(";", 1)[0] ?? ""] ?? "image"

/** As a browser would read it; nothing where that fails, which is said elsewhere. */
export function bodyOf({ headers, body }: Fetched): Buffer {
  const encoding = headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1]
  const limit = { maxOutputLength: 16 * 1_048_576 }
  try {
    return encoding === "br" ? brotliDecompressSync(body, limit) : encoding === "gzip" ? gunzipSync(body, limit) : body
  } catch {
    return Buffer.alloc(0)
  }
}
export const textOf = (fetched: Fetched): string => bodyOf(fetched).toString("utf8")

/** What a browser asks for, in its order: the page; what its HTML names; the first script that this one names; what it is told; the icon.
 *  @param workerIn - the path of the worker that a script starts */
export async function load(visit: Visit, workerIn: (script: string) => string | undefined): Promise<readonly Asked[]> {
  const page = await visit.get("/", { kind: "document" })
  const asked: Asked[] = [{ at: "/", fetched: page, what: "page" }]
  const html = textOf(page)
  const named = [...html.matchAll(/<(link|script)\b[^>]*\s(?:href|src)="(\/[A-Za-z0-9./-]+)"/g)].map(([, tag, path = ""]) => ({
    tag,
    path,
  }))
  const get = async (path: string, kind: Kind): Promise<Fetched> => {
    const fetched = await visit.get(path, { kind })
    asked.push({ at: path, fetched, what: "file" })
    return fetched
  }
  const icon = /rel="icon"[^>]*href="(\/[^"]+)"/.exec(html)?.[1]
  let script = ""
  for (const { tag, path } of named.filter(({ path }) => path !== icon)) {
    const fetched = await get(path, tag === "script" ? "script" : "style")
    if (tag === "script") script += textOf(fetched)
  }
  const worker = workerIn(script)
  if (worker !== undefined && !named.some(({ path }) => path === worker)) await get(worker, "worker")
  asked.push({ at: "/api/today", fetched: await visit.get("/api/today", { kind: "data" }), what: "today" })
  if (icon !== undefined) await get(icon, "image")
  return asked
}

/** As {@link load}, with the worker that the release lists. */
export async function browse(visit: Visit, { chain, releases }: Seen): Promise<readonly Asked[]> {
  const listed = listOf(releases.get(chain.at(-1)?.release?.hash ?? "") ?? "")
  const workerIn = (script: string) =>
    listed.find(({ path, type }) => type.startsWith("text/javascript") && script.includes(`"${path}"`))?.path
  try {
    return await load(visit, workerIn)
  } finally {
    visit.close()
  }
}

/** The files of a release note that has been verified before. */
function listOf(source: string): readonly ServedFile[] {
  return source === "" ? [] : parseReleaseText(source.slice(0, source.indexOf("\n\n") + 1)).page
}

/** Names that a service worker, a crawler or a browser would ask for, and that nothing is at. */
const WELL_KNOWN = [
  "/sw.js",
  "/service-worker.js",
  "/index.html",
  "/favicon.ico",
  "/robots.txt",
  "/manifest.json",
  "/.well-known/security.txt",
]
const OTHER_ENCODINGS = [
  ["gzip", " as gzip"],
  ["", " without compression"],
] as const
const NOTHING_THERE = " (an address where nothing is)"
const CONDITIONS: readonly (readonly [what: string, field: readonly [string, string]])[] = [
  [" with If-None-Match", ["If-None-Match", "*"]],
  [" with If-Modified-Since", ["If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"]],
  [" with Range", ["Range", "bytes=0-9"]],
]

/** What a browser did not ask for: every other file, compressed in each way; addresses at which there is nothing; questions with a condition. */
export async function probe(
  visit: Visit,
  release: Release | undefined,
  asked: readonly Asked[],
  isWhole: boolean,
): Promise<readonly Asked[]> {
  const all: Asked[] = []
  async function get(path: string, what: Asked["what"], says: string, kind: Kind, how: Partial<Ask> = {}): Promise<void> {
    all.push({ at: `${path}${says}`, fetched: await visit.get(path, { kind, ...how }), what })
  }
  const some = <Item>(items: readonly Item[]): readonly Item[] => (isWhole ? items : [pick(items)])
  const files = release?.page ?? []
  const others = files.filter(({ path }) => !asked.some(({ what, fetched }) => what === "file" && fetched.path === path))
  for (const file of shuffled(others)) await get(file.path, "file", "", kindOf(file))
  const documents = [{ path: "/", kind: "document" as Kind }, ...files.map((file) => ({ path: file.path, kind: kindOf(file) }))]
  for (const [encodings, says] of OTHER_ENCODINGS)
    for (const { path, kind } of some(documents)) await get(path, path === "/" ? "page" : "file", says, kind, { encodings })
  for (const path of some(WELL_KNOWN)) await get(path, "page", "", "document")
  await get(`/${randomBytes(randomInt(2, 9)).toString("hex")}`, "page", NOTHING_THERE, "document")
  await get(`/api/${randomBytes(4).toString("hex")}`, "problem", NOTHING_THERE, "data")
  for (const [says, field] of some(CONDITIONS)) await get("/", "page", says, "document", { more: [field] })
  return all
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return [...items]
    .map((item) => ({ item, at: randomInt(2 ** 40) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
