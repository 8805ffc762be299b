/** What may come of any input at all: it is taken, or refused with a code of the closed set. Anything else is a finding. */

import { isDeepStrictEqual } from "node:util"
import { EnvelopeError, type EnvelopeErrorCode } from "../../envelope/errors.ts"
import { KeyringError, type KeyringErrorCode } from "../../keyring/errors.ts"

/** Types vanish when programs run: these lists are held to the types by the compiler, both ways. */
const envelopeCodes: Readonly<Record<EnvelopeErrorCode, true>> = {
  "bad-encoding": true,
  "bad-json": true,
  "bad-key": true,
  "wrong-size": true,
  "bad-header": true,
  "bad-stanza": true,
  "wrong-slots": true,
  "bad-mac": true,
  "bad-payload": true,
  "wrong-class": true,
  "too-large": true,
  "bad-archive": true,
  "bad-letter": true,
  "bad-signature": true,
  "wrong-newsroom": true,
  "wrong-day": true,
  "not-addressed": true,
  "bad-photo": true,
}
const keyringCodes: Readonly<Record<KeyringErrorCode, true>> = {
  "not-a-note": true,
  "bad-key": true,
  "bad-keyring": true,
  "bad-day-note": true,
  "bad-release": true,
  "bad-newsroom": true,
  "too-few-roots": true,
  unsigned: true,
  foreign: true,
  "version-gap": true,
  "rolled-back": true,
  forked: true,
  expired: true,
  "not-yet": true,
  "bad-words": true,
  "bad-request": true,
  "bad-signature": true,
}

/** A promise that an input broke. */
export class Finding extends Error {
  override readonly name = "Finding"
}
export function demand(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Finding(promise)
}

/** Whether two JSON texts hold the same value, member for member; in which order is all the same. */
export const sameJson = (a: string, b: string): boolean => isDeepStrictEqual(JSON.parse(a), JSON.parse(b))
/** Whether a JSON text is the one that ECMAScript writes for its value. */
export const isCompact = (text: string): boolean => JSON.stringify(JSON.parse(text)) === text

export type Room = "envelope" | "keyring"
/** Runs `work`; `undefined` with the code when it was refused as its room refuses. */
export async function attempt<Value>(room: Room, work: () => Value | Promise<Value>): Promise<{ value: Value } | { code: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    if (room === "envelope" && error instanceof EnvelopeError && Object.hasOwn(envelopeCodes, error.code)) return { code: error.code }
    // "malformed" is how a keyring says that something else than our own rules failed: a bug behind a polite face.
    if (room === "keyring" && error instanceof KeyringError && Object.hasOwn(keyringCodes, error.code) && error.message !== "malformed")
      return { code: error.code }
    throw new Finding(`thrown: ${error instanceof Error ? `${error.name}: ${error.message}` : typeof error}`, { cause: error })
  }
}
