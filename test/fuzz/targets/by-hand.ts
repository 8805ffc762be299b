/** An archive by whatever `tar` a source has: what is taken has the same files however it is read, by names that are only words. SPEC.md §3.10. */

import { BLOCK_BYTES } from "../../../envelope/archive.ts"
import { concat, utf8 } from "../../../envelope/bytes.ts"
import { hkdf } from "../../../envelope/hash.ts"
import { ByteReader, collect } from "../../../envelope/reader.ts"
import { CHUNK_BYTES, NONCE_BYTES } from "../../../envelope/sizes.ts"
import { readLetterOrUnsigned, unsignedFiles } from "../../../envelope/unsigned.ts"
import { nodeAead } from "../../../scripts/engine.ts"
import { FILE_KEY, fixed } from "../keys.ts"
import { attempt, demand } from "../oracle.ts"
import type { Target } from "../target.ts"
import { archive, fixSum, isHeader } from "./archive.ts"

const NONCE = fixed("payload nonce", NONCE_BYTES)
const payloadKey = hkdf(FILE_KEY, NONCE, utf8("payload"), 32)
const ONLY_CHUNK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)

export const byHand: Target = {
  name: "by-hand",
  dictionary: [...archive.dictionary, "11 path=a.b\n", "9 size=1\n", "ustar  \0", "././@LongLink", "0000644\0", "     644 "],
  maxBytes: CHUNK_BYTES,

  async run(given) {
    const payload = concat(NONCE, nodeAead.seal(await payloadKey, ONLY_CHUNK, new Uint8Array(given)))
    const source = () => ({ fileKey: FILE_KEY, payload: new ByteReader([payload]) })
    const read = await attempt("envelope", () => readLetterOrUnsigned(source(), () => undefined, nodeAead))
    if ("code" in read) return read.code
    if (read.value.kind !== "unsigned") return "letter"
    const { files, message, passedOver } = read.value
    demand(!Buffer.from(given).subarray(0, 11).equals(Buffer.from("sotto.json\0")), "what begins as a letter is never unsigned")
    let total = Buffer.byteLength(message) > 0 ? 1 : 0
    let number = 0
    for await (const { file, bytes } of unsignedFiles(source(), nodeAead)) {
      const listed = files[number++]
      demand(listed?.name === file.name && listed.bytes === file.bytes, "the files that are read are the ones that are listed")
      demand(!/\p{Control}|\p{Surrogate}/u.test(file.name), "a name holds neither control characters nor halves of characters")
      demand(file.name.length > 0 && file.name.length <= 255, "a name has 1 to 255 characters")
      demand((await collect(bytes)).length === file.bytes, "a file has the length that is listed")
      total += file.bytes
    }
    demand(number === files.length, "every file that is listed is read")
    demand(total + (files.length + passedOver) * BLOCK_BYTES <= given.length, "no more comes out than went in")
    return "taken"
  },

  async change(input, random) {
    const changed = Buffer.from((await archive.change?.(input, random)) ?? input)
    if (!random.chance(4))
      for (let at = 0; at + BLOCK_BYTES <= changed.length; at += BLOCK_BYTES)
        if (isHeader(changed.subarray(at, at + BLOCK_BYTES))) fixSum(changed.subarray(at, at + BLOCK_BYTES))
    return changed
  },
}
