/** What stock tools make and our reader takes: archives by GNU tar in each of its formats, envelopes by another implementation of age;
 *  and archives that no honest tool makes. SPEC.md §3.10. */

import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { Encrypter } from "age-encryption"
import { type Bytes, concat, utf8 } from "../../envelope/bytes.ts"
import { forgottenRecipient, recipientOf, recipientText } from "../../envelope/keys.ts"
import { unlock } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { collect } from "../../envelope/reader.ts"
import {
  MAX_ENTRIES,
  MAX_LONG_NAME_BYTES,
  MAX_PAX_BYTES,
  readLetterOrUnsigned,
  type Unsigned,
  unsignedFiles,
} from "../../envelope/unsigned.ts"
import { nodeAead } from "../../scripts/engine.ts"
import { END_MARK, outcome, sealRaw, tarHeader, tarOf, tipEntries, toClass } from "../support/forge.ts"
import { type Desk, makeDesk } from "../support/tips.ts"

let desk: Desk
let folder: string
beforeAll(async () => {
  desk = await makeDesk([1], 4)
  folder = mkdtempSync(join(tmpdir(), "sotto-unsigned-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const unlocked = async (envelope: Uint8Array) => {
  const [[slot, identity]] = [...desk.identities] as [[number, Parameters<typeof recipientOf>[0]]]
  const found = await unlock([envelope], { identity, slot, slots: desk.slots })
  if (found === undefined) throw new Error("did not open")
  return found
}
async function readByHand(archive: Uint8Array): Promise<Unsigned & { readonly contents: readonly string[] }> {
  const envelope = await sealRaw(desk, toClass(desk, archive))
  const read = await readLetterOrUnsigned(await unlocked(envelope), () => undefined, nodeAead)
  if (read.kind !== "unsigned") throw new Error("a letter")
  const contents: string[] = []
  for await (const { number, file, bytes } of unsignedFiles(await unlocked(envelope), nodeAead)) {
    expect(number).toBe(contents.length + 1)
    expect(file).toEqual({ ...read.files[number - 1], type: "" })
    contents.push(Buffer.from(await collect(bytes)).toString())
  }
  expect(contents).toHaveLength(read.files.length)
  const { kind: _, ...unsigned } = read
  return { ...unsigned, contents }
}

/** The command's own flags, as the page's instructions have them. */
const FLAGS = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=0600"]
let made = 0
function gnuTar(files: Readonly<Record<string, string>>, args: readonly string[], names = Object.keys(files)): Uint8Array {
  const at = join(folder, String(++made))
  mkdirSync(at)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(at, name, ".."), { recursive: true })
    writeFileSync(join(at, name), content)
  }
  execFileSync("tar", [...args, "-cf", "../out.tar", "--", ...names], { cwd: at })
  return new Uint8Array(readFileSync(join(folder, "out.tar")))
}

const LONG = `${"a long name, ".repeat(15)}Grüße.pdf`
describe("archives by GNU tar", () => {
  test.each(["v7", "oldgnu", "gnu", "ustar", "pax"])("in its format %s are read, names and bytes", async (format) => {
    const files = { "message.txt": "Grüße\nzwei\n", "list of names.csv": "a,b\n", empty: "" }
    const { message, files: listed, contents, passedOver } = await readByHand(gnuTar(files, [`--format=${format}`, ...FLAGS]))
    expect(message).toBe("Grüße\nzwei\n")
    expect(listed).toEqual([
      { name: "list of names.csv", bytes: 4 },
      { name: "empty", bytes: 0 },
    ])
    expect(contents).toEqual(["a,b\n", ""])
    expect(passedOver).toBe(0)
  })

  test.each(["gnu", "oldgnu", "pax"])("in its format %s may have names too long for a header", async (format) => {
    const { files } = await readByHand(gnuTar({ "message.txt": "x", [LONG]: "y" }, [`--format=${format}`]))
    expect(files).toEqual([{ name: LONG.slice(-255), bytes: 1 }])
  })

  test("in ustar may have a path in two parts", async () => {
    const path = `${"folder/".repeat(20)}file.txt`
    expect((await readByHand(gnuTar({ [path]: "y" }, ["--format=ustar"], [path]))).files).toEqual([{ name: path, bytes: 1 }])
  })

  test("of a whole folder keep the files, and count what is none", async () => {
    const at = join(folder, "whole")
    mkdirSync(join(at, "deep"), { recursive: true })
    writeFileSync(join(at, "message.txt"), "\uFEFFfrom an editor\r\nthat marks its files\r\n")
    writeFileSync(join(at, "deep/photo.jpg"), "not a photo")
    symlinkSync("/etc/passwd", join(at, "link"))
    execFileSync("tar", ["-cf", "../whole.tar", "."], { cwd: at })
    const { message, files, passedOver } = await readByHand(new Uint8Array(readFileSync(join(folder, "whole.tar"))))
    expect(message).toBe("from an editor\nthat marks its files\n")
    expect(files).toEqual([{ name: "deep/photo.jpg", bytes: 11 }])
    expect(passedOver).toBe(3)
  })

  test("and age by another implementation have the outside that ours have, in slot order", async () => {
    const encrypter = new Encrypter()
    for (let slot = 0; slot <= desk.slots; slot++) {
      const identity = desk.identities.get(slot)
      encrypter.addRecipient(recipientText(identity === undefined ? await forgottenRecipient() : await recipientOf(identity)))
    }
    const archive = gnuTar({ "message.txt": "by hand" }, ["--format=ustar", "-b1", ...FLAGS])
    const envelope = await encrypter.encrypt(toClass(desk, archive))
    expect(() => checkOutside(envelope, envelope.length, desk.slots)).not.toThrow()
    expect(envelope).toHaveLength(32_768)
    expect(await readLetterOrUnsigned(await unlocked(envelope), () => undefined, nodeAead)).toEqual({
      kind: "unsigned",
      message: "by hand",
      files: [],
      passedOver: 0,
    })
  })
})

const text = utf8("what is in it")
const entry = (name: string, content: Uint8Array, change?: (block: Buffer) => void): Bytes =>
  concat(tarHeader(name, content.length, change), content, new Uint8Array((512 - (content.length % 512)) % 512))
const kind = (flag: string) => (block: Buffer) => void block.write(flag, 156, "latin1")
const pax = (...records: readonly string[]) => {
  const lines = records.map((record) => {
    let length = record.length + 3
    while (`${length} ${record}\n`.length !== length) length++
    return `${length} ${record}\n`
  })
  return entry("pax", utf8(lines.join("")), kind("x"))
}
const archive = (...parts: readonly Uint8Array[]) => concat(...parts, END_MARK)
const file = entry("a.txt", text)

describe("an archive that no honest tool makes", () => {
  test.each<readonly [string, Uint8Array, string]>([
    ["that is none", utf8("Just some words, and no archive at all. ".repeat(30)), "bad-archive"],
    ["with nothing in it, which is an empty tip", new Uint8Array(512), "opened"],
    ["with a wrong checksum", archive(file.map((byte, at) => (at === 148 ? byte ^ 1 : byte))), "bad-archive"],
    ["with a size in binary", archive(entry("a", text, (block) => void block.write("\x80", 124, "latin1"))), "bad-archive"],
    ["with a size that is no number", archive(entry("a", text, (block) => void block.write("0000000001z", 124, "latin1"))), "bad-archive"],
    ["with a size beyond its end", archive(entry("a", text, (block) => void block.write("00077777777", 124, "latin1"))), "bad-archive"],
    ["with a sparse file", archive(entry("a", text, kind("S"))), "bad-archive"],
    ["that goes on in another volume", archive(entry("a", text, kind("M"))), "bad-archive"],
    ["with a link that has bytes", archive(entry("a", text, kind("2"))), "bad-archive"],
    ["with another size in pax", archive(pax("size=3"), file), "bad-archive"],
    ["with a sparse map in pax", archive(pax("GNU.sparse.major=1"), file), "bad-archive"],
    ["with a pax record without its length", archive(entry("pax", utf8("path=b\n"), kind("x")), file), "bad-archive"],
    ["with a pax record longer than all of them", archive(entry("pax", utf8("99 path=b\n"), kind("x")), file), "bad-archive"],
    ["with a pax record of length zero", archive(entry("pax", utf8("0 path=b\n"), kind("x")), file), "bad-archive"],
    ["with a pax record without a key", archive(pax("=b"), file), "bad-archive"],
    ["with more pax than may be", archive(entry("pax", new Uint8Array(MAX_PAX_BYTES + 1), kind("x")), file), "bad-archive"],
    ["with an endless name", archive(entry("long", new Uint8Array(MAX_LONG_NAME_BYTES + 1).fill(97), kind("L")), file), "bad-archive"],
    ["with a second archive behind it", concat(archive(file), file, END_MARK), "bad-archive"],
    ["with something in an entry's padding", archive(concat(file.subarray(0, 1_000), utf8("x"), file.subarray(1_001))), "bad-archive"],
    ["of a thousand files and one", archive(...Array.from({ length: 1_001 }, () => entry("a", new Uint8Array(0)))), "bad-archive"],
    [
      "of too many folders",
      archive(...Array.from({ length: MAX_ENTRIES + 1 }, () => entry("a/", new Uint8Array(0), kind("5")))),
      "bad-archive",
    ],
    ["that begins as a letter and is none", archive(entry("sotto.json", utf8("{}")), file), "bad-json"],
    [
      "whose letter is by stock tar",
      archive(
        entry("sotto.json", text, (block) => void block.write("0000644", 100, "latin1")),
        file,
      ),
      "bad-archive",
    ],
  ])("%s", async (_what, bytes, code) => {
    expect(await outcome(readByHand(bytes))).toBe(code)
  })

  test("is a letter if it begins as one, and is then checked as one", async () => {
    const good = await tarOf(desk, tipEntries(desk))
    const envelope = await sealRaw(desk, toClass(desk, good))
    expect((await readLetterOrUnsigned(await unlocked(envelope), () => undefined, nodeAead)).kind).toBe("tip")
    const at = good.indexOf(0x68, 3_000) // somewhere in the message: its signature no longer holds
    good[at] = 0x69
    expect(
      await outcome(
        sealRaw(desk, toClass(desk, good)).then(async (one) => readLetterOrUnsigned(await unlocked(one), () => undefined, nodeAead)),
      ),
    ).toMatch(/^bad-/)
  })

  test("whose names are hostile has words for names and nothing else", async () => {
    const names = [
      "../../etc/passwd",
      "/etc/passwd",
      "./././x",
      "a\u001b]0;owned\u0007",
      "\u009b31m",
      "x".repeat(300),
      "",
      "a\nb",
      "\ud83d\ude00".repeat(150),
    ]
    const long = (name: string) => concat(entry("long", utf8(name), kind("L")), file)
    const { files } = await readByHand(archive(...names.map(long), entry("\xff\xfe.txt", text)))
    expect(files.map(({ name }) => name)).toEqual([
      "../../etc/passwd",
      "etc/passwd",
      "x",
      "a ]0;owned ",
      " 31m",
      "x".repeat(255),
      "file",
      "a b",
      `\ufffd${"\ud83d\ude00".repeat(127)}`,
      "\ufffd\ufffd.txt",
    ])
    for (const { name } of files) expect(name).not.toMatch(/\p{Control}|\p{Surrogate}/u)
  })

  test("whose message is no text has it among its files; a second message is a file too", async () => {
    const { message, files } = await readByHand(
      archive(
        entry("message.txt", Uint8Array.of(0xff, 0xfe, 0x41)),
        entry("./message.txt", utf8("the first that is text")),
        entry("message.txt", text),
      ),
    )
    expect(message).toBe("the first that is text")
    expect(files).toEqual([
      { name: "message.txt", bytes: 3 },
      { name: "message.txt", bytes: text.length },
    ])
  })
})
