/** Day seeds: `days/YYYY-MM-DD.age`, each an age identity sealed to the vault key. In no backup: without them an old dump opens nothing. SPEC.md §4.4, §7. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { type Day, day } from "../../envelope/day.ts"
import { type Identity, identityText, newIdentity, parseIdentity } from "../../envelope/keys.ts"
import type { Desk } from "../desk.ts"
import { namesIn, readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { openFromVault, sealToVault } from "./sealed.ts"
import type { Secrets, VaultKeys } from "./secrets.ts"

/** `undefined`: never made, or destroyed. */
export async function readSeed({ home }: Pick<Desk, "home">, keys: VaultKeys, of: Day): Promise<Identity | undefined> {
  const sealed = await readIfThere(homePaths(home).day(of))
  return sealed && parseIdentity(fromUtf8(await openFromVault(sealed, keys, `days/${of}.age`)).trimEnd())
}

/** The seed of a day, made if it is not there. Durable when it returns: what is published can be opened. */
export async function ensureSeed(desk: Pick<Desk, "home" | "disk">, secrets: Secrets, of: Day): Promise<Identity> {
  const held = await readSeed(desk, secrets, of)
  if (held !== undefined) return held
  const made = await newIdentity()
  await desk.disk.makeFolder(homePaths(desk.home).days)
  await desk.disk.replace(homePaths(desk.home).day(of), await sealToVault(utf8(`${identityText(made)}\n`), secrets.recipient))
  return made
}

/** The days whose seeds are here, ascending. */
export async function heldDays({ home }: Pick<Desk, "home">): Promise<readonly Day[]> {
  const names = await namesIn(homePaths(home).days)
  return names.filter((name) => /^\d{4}-\d\d-\d\d\.age$/.test(name)).map((name) => day(name.slice(0, -4), "a seed's file name"))
}

/** Removes a seed for good. That no trace stays on a disk that makes its own copies cannot be promised. */
export const destroySeed = ({ home, disk }: Pick<Desk, "home" | "disk">, of: Day): Promise<void> => disk.remove(homePaths(home).day(of))
