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
  readonly parts: readonly {
    readonly heading: string
    readonly text: string
    /** Written by the program, not by somebody. */
    readonly isOurs: boolean
  }[]
}
