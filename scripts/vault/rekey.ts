/** `vault rekey` and `vault passphrase`. A new vault key gets new headers in front of the same payloads: age derives the payload's key from the file key. SPEC.md §7.
 *  While a rekey is under way `secrets.age` holds both keys, so that every file opens at every moment; cut anywhere, it is run again. */

import { basename, join } from "node:path"
import { concat } from "../../envelope/bytes.ts"
import { writeHeader } from "../../envelope/header.ts"
import { newIdentity, type Recipient, recipientOf, wipe } from "../../envelope/keys.ts"
import { unlockKept } from "../../envelope/open.ts"
import { collect } from "../../envelope/reader.ts"
import { sealSlot } from "../../envelope/slots.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn, readIfThere } from "./disk.ts"
import { homePaths, SMALL_SEALED } from "./home.ts"
import { locked } from "./lock.ts"
import { unlockVault } from "./sealed.ts"
import { changePassphrase, readSecrets, rewriteSecrets, rootFiles, type Secrets } from "./secrets.ts"

/** Every file of a home that is sealed to the vault key. */
async function sealedFiles(home: string): Promise<readonly string[]> {
  const { days, tips, pages, texts, index } = homePaths(home)
  const inside = async (folder: string) => (await namesIn(folder)).filter((name) => name.endsWith(".age")).map((name) => join(folder, name))
  const there = await namesIn(home)
  const own = [basename(index), ...SMALL_SEALED].filter((name) => there.includes(name)).map((name) => join(home, name))
  return [...own, ...(await inside(pages)), ...(await inside(texts)), ...(await inside(days)), ...(await inside(tips))]
}

/** @returns how many files have a new header
 *  @throws Failure `not-set-up`, `wrong-passphrase`, `vault-in-use`, `failed` */
export const rekey = (desk: Desk, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<number> =>
  locked(desk, async () => {
    const { terminal, home } = desk
    const held = await readSecrets(desk)
    const files = await sealedFiles(home)
    terminal.say(
      `a new vault key, and a new header for ${files.length} files: tips, day keys and the index. Nothing is encrypted again, nothing is lost`,
    )
    terminal.say(
      "a copy of this folder that was made before, and its old secrets.age, still open each other: destroy such copies, and make a new `vault backup`",
    )
    if (dryRun) {
      terminal.say("nothing was changed; without --dry-run the same command does it")
      return 0
    }
    const secrets = held.older.length > 0 ? held : await withNewKey(desk, held)
    let changed = 0
    for (const path of files) if (await rehead(desk, path, secrets)) changed++
    // Only when the new key alone opens everything does the old one go.
    for (const path of files) await checkOpens(path, secrets)
    await rewriteSecrets(desk, { ...secrets, older: [] })
    await wipe(...secrets.older)
    terminal.answer(`${changed} files have a new header; the old vault key is destroyed here`)
    return changed
  })

async function withNewKey(desk: Desk, held: Secrets): Promise<Secrets> {
  const vault = await newIdentity()
  const secrets = { ...held, vault, recipient: await recipientOf(vault), older: [held.vault] }
  await rewriteSecrets(desk, secrets)
  return secrets
}

/** @returns `false`: it had the new header already */
async function rehead({ disk }: Desk, path: string, secrets: Secrets): Promise<boolean> {
  const file = await readIfThere(path)
  if (file === undefined || (await unlockKept([file], secrets.vault)) !== undefined) return false
  const unlocked = await unlockVault(file, secrets)
  if (unlocked === undefined)
    throw new Failure("failed", `${path} belongs to another vault`, "move it away, then run the same command again")
  await disk.replace(path, await withHeader(unlocked, secrets.recipient))
  await wipe(unlocked.fileKey)
  return true
}

async function withHeader({ fileKey, payload }: NonNullable<Awaited<ReturnType<typeof unlockVault>>>, to: Recipient): Promise<Uint8Array> {
  const header = await writeHeader([await sealSlot(fileKey, to)], fileKey)
  return concat(header, await collect(payload.rest()))
}

async function checkOpens(path: string, { vault }: Secrets): Promise<void> {
  const file = await readIfThere(path)
  if (file === undefined) return
  const unlocked = await unlockKept([file], vault)
  if (unlocked === undefined) throw new Failure("failed", `${path} does not open with the new key`, "run the same command again")
  await wipe(unlocked.fileKey)
}

/** Seals the same keys under another passphrase.
 *  @param roots - those of an admin instead of a reporter's
 *  @throws Failure `not-set-up`, `wrong-passphrase` */
export const newPassphrase = (
  desk: Desk,
  { roots = false, dryRun = false }: { readonly roots?: boolean; readonly dryRun?: boolean } = {},
): Promise<void> =>
  locked(desk, async () => {
    const { terminal, home } = desk
    const files = roots ? await rootFiles(home) : (await readIfThere(homePaths(home).secrets)) === undefined ? [] : ["secrets.age"]
    if (files.length === 0)
      throw new Failure(
        "not-set-up",
        "there is no such file in this folder",
        roots ? "run this where the roots are" : "add --roots for an admin's",
      )
    terminal.say(`another passphrase for ${files.join(", ")}. The keys stay the same`)
    terminal.say(
      "copies and backups made before still open with the passphrase before; if somebody else may know it, run `vault rekey` after this",
    )
    if (dryRun) return
    for (const file of files) await changePassphrase(desk, file)
    terminal.answer(`changed: ${files.join(", ")}`)
  })
