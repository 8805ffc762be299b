/** The files under a passphrase: `secrets.age`, a reporter's, and `roots.age` or `roots-….age`, an admin's. One key a line. SPEC.md §7. */

import { join } from "node:path"
import { type Bytes, equal, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { type Identity, identityText, parseIdentity, type Recipient, recipientOf } from "../../envelope/keys.ts"
import { parseSigner, type Signer, signerText, type VerifierKey } from "../../keyring/note.ts"
import type { Desk, PassphraseWanted } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn, readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { openWithPassphrase, sealWithPassphrase } from "./passphrase.ts"

export interface Secrets {
  /** Opens everything else in the vault. */
  readonly vault: Identity
  /** What is kept is sealed to. */
  readonly recipient: Recipient
  /** Vault keys from before a rekey that was cut: what is not sealed to the newest yet. */
  readonly older: readonly Identity[]
  /** Signs day keys and requests. */
  readonly signer: Signer
  /** Asked for, and not in a keyring yet. */
  readonly next?: Signer
  /** The key that the newest keyring has replaced, still in the file: the next visit to the server removes it. */
  readonly retired?: Signer
}
/** What a command has opened, as long as it runs and the file is the same. */
export interface Held {
  secrets?: { readonly sealed: Bytes; readonly secrets: Secrets } | undefined
}
/** Whatever opens a file of this vault. */
export type VaultKeys = Pick<Secrets, "vault" | "older">

async function readLines({ passphrase }: Desk, path: string, file: string): Promise<readonly string[] | undefined> {
  const sealed = await readIfThere(path)
  if (sealed === undefined) return undefined
  return parseLines(fromUtf8(await openWithPassphrase(sealed, await passphrase({ file, isNew: false }))))
}
const parseLines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))

/** @param written.isNew - whether a passphrase is chosen; otherwise it is the one that opened the file */
async function writeLines(
  { passphrase, disk, workFactor }: Desk,
  { path, ...wanted }: PassphraseWanted & { readonly path: string },
  lines: readonly string[],
): Promise<void> {
  await disk.replace(path, await sealWithPassphrase(utf8(`${lines.join("\n")}\n`), await passphrase(wanted), workFactor))
}

const SECRETS = "secrets.age"
const secretsFile = (home: string, isNew: boolean) => ({ path: homePaths(home).secrets, file: SECRETS, isNew })

/** The lines of `secrets.age`: the vault key and those before it, then the signer and the one that was asked for. */
export const secretsLines = ({ vault, older = [], signer, next }: SecretsToWrite): readonly string[] => [
  ...[vault, ...older].map(identityText),
  ...[signer, ...(next === undefined ? [] : [next])].map(signerText),
]
export type SecretsToWrite = Pick<Secrets, "vault" | "signer"> & Partial<Pick<Secrets, "older" | "next">>

/** @throws EnvelopeError, KeyringError: not such lines */
export async function parseSecrets(text: string): Promise<Secrets> {
  const lines = parseLines(text)
  const isSigner = (line: string) => line.startsWith("PRIVATE+KEY+")
  const [vaultLine = "", ...olderLines] = lines.filter((line) => !isSigner(line))
  const [signerLine = "", nextLine] = lines.filter(isSigner)
  const vault = parseIdentity(vaultLine)
  return {
    vault,
    recipient: await recipientOf(vault),
    older: olderLines.map(parseIdentity),
    signer: await parseSigner(signerLine),
    ...(nextLine === undefined ? {} : { next: await parseSigner(nextLine) }),
  }
}

/** `undefined`: this folder is no reporter's.
 *  @throws {@link Failure} `wrong-passphrase`
 *  @throws EnvelopeError, KeyringError: the file is damaged */
export async function secretsIfThere(desk: Desk): Promise<Secrets | undefined> {
  const { held } = desk
  if (held === undefined) return opened(desk)
  const sealed = await readIfThere(homePaths(desk.home).secrets)
  if (sealed === undefined) return undefined
  // Stretching a passphrase takes a second on purpose; a command that opens the vault again need not wait again.
  if (held.secrets === undefined || !equal(held.secrets.sealed, sealed)) {
    const secrets = await opened(desk)
    held.secrets = secrets && { sealed, secrets }
  }
  return held.secrets?.secrets
}

async function opened(desk: Desk): Promise<Secrets | undefined> {
  const lines = await readLines(desk, homePaths(desk.home).secrets, SECRETS)
  return lines && parseSecrets(lines.join("\n"))
}

/** @throws {@link Failure} `not-set-up`, `wrong-passphrase` */
export async function readSecrets(desk: Desk): Promise<Secrets> {
  const secrets = await secretsIfThere(desk)
  if (secrets === undefined)
    throw new Failure("not-set-up", "there is no reporter's key in this folder", "ask an admin for an invitation, then run `join`")
  return secrets
}

/** Under a passphrase that is chosen now. */
export const writeSecrets = (desk: Desk, secrets: SecretsToWrite): Promise<void> =>
  writeLines(desk, secretsFile(desk.home, true), secretsLines(secrets))

/** Under the passphrase that opened it. */
export const rewriteSecrets = (desk: Desk, secrets: SecretsToWrite): Promise<void> =>
  writeLines(desk, secretsFile(desk.home, false), secretsLines(secrets))

/** One file for each root that is here, or one with several: so that each can be carried to a machine of its own. */
export async function rootFiles(home: string): Promise<readonly string[]> {
  return (await namesIn(home)).filter((name) => /^roots(-[0-9a-f]{1,8})?\.age$/.test(name))
}
export interface RootFile {
  readonly file: string
  readonly signers: readonly Signer[]
}

/** @throws {@link Failure} `not-set-up`, `wrong-passphrase` */
export async function readRootFiles(desk: Desk): Promise<readonly RootFile[]> {
  const found: RootFile[] = []
  for (const file of await rootFiles(desk.home)) {
    const lines = (await readLines(desk, join(desk.home, file), file)) ?? []
    found.push({ file, signers: await Promise.all(lines.map(parseSigner)) })
  }
  if (found.length === 0)
    throw new Failure("not-set-up", "there is no root key in this folder", "run this where a file roots.age or roots-….age is")
  return found
}

/** The root signers in this folder: none, some or all of the newsroom's.
 *  @throws {@link Failure} `not-set-up`, `wrong-passphrase` */
export const readRoots = async (desk: Desk): Promise<readonly Signer[]> => (await readRootFiles(desk)).flatMap(({ signers }) => signers)

/** The file of a root that is made later than the newsroom: its key id is public, and says whose file it is. */
export const rootFileOf = ({ id }: VerifierKey): string => `roots-${[...id].map((byte) => byte.toString(16).padStart(2, "0")).join("")}.age`

export const writeRootFile = (desk: Desk, file: string, signers: readonly Signer[], isNew = true): Promise<void> =>
  writeLines(desk, { path: join(desk.home, file), file, isNew }, signers.map(signerText))

/** One root: `roots.age`. Several: `roots-1.age`, `roots-2.age` …, each under a passphrase of its own. */
export async function writeRoots(desk: Desk, roots: readonly Signer[]): Promise<void> {
  for (const [at, root] of roots.entries()) await writeRootFile(desk, roots.length === 1 ? "roots.age" : `roots-${at + 1}.age`, [root])
}

/** The same file under another passphrase.
 *  @throws {@link Failure} `wrong-passphrase` */
export async function changePassphrase(desk: Desk, file: string): Promise<void> {
  const path = join(desk.home, file)
  const lines = await readLines(desk, path, file)
  if (lines !== undefined) await writeLines(desk, { path, file, isNew: true, isAnother: true }, lines)
}
