/** What can be wrong with an envelope, as a closed set of codes. SPEC.md §9. */

export type EnvelopeErrorCode =
  | "bad-encoding" // base64, Bech32 or UTF-8 that is not the one canonical spelling
  | "bad-json" // not compact JSON, a member missing, unknown or twice, a value out of its bounds
  | "bad-key" // a recipient or identity of another kind, or misspelt
  | "wrong-size" // bytes of a length that this thing cannot have
  | "bad-header" // not an age v1 header, or one that is not spelt canonically
  | "bad-stanza" // a stanza that is not a slot
  | "wrong-slots" // another number of stanzas than the newsroom's
  | "bad-mac" // the header was altered
  | "bad-payload" // the payload was altered, cut or extended
  | "wrong-class" // a length that is not a size class
  | "too-large" // more than the newsroom takes
  | "bad-archive" // not the one tar that a letter is written as
  | "bad-letter" // a tip or reply that does not say what it must
  | "bad-signature" // not signed by the source whose key it names
  | "wrong-newsroom" // meant for another newsroom
  | "wrong-day" // sealed for another day than the key that opened it
  | "bad-photo" // begins like a picture, and is damaged or not spelt as its format says
  | "not-addressed" // re-sealed to somebody whom the source did not choose

/** Thrown by everything in `envelope/`. Never quotes what it was given: it may be secret, or hostile. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError"
  readonly code: EnvelopeErrorCode

  constructor(code: EnvelopeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
