/** The slots of an envelope: one stanza a slot, decoys for the rest. SPEC.md §3.1.
 *  Their number, order and shape never depend on who was chosen, so counting them teaches nothing. */

import { type Bytes, toBase64, utf8 } from "./bytes.ts"
import { FILE_KEY_BYTES, type FileKey, type Stanza } from "./header.ts"
import { hpkeInfo, openBase, sealBase } from "./hpke.ts"
import { forgottenRecipient, type Identity, type Recipient } from "./keys.ts"
import { parseSlot, STANZA_KIND } from "./outside.ts"

const info = hpkeInfo(utf8("age-encryption.org/mlkem768x25519"))
const NO_AAD = new Uint8Array(0)

/** One stanza for one recipient. */
export async function sealSlot(fileKey: FileKey, to: Recipient): Promise<Stanza> {
  const { enc, ciphertext } = await sealBase(to, await info, NO_AAD, fileKey)
  return { args: [STANZA_KIND, toBase64(enc)], body: ciphertext }
}

/** The same file key for every slot; where nobody is to read, sealed to a key that nobody has. */
export async function sealSlots(fileKey: FileKey, slots: readonly (Recipient | undefined)[]): Promise<readonly Stanza[]> {
  const stanzas: Stanza[] = []
  for (const to of slots) stanzas.push(await sealSlot(fileKey, to ?? (await forgottenRecipient())))
  return stanzas
}

/** @returns the file key; `undefined`: a decoy, or another's
 *  @throws {@link EnvelopeError} `bad-stanza` */
export async function openSlot(stanza: Stanza, by: Identity): Promise<FileKey | undefined> {
  const { enc, sealed } = parseSlot(stanza)
  const fileKey: Bytes | undefined = await openBase(by, enc, await info, NO_AAD, sealed)
  return fileKey?.length === FILE_KEY_BYTES ? (fileKey as FileKey) : undefined
}
