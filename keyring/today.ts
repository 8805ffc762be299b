/** What is told about a day: the chain of keyrings and the day's notes, as a page fetches it or as a file that was carried. SPEC.md §8, §4.6. */

import { type Day, day } from "../envelope/day.ts"
import { array, literal, object, parseJson, string } from "../envelope/json.ts"
import { parseNewsroomId } from "../envelope/names.ts"
import { KeyringError } from "./errors.ts"
import { type Keyring, verifyChain } from "./keyring.ts"
import { type PinnedNewsroom, pinAt } from "./newsroom.ts"

/** Signed notes, none of them verified yet. */
export interface Told {
  /** The server's. */
  readonly day: Day
  /** Oldest first. */
  readonly keyrings: readonly string[]
  readonly days: readonly string[]
}

const note = string({ max: 1_000_000, lines: true })
const toldShape = object({
  format: literal("sotto-today/1"),
  day,
  keyrings: array(note, { max: 1_000 }),
  days: array(note, { max: 100 }),
})

/** @param text - JSON, and spaces after it up to a length that says little
 *  @throws EnvelopeError `bad-json` */
export function parseTold(text: string): Told {
  // Only spaces, and only at the end: what is left is JSON with one spelling.
  const { format: _, ...told } = parseJson(text.replace(/ +$/, ""), toldShape, "today")
  return told
}

/** A pin made from the newsroom's line alone, as it stands in print: the chain must begin with the keyring that the line names.
 *  @param line - `sotto-newsroom-1…`; white space around and within it is forgiven
 *  @throws EnvelopeError `bad-key`: the line has a slip
 *  @throws {@link KeyringError} as verifyChain; `version-gap`: the chain does not begin at version 1 */
export async function pinOfLine(line: string, { keyrings }: Told): Promise<PinnedNewsroom> {
  const id = parseNewsroomId(line.replace(/\s+/g, "").toLowerCase())
  const chain = await verifyChain(keyrings, { newsroom: id })
  const first: Keyring | undefined = chain[0]
  if (first?.version !== 1) throw new KeyringError("version-gap", "the chain does not begin with the first keyring")
  return pinAt({ id }, first)
}
