/** The age header: whole and as a stream, it is the same; what is taken is written again as it came. SPEC.md §3.1. */

import { equal } from "../../../envelope/bytes.ts"
import { parseHeader, readHeader, writeHeader } from "../../../envelope/header.ts"
import { checkSlots } from "../../../envelope/outside.ts"
import { ByteReader, collect } from "../../../envelope/reader.ts"
import { FILE_KEY } from "../keys.ts"
import { attempt, demand } from "../oracle.ts"
import type { Target } from "../target.ts"

function* pieces(input: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < input.length; at += size) yield input.subarray(at, at + size)
}

export const header: Target = {
  name: "header",
  dictionary: ["age-encryption.org/v1\n", "-> ", "\n---", "--- ", "\n", "mlkem768x25519 ", "-> x\n\n", "\r\n", "=", "A".repeat(64), "\0"],
  maxBytes: 70_000,

  async run(input) {
    const parsed = await attempt("envelope", () => parseHeader(input))
    const reader = new ByteReader(pieces(input, 1 + (input.length % 4_099)))
    const streamed = await attempt("envelope", () => readHeader(reader))
    if ("code" in parsed || "code" in streamed) {
      demand("code" in parsed && "code" in streamed && parsed.code === streamed.code, "a stream is refused as its bytes are")
      return parsed.code
    }
    const { stanzas, covered, bytes, mac } = parsed.value
    demand((await collect(reader.rest())).length === input.length - bytes, "a header is read to its end and no further")
    demand(equal(mac, streamed.value.mac) && equal(covered, streamed.value.covered), "a stream gives what its bytes give")
    const written = await writeHeader(stanzas, FILE_KEY)
    demand(equal(written.subarray(0, covered.length), covered) && written.length === bytes, "a header is spelt one way")
    const slots = await attempt("envelope", () => checkSlots(parsed.value, 4))
    return "code" in slots ? slots.code : "taken"
  },
}
