/** Hidden data in the photos that a source adds: looked for at once, left out unless the source says otherwise. SPEC.md §3.9. */

import { PHOTO_MARK_BYTES, photoKind, readPhoto } from "../envelope/photo.ts"
import type { Hidden } from "../envelope/photo-found.ts"

/** A photo that was looked through; `clean` is the same picture without what was found. Neither is in memory: both are parts of the file. */
export type Looked =
  | { readonly kind: "photo"; readonly hidden: readonly Hidden[]; readonly clean: Blob }
  /** A photo that we cannot clean: damaged, or too large to look through. */
  | { readonly kind: "unclear" }
  /** No photo, or of a kind that we do not know. */
  | { readonly kind: "other" }

/** No camera makes larger ones; what says it is one and is larger would fill the memory. */
const MOST_BYTES = 134_217_728

export async function lookThrough(file: Blob): Promise<Looked> {
  try {
    const head = new Uint8Array(await file.slice(0, PHOTO_MARK_BYTES).arrayBuffer())
    if (photoKind(head) === undefined) return { kind: "other" }
    if (file.size > MOST_BYTES) return { kind: "unclear" }
    const photo = readPhoto(new Uint8Array(await file.arrayBuffer()))
    if (photo === undefined) return { kind: "other" }
    const parts = photo.parts.map((part) => ("to" in part ? file.slice(part.from, part.to) : part))
    return { kind: "photo", hidden: photo.hidden, clean: new Blob(parts, { type: file.type }) }
  } catch {
    return { kind: "unclear" }
  }
}
