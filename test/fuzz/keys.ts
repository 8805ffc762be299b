/** The fuzzer's keys: fixed, published here, and good for nothing else. */

import { createHash } from "node:crypto"
import type { Bytes } from "../../envelope/bytes.ts"
import type { FileKey } from "../../envelope/header.ts"
import { identity, type Recipient, recipientOf, signKey } from "../../envelope/keys.ts"
import { type Signer, signer } from "../../keyring/note.ts"

/** As many bytes as wanted that look like noise and are always the same. */
export function fixed(name: string, length: number): Bytes {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 32)
    bytes.set(
      createHash("sha256")
        .update(`sotto fuzz ${name} ${at}`)
        .digest()
        .subarray(0, length - at),
      at,
    )
  return bytes
}
export const FILE_KEY = fixed("file key", 16) as FileKey
export const SOURCE_SIGN = signKey(fixed("source sign", 32))
export const NAME = "fuzz.example.org"
export const root = (): Promise<Signer> => signer(`${NAME}/root`, signKey(fixed("root", 32)))
export const reporter = (): Promise<Signer> => signer(`${NAME}/one`, signKey(fixed("reporter", 32)))
export const recipientFrom = (name: string): Promise<Recipient> => recipientOf(identity(fixed(name, 32)))
