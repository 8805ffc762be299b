/** The page's files, held in memory: the same bytes for everyone but for the pinned newsroom in the HTML. */

import { readdir, readFile } from "node:fs/promises"
import { extname, join } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import { type PinnedNewsroom, pinnedText } from "../keyring/newsroom.ts"

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

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The other ways to reach the newsroom as a list: for whoever has scripts off, and so no keyring. */
function channelList({ channels }: PinnedNewsroom): string {
  const items = channels.map(
    ({ name, address, drawback }) => `<li>${escapeHtml(name)}: ${escapeHtml(address)}. ${escapeHtml(drawback)}</li>`,
  )
  return items.length === 0 ? "" : `<ul>${items.join("")}</ul>`
}

function filled(html: Buffer, pinned: PinnedNewsroom): Buffer {
  const text = html.toString("utf8").replaceAll("{{newsroom}}", () => escapeHtml(pinnedText(pinned)))
  return Buffer.from(text.replaceAll("{{channels}}", () => channelList(pinned)))
}

/** Reads the built page and writes the newsroom into its HTML.
 *  @throws Error when the folder holds no built page */
export async function loadPage(folder: string, pinned: PinnedNewsroom): Promise<Page> {
  const files = new Map<string, PageFile>()
  for (const name of (await readdir(folder)).sort()) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const bytes = await readFile(join(folder, name))
    files.set(`/${name}`, pageFile(type, name === "index.html" ? filled(bytes, pinned) : bytes))
  }
  const html = files.get("/index.html")
  if (html === undefined) throw new Error("the page has not been built: run npm run build")
  // Ahead of the first visitor: the best compression takes a second.
  for (const file of files.values()) void file.bytes("br")
  files.delete("/index.html") // one address for one page: it is served at / and wherever nothing else is
  return { files, html }
}
