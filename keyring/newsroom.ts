/** `newsroom.json`: all that a server, a page and a command line must be told to know a newsroom. SPEC.md §4.6. */

import { array, integer, literal, object, parseJson, string } from "../envelope/json.ts"
import { type NewsroomId, newsroomIdShape, newsroomIdText } from "../envelope/names.ts"
import { asKeyringError } from "./errors.ts"
import { type Channel, type Keyring, url } from "./keyring.ts"
import { parseVerifierKey, type VerifierKey } from "./note.ts"

/** What is believed from the start: carried in the page's HTML, printed on paper, handed to whoever joins. */
export interface PinnedNewsroom {
  readonly id: NewsroomId
  readonly url: string
  /** The keyring version at which these roots were pinned; an older one is refused. */
  readonly version: number
  readonly roots: readonly VerifierKey[]
  readonly threshold: number
  /** Shown when nothing can be verified, and so not taken from the keyring. */
  readonly channels: readonly Channel[]
}

export const pinnedShape = object({
  format: literal("sotto-newsroom/1"),
  id: newsroomIdShape,
  url,
  version: integer(1, 1_000_000),
  roots: array(string({ max: 400 }), { min: 1, max: 16 }),
  threshold: integer(1, 16),
  channels: array(object({ name: string({ max: 50 }), address: string({ max: 200 }), drawback: string({ max: 200 }) }), { max: 10 }),
})

/** @throws KeyringError `bad-newsroom`, `bad-key` */
export async function parsePinned(text: string): Promise<PinnedNewsroom> {
  const { format: _, roots, ...rest } = asKeyringError("bad-newsroom", () => parseJson(text, pinnedShape, "newsroom.json"))
  return { ...rest, roots: await Promise.all(roots.map(parseVerifierKey)) }
}

export function pinnedText({ id, url, version, roots, threshold, channels }: PinnedNewsroom): string {
  return JSON.stringify({
    format: "sotto-newsroom/1",
    id: newsroomIdText(id),
    url,
    version,
    roots: roots.map(({ text }) => text),
    threshold,
    channels,
  })
}

/** The same newsroom, pinned at a later keyring that has been verified. */
export function pinAt({ id }: Pick<PinnedNewsroom, "id">, { newsroom, version, roots, threshold }: Keyring): PinnedNewsroom {
  return { id, url: newsroom.url, version, roots, threshold, channels: newsroom.channels ?? [] }
}
