/** What was opened is given its number, unless the vault has it already, and written to the vault. SPEC.md §5. */

import type { Desk } from "../desk.ts"
import type { Replacement } from "../vault/disk.ts"
import { homePaths } from "../vault/home.ts"
import type { ReplyRecord, TipRecord } from "../vault/records.ts"
import type { Look } from "./look.ts"

/** What became of an envelope. `file`: what {@link keepFiles} has to write before the index says that the letter is there. */
export type Taken =
  | Extract<Look, { what: "not-ours" | "broken" | "desk" | "canary" }>
  | { readonly what: "replay"; readonly of: number }
  | { readonly what: "kept"; readonly record: TipRecord; readonly file: Replacement; readonly words: string }
  /** A reply, ours come back or a colleague's. */
  | { readonly what: "reply"; readonly record: ReplyRecord; readonly file: Replacement }

/** @param number - the letter's, if it is new
 *  @param known - the number of the tip that has this name, or the reply that has this signature, if one has */
export function takeIn({ home }: Pick<Desk, "home">, look: Look, number: number, known: (name: string) => number | undefined): Taken {
  if (look.what !== "tip" && look.what !== "reply") return look
  const name = look.what === "reply" ? look.record.signature : look.record.re
  const of = name === undefined ? undefined : known(name)
  if (of !== undefined) return { what: "replay", of }
  const file = { path: homePaths(home).tip(number), bytes: look.kept }
  if (look.what === "reply") return { what: "reply", record: { reply: number, ...look.record }, file }
  return { what: "kept", record: { tip: number, ...look.record }, file, words: look.words }
}

/** Writes letters to the vault. Durable when it returns; the index still has to say so. */
export async function keepFiles({ home, disk }: Pick<Desk, "home" | "disk">, files: readonly Replacement[]): Promise<void> {
  if (files.length === 0) return
  await disk.makeFolder(homePaths(home).tips)
  await disk.replaceAll(files)
}
