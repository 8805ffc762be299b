/** The parts of a letter that the keyring's room names too: an answer, and a source's public keys. SPEC.md §3.4. */

import type { Recipient, VerifyKey } from "./keys.ts"
import type { Hash } from "./names.ts"

/** An answer to one question: an option's id, several of them, or words. */
export type Answer = string | readonly string[]

/** The public half of a source: what replies are sealed to, what follow-ups are checked with, where answers are left. */
export interface SourceKeys {
  readonly recipient: Recipient
  readonly verify: VerifyKey
  /** The mailbox address: SHA-256 of the public half of the mailbox key. */
  readonly mailbox: Hash
}
