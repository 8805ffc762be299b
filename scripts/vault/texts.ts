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
const [NEWLINE, TAB, ZERO] = [10, 9, 48]

/** One file, and where each letter's line stands in it. */
export class Texts {
  readonly bytes: Buffer
  /** By number: the beginning of its words, and their end. */
  readonly at: ReadonlyMap<number, readonly [from: number, to: number]>

  constructor(bytes: Buffer) {
    this.bytes = bytes
    const at = new Map<number, readonly [number, number]>()
    for (let from = 0; from < bytes.length; ) {
      const found = bytes.indexOf(NEWLINE, from)
      const end = found === -1 ? bytes.length : found
      let [number, tab] = [0, from]
      for (; bytes[tab] !== TAB && tab < end; tab++) number = number * 10 + ((bytes[tab] ?? ZERO) - ZERO)
      at.set(number, [tab + 1, end])
      from = end + 1
    }
    this.at = at
  }

  has(number: number): boolean {
    return this.at.has(number)
  }
  /** Whether all of its words are here. */
  isWhole(number: number): boolean {
    const at = this.at.get(number)
    return at !== undefined && this.bytes[at[1] - 1] !== CUT.charCodeAt(0)
  }
  /** The letters whose words are all here and hold every one of these. */
  *having(needles: readonly Buffer[]): Generator<number> {
    // Most files hold no hit at all: one look at the whole of it tells.
    if (!needles.every((needle) => this.bytes.includes(needle))) return
    for (const [number, [from, to]] of this.at) {
      const words = this.bytes.subarray(from, to)
      if (this.isWhole(number) && needles.every((needle) => words.includes(needle))) yield number
    }
  }
}

export async function readTexts({ home }: Pick<Desk, "home">, keys: VaultKeys, page: number): Promise<Texts> {
  const sealed = await readIfThere(homePaths(home).text(page))
  const plain = (sealed && (await openFromVault(sealed, keys, `text/${page}.age`))) ?? new Uint8Array(0)
  return new Texts(Buffer.from(plain.buffer, plain.byteOffset, plain.length))
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
