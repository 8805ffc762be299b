/** Signatures on a reporter's requests: RFC 9421 (ed25519) over method, authority, path, query and the RFC 9530 digest of the body. SPEC.md §4.5.
 *  One fixed set of components in one order, so that a signature has one meaning and nothing can be left out. */

import { type Bytes, fromPaddedBase64, toBase64url, toPaddedBase64, utf8 } from "../envelope/bytes.ts"
import { sha256 } from "../envelope/hash.ts"
import { randomBytes, SIGNATURE_BYTES, type SignKey, sign, type VerifyKey, verifies } from "../envelope/keys.ts"
import { KeyringError } from "./errors.ts"
import type { Signer, VerifierKey } from "./note.ts"

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string
  /** Host and port as in the Host header, lower case; a default port is left out. */
  readonly authority: string
  readonly path: string
  /** With its question mark; `?` alone when there is none (RFC 9421 §2.2.7). */
  readonly query: string
  readonly body: Bytes
}
export interface RequestHeaders {
  readonly "content-digest": string
  readonly "signature-input": string
  readonly signature: string
}
/** What a request says of its signature, before it is believed. */
export interface SignatureClaim {
  readonly keyName: string
  /** Seconds since 1970. */
  readonly created: number
  /** 16 random bytes, base64url: this request once. */
  readonly nonce: string
}

/** Covered by every signature, a source's of keyring/mailbox.ts too. */
export const COMPONENTS = '("@method" "@authority" "@path" "@query" "content-digest")'
const TAG = "sotto/v1"
export const LABEL = "sotto"
/** How far a reporter's clock may be from the server's, either way. */
export const MAX_SKEW_SECONDS = 300
const bad = (rule: string) => new KeyringError("bad-request", rule)

export const contentDigest = async (body: Bytes): Promise<string> => `sha-256=:${toPaddedBase64(await sha256(body))}:`

const parameters = ({ keyName, created, nonce }: SignatureClaim) =>
  `${COMPONENTS};created=${created};keyid="${keyName}";nonce="${nonce}";tag="${TAG}"`

/** RFC 9421 §2.5, the signature base: the covered components in their order, then the parameters.
 *  @param params - the value of `@signature-params`: the component names again, and what follows them */
export function signatureBase(components: readonly (readonly [name: string, value: string])[], params: string): Bytes {
  return utf8([...components, ["@signature-params", params] as const].map(([name, value]) => `"${name}": ${value}`).join("\n"))
}

function baseOf({ method, authority, path, query }: SignedParts, digest: string, params: string): Bytes {
  const components = [
    ["@method", method],
    ["@authority", authority],
    ["@path", path],
    ["@query", query],
    ["content-digest", digest],
  ] as const
  return signatureBase(components, params)
}

/** @param now - seconds since 1970 */
export async function signRequest(parts: SignedParts, by: Signer, now: number): Promise<RequestHeaders> {
  return signWith(by.key, parts, parameters({ keyName: by.verifier.name, created: now, nonce: toBase64url(await randomBytes(16)) }))
}

/** @param params - the covered components and what the signature says of itself, as they stand after the label */
export async function signWith(key: SignKey, parts: SignedParts, params: string): Promise<RequestHeaders> {
  const digest = await contentDigest(parts.body)
  const signature = await sign(key, baseOf(parts, digest, params))
  return { "content-digest": digest, "signature-input": `${LABEL}=${params}`, signature: `${LABEL}=:${toPaddedBase64(signature)}:` }
}

/** Reads who claims to have signed, so that the key can be looked up.
 *  @throws {@link KeyringError} `bad-request` when the field is missing, or not spelt as {@link signRequest} spells it */
export function readClaim(signatureInput: string | undefined): SignatureClaim {
  const [, created, keyName, nonce] =
    /^sotto=\(.*\);created=(\d{10});keyid="([\x21\x23-\x5b\x5d-\x7e]{1,300})";nonce="([A-Za-z0-9_-]{22})";tag="sotto\/v1"$/.exec(
      signatureInput ?? "",
    ) ?? []
  if (created === undefined || keyName === undefined || nonce === undefined) throw bad("a request is signed as SPEC.md section 4.5 says")
  const claim = { keyName, created: Number(created), nonce }
  if (signatureInput !== `${LABEL}=${parameters(claim)}`)
    throw bad("a request's signature covers method, authority, path, query and content-digest")
  return claim
}

/** @param now - seconds since 1970. That the nonce is fresh is for the caller to check, after this.
 *  @throws {@link KeyringError} `bad-request`, `bad-signature`, `expired`, `not-yet` */
export async function verifyRequest(
  parts: SignedParts,
  headers: Partial<RequestHeaders>,
  key: VerifierKey,
  now: number,
): Promise<SignatureClaim> {
  const claim = readClaim(headers["signature-input"])
  if (now - claim.created > MAX_SKEW_SECONDS)
    throw new KeyringError("expired", "a request is sent within five minutes of being signed; check your clock")
  if (claim.created - now > MAX_SKEW_SECONDS) throw new KeyringError("not-yet", "a request is not signed in the future; check your clock")
  if (key.name !== claim.keyName) throw new KeyringError("bad-signature", "the signature does not hold")
  await checkSigned(key.key, parts, headers, parameters(claim))
  return claim
}

/** Holds body and request to what was signed.
 *  @throws {@link KeyringError} `bad-request`, `bad-signature` */
export async function checkSigned(key: VerifyKey, parts: SignedParts, headers: Partial<RequestHeaders>, params: string): Promise<void> {
  const digest = await contentDigest(parts.body)
  if (headers["content-digest"] !== digest) throw new KeyringError("bad-signature", "the body is not the one that was signed")
  const [, encoded] = /^sotto=:([A-Za-z0-9+/]{86}==):$/.exec(headers.signature ?? "") ?? []
  if (encoded === undefined) throw bad("a signature is 64 bytes in base64")
  if (!(await verifies(key, signatureBytes(encoded), baseOf(parts, digest, params))))
    throw new KeyringError("bad-signature", "the signature does not hold")
}

function signatureBytes(encoded: string): Bytes {
  try {
    const bytes = fromPaddedBase64(encoded)
    if (bytes.length === SIGNATURE_BYTES) return bytes
  } catch (cause) {
    throw new KeyringError("bad-request", "a signature is base64", { cause })
  }
  throw bad("a signature is 64 bytes in base64")
}
