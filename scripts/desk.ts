/** What a command has at hand. Everything it reaches for comes from here, so that a test or the demo can bring its own. */

import type { Clock } from "./clock.ts"
import type { SocksProxy } from "./socks.ts"
import type { Terminal } from "./terminal.ts"
import type { Disk } from "./vault/disk.ts"
import type { Held } from "./vault/secrets.ts"

/** Which passphrase is wanted. */
export interface PassphraseWanted {
  /** The file it opens, for people: `secrets.age`. */
  readonly file: string
  /** It does not exist yet: ask twice, suggest a generated one. */
  readonly isNew: boolean
  /** It takes the place of one that this command was given, or guards a copy of what that one guards: the same again is refused. */
  readonly isAnother?: boolean
}

export interface Desk {
  /** The folder of keys and tips. */
  readonly home: string
  passphrase(wanted: PassphraseWanted): Promise<string>
  readonly clock: Clock
  readonly terminal: Terminal
  readonly disk: Disk
  /** scrypt's work factor for new passphrase files, as the power of two: 10 to 22. */
  readonly workFactor: number
  /** The file of the program that runs. */
  readonly program?: string
  /** Remembers what was opened, within this command; absent: every opening asks and stretches again. */
  readonly held?: Held
  /** Every connection goes through it. */
  readonly proxy?: SocksProxy
  /** Where the server is reached, when that is not the newsroom's own address. */
  readonly base?: string
}
