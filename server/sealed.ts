/** The form for a locked file: the only one on the page that a browser without scripts can send. It takes one file and nothing that is text,
 *  and answers with one of a few fixed pages. SPEC.md §8.4. */

import { type Bytes, equal, utf8 } from "../envelope/bytes.ts"
import { type Day, day } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { VERSION_LINE } from "../envelope/header.ts"
import { SMALL_BYTES } from "../envelope/sizes.ts"
import { Problem } from "./problem.ts"

export const FORM_TYPE = "multipart/form-data"
export const FORM_PATH = "/sealed"
export const FORM_FIELD = "tip"
/** An envelope, and around it what a form adds. */
export const MAX_FORM_BYTES = SMALL_BYTES + 4_096

export const ANSWERS = ["kept", "not-locked", "wrong-shape", "too-large", "closed", "later"] as const
export type FormAnswer = (typeof ANSWERS)[number]
/** Where the built page has them: files like all others, so that their bytes can be listed and watched. */
export const answerPath = (answer: FormAnswer): string => `/sealed-${answer}.html`

const BEGINNING = utf8(VERSION_LINE)

export interface Handed {
  readonly envelope: Bytes
  /** What the file's name says it was locked for; the name itself goes no further. */
  readonly day: Day | undefined
}

/** Exactly one part, a locked file by the name that the form gives it.
 *  @throws Problem `bad-body`; `bad-envelope`: it is not locked */
export async function parseForm(body: Bytes, type: string | undefined): Promise<Handed> {
  let parts: readonly (readonly [string, string | File])[]
  try {
    parts = [...(await new Response(body, { headers: { "content-type": type ?? "" } }).formData())]
  } catch (cause) {
    throw new Problem("bad-body", "The body is a form with one file.", { cause })
  }
  const [[name, file] = [], ...rest] = parts
  if (name !== FORM_FIELD || typeof file !== "object" || rest.length > 0)
    throw new Problem("bad-body", "The form has one file, and no text.")
  const envelope = new Uint8Array(await file.arrayBuffer())
  // Before its length is looked at: whoever handed in something readable is to be told that, and not about lengths.
  if (!equal(envelope.subarray(0, BEGINNING.length), BEGINNING))
    throw new Problem("bad-envelope", "The file is not locked with age.", { cause: new EnvelopeError("bad-header", "not an age file") })
  return { envelope, day: dayIn(file.name) }
}

/** The first date in a file's name, if it is one. */
export function dayIn(name: string): Day | undefined {
  const found = /(?<!\d)\d{4}-\d\d-\d\d(?!\d)/.exec(name)?.[0]
  try {
    return found === undefined ? undefined : day(found, "name")
  } catch {
    return undefined
  }
}

/** Which page says what went wrong. */
export function refusalOf({ type, cause }: Problem): FormAnswer {
  switch (type) {
    case "day-closed":
      return "closed"
    case "too-large":
      return "too-large"
    case "wrong-type":
    case "bad-body":
    case "bad-query":
      return "not-locked"
    case "bad-envelope":
      return cause instanceof EnvelopeError && cause.code === "bad-header" ? "not-locked" : "wrong-shape"
    default:
      return "later"
  }
}
