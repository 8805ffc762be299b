/** How a backup is closed and opened: to an age recipient, so that the server which makes backups at night cannot open one, or under a passphrase. */

import { createReadStream } from "node:fs"
import { mkdir, readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { FILE_KEY_BYTES, type FileKey, writeHeader } from "../../envelope/header.ts"
import {
  type Identity,
  identityText,
  newIdentity,
  parseIdentity,
  parseRecipient,
  randomBytes,
  recipientOf,
  recipientText,
  wipe,
} from "../../envelope/keys.ts"
import { unlockKept } from "../../envelope/open.ts"
import { ByteReader, type ByteSource } from "../../envelope/reader.ts"
import { sealSlot } from "../../envelope/slots.ts"
import { openPayload, sealPayload } from "../../envelope/stream.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { writeGiven } from "../vault/given.ts"
import { openStreamWithPassphrase, sealStreamWithPassphrase } from "../vault/passphrase.ts"

const WANTED = "the backup"

/** @param to - `age1pq1…`; without it a passphrase is asked for */
export async function* sealBackup(desk: Desk, plaintext: ByteSource, to: string | undefined): AsyncGenerator<Uint8Array> {
  if (to === undefined) {
    yield* sealStreamWithPassphrase(plaintext, await desk.passphrase({ file: WANTED, isNew: true }), desk.workFactor)
    return
  }
  const fileKey = (await randomBytes(FILE_KEY_BYTES)) as FileKey
  yield await writeHeader([await sealSlot(fileKey, parseRecipient(to))], fileKey)
  yield* sealPayload(fileKey, plaintext, nodeAead)
  await wipe(fileKey)
}

/** @param identityFile - holds `AGE-SECRET-KEY-PQ-1…` on a line; without it a passphrase is asked for
 *  @throws Failure `failed`, `wrong-passphrase` */
export async function* openBackup(desk: Desk, file: string, identityFile: string | undefined): AsyncGenerator<Uint8Array> {
  const source = readFrom(file)
  const { fileKey, payload } =
    identityFile === undefined
      ? await openStreamWithPassphrase(source, await desk.passphrase({ file, isNew: false }))
      : await unlockWith(source, await readIdentity(identityFile))
  yield* openPayload(fileKey, payload, nodeAead)
  await wipe(fileKey)
}

async function unlockWith(source: ByteSource, identity: Identity): Promise<{ fileKey: FileKey; payload: ByteReader }> {
  const unlocked = await unlockKept(source, identity)
  if (unlocked === undefined) throw new Failure("failed", "this key does not open this backup", "use the key that its recipient belongs to")
  return unlocked
}

async function readIdentity(file: string): Promise<Identity> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Failure("failed", `${file} cannot be read`, "check the path", { cause })
  })
  const line = text.split("\n").find((one) => one.startsWith("AGE-SECRET-KEY-PQ-1"))
  if (line === undefined)
    throw new Failure("failed", `${file} holds no key of this kind`, "it has a line AGE-SECRET-KEY-PQ-1…: `operator key` makes one")
  return parseIdentity(line.trim())
}

async function* readFrom(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new Failure("failed", `${file} cannot be read`, "check the path", { cause })
  }
}

/** Makes the key of backups: the private half into a new file, the public half as the answer. */
export async function makeBackupKey(desk: Desk, { file }: { readonly file: string }): Promise<void> {
  const identity = await newIdentity()
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeGiven(file, `# opens backups of the server: keep it away from the server\n${identityText(identity)}\n`)
  desk.terminal.say(`${file} opens every backup made for the line below; keep it, and a copy, where the server is not`)
  desk.terminal.answer(recipientText(await recipientOf(identity)))
}

export const readerOf = (desk: Desk, file: string, identityFile: string | undefined): ByteReader =>
  new ByteReader(openBackup(desk, file, identityFile))
