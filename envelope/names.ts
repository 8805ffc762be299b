/** The names that things go by in our JSON: ids, hashes and the newsroom id. SPEC.md §1. */

import type { Brand } from "./brand.ts"
import { type Bytes, fromBase64url, toBase64url } from "./bytes.ts"
import { EnvelopeError } from "./errors.ts"
import { HASH_BYTES, sha256 } from "./hash.ts"
import { array, distinct, type Shape, string } from "./json.ts"
import { decodeBech32, encodeBech32, type VerifyKey, verifyKey } from "./keys.ts"

/** A reporter's, callout's, question's or option's id: `[a-z0-9-]{1,32}`. */
export type Id = Brand<string, "Id">
/** SHA-256 in base64url without padding, 43 characters. */
export type Hash = Brand<string, "Hash">
/** SHA-256 of the text of keyring version 1: names a newsroom for ever. In text `sotto-newsroom-1…`. */
export type NewsroomId = Brand<Bytes, "NewsroomId">

const NEWSROOM_PREFIX = "sotto-newsroom-"
const idText = string({ max: 32, pattern: /^[a-z0-9-]+$/ })

/** @throws {@link EnvelopeError} `bad-json` */
export const id: Shape<Id> = (value, where) => idText(value, where) as Id

/** Reporters: 1 to 32 ids, each once. */
export const idList: Shape<readonly Id[]> = distinct(array(id, { min: 1, max: 32 }), (one) => one)

/** 32 bytes in base64url. */
function bytes32(value: unknown, where: string): Bytes {
  try {
    const bytes = fromBase64url(string({ max: 43 })(value, where))
    if (bytes.length === HASH_BYTES) return bytes
  } catch (cause) {
    throw new EnvelopeError("bad-json", `${where}: 32 bytes in base64url`, { cause })
  }
  throw new EnvelopeError("bad-json", `${where}: 32 bytes in base64url`)
}

/** @throws {@link EnvelopeError} `bad-json` */
export const hash: Shape<Hash> = (value, where) => toBase64url(bytes32(value, where)) as Hash
/** An Ed25519 key as 32 bytes in base64url. @throws {@link EnvelopeError} `bad-json` */
export const verifyKeyShape: Shape<VerifyKey> = (value, where) => verifyKey(bytes32(value, where))

export const hashOf = async (bytes: Bytes): Promise<Hash> => toBase64url(await sha256(bytes)) as Hash
export const hashBytes = (of: Hash): Bytes => fromBase64url(of)

export const newsroomId = (of: Hash): NewsroomId => hashBytes(of) as NewsroomId
export const newsroomIdText = (of: NewsroomId): string => encodeBech32(NEWSROOM_PREFIX, of)
/** @throws {@link EnvelopeError} `bad-key` */
export const parseNewsroomId = (text: string): NewsroomId => decodeBech32(text, NEWSROOM_PREFIX, HASH_BYTES) as NewsroomId
/** @throws {@link EnvelopeError} `bad-json` */
export const newsroomIdShape: Shape<NewsroomId> = (value, where) => {
  try {
    return parseNewsroomId(string({ max: 100 })(value, where))
  } catch (cause) {
    throw new EnvelopeError("bad-json", `${where}: a newsroom id`, { cause })
  }
}
