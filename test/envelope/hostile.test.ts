/** Hostile bytes, one fault a vector: headers, and payloads cut, extended and put together otherwise. SPEC.md §3.1, §3.2.
 *  Headers are changed before their MAC is made: what refuses them is the rule that is named, not the MAC. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import { type Bytes, concat, utf8 } from "../../envelope/bytes.ts"
import { hmacSha256 } from "../../envelope/hash.ts"
import { type FileKey, MAX_HEADER_BYTES, macKey, parseHeader } from "../../envelope/header.ts"
import { randomBytes } from "../../envelope/keys.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { headerBytes, NONCE_BYTES, SEALED_CHUNK_BYTES, SLOT_BYTES, TAG_BYTES } from "../../envelope/sizes.ts"
import { sealSlots } from "../../envelope/slots.ts"
import { openAll, outcome, recipientsOf, sealRaw, toClass } from "../support/forge.ts"
import { type Desk, file, makeDesk, noise, sealed } from "../support/tips.ts"

const HEADER = headerBytes(4)
const ENC = 1_494
let desk: Desk
/** Four chunks, the last one short. */
let large: Bytes
/** A good header's lines, without its last one, and the file key for a MAC over whatever becomes of them. */
let lines: readonly string[]
let fileKey: FileKey

beforeAll(async () => {
  desk = await makeDesk([2], 4)
  large = await sealed(desk, { files: [file("a", noise(200_000))] })
  fileKey = (await randomBytes(16)) as FileKey
  const stanzas = await sealSlots(fileKey, await recipientsOf(desk))
  lines = [
    "age-encryption.org/v1",
    ...stanzas.flatMap(({ args, body }) => [`-> ${args.join(" ")}`, Buffer.from(body).toString("base64").replace(/=+$/, "")]),
  ]
})

/** A header of these lines with the MAC that belongs to them, and a payload of one chunk that nobody gets to. */
async function withMac(changed: readonly string[], footer = (mac: string) => `--- ${mac}\n`): Promise<Bytes> {
  const covered = new Uint8Array(Buffer.from(`${changed.join("\n")}\n---`, "latin1"))
  const mac = Buffer.from(await hmacSha256(await macKey(fileKey), covered))
    .toString("base64")
    .replace(/=+$/, "")
  return concat(covered.subarray(0, -3), Buffer.from(footer(mac), "latin1"), new Uint8Array(NONCE_BYTES + TAG_BYTES + 1))
}
/** The own slot is stanza 2: its argument line and its body line. */
const [ARGS, BODY] = [5, 6]
const replace = (at: number, line: (before: string) => string) => (before: readonly string[]) =>
  before.map((one, index) => (index === at ? line(one) : one))
const insert =
  (at: number, ...added: readonly string[]) =>
  (before: readonly string[]) => [...before.slice(0, at), ...added, ...before.slice(at)]
/** The last character of a base64 text with one of its unused bits set. */
const loosen = (text: string) => text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))
/** The X25519 share, the last 32 bytes of enc, as a point whose shared secret anybody knows. */
const lowOrder = (line: string) => {
  const enc = Buffer.from(line.slice(-ENC), "base64")
  return `${line.slice(0, -ENC)}${enc
    .fill(0, enc.length - 32)
    .toString("base64")
    .replace(/=+$/, "")}`
}

test("the header that the vectors change is good until they do: only its payload is not", async () => {
  expect(await outcome(openAll(desk, await withMac(lines)))).toBe("bad-payload")
})

describe("a header is refused with", () => {
  test.each<[string, (lines: readonly string[]) => readonly string[], string]>([
    ["another version line", replace(0, () => "age-encryption.org/v2"), "bad-header"],
    ["a byte order mark", replace(0, (line) => `\u00ef\u00bb\u00bf${line}`), "bad-header"],
    ["an empty line before the stanzas", insert(1, ""), "bad-header"],
    ["no stanza at all", (all) => all.slice(0, 1), "bad-header"],
    ["a carriage return in the version line", replace(0, (line) => `${line}\r`), "bad-header"],
    ["carriage returns everywhere", (all) => all.map((line) => `${line}\r`), "bad-header"],
    ["a NUL in an argument", replace(ARGS, (line) => line.replace("-> mlkem", "-> mlkem\0")), "bad-header"],
    ["a NUL line", insert(1, "\0"), "bad-header"],
    ["a byte that is not ASCII", replace(ARGS, (line) => `${line}\u00e9`), "bad-header"],
    ["well-formed UTF-8 in an argument", replace(ARGS, (line) => `${line} \u00c3\u00a9`), "bad-header"],
    ["an arrow of other characters", replace(ARGS, (line) => line.replace("->", "=>")), "bad-header"],
    ["a stanza without a kind", replace(ARGS, () => "->"), "bad-header"],
    ["two spaces between arguments", replace(ARGS, (line) => line.replace("-> mlkem768x25519 ", "-> mlkem768x25519  ")), "bad-header"],
    ["a space at a line's end", replace(ARGS, (line) => `${line} `), "bad-header"],
    ["a tab for a space", replace(ARGS, (line) => line.replace("-> mlkem768x25519 ", "-> mlkem768x25519\t")), "bad-header"],
    ["a body line of 65 columns", replace(BODY, () => "A".repeat(65)), "bad-header"],
    ["a body line of 64 columns and none behind it", replace(BODY, () => "A".repeat(64)), "bad-header"],
    ["a body that is not base64", replace(BODY, (line) => line.replace(/^./, "!")), "bad-header"],
    ["base64url in a body", replace(BODY, (line) => line.replace(/^../, "-_")), "bad-header"],
    ["padding in a body", replace(BODY, (line) => `${line}=`), "bad-header"],
    ["unused bits set in a body", replace(BODY, loosen), "bad-header"],
    ["a body line missing", (all) => all.filter((_, index) => index !== BODY), "bad-header"],
    ["a body line of 45,000 columns", replace(BODY, () => "A".repeat(45_000)), "bad-header"],
    ["another kind", replace(ARGS, (line) => line.replace("mlkem768x25519", "X25519")), "bad-stanza"],
    ["the kind in upper case", replace(ARGS, (line) => line.replace("mlkem768x25519", "MLKEM768X25519")), "bad-stanza"],
    ["a grease stanza in a slot's place", replace(ARGS, () => "-> x-grease a b c"), "bad-stanza"],
    ["an argument more", replace(ARGS, (line) => `${line} x`), "bad-stanza"],
    ["an argument less", replace(ARGS, () => "-> mlkem768x25519"), "bad-stanza"],
    ["an enc one character short", replace(ARGS, (line) => line.slice(0, -1)), "bad-stanza"],
    ["an enc one character long", replace(ARGS, (line) => `${line}A`), "bad-stanza"],
    ["unused bits set in enc", replace(ARGS, loosen), "bad-stanza"],
    ["padding for the end of enc", replace(ARGS, (line) => `${line.slice(0, -2)}==`), "bad-stanza"],
    ["base64url in enc", replace(ARGS, (line) => line.replace(/..$/, "_A")), "bad-stanza"],
    ["an enc of 40,000 characters", replace(ARGS, (line) => line + "A".repeat(40_000)), "bad-stanza"],
    ["an enc of low order", replace(ARGS, lowOrder), "bad-stanza"],
    ["a body of 31 bytes", replace(BODY, () => "A".repeat(42)), "bad-stanza"],
    ["a body of 33 bytes", replace(BODY, () => "A".repeat(44)), "bad-stanza"],
    ["an empty body", replace(BODY, () => ""), "bad-stanza"],
    ["a body of two lines", replace(BODY, (line) => `${"A".repeat(64)}\n${line}`), "bad-stanza"],
    ["a slot more", (all) => [...all, ...all.slice(1, 3)], "wrong-slots"],
    ["a slot less", (all) => all.slice(0, -2), "wrong-slots"],
    ["a grease stanza more", (all) => [...all, "-> x-grease", ""], "wrong-slots"],
  ])("%s", async (_what, change, code) => {
    const envelope = await withMac(change(lines))
    expect(await outcome(openAll(desk, envelope))).toBe(code)
    // The server sees it too, but for what only the own slot's holder can tell.
    if (!_what.endsWith("low order")) expect(() => checkOutside(envelope, 32_768, 4)).toThrow(expect.objectContaining({ code }))
  })

  test.each<[string, (mac: string) => string, string]>([
    ["a MAC with unused bits set", (mac) => `--- ${loosen(mac)}\n`, "bad-header"],
    ["a MAC with padding", (mac) => `--- ${mac}=\n`, "bad-header"],
    ["a MAC one character short", (mac) => `--- ${mac.slice(1)}\n`, "bad-header"],
    ["no MAC", () => "---\n", "bad-header"],
    ["no space before the MAC", (mac) => `---${mac}\n`, "bad-header"],
    ["two spaces before the MAC", (mac) => `---  ${mac}\n`, "bad-header"],
    ["four dashes", (mac) => `---- ${mac}\n`, "bad-header"],
    ["a space behind the MAC", (mac) => `--- ${mac} \n`, "bad-header"],
    ["a carriage return behind the MAC", (mac) => `--- ${mac}\r\n`, "bad-header"],
    ["a MAC of zeros", () => `--- ${"A".repeat(43)}\n`, "bad-mac"],
    ["two last lines", (mac) => `--- ${mac}\n--- ${mac}\n`, "bad-payload"], // the second one is where the nonce should be
  ])("%s", async (_what, footer, code) => {
    expect(await outcome(openAll(desk, await withMac(lines, footer)))).toBe(code)
  })

  test("two slots exchanged: the MAC is another, and each is sealed to somebody else", async () => {
    const order = [0, 1, 2, 3, 4, 7, 8, 5, 6, 9, 10]
    expect(await outcome(openAll(desk, await withMac(order.map((at) => lines[at] ?? ""))))).toBe("not for us")
  })
})

describe("a header without end", () => {
  /** An endless stream, and how much of it was asked for. */
  function endless(start: string, piece: string) {
    const said = { bytes: 0 }
    function* stream(): Generator<Uint8Array> {
      for (let next = utf8(start); ; next = utf8(piece)) {
        said.bytes += next.length
        yield next
      }
    }
    return { said, stream: stream() }
  }
  const START = "age-encryption.org/v1\n"
  test.each([
    ["of one endless line", START, "A".repeat(1_000)],
    ["of one endless argument line", `${START}-> mlkem768x25519 `, "A".repeat(1_000)],
    ["of endless arguments", `${START}->`, " a".repeat(500)],
    ["of stanzas, a million and more", START, "-> a\n\n".repeat(200)],
    ["of one stanza with an endless body", `${START}-> a\n`, `${"A".repeat(64)}\n`.repeat(16)],
    ["of empty lines", START, "\n".repeat(1_000)],
    ["of dashes", START, "-".repeat(1_000)],
    ["of NULs", "", "\0".repeat(1_000)],
  ])("%s is refused before more than 64 KiB of it are held", async (_what, start, piece) => {
    const { said, stream } = endless(start, piece)
    const began = performance.now()
    expect(await outcome(openAll(desk, stream))).toBe("bad-header")
    expect(said.bytes).toBeLessThanOrEqual(MAX_HEADER_BYTES + 1_024)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test("is refused if it ends one byte too late, and read if it ends in time", () => {
    const header = (length: number) => {
      const [head, foot] = [`${START}-> a `, `\n\n--- ${"A".repeat(43)}\n`]
      return utf8(`${head}${"a".repeat(length - head.length - foot.length)}${foot}`)
    }
    expect(parseHeader(header(MAX_HEADER_BYTES)).bytes).toBe(65_536)
    expect(() => parseHeader(header(MAX_HEADER_BYTES + 1))).toThrow(expect.objectContaining({ code: "bad-header" }))
  })
})

describe("an envelope of several chunks", () => {
  const CHUNKS = HEADER + NONCE_BYTES
  const chunk = (index: number) => large.subarray(CHUNKS + index * SEALED_CHUNK_BYTES, CHUNKS + (index + 1) * SEALED_CHUNK_BYTES)
  const put = (...parts: readonly Uint8Array[]) => concat(large.subarray(0, CHUNKS), ...parts)

  test("has four, and opens", async () => {
    expect([chunk(3).length, chunk(4).length]).toEqual([large.length - CHUNKS - 3 * SEALED_CHUNK_BYTES, 0])
    expect(await outcome(openAll(desk, large))).toBe("opened")
  })

  const around = (at: number) => [at - 1, at, at + 1]
  const cuts: [string, number[], string][] = [
    ["the version line", [0, 1, ...around(22)], "bad-header"],
    ["a stanza", [0, 1, 2, 3, 4].flatMap((slot) => around(22 + slot * SLOT_BYTES + 1 + ENC)), "bad-header"],
    ["the last line", [...around(HEADER - 48), HEADER - 1], "bad-header"],
    ["the nonce", [HEADER, HEADER + 1, ...around(HEADER + NONCE_BYTES)], "bad-payload"],
    ["the first tag", around(CHUNKS + TAG_BYTES), "bad-payload"],
    ["a chunk", [1, 2, 3].flatMap((index) => around(CHUNKS + index * SEALED_CHUNK_BYTES)), "bad-payload"],
    ["a chunk's tag", [1, 2, 3].flatMap((index) => around(CHUNKS + index * SEALED_CHUNK_BYTES + TAG_BYTES)), "bad-payload"],
  ]
  test.each(cuts.flatMap(([what, lengths, code]) => lengths.map((length) => [what, length, code] as const)))(
    "is refused when cut at %s, after %i bytes",
    async (_what, length, code) => expect(await outcome(openAll(desk, large.subarray(0, length)))).toBe(code),
  )
  test.each([1, 15, 16, 17, 65_551, 65_552, 65_553])("is refused when cut %i bytes before its end", async (less) => {
    expect(await outcome(openAll(desk, large.subarray(0, large.length - less)))).toBe("bad-payload")
  })

  test.each<[string, () => Uint8Array]>([
    ["a zero behind it", () => concat(large, new Uint8Array(1))],
    ["16 zeros behind it", () => concat(large, new Uint8Array(TAG_BYTES))],
    ["a whole chunk of zeros behind it", () => concat(large, new Uint8Array(SEALED_CHUNK_BYTES))],
    ["itself behind it", () => concat(large, large)],
    ["a second header and payload before it", () => concat(large.subarray(0, HEADER), large)],
    ["two chunks exchanged", () => put(chunk(0), chunk(2), chunk(1), chunk(3))],
    ["the last chunk first", () => put(chunk(3), chunk(0), chunk(1), chunk(2))],
    ["a chunk twice", () => put(chunk(0), chunk(1), chunk(1), chunk(2), chunk(3))],
    ["a chunk left out", () => put(chunk(0), chunk(2), chunk(3))],
    ["the first chunk left out", () => put(chunk(1), chunk(2), chunk(3))],
    ["the last chunk left out", () => put(chunk(0), chunk(1), chunk(2))],
    ["the last chunk alone", () => put(chunk(3))],
    ["the last chunk twice", () => put(chunk(0), chunk(1), chunk(2), chunk(3), chunk(3))],
    ["the tags of two chunks exchanged", () => put(swapTags(chunk(0), chunk(1))[0], swapTags(chunk(0), chunk(1))[1], chunk(2), chunk(3))],
    ["a nonce of zeros", () => concat(large.subarray(0, HEADER), new Uint8Array(NONCE_BYTES), large.subarray(CHUNKS))],
    ["no nonce", () => concat(large.subarray(0, HEADER), large.subarray(CHUNKS))],
    ["no payload", () => large.slice(0, HEADER)],
  ])("is refused with %s", async (_what, make) => expect(await outcome(openAll(desk, make()))).toBe("bad-payload"))

  function swapTags(a: Uint8Array, b: Uint8Array): [Bytes, Bytes] {
    return [concat(a.subarray(0, -TAG_BYTES), b.subarray(-TAG_BYTES)), concat(b.subarray(0, -TAG_BYTES), a.subarray(-TAG_BYTES))]
  }

  test("is refused with a chunk or a payload of another envelope to the same reader", async () => {
    const other = await sealed(desk, { files: [file("a", noise(200_000))] })
    const foreign = other.subarray(CHUNKS + SEALED_CHUNK_BYTES, CHUNKS + 2 * SEALED_CHUNK_BYTES)
    expect(await outcome(openAll(desk, put(chunk(0), foreign, chunk(2), chunk(3))))).toBe("bad-payload")
    expect(await outcome(openAll(desk, concat(large.subarray(0, HEADER), other.subarray(HEADER))))).toBe("bad-payload")
    expect(await outcome(openAll(desk, concat(other.subarray(0, HEADER), large.subarray(HEADER))))).toBe("bad-payload")
  })

  test("reads the same in pieces of any size, and byte by byte is no way around a check", async () => {
    function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    const small = await sealRaw(desk, toClass(desk, new Uint8Array(0)))
    for (const size of [1, 7, 4_096]) {
      expect(await outcome(openAll(desk, pieces(small, size)))).toBe("bad-letter") // an archive without entries
      expect(await outcome(openAll(desk, pieces(small.subarray(0, -1), size)))).toBe("bad-payload")
    }
    expect(await outcome(openAll(desk, pieces(large, 1_000)))).toBe("opened")
  })
})
