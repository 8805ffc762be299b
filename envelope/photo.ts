/** What a photo carries beside its picture: found, and left out. Our own allow-list: only what decodes the picture is copied, and nothing
 *  after its end mark, so a kind of data that nobody has thought of yet does not pass either. SPEC.md §3.9.
 *
 *  Says which bytes to keep and copies none: a page makes a file of slices from it and never holds the picture twice. */

import { type Bytes, concat, equal } from "./bytes.ts"
import { HIDDEN, type Hidden, type Part } from "./photo-found.ts"
import { readJpeg } from "./photo-jpeg.ts"
import { readPng } from "./photo-png.ts"
import { readWebp } from "./photo-webp.ts"

export type PhotoKind = "jpeg" | "png" | "webp"

export interface Photo {
  readonly kind: PhotoKind
  /** What was found beside the picture, in the order of {@link HIDDEN}; nothing: it has nothing to remove. */
  readonly hidden: readonly Hidden[]
  /** The same picture without it. */
  readonly parts: readonly Part[]
}

const MARKS: readonly (readonly [kind: PhotoKind, mark: string, at: number])[] = [
  ["jpeg", "\u00ff\u00d8\u00ff", 0],
  ["png", "\u0089PNG\r\n\u001a\n", 0],
  ["webp", "WEBP", 8],
]
/** How many bytes {@link photoKind} looks at. */
export const PHOTO_MARK_BYTES = 12

/** What its first bytes say it is; `undefined`: no picture that we can clean. */
export function photoKind(head: Uint8Array): PhotoKind | undefined {
  return MARKS.find(([, mark, at]) => String.fromCharCode(...head.subarray(at, at + mark.length)) === mark)?.[0]
}

/** @param bytes - the whole file
 *  @returns `undefined`: no picture that we can clean
 *  @throws EnvelopeError `bad-photo`: it begins like one, and is damaged or not spelt as its format says */
export function readPhoto(bytes: Uint8Array): Photo | undefined {
  const kind = photoKind(bytes)
  if (kind === undefined) return undefined
  const { hidden, parts } = kind === "jpeg" ? readJpeg(bytes) : kind === "png" ? readPng(bytes) : readWebp(bytes)
  const found = HIDDEN.filter((one) => hidden.has(one))
  // Whatever else is left out was there as well, though nobody could say what it is.
  return { kind, hidden: found.length === 0 && !isAsItWas(bytes, parts) ? ["other"] : found, parts: joined(parts) }
}

function isAsItWas(bytes: Uint8Array, parts: readonly Part[]): boolean {
  let at = 0
  for (const part of parts) {
    const length = "to" in part ? part.to - part.from : part.length
    if ("to" in part ? part.from !== at : !equal(part, bytes.subarray(at, at + length))) return false
    at += length
  }
  return at === bytes.length
}

/** Spans that follow each other become one. */
function joined(parts: readonly Part[]): readonly Part[] {
  const all: Part[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if (last !== undefined && "to" in last && "from" in part && last.to === part.from)
      all[all.length - 1] = { from: last.from, to: part.to }
    else all.push(part)
  }
  return all
}

/** The picture that {@link Photo.parts} describes. */
export const cleaned = (bytes: Uint8Array, { parts }: Photo): Bytes =>
  concat(...parts.map((part) => ("to" in part ? bytes.subarray(part.from, part.to) : part)))
