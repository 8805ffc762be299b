/** What the tests call of the second reader. */

export interface Opened {
  readonly letter: Readonly<Record<string, unknown>>
  readonly message: string
  /** 64 bytes in hex. */
  readonly signature: string
  readonly files: readonly { readonly name: string; readonly type: string; readonly bytes: number; readonly sha256: string }[]
}
export declare class Refused extends Error {
  readonly code: string
}
export declare function readArchive(plaintext: Uint8Array): Opened
export declare function openEnvelope(
  envelope: Uint8Array,
  by: { readonly slots: number; readonly slot: number; readonly identity: string },
): Opened | undefined
export declare function classes(slots: number): number[]
