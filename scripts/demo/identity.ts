/** A reporter's identity of one day, taken from the vault with another implementation of age and the passphrase: nobody depends on us to read their own tips. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Decrypter } from "age-encryption"
import type { Day } from "../../envelope/day.ts"
import type { Person } from "./commands.ts"

/** @returns the age identity, `AGE-SECRET-KEY-PQ-1…` */
export async function dayIdentity({ home, passphraseFile }: Person, of: Day): Promise<string> {
  const secrets = new Decrypter()
  secrets.addPassphrase((await readFile(passphraseFile, "utf8")).trim())
  const [vault = ""] = (await secrets.decrypt(await readFile(join(home, "secrets.age")), "text")).split("\n")
  const seed = new Decrypter()
  seed.addIdentity(vault)
  return (await seed.decrypt(await readFile(join(home, "days", `${of}.age`)), "text")).trim()
}
