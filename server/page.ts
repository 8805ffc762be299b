/** The page's files, held in memory: the same bytes for everyone but for the pinned newsroom in the HTML. */

import { readdir, readFile } from "node:fs/promises"
import { extname, join } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import { filledPage } from "../keyring/holes.ts"
import type { PinnedNewsroom } from "../keyring/newsroom.ts"

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
}
const ENCODINGS = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
}
export type Encoding = keyof typeof ENCODINGS | "identity"

export interface PageFile {
  readonly type: string
  /** The bytes in an encoding, compressed once and kept. */
  bytes(encoding: Encoding): Promise<Buffer>
}
export interface Page {
  /** By path, `/` included. */
  readonly files: ReadonlyMap<string, PageFile>
  readonly html: PageFile
}

export function pageFile(type: string, bytes: Buffer): PageFile {
  const encoded = new Map<Encoding, Promise<Buffer>>([["identity", Promise.resolve(bytes)]])
  return {
    type,
    bytes(encoding) {
      const held = encoded.get(encoding)
      if (held !== undefined || encoding === "identity") return held ?? Promise.resolve(bytes)
      const made = ENCODINGS[encoding](bytes)
      encoded.set(encoding, made)
      return made
    },
  }
}

/** @param header - the request's Accept-Encoding */
export function chooseEncoding(header: string | undefined): Encoding {
  const offered = (header ?? "").split(",").map((part) => part.trim().replace(/\s/g, ""))
  const accepts = (name: string) =>
    offered.some((part) => part === name || (part.startsWith(`${name};q=`) && Number(part.slice(name.length + 3)) > 0))
  return accepts("br") ? "br" : accepts("gzip") ? "gzip" : "identity"
}

/** A file of the built page: at `/` and wherever nothing else is stands the HTML, everything else under its own name. */
export interface BuiltFile {
  readonly path: string
  readonly type: string
  readonly name: string
  readonly bytes: Buffer
}
const HTML = "index.html"

/** What the folder holds that is served, as it was built.
 *  @throws Error when the folder holds no built page */
export async function builtFiles(folder: string): Promise<{ readonly html: BuiltFile; readonly page: readonly BuiltFile[] }> {
  const files: BuiltFile[] = []
  for (const name of (await readdir(folder)).sort()) {
    const type = TYPES[extname(name)]
    if (type !== undefined) files.push({ path: name === HTML ? "/" : `/${name}`, type, name, bytes: await readFile(join(folder, name)) })
  }
  const html = files.find(({ name }) => name === HTML)
  if (html === undefined) throw new Error("the page has not been built: run npm run build")
  return { html, page: files.filter((one) => one !== html) }
}

/** Reads the built page and writes the newsroom into its HTML.
 *  @throws Error when the folder holds no built page */
export async function loadPage(folder: string, pinned: PinnedNewsroom): Promise<Page> {
  const { html, page } = await builtFiles(folder)
  const files = new Map(page.map(({ path, type, bytes }) => [path, pageFile(type, bytes)]))
  const filledHtml = pageFile(html.type, Buffer.from(filledPage(html.bytes.toString("utf8"), pinned)))
  // Ahead of the first visitor: the best compression takes a second.
  for (const file of [filledHtml, ...files.values()]) void file.bytes("br")
  return { files, html: filledHtml }
}
