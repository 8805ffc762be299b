/** What can be wrong with a note, a keyring, a day key or a request, as a closed set of codes. SPEC.md §9. */

export type KeyringErrorCode =
  | "not-a-note" // not a C2SP signed note
  | "bad-key" // a verifier or signer key that is not one
  | "bad-keyring" // a note that is not a keyring, or a keyring that breaks its own rules
  | "bad-day-note"
  | "bad-release" // a note that is not a release
  | "bad-newsroom" // newsroom.json, an invitation or a join request that is not one
  | "too-few-roots" // not signed by the threshold
  | "unsigned" // not signed by the one who had to
  | "foreign" // of another newsroom, reporter or slot
  | "version-gap" // a version is missing
  | "rolled-back" // older than what was seen before
  | "forked" // another history than the one seen before
  | "expired"
  | "not-yet" // issued or made in the future
  | "bad-words" // not eight words of the list
  | "bad-request" // a request's signature fields are not ours
  | "bad-signature" // a request's signature does not hold

/** Thrown by everything in `keyring/`. Never quotes what it was given: it may be secret, or hostile. */
export class KeyringError extends Error {
  override readonly name = "KeyringError"
  readonly code: KeyringErrorCode

  constructor(code: KeyringErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Runs `parse`; what it finds wrong with bytes, JSON or keys becomes an error of this room, with the rule kept. */
export function asKeyringError<Value>(code: KeyringErrorCode, parse: () => Value): Value {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof KeyringError) throw cause
    throw new KeyringError(code, cause instanceof Error && cause.name === "EnvelopeError" ? cause.message : "malformed", { cause })
  }
}
