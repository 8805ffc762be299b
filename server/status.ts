/** A status for reporters who gave an OpenPGP public key: in every mail they get, of one size, whether or not there is anything.
 *  The one thing that this server seals, with a public key and about itself: nothing that it could not read anyway. docs/decisions/0038. */

import type { Day } from "../envelope/day.ts"
import type { DueMail } from "./outbox.ts"

/** Of what is sealed. With one key it gives one length outside too. */
const STATUS_CHARACTERS = 512
export const MAX_KEY_CHARACTERS = 24_000

/** Loaded when the first status or key comes: most servers never need it. */
const library = () => import("openpgp")

/** Whether a text is one armored public key that can be sealed to. A private key is none: it has no business here. */
export async function isPublicKey(armored: string): Promise<boolean> {
  const { readKey } = await library()
  try {
    const key = await readKey({ armoredKey: armored })
    if (key.isPrivate()) return false
    await key.getEncryptionKey()
    return true
  } catch {
    return false
  }
}

function words(hasNews: boolean, keysUntil: Day | undefined): string {
  const lines = [
    hasNews ? "Something has come since the last of these mails." : "Nothing has come since the last of these mails.",
    "It may be for you or for a colleague: this server cannot tell. Run: sotto sync",
    keysUntil === undefined ? "You have published no day keys." : `Your day keys are published up to ${keysUntil}.`,
  ]
  return lines.join("\n").padEnd(STATUS_CHARACTERS)
}

/** @param slot - the time of the schedule, milliseconds: the only time in it
 *  @param otherwise - what is sent when the key cannot be sealed to any more; the status never goes in the clear */
export async function sealedStatus(
  { openpgp, hasNews, keysUntil }: NonNullable<DueMail["status"]>,
  slot: number,
  otherwise: string,
): Promise<string> {
  const { createMessage, encrypt, enums, readKey } = await library()
  const seal = async (): Promise<string> => {
    const key = await readKey({ armoredKey: openpgp })
    const message = await createMessage({ text: words(hasNews, keysUntil), date: new Date(slot) })
    return encrypt({
      message,
      encryptionKeys: key,
      config: { preferredCompressionAlgorithm: enums.compression.uncompressed, aeadProtect: false, showVersion: false, showComment: false },
    })
  }
  try {
    // An RSA number is a byte shorter once in 256 times; the longer of two is of one length but once in 65,536.
    const [one, other] = [await seal(), await seal()]
    return one.length >= other.length ? one : other
  } catch {
    return otherwise
  }
}
