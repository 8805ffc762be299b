/** What saved photos carry beside their picture: said in words, and a copy without it beside the original, which stays as it was sent.
 *  Documents are not cleaned: nobody can promise that, and a false all-clear harms more than none. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { EnvelopeError } from "../../envelope/errors.ts"
import { cleaned, photoKind, readPhoto } from "../../envelope/photo.ts"
import type { Hidden } from "../../envelope/photo-found.ts"
import { writeGivenBytes } from "../vault/given.ts"

/** What a photo was found to carry. */
export interface Found {
  readonly hidden: readonly Hidden[]
  /** The copy without it: `4-1.clean.jpg.untrusted`. Absent: there was nothing, or the picture is damaged. */
  readonly cleaned?: string
  /** It begins like a photo and is not spelt as one. */
  readonly isDamaged?: true
}
/** A photo is held in memory as a whole. */
const MAX_PHOTO_BYTES = 134_217_728
const WORDS: Readonly<Record<Hidden, string>> = { place: "a place", device: "a device or a name", time: "a time", other: "other data" }

/** @param saved - the name of a file in the folder, `4-1.jpg.untrusted`
 *  @returns `undefined`: no photo */
export async function cleanCopy(folder: string, saved: string, bytes: number): Promise<Found | undefined> {
  if (bytes > MAX_PHOTO_BYTES) return undefined
  const original = new Uint8Array(await readFile(join(folder, saved)))
  if (photoKind(original) === undefined) return undefined
  try {
    const photo = readPhoto(original)
    if (photo === undefined || photo.hidden.length === 0) return { hidden: [] }
    const name = saved.replace(/^(\d+-\d+)\./, "$1.clean.")
    await writeGivenBytes(join(folder, name), cleaned(original, photo))
    return { hidden: photo.hidden, cleaned: name }
  } catch (error) {
    if (error instanceof EnvelopeError) return { hidden: [], isDamaged: true }
    throw error
  }
}

/** `4-1.jpg.untrusted carries a place, a time; 4-1.clean.jpg.untrusted is the same picture without`. */
export function foundText(saved: string, { hidden, cleaned: copy, isDamaged }: Found): string {
  if (isDamaged) return `${saved} begins like a photo and is damaged: what it carries cannot be told`
  if (copy === undefined) return `${saved} is a photo that carries nothing beside its picture; what the picture shows, only you can see`
  return `${saved} carries ${hidden.map((one) => WORDS[one]).join(", ")}; ${copy} is the same picture without`
}
