/** What the page is told: texts that were made harmless, and numbers. */

export interface Row {
  readonly number: number
  readonly title: string
  readonly about: string
  readonly isNew: boolean
}
export interface Shown {
  readonly rows: readonly Row[]
  readonly more: number
}
export interface ShownLetter {
  readonly number: number
  readonly title: string
  readonly tags: readonly string[]
  readonly canTag: boolean
  /** How many files came with it. */
  readonly files: number
  readonly parts: readonly {
    readonly heading: string
    readonly text: string
    /** Written by the program, not by somebody. */
    readonly isOurs: boolean
  }[]
}
/** What saving did: sentences of ours, and under each file the name that somebody gave it. */
export interface ShownSaved {
  readonly lines: readonly { readonly text: string; readonly isOurs: boolean }[]
}
