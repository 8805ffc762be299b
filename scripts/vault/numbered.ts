/** What the vault has by number, in pages of a thousand: a change makes one page anew and leaves the others as they are,
 *  so that a vault of a hundred thousand tips need not be copied, nor written, for one. */

/** So many numbers share a page, and a page is a file: SPEC.md §7. */
export const PAGE_NUMBERS = 1_000

export const pageOf = (number: number): number => Math.floor(number / PAGE_NUMBERS)

/** A map by number that shares with its predecessor whatever has not changed. */
export class Numbered<One> implements ReadonlyMap<number, One> {
  /** By page number. Neither is changed after it was made. */
  readonly pages: ReadonlyMap<number, ReadonlyMap<number, One>>
  readonly size: number

  constructor(pages: ReadonlyMap<number, ReadonlyMap<number, One>> = new Map()) {
    this.pages = pages
    let size = 0
    for (const page of pages.values()) size += page.size
    this.size = size
  }

  /** This map with one more, or another in its place. */
  with(number: number, one: One): Numbered<One> {
    const at = pageOf(number)
    return new Numbered(new Map(this.pages).set(at, new Map(this.pages.get(at)).set(number, one)))
  }

  get(number: number): One | undefined {
    return this.pages.get(pageOf(number))?.get(number)
  }
  has(number: number): boolean {
    return this.pages.get(pageOf(number))?.has(number) ?? false
  }
  *entries(): MapIterator<[number, One]> {
    for (const page of this.pages.values()) yield* page.entries()
  }
  *keys(): MapIterator<number> {
    for (const page of this.pages.values()) yield* page.keys()
  }
  *values(): MapIterator<One> {
    for (const page of this.pages.values()) yield* page.values()
  }
  [Symbol.iterator](): MapIterator<[number, One]> {
    return this.entries()
  }
  forEach(each: (one: One, number: number, map: ReadonlyMap<number, One>) => void): void {
    for (const [number, one] of this.entries()) each(one, number, this)
  }
}
