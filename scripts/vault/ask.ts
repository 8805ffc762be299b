/** Where passphrases come from: a file that SOTTO_PASSPHRASE_FILE names, or the keyboard. Never an argument, never the environment itself. */

import { readFile } from "node:fs/promises"
import type { Desk, PassphraseWanted } from "../desk.ts"
import { Failure } from "../failure.ts"
import type { Terminal } from "../terminal.ts"

const FLAG = "SOTTO_PASSPHRASE_FILE=FILE"
const MIN_LENGTH = 12
const SUGGESTED_WORDS = 6

/** @param file - what SOTTO_PASSPHRASE_FILE names, if it is set */
export function passphraseFrom(file: string | undefined, terminal: Terminal): Desk["passphrase"] {
  return async ({ file: sealed, isNew }: PassphraseWanted) => {
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

/** Suggests one that was generated, takes another that is long enough, and has it typed twice. */
async function chooseNew(sealed: string, terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) return terminal.askSecret("", FLAG)
  const { randomWords } = await import("../../keyring/words.ts")
  const suggested = (await randomWords(SUGGESTED_WORDS)).join(" ")
  terminal.say(`a passphrase for ${sealed}. Without it the file opens for nobody, not even for you. A good one, made just now:`)
  terminal.say(`  ${suggested}`)
  for (;;) {
    const typed = await terminal.askSecret("passphrase (Enter takes the one above):", FLAG)
    const chosen = typed === "" ? suggested : typed
    if (chosen.length < MIN_LENGTH) terminal.say(`that is short: at least ${MIN_LENGTH} characters`)
    else if ((await terminal.askSecret("the same again:", FLAG)) === chosen) return chosen
    else terminal.say("the two are not the same")
  }
}
