/** C2SP signed notes (signed-note.md), Ed25519 signatures of type 0x01. SPEC.md §4.1.
 *  A note is text, a blank line, and signature lines; whoever holds a verifier key can check it anywhere. */

import { type Bytes, bigEndian, concat, equal, fromPaddedBase64, isWellFormed, toPaddedBase64, utf8 } from "../envelope/bytes.ts"
import { sha256 } from "../envelope/hash.ts"
import { type SignKey, sign, signKey, type VerifyKey, verifies, verifyKey, verifyKeyOf } from "../envelope/keys.ts"
import { KeyringError } from "./errors.ts"

/** Who may sign under which name: `<name>+<key id>+<base64 of type and key>` in text. */
export interface VerifierKey {
  readonly name: string
  /** 4 bytes: the beginning of SHA-256 over name, newline, type and key. A hint, not a proof. */
  readonly id: Bytes
  readonly key: VerifyKey
  readonly text: string
}
export interface Signer {
  readonly verifier: VerifierKey
  readonly key: SignKey
}
interface SignatureLine {
  readonly name: string
  readonly id: Bytes
  readonly signature: Bytes
}
export interface Note {
  /** With its last newline: what is signed, and what a hash of this note covers. */
  readonly text: string
  readonly signatures: readonly SignatureLine[]
}

const ED25519 = 0x01
const ID_BYTES = 4
const MAX_NOTE_LENGTH = 1_000_000
const MAX_SIGNATURES = 64
const PRIVATE_PREFIX = "PRIVATE+KEY+"
const isKeyName = (name: string) => name.length > 0 && name.length <= 300 && /^[\x21-\x2a\x2c-\x7e]+$/.test(name)

export async function verifierKey(name: string, key: VerifyKey): Promise<VerifierKey> {
  if (!isKeyName(name)) throw new KeyringError("bad-key", "a key name is visible ASCII without a plus sign")
  const typed = concat(bigEndian(ED25519, 1), key)
  const id = (await sha256(concat(utf8(`${name}\n`), typed))).slice(0, ID_BYTES)
  return { name, id, key, text: `${name}+${hex(id)}+${toPaddedBase64(typed)}` }
}
const hex = (bytes: Bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")

/** The 32 key bytes of a text `name+id+base64`, or `undefined`. */
function typedKey(text: string): { name: string; key: Bytes } | undefined {
  const [, name, encoded] = /^([^+]+)\+[0-9a-f]{8}\+([A-Za-z0-9+/=]{44})$/.exec(text) ?? []
  if (name === undefined || encoded === undefined) return undefined
  try {
    const [type, ...key] = fromPaddedBase64(encoded)
    return type === ED25519 && key.length === 32 ? { name, key: new Uint8Array(key) } : undefined
  } catch {
    return undefined
  }
}

/** @throws {@link KeyringError} `bad-key` */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const found = typedKey(text)
  const key = found && (await verifierKey(found.name, verifyKey(found.key)))
  // The id is part of the text: a wrong one means a slip of the pen, or another key than the one that was read aloud.
  if (key?.text !== text) throw new KeyringError("bad-key", "a verifier key is name, key id and key, joined by plus signs")
  return key
}

export async function signer(name: string, key: SignKey): Promise<Signer> {
  return { verifier: await verifierKey(name, await verifyKeyOf(key)), key }
}
/** `PRIVATE+KEY+…`, the text form in which note tools keep a signer. */
export const signerText = ({ verifier, key }: Signer): string =>
  `${PRIVATE_PREFIX}${verifier.name}+${hex(verifier.id)}+${toPaddedBase64(concat(bigEndian(ED25519, 1), key))}`
/** @throws {@link KeyringError} `bad-key` */
export async function parseSigner(text: string): Promise<Signer> {
  const found = text.startsWith(PRIVATE_PREFIX) ? typedKey(text.slice(PRIVATE_PREFIX.length)) : undefined
  if (found === undefined) throw new KeyringError("bad-key", "a signer key begins with PRIVATE+KEY+")
  const parsed = await signer(found.name, signKey(found.key))
  if (signerText(parsed) !== text) throw new KeyringError("bad-key", "a signer key's id does not belong to it")
  return parsed
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/

/** @throws {@link KeyringError} `not-a-note` */
export function parseNote(note: string): Note {
  const bad = (rule: string) => new KeyringError("not-a-note", rule)
  if (note.length > MAX_NOTE_LENGTH) throw bad("a note has at most a million characters")
  if (CONTROL.test(note) || !isWellFormed(note)) throw bad("a note is text without control characters")
  const at = note.lastIndexOf("\n\n")
  if (at < 0 || !note.endsWith("\n")) throw bad("a note is text, a blank line, and signature lines")
  const lines = note.slice(at + 2, -1).split("\n")
  if (lines.length > MAX_SIGNATURES) throw bad("a note has at most 64 signatures")
  return { text: note.slice(0, at + 1), signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): SignatureLine {
  const [, name, encoded] = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
  if (name === undefined || encoded === undefined || !isKeyName(name))
    throw new KeyringError("not-a-note", "a signature line is a dash, a name and base64")
  try {
    const bytes = fromPaddedBase64(encoded)
    if (bytes.length > ID_BYTES) return { name, id: bytes.slice(0, ID_BYTES), signature: bytes.slice(ID_BYTES) }
  } catch (cause) {
    throw new KeyringError("not-a-note", "a signature is base64", { cause })
  }
  throw new KeyringError("not-a-note", "a signature follows its key id")
}

/** Those of `keys` that signed; each counted once. A line by an unknown key is passed over, as the standard says;
 *  a line in the name of a known key that does not verify makes the whole note invalid.
 *  @throws {@link KeyringError} `not-a-note` */
export async function signedBy({ text, signatures }: Note, keys: readonly VerifierKey[]): Promise<readonly VerifierKey[]> {
  const signers: VerifierKey[] = []
  for (const line of signatures) {
    const key = keys.find(({ name, id }) => name === line.name && equal(id, line.id))
    if (key === undefined || signers.some((seen) => equal(seen.key, key.key))) continue
    if (!(await verifies(key.key, line.signature, utf8(text))))
      throw new KeyringError("not-a-note", "a signature in a known name does not hold")
    signers.push(key)
  }
  return signers
}

async function signatureLine(text: string, { verifier, key }: Signer): Promise<string> {
  return `— ${verifier.name} ${toPaddedBase64(concat(verifier.id, await sign(key, utf8(text))))}\n`
}

/** @param text - ends with a newline and holds no control character but newlines
 *  @throws {@link KeyringError} `not-a-note` */
export async function signNote(text: string, signers: readonly Signer[]): Promise<string> {
  const lines = await Promise.all(signers.map((one) => signatureLine(text, one)))
  const note = `${text}\n${lines.join("")}`
  if (!text.endsWith("\n") || parseNote(note).text !== text) throw new KeyringError("not-a-note", "a note's text ends with a newline")
  return note
}
/** Adds one more signature to a note. */
export async function cosign(note: string, by: Signer): Promise<string> {
  return `${note}${await signatureLine(parseNote(note).text, by)}`
}
