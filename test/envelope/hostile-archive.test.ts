/** Hostile archives, one fault a vector, each really sealed and signed over what it is. SPEC.md §3.4.
 *  What a tar can say beyond a name and a size is refused as `bad-archive`; the wrong entries, rightly spelt, as `bad-letter`. */

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "@jest/globals"
import { concat, utf8 } from "../../envelope/bytes.ts"
import { type TipFile, tipText } from "../../envelope/letter.ts"
import { classFor } from "../../envelope/sizes.ts"
import { END_MARK, type ForgedEntry, openAll, outcome, sealRaw, tarHeader, tarOf, tipEntries, tipOf, toClass } from "../support/forge.ts"
import { type Desk, makeDesk, noise } from "../support/tips.ts"

let desk: Desk
beforeAll(async () => {
  desk = await makeDesk([1], 4)
})

const CONTENT = utf8("what is in the file")
const declared: readonly TipFile[] = [{ name: "a.txt", type: "", bytes: CONTENT.length }]
/** A tip with one file, whose six entries the vectors change. */
const good = () => tipEntries(desk, { letter: tipText(tipOf(desk, { files: declared })), files: { "files/1.txt": CONTENT } })
const [LETTER, MESSAGE, SIGNATURE, FILE, FILES_SIGNATURE] = [0, 1, 2, 3, 4]

type Edit = (entries: ForgedEntry[]) => ForgedEntry[]
const edit =
  (at: number, change: (entry: ForgedEntry) => Partial<ForgedEntry>): Edit =>
  (entries) =>
    entries.map((entry, index) => (index === at ? { ...entry, ...change(entry) } : entry))
const size = ({ content }: ForgedEntry) => (content === "signed" ? 64 : content.length)
/** Another header for the entry at a place: what it says about its bytes stays true. */
const header = (at: number, change: (block: Buffer) => void, name?: string): Edit =>
  edit(at, (entry) => ({ header: tarHeader(name ?? entry.name, size(entry), change) }))
const field = (at: number, text: string) => (block: Buffer) => void block.write(text, at, "latin1")
const insert =
  (at: number, ...entries: ForgedEntry[]): Edit =>
  (all) => [...all.slice(0, at), ...entries, ...all.slice(at)]
const swap =
  (a: number, b: number): Edit =>
  (all) =>
    all.map((entry, index) => (index === a ? all[b] : index === b ? all[a] : entry) as ForgedEntry)
const without =
  (at: number): Edit =>
  (all) =>
    all.filter((_, index) => index !== at)

async function result(archive: Uint8Array): Promise<string> {
  return outcome(openAll(desk, await sealRaw(desk, toClass(desk, archive))))
}

test("the tip that the vectors change opens until it is changed", async () => {
  expect(await result(await tarOf(desk, good()))).toBe("opened")
  expect(await result(await tarOf(desk, tipEntries(desk)))).toBe("opened")
})

const ENTRIES = [
  ["the letter", LETTER],
  ["the message", MESSAGE],
  ["a file", FILE],
  ["the files' signature", FILES_SIGNATURE],
] as const

describe.each(ENTRIES)("%s is refused as", (_entry, at) => {
  test.each([
    ["a hard link", "1"],
    ["a symbolic link", "2"],
    ["a character device", "3"],
    ["a block device", "4"],
    ["a directory", "5"],
    ["a FIFO", "6"],
    ["a contiguous file", "7"],
    ["a regular file of before POSIX", "\0"],
    ["a pax header", "x"],
    ["a global pax header", "g"],
    ["GNU's long name", "L"],
    ["GNU's long link", "K"],
    ["GNU's sparse file", "S"],
  ])("%s", async (_what, type) => expect(await result(await tarOf(desk, header(at, field(156, type))(good())))).toBe("bad-archive"))
})

describe("a header is refused with", () => {
  test.each<[string, (block: Buffer) => void]>([
    ["a link's target", field(157, "/etc/passwd")],
    ["mode 0644", field(100, "0000644")],
    ["the set-user-id bit", field(100, "0004600")],
    ["a mode with a space", field(100, "000600 ")],
    ["an owner", field(108, "0001750")],
    ["a group", field(116, "0001750")],
    ["a time", field(136, "00000000001")],
    ["a time in base 256", (block) => void block.set([0x80], 136)],
    ["an owner's name", field(265, "root")],
    ["a group's name", field(297, "wheel")],
    ["device numbers", field(329, "0000001")],
    ["no device numbers", (block) => void block.fill(0, 329, 345)],
    ["a prefix", field(345, "..")],
    ["GNU's magic", field(257, "ustar  \0")],
    ["no magic", (block) => void block.fill(0, 257, 265)],
    ["another version", field(263, "01")],
    ["bytes behind the name's NUL", field(99, "x")],
    ["bytes behind the prefix", field(511, "x")],
    ["a size in base 256", (block) => void block.fill(0, 124, 136).set([0x80, ...Array(10).fill(0), CONTENT.length], 124)],
    ["a negative size in base 256", (block) => void block.fill(0xff, 124, 136)],
    ["a negative size in digits", field(124, "-0000000023")],
    ["a size with leading spaces", field(124, `         ${CONTENT.length.toString(8)}`)],
    ["a size that ends in a space", field(135, " ")],
    ["a size of twelve digits", field(124, CONTENT.length.toString(8).padStart(12, "0"))],
    ["a size that ends early", field(124, `0${CONTENT.length.toString(8)}\0`)],
    ["a size that is not octal", field(124, "00000000009")],
    ["no size", field(124, "\0\0\0\0\0\0\0\0\0\0\0\0")],
    ["a name in capitals", field(0, "FILES/1")],
    ["a name with a backslash", field(0, "files\\1")],
    ["a name with a space", field(0, "files/1 txt")],
    ["a name that is not ASCII", field(0, "files/\u00e9.txt")],
    ["a name of UTF-8", field(0, "files/\u00c3\u00a9.txt")],
    ["an escape sequence for a name", field(0, "files/1\u001b[2J")],
    ["no name", (block) => void block.fill(0, 0, 100)],
  ])("%s", async (_what, change) => expect(await result(await tarOf(desk, header(FILE, change)(good())))).toBe("bad-archive"))

  test.each([
    ["one too many", (sum: number) => `${(sum + 1).toString(8).padStart(6, "0")}\0 `],
    ["of zero", () => "000000\0 "],
    ["of signed bytes' form", (sum: number) => `${sum.toString(8).padStart(6, "0")} \0`],
    ["of seven digits", (sum: number) => `${sum.toString(8).padStart(7, "0")}\0`],
    ["with leading spaces", (sum: number) => `${sum.toString(8).padStart(6, " ")}\0 `],
    ["of spaces", () => "        "],
  ])("a checksum %s", async (_what, spell) => {
    const block = tarHeader("files/1.txt", CONTENT.length)
    block.write(spell(Number.parseInt(block.toString("latin1", 148, 154), 8)), 148, "latin1")
    expect(await result(await tarOf(desk, edit(FILE, () => ({ header: block }))(good())))).toBe("bad-archive")
  })
})

describe("an archive is refused with", () => {
  const extra = (name: string): ForgedEntry => ({ name, content: utf8("x") })
  test.each<[string, Edit, string]>([
    ["`..` for a name", header(FILE, field(0, "../../1.txt"), "a"), "bad-letter"],
    ["`..` inside a name", header(FILE, () => undefined, "files/../1.txt"), "bad-letter"],
    ["an absolute name", header(FILE, () => undefined, "/files/1.txt"), "bad-letter"],
    ["a name that begins with ./", header(FILE, () => undefined, "./files/1.txt"), "bad-letter"],
    ["two slashes in a name", header(FILE, () => undefined, "files//1.txt"), "bad-letter"],
    ["a directory's slash behind a name", header(FILE, () => undefined, "files/1.txt/"), "bad-letter"],
    ["a name of 100 characters", header(FILE, () => undefined, "a".repeat(100)), "bad-letter"],
    ["the letter twice", insert(LETTER, { name: "sotto.json", content: utf8("{}") }), "bad-json"],
    ["the letter once more behind the letter", insert(MESSAGE, { name: "sotto.json", content: utf8("{}") }), "bad-letter"],
    ["the message twice", insert(SIGNATURE, { name: "message.txt", content: utf8("another") }), "bad-letter"],
    ["the signature twice", insert(FILE, { name: "signature", content: "signed" }), "bad-letter"],
    ["a file twice", insert(FILE, { name: "files/1.txt", content: CONTENT }), "bad-letter"],
    ["the files' signature twice", insert(5, { name: "files/signature", content: "signed" }), "bad-letter"],
    ["letter and message exchanged", swap(LETTER, MESSAGE), "bad-letter"],
    ["message and signature exchanged", swap(MESSAGE, SIGNATURE), "bad-letter"],
    ["file and files' signature exchanged", swap(FILE, FILES_SIGNATURE), "bad-letter"],
    ["no letter", without(LETTER), "bad-letter"],
    ["no message", without(MESSAGE), "bad-letter"],
    ["no signature", without(SIGNATURE), "bad-letter"],
    ["a file less than declared", without(FILE), "bad-letter"],
    ["no files' signature", without(FILES_SIGNATURE), "bad-letter"],
    ["a file more than declared", insert(FILES_SIGNATURE, { name: "files/2", content: CONTENT }), "bad-letter"],
    ["an entry before the letter", insert(LETTER, extra("readme")), "bad-letter"],
    ["an entry behind the last", insert(5, extra("files/2")), "bad-letter"],
    ["another extension than the declared name's", header(FILE, () => undefined, "files/1.exe"), "bad-letter"],
    ["no extension where the name has one", header(FILE, () => undefined, "files/1"), "bad-letter"],
    ["another number", header(FILE, () => undefined, "files/2.txt"), "bad-letter"],
    ["a file shorter than declared", edit(FILE, () => ({ content: CONTENT.slice(1) })), "bad-letter"],
    ["a file longer than declared", edit(FILE, () => ({ content: concat(CONTENT, utf8("x")) })), "bad-letter"],
    ["a letter that says it has 8 GiB", edit(LETTER, () => ({ header: tarHeader("sotto.json", 8 ** 11 - 1) })), "too-large"],
    ["a letter of 256 KiB and a byte", edit(LETTER, () => ({ header: tarHeader("sotto.json", 262_145) })), "too-large"],
    ["a message of 512 KiB and a byte", edit(MESSAGE, () => ({ header: tarHeader("message.txt", 524_289) })), "too-large"],
    ["a signature of 65 bytes", edit(SIGNATURE, () => ({ content: new Uint8Array(65) })), "too-large"],
    ["a signature of 63 bytes", edit(SIGNATURE, () => ({ content: new Uint8Array(63) })), "bad-signature"],
    ["an empty signature", edit(SIGNATURE, () => ({ content: new Uint8Array(0) })), "bad-signature"],
    ["a signature of zeros", edit(SIGNATURE, () => ({ content: new Uint8Array(64) })), "bad-signature"],
    ["a files' signature of zeros", edit(FILES_SIGNATURE, () => ({ content: new Uint8Array(64) })), "bad-signature"],
    ["padding that is not zeros behind the letter", edit(LETTER, pad), "bad-archive"],
    ["padding that is not zeros behind a file", edit(FILE, pad), "bad-archive"],
    [
      "padding that is not zeros behind the last signature",
      edit(FILES_SIGNATURE, () => ({ padding: new Uint8Array(448).fill(1) })),
      "bad-archive",
    ],
    [
      "a block of padding too much",
      edit(FILE, ({ content }) => ({ padding: new Uint8Array(1_024 - (content.length % 512)) })),
      "bad-archive",
    ],
    ["no padding behind a file", edit(FILE, () => ({ padding: new Uint8Array(0) })), "bad-archive"],
  ])("%s", async (_what, change, code) => expect(await result(await tarOf(desk, change(good())))).toBe(code))

  function pad({ content }: ForgedEntry): Partial<ForgedEntry> {
    const padding = new Uint8Array(512 - (content.length % 512))
    padding[padding.length - 1] = 1
    return { padding }
  }

  test("a file that is declared longer than its archive", async () => {
    const files = [{ name: "a", type: "", bytes: 4_294_967_296 }]
    const entries = tipEntries(desk, { letter: tipText(tipOf(desk, { files })), files: { "files/1": CONTENT } })
    const lying = edit(FILE, () => ({ header: tarHeader("files/1", 4_294_967_296) }))(entries)
    expect(await result(await tarOf(desk, lying))).toBe("bad-archive")
  })
})

describe("an archive's end is refused with", () => {
  const one = (content: Uint8Array) => async () => concat(await tarOf(desk, good(), new Uint8Array(0)), content)
  const block = (byte: number) => new Uint8Array(512).fill(byte)
  test.each<[string, () => Promise<Uint8Array>, string]>([
    ["one block of zeros and something else", one(concat(block(0), block(1))), "bad-archive"],
    ["one block of zeros and another entry", one(concat(block(0), tarHeader("files/2", 0), END_MARK)), "bad-archive"],
    ["another entry behind its mark", one(concat(END_MARK, tarHeader("files/2", 0), END_MARK)), "bad-archive"],
    [
      "a second archive behind the first",
      async () => concat(await tarOf(desk, good()), await tarOf(desk, tipEntries(desk))),
      "bad-archive",
    ],
    ["one byte behind it that is not zero", one(concat(END_MARK, Uint8Array.of(1))), "bad-archive"],
    ["text behind it", one(concat(END_MARK, utf8("PS"))), "bad-archive"],
    ["no mark, and a block of ones", one(block(1)), "bad-archive"],
  ])("%s", async (_what, make, code) => expect(await result(await make())).toBe(code))

  test("a byte that is not zero at the very end of its size class", async () => {
    const plaintext = toClass(desk, await tarOf(desk, good()))
    plaintext[plaintext.length - 1] = 1
    expect(await outcome(openAll(desk, await sealRaw(desk, plaintext)))).toBe("bad-archive")
  })

  // A floor envelope with 4 slots holds 48 blocks and 305 bytes: a message can fill it so that the mark finds no room.
  test.each([
    ["no mark at all", 48, "bad-archive"],
    ["half a mark", 47, "bad-archive"],
  ])("%s", async (_what, blocks, code) => {
    const { padded } = classFor(4, 1_024)
    expect([Math.floor(padded / 512), padded % 512]).toEqual([48, 305])
    const rest = (await tarOf(desk, tipEntries(desk, { message: new Uint8Array(0) }), new Uint8Array(0))).length
    const message = new Uint8Array(blocks * 512 - rest).fill(0x61)
    const archive = await tarOf(desk, tipEntries(desk, { message }), new Uint8Array(padded - blocks * 512))
    expect(archive.length).toBe(padded)
    expect(await outcome(openAll(desk, await sealRaw(desk, archive)))).toBe(code)
  })

  test.each([
    ["nothing", new Uint8Array(0), "bad-archive"],
    ["a byte", Uint8Array.of(1), "bad-archive"],
    ["noise", noise(20_000), "bad-archive"],
    ["zeros", new Uint8Array(20_000), "bad-letter"],
    ["a gzip file", Uint8Array.of(0x1f, 0x8b, ...new Uint8Array(2_000)), "bad-archive"],
  ])("a payload of %s in an archive's place", async (_what, plaintext, code) => {
    expect(await outcome(openAll(desk, await sealRaw(desk, plaintext)))).toBe(code)
  })
})

test("the vectors are what they say: GNU tar takes the link that ours refuses", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-hostile-"))
  try {
    const link = tarHeader("files/1.txt", 0, (block) => void block.write("2/etc/passwd", 156, "latin1"))
    writeFileSync(join(folder, "x.tar"), await tarOf(desk, edit(FILE, () => ({ header: link, content: new Uint8Array(0) }))(good())))
    expect(execFileSync("tar", ["tvf", join(folder, "x.tar")], { encoding: "utf8" })).toContain("files/1.txt -> /etc/passwd")
  } finally {
    rmSync(folder, { recursive: true })
  }
})
