/** How a command ends when it cannot do what was asked: an exit code that scripts can tell apart, a sentence, and what to do next. */

/** Exit codes. Stable: scripts depend on them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Some tips could not be opened; the rest is shown. */
  partly: 3,
  "not-set-up": 10,
  "vault-in-use": 11,
  "wrong-passphrase": 12,
  /** What is served, or a file, is not the one that the newsroom's roots have signed. */
  "site-differs": 13,
  /** Done; but the keyring changed and nobody has acknowledged it. */
  "keyring-changed": 14,
  /** An answer was needed and there is no terminal; the hint names the flag. */
  "needs-terminal": 64,
  interrupted: 130,
} as const
export type FailureCode = Exclude<keyof typeof EXIT, "done" | "partly" | "keyring-changed">

/** Thrown by commands. Message and hint are shown: neither holds a secret, and the terminal makes both harmless. */
export class Failure extends Error {
  override readonly name = "Failure"
  readonly code: FailureCode
  readonly hint: string

  constructor(code: FailureCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}
