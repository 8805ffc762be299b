/** A source shows that a mailbox is theirs without giving away what opens it: the request is signed by the mailbox key, whose hash is the
 *  address. RFC 9421 over the same components as a reporter's request, under a tag of its own. SPEC.md §8.1.
 *
 *  No clock and no counter of the source's is in it: `created` is the beginning of the day that the server itself named, and there is no nonce, so
 *  the server has nothing to remember of a look. What a replay gives is in docs/decisions/0017. */

import { type Bytes, fromBase64url, toBase64url } from "../envelope/bytes.ts"
import { type Day, dayOf, daysBetween } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { sha256 } from "../envelope/hash.ts"
import { type SignKey, type VerifyKey, verifyKey, verifyKeyOf } from "../envelope/keys.ts"
import { KeyringError } from "./errors.ts"
import { COMPONENTS, checkSigned, LABEL, type RequestHeaders, type SignedParts, signWith } from "./request.ts"

const TAG = "sotto/v1/mailbox"
/** A page may stay open over midnight, and one of several servers may be ahead. */
const MAX_DAYS_OFF = 1
const DAY_SECONDS = 86_400

/** Where a source's replies are kept, 32 bytes: SHA-256 of the key that a request for them is signed by. */
export const mailboxAddress = (key: VerifyKey): Promise<Bytes> => sha256(key)

interface MailboxClaim {
  readonly key: VerifyKey
  /** Seconds since 1970: a UTC midnight. */
  readonly created: number
}
const parameters = ({ key, created }: MailboxClaim) => `${COMPONENTS};created=${created};keyid="${toBase64url(key)}";tag="${TAG}"`

/** @param day - the server's, as `/api/today` said: a source's own would tell whose clock is wrong */
export async function signMailboxRequest(parts: SignedParts, key: SignKey, day: Day): Promise<RequestHeaders> {
  const claim = { key: await verifyKeyOf(key), created: Date.parse(`${day}T00:00:00Z`) / 1_000 }
  return signWith(key, parts, parameters(claim))
}

const bad = (rule: string, options?: ErrorOptions) => new KeyringError("bad-request", rule, options)

function readMailboxClaim(signatureInput: string | undefined): MailboxClaim {
  const [, created, keyText] =
    /^sotto=\(.*\);created=(\d{10});keyid="([A-Za-z0-9_-]{43})";tag="sotto\/v1\/mailbox"$/.exec(signatureInput ?? "") ?? []
  if (created === undefined || keyText === undefined) throw bad("a request for a mailbox is signed as SPEC.md section 8.1 says")
  const claim = { key: readKey(keyText), created: Number(created) }
  if (signatureInput !== `${LABEL}=${parameters(claim)}`)
    throw bad("a signature for a mailbox covers method, authority, path, query and content-digest")
  if (claim.created % DAY_SECONDS !== 0) throw bad("a request for a mailbox names a day and no time")
  return claim
}

function readKey(text: string): VerifyKey {
  try {
    return verifyKey(fromBase64url(text))
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw bad("a mailbox key is 32 bytes in base64url", { cause })
    throw cause
  }
}

/** @returns the key that signed, whose mailbox it is: any key has one
 *  @throws {@link KeyringError} `bad-request`, `bad-signature`, `expired`, `not-yet` */
export async function verifyMailboxRequest(parts: SignedParts, headers: Partial<RequestHeaders>, today: Day): Promise<VerifyKey> {
  const { key, created } = readMailboxClaim(headers["signature-input"])
  const age = daysBetween(dayOf(created * 1_000), today)
  if (age > MAX_DAYS_OFF) throw new KeyringError("expired", "a request for a mailbox is for today; reload the page")
  if (age < -MAX_DAYS_OFF) throw new KeyringError("not-yet", "a request for a mailbox is not for a day to come")
  await checkSigned(key, parts, headers, parameters({ key, created }))
  return key
}
