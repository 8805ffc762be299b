/** Where passphrases come from: a file that SOTTO_PASSPHRASE_FILE names, or the keyboard. Never an argument, never the environment itself. */

import { readFile } from "node:fs/promises"
import type { Desk, PassphraseWanted } from "../desk.ts"
import { Failure } from "../failure.ts"
import type { Terminal } from "../terminal.ts"

const FLAG = "SOTTO_PASSPHRASE_FILE=FILE"
const MIN_LENGTH = 12
const SUGGESTED_WORDS = 6

export interface PassphraseFiles {
  /** What SOTTO_PASSPHRASE_FILE names, if it is set. */
  readonly held: string | undefined
  /** For a passphrase that is chosen: what SOTTO_NEW_PASSPHRASE_FILE names, or the other. */
  readonly chosen: string | undefined
}

export function passphraseFrom({ held, chosen }: PassphraseFiles, terminal: Terminal): Desk["passphrase"] {
  return async ({ file: sealed, isNew }: PassphraseWanted) => {
    const file = isNew ? chosen : held
    if (file !== undefined && file !== "") return fromFile(file)
    if (!isNew) return terminal.askSecret(`passphrase of ${sealed}:`, FLAG)
    return chooseNew(sealed, terminal)
  }
}

async function fromFile(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (cause) {
    throw new Failure("failed", "the file that SOTTO_PASSPHRASE_FILE names cannot be read", "check its path and permissions", { cause })
  }
  const passphrase = text.replace(/\r?\n$/, "")
  if (passphrase === "")
    throw new Failure("failed", "the file that SOTTO_PASSPHRASE_FILE names is empty", "put the passphrase on its one line")
  return passphrase
}

/** What is lost with a passphrase, said before it can be lost. */
function consequence(sealed: string): string {
  if (sealed.startsWith("roots"))
    return "With it goes this root: while enough other roots are left, they replace it (`rotate root`); if not, the newsroom begins anew under another printed name."
  if (sealed === "secrets.age")
    return "With it go the tips that only you can open, and your place in the newsroom until you join anew. `vault backup` makes a copy under a passphrase of its own."
  return "With it this copy is worth nothing."
}

/** Suggests one that was generated, takes another that is long enough, and has it typed twice. */
async function chooseNew(sealed: string, terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) return terminal.askSecret("", FLAG)
  const { randomWords } = await import("../../keyring/words.ts")
  const suggested = (await randomWords(SUGGESTED_WORDS)).join(" ")
  terminal.say(
    `a passphrase for ${sealed}. Without it the file opens for nobody, not even for you: there is no reset, and nobody who could help.`,
  )
  terminal.say(consequence(sealed))
  terminal.say("Write it down and keep the paper where you would keep a key. A good one, made just now:")
  terminal.say(`  ${suggested}`)
  for (;;) {
    const typed = await terminal.askSecret("passphrase (Enter takes the one above):", FLAG)
    const chosen = typed === "" ? suggested : typed
    if (chosen.length < MIN_LENGTH) terminal.say(`that is short: at least ${MIN_LENGTH} characters`)
    else if ((await terminal.askSecret("the same again:", FLAG)) === chosen) return chosen
    else terminal.say("the two are not the same")
  }
}
