/** The two files under a passphrase: `secrets.age`, a reporter's, and `roots.age`, an admin's. One key a line. SPEC.md §7. */

import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { type Identity, identityText, parseIdentity, type Recipient, recipientOf } from "../../envelope/keys.ts"
import { parseSigner, type Signer, signerText } from "../../keyring/note.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { openWithPassphrase, sealWithPassphrase } from "./passphrase.ts"

export interface Secrets {
  /** Opens everything else in the vault. */
  readonly vault: Identity
  /** What is kept is sealed to. */
  readonly recipient: Recipient
  /** Signs day keys and requests. */
  readonly signer: Signer
}

async function readLines({ passphrase }: Desk, path: string, file: string): Promise<readonly string[] | undefined> {
  const sealed = await readIfThere(path)
  if (sealed === undefined) return undefined
  return fromUtf8(await openWithPassphrase(sealed, await passphrase({ file, isNew: false })))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
}

async function writeLines({ passphrase, disk, workFactor }: Desk, path: string, file: string, lines: readonly string[]): Promise<void> {
  await disk.replace(path, await sealWithPassphrase(utf8(`${lines.join("\n")}\n`), await passphrase({ file, isNew: true }), workFactor))
}

/** `undefined`: this folder is no reporter's.
 *  @throws {@link Failure} `wrong-passphrase`
 *  @throws EnvelopeError, KeyringError: the file is damaged */
export async function secretsIfThere(desk: Desk): Promise<Secrets | undefined> {
  const lines = await readLines(desk, homePaths(desk.home).secrets, "secrets.age")
  if (lines === undefined) return undefined
  const [vaultLine = "", signerLine = ""] = lines
  const vault = parseIdentity(vaultLine)
  return { vault, recipient: await recipientOf(vault), signer: await parseSigner(signerLine) }
}

/** @throws {@link Failure} `not-set-up`, `wrong-passphrase` */
export async function readSecrets(desk: Desk): Promise<Secrets> {
  const secrets = await secretsIfThere(desk)
  if (secrets === undefined)
    throw new Failure("not-set-up", "there is no reporter's key in this folder", "ask an admin for an invitation, then run `join`")
  return secrets
}

export const writeSecrets = (desk: Desk, { vault, signer }: Pick<Secrets, "vault" | "signer">): Promise<void> =>
  writeLines(desk, homePaths(desk.home).secrets, "secrets.age", [identityText(vault), signerText(signer)])

/** The root signers in this folder: none, some or all of the newsroom's.
 *  @throws {@link Failure} `not-set-up`, `wrong-passphrase` */
export async function readRoots(desk: Desk): Promise<readonly Signer[]> {
  const lines = await readLines(desk, homePaths(desk.home).roots, "roots.age")
  if (lines === undefined) throw new Failure("not-set-up", "there is no root key in this folder", "run this where roots.age is")
  return Promise.all(lines.map(parseSigner))
}

export const writeRoots = (desk: Desk, roots: readonly Signer[]): Promise<void> =>
  writeLines(desk, homePaths(desk.home).roots, "roots.age", roots.map(signerText))
