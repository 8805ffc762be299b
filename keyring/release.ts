/** A release: every file that a server of this version hands out, the headers it does so with, and the programs that belong to it.
 *  Signed by the newsroom's roots and named by its keyring, so that anybody can hold a page to it. SPEC.md §14. */

import { utf8 } from "../envelope/bytes.ts"
import { array, distinct, integer, literal, object, parseJson, string } from "../envelope/json.ts"
import { type Hash, hash, hashOf } from "../envelope/names.ts"
import { asKeyringError, KeyringError } from "./errors.ts"
import { type Note, parseNote, signedBy, type VerifierKey } from "./note.ts"

/** A file of `dist/`, by its path there. */
export interface ReleaseFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: Hash
}
/** A file that the server hands out as it is. */
export interface ServedFile extends ReleaseFile {
  /** Where it is served: `/page.js`. */
  readonly path: string
  /** Its media type, as the header says it. */
  readonly type: string
}
/** A place in the page's HTML that the server fills from the newsroom's pin. */
export interface Hole {
  readonly name: string
  /** Byte offset of `{{name}}` in the file as built. */
  readonly at: number
}
export interface Html extends ServedFile {
  readonly holes: readonly Hole[]
}
export type Header = readonly [name: string, value: string]
/** What a release says, before it is signed. The same for every newsroom: nothing in it depends on whose it is. */
export interface ReleaseText {
  readonly version: string
  readonly html: Html
  readonly page: readonly ServedFile[]
  /** On every response, whatever its route and status; `https`: there besides. */
  readonly headers: { readonly always: readonly Header[]; readonly https: readonly Header[] }
  /** The WebAssembly modules that are inside the page's scripts. */
  readonly wasm: readonly { readonly bytes: number; readonly sha256: Hash }[]
  readonly programs: readonly ReleaseFile[]
}
/** A release as it came, parsed. That it may be believed is shown by {@link verifyRelease} alone. */
export interface Release extends ReleaseText {
  readonly hash: Hash
  readonly note: Note
  readonly source: string
}

/** How a keyring names a release: the page is this one, and no other. */
export interface NamedRelease {
  readonly version: string
  readonly hash: Hash
}
export const releaseVersion = string({ max: 40, pattern: /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[a-z0-9.-]{1,20})?$/ })
export const namedRelease = object({ version: releaseVersion, hash })

const MAX_BYTES = 100_000_000
const file = string({ max: 100, pattern: /^(page\/)?[a-z0-9][A-Za-z0-9.-]*$/ })
const part = { file, bytes: integer(1, MAX_BYTES), sha256: hash }
const served = {
  ...part,
  path: string({ max: 100, pattern: /^\/([A-Za-z0-9.-][A-Za-z0-9./-]*)?$/ }),
  type: string({ max: 100, pattern: /^[a-z]+\/[a-z0-9.+-]+(; charset=utf-8)?$/ }),
}
const header = object({ name: string({ max: 100, pattern: /^[A-Za-z0-9-]+$/ }), value: string({ max: 4_000, pattern: /^[\x20-\x7e]+$/ }) })
const headerList = distinct(array(header, { max: 50 }), ({ name }) => name.toLowerCase())
const hole = object({ name: string({ max: 30, pattern: /^[a-z]+$/ }), at: integer(0, MAX_BYTES) })

const releaseShape = object({
  format: literal("sotto-release/1"),
  version: releaseVersion,
  html: object({ ...served, holes: array(hole, { max: 20 }) }),
  page: distinct(array(object(served), { max: 200 }), ({ path }) => path),
  headers: object({ always: headerList, https: headerList }),
  wasm: distinct(array(object({ bytes: integer(1, MAX_BYTES), sha256: hash }), { max: 10 }), ({ sha256 }) => sha256),
  programs: distinct(array(object(part), { min: 1, max: 20 }), ({ file }) => file),
})

const bad = (rule: string) => new KeyringError("bad-release", rule)

/** Reads a release's text, which nobody may have signed yet.
 *  @param text - with its last newline
 *  @throws {@link KeyringError} `bad-release` */
export function parseReleaseText(text: string): ReleaseText {
  const { format: _, headers, ...rest } = asKeyringError("bad-release", () => parseJson(text.slice(0, -1), releaseShape, "release"))
  if (!text.endsWith("\n")) throw bad("a release ends with a newline")
  const { holes, bytes } = rest.html
  for (const [index, { name, at }] of holes.entries()) {
    const next = holes[index + 1]?.at ?? bytes
    if (at + holeMark(name).length > next) throw bad("the holes of the page stand in order, and inside it")
  }
  if (rest.page.some(({ path }) => path === rest.html.path)) throw bad("the page and its files have different addresses")
  const pairs = (list: readonly { readonly name: string; readonly value: string }[]) => list.map(({ name, value }): Header => [name, value])
  return { ...rest, headers: { always: pairs(headers.always), https: pairs(headers.https) } }
}

/** @throws {@link KeyringError} `not-a-note`, `bad-release` */
export async function parseRelease(source: string): Promise<Release> {
  const note = parseNote(source)
  return { ...parseReleaseText(note.text), note, source, hash: await hashOf(utf8(note.text)) }
}

/** Reads a release that the newsroom's roots have signed.
 *  @param roots - those of the current keyring
 *  @throws {@link KeyringError} `not-a-note`, `bad-release`, `too-few-roots` */
export async function verifyRelease(
  source: string,
  { roots, threshold }: { readonly roots: readonly VerifierKey[]; readonly threshold: number },
): Promise<Release> {
  const release = await parseRelease(source)
  if ((await signedBy(release.note, roots)).length < threshold)
    throw new KeyringError("too-few-roots", "a release is not signed by enough roots")
  return release
}

/** The text to be signed. */
export function releaseText({ version, html, page, headers, wasm, programs }: ReleaseText): string {
  const of = ({ file, bytes, sha256 }: ReleaseFile) => ({ file, bytes, sha256 })
  const servedOf = (one: ServedFile) => ({ path: one.path, type: one.type, ...of(one) })
  const list = (headers: readonly Header[]) => headers.map(([name, value]) => ({ name, value }))
  const text = {
    format: "sotto-release/1",
    version,
    html: { ...servedOf(html), holes: html.holes.map(({ name, at }) => ({ name, at })) },
    page: page.map(servedOf),
    headers: { always: list(headers.always), https: list(headers.https) },
    wasm: wasm.map(({ bytes, sha256 }) => ({ bytes, sha256 })),
    programs: programs.map(of),
  }
  return `${JSON.stringify(text)}\n`
}

/** What stands in the built HTML where the server is to fill something in. */
export const holeMark = (name: string): string => `{{${name}}}`
