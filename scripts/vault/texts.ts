/** The words of tips, folded for searching, in files of a thousand numbers beside the index: a line each, `NUMBER<tab>words`.
 *  Only a help: what is missing is made again from the tips. SPEC.md §7. */

import { utf8 } from "../../envelope/bytes.ts"
import type { Desk } from "../desk.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { pageOf } from "./numbered.ts"
import { openFromVault, sealToVault } from "./sealed.ts"
import type { Secrets, VaultKeys } from "./secrets.ts"

/** More of one tip is not kept here; such a tip is opened to search in it. */
export const MAX_WORDS = 65_536
/** Ends the line of a tip that has more words than are kept. */
export const CUT = "\u0001"
const [NEWLINE, TAB] = [10, 9]

/** One file, and where each tip's line stands in it. */
export interface Texts {
  readonly bytes: Buffer
  /** By number: the beginning of its words, and their end. */
  readonly at: ReadonlyMap<number, readonly [from: number, to: number]>
}

export async function readTexts({ home }: Pick<Desk, "home">, keys: VaultKeys, page: number): Promise<Texts> {
  const sealed = await readIfThere(homePaths(home).text(page))
  const bytes = Buffer.from((sealed && (await openFromVault(sealed, keys, `text/${page}.age`))) ?? new Uint8Array(0))
  const at = new Map<number, readonly [number, number]>()
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, from)
    const end = found === -1 ? bytes.length : found
    const tab = bytes.indexOf(TAB, from)
    at.set(Number(bytes.toString("latin1", from, tab)), [tab + 1, end])
    from = end + 1
  }
  return { bytes, at }
}

/** Adds lines, or takes them out. Durable when it returns.
 *  @param changed - folded words by number; `undefined`: none any more */
export async function keepTexts(
  { home, disk }: Pick<Desk, "home" | "disk">,
  secrets: Secrets,
  changed: ReadonlyMap<number, string | undefined>,
): Promise<void> {
  const paths = homePaths(home)
  for (const page of new Set([...changed.keys()].map(pageOf))) {
    const { bytes, at } = await readTexts({ home }, secrets, page)
    const kept = [...at].filter(([number]) => !changed.has(number))
    const lines = kept.map(([number, [from, to]]) => `${number}\t${bytes.toString("utf8", from, to)}\n`)
    for (const [number, words] of changed)
      if (pageOf(number) === page && words !== undefined)
        lines.push(`${number}\t${words.length > MAX_WORDS ? words.slice(0, MAX_WORDS) + CUT : words}\n`)
    await disk.makeFolder(paths.texts)
    await disk.replace(paths.text(page), await sealToVault(utf8(lines.join("")), secrets.recipient))
  }
}
