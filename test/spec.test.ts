/** SPEC.md wins over the code, so the code is held to it: every number, label and code that the text states is read from the text
 *  and compared with what the program does. A number that changes in one place only fails here. */

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import { entryHeader } from "../envelope/archive.ts"
import { base64Length } from "../envelope/bytes.ts"
import { MAX_HEADER_BYTES, VERSION_LINE } from "../envelope/header.ts"
import { RECIPIENT_BYTES, SIGNATURE_BYTES } from "../envelope/keys.ts"
import { fileEntryName, MAX_FILES, MAX_LETTER_BYTES, MAX_MESSAGE_BYTES, parseTip, tipText } from "../envelope/letter.ts"
import { ENC_BYTES } from "../envelope/outside.ts"
import * as sizes from "../envelope/sizes.ts"
import { TREE_BLOCK_BYTES } from "../envelope/tree.ts"
import { callout } from "../keyring/callout.ts"
import { MAX_NOTE_DAYS, MAX_VALID_DAYS } from "../keyring/keyring.ts"
import { parseNote } from "../keyring/note.ts"
import { MAX_SKEW_SECONDS } from "../keyring/request.ts"
import { WORDS } from "../keyring/wordlist.ts"
import { WORD_COUNT } from "../keyring/words.ts"
import { tipOf } from "./support/forge.ts"
import { LAYOFFS } from "./support/newsroom.ts"
import { makeDesk } from "./support/tips.ts"

const root = join(__dirname, "..")
const spec = readFileSync(join(root, "SPEC.md"), "utf8")

/** The text of one section, its subsections included. */
function section(number: string): string {
  const level = number.includes(".") ? "###" : "##"
  const [, after] = spec.split(new RegExp(`^${level} ${number.replace(".", "\\.")}\\.? .*$`, "m"))
  if (after === undefined) throw new Error(`SPEC.md has no section ${number}`)
  return after.split(level === "##" ? /^## /m : /^###? /m, 1)[0] ?? ""
}
const unspaced = (text: string) => text.replace(/\s+/g, " ")
/** The numbers that the text states at a place. A text that is put otherwise must be looked at again, and so fails. */
function said(number: string, pattern: RegExp): number[] {
  const [, ...numbers] = pattern.exec(unspaced(section(number))) ?? []
  if (numbers.length === 0) throw new Error(`SPEC.md, section ${number}, does not say ${pattern.source} any more`)
  return numbers.map((digits) => Number(digits.replaceAll(",", "")))
}
const N = "([\\d,]+)"
const at = (text: string) => new RegExp(text.replaceAll("#", N))

describe("the numbers of", () => {
  test.each<[string, string, string, readonly number[]]>([
    ["3.1", "the version line", "v1\\\\n # bytes", [VERSION_LINE.length]],
    [
      "3.1",
      "a slot",
      "<enc, # characters>\\\\n<body, # characters>\\\\n # bytes",
      [base64Length(ENC_BYTES), base64Length(32), sizes.SLOT_BYTES],
    ],
    ["3.1", "the last line", "<mac, # characters>\\\\n # bytes", [43, sizes.headerBytes(8) - VERSION_LINE.length - 9 * sizes.SLOT_BYTES]],
    ["3.1", "slot counts", "`slots` is #, #, # or # and never", [...sizes.SLOT_COUNTS]],
    ["3.1", "the longest header", "does not end within # bytes", [MAX_HEADER_BYTES]],
    [
      "3.2",
      "a chunk",
      "# bytes of nonce, then chunks of # bytes of plaintext, each with # bytes of tag",
      [sizes.NONCE_BYTES, sizes.CHUNK_BYTES, sizes.TAG_BYTES],
    ],
    ["3.3", "the floors", ": # with 4 or 8 slots, # with 16, # with 32", [sizes.floorBytes(4), sizes.floorBytes(16), sizes.floorBytes(32)]],
    ["3.3", "what a floor holds at least", "holds the header, the nonce and # bytes of sealed payload", [16_384]],
    ["3.3", "the small classes", "each power of two from there to #;", [sizes.SMALL_BYTES]],
    [
      "3.3",
      "the large classes",
      "each power of two, to # \\(# classes\\)",
      [sizes.LARGEST_BYTES, sizes.sizeClasses(8).filter((size) => size > sizes.SMALL_BYTES).length],
    ],
    [
      "3.3",
      "a floor envelope",
      "With 8 slots the header has # bytes and a floor envelope holds # bytes",
      [sizes.headerBytes(8), sizes.classFor(8, 1).padded],
    ],
    ["3.4", "a letter", "`sotto.json` \\| at most #", [MAX_LETTER_BYTES]],
    ["3.4", "a message", "`message.txt` \\| text, at most #", [MAX_MESSAGE_BYTES]],
    ["3.4", "signatures", "`signature` \\| # .*`files/signature` \\| #;", [SIGNATURE_BYTES, SIGNATURE_BYTES]],
    ["3.5", "a block of the tree", "in blocks of #, the last", [TREE_BLOCK_BYTES]],
    ["3.6", "files", 'at most # of `\\{"name"', [MAX_FILES]],
    ["2", "a recipient", "a recipient its #-byte public key", [RECIPIENT_BYTES]],
    ["4.2", "a keyring's days", "`expires` is at most # days after", [MAX_VALID_DAYS]],
    ["4.2", "day notes", "`noteDays` is at most #\\.", [MAX_NOTE_DAYS]],
    ["4.5", "clocks", "within # seconds of the server's clock", [MAX_SKEW_SECONDS]],
    ["4.6", "the words of a join request", "modulo #:", [WORDS.length]],
  ])("section %s: %s", (number, _what, pattern, expected) => {
    expect(said(number, at(pattern))).toEqual(expected)
  })

  test("section 6: eight words, and 103 bits", () => {
    expect(unspaced(section("6"))).toMatch(/^ ?Eight words of the EFF large word list, each uniformly random: 103 bits/)
    expect([WORD_COUNT, Math.floor(WORD_COUNT * Math.log2(WORDS.length))]).toEqual([8, 103])
  })

  test("section 3.3: the steps above 1 MiB, and that no class is without a plaintext", () => {
    const steps =
      /above that ([\d.]+), ([\d.]+), ([\d.]+) and (\d) times each power of two/
        .exec(unspaced(section("3.3")))
        ?.slice(1)
        .map(Number) ?? []
    const large = (slots: sizes.SlotCount) => sizes.sizeClasses(slots).filter((size) => size > sizes.SMALL_BYTES)
    for (const slots of sizes.SLOT_COUNTS)
      expect(large(slots).every((size) => steps.includes(size / 2 ** Math.floor(Math.log2(size - 1))))).toBe(true)
    expect(steps).toHaveLength(4)
  })

  test("section 4.1: a note's length and signatures, held to the last one", () => {
    const [length, lines] = said("4.1", at("more than # characters and more than # signature lines")) as [number, number]
    const line = "\u2014 a AAAAAAA=\n"
    const note = (characters: number, signatures: number) => {
      const end = `\n\n${line.repeat(signatures)}`
      return `${"x".repeat(characters - end.length)}${end}`
    }
    expect(parseNote(note(length, lines)).signatures).toHaveLength(lines)
    for (const bad of [note(length + 1, 1), note(2_000, lines + 1)])
      expect(() => parseNote(bad)).toThrow(expect.objectContaining({ code: "not-a-note" }))
  })

  test("section 4.3: a callout's questions, options, bands and answers", () => {
    const text = unspaced(section("4.3"))
    const [questions] = said("4.3", at('"questions":\\[0 to #\\]'))
    const ranges = [...text.matchAll(/\((\d+) to (\d+)[,)]/g)].map(([, least, most]) => [Number(least), Number(most)])
    expect(ranges).toHaveLength(2)
    const [options, bands] = ranges as [[number, number], [number, number]]
    const accepts = (question: object, count = 1) => {
      try {
        const all = Array.from({ length: count }, (_, index) => ({ ...question, id: `q${index}` }))
        callout({ ...LAYOFFS, questions: all }, "callout")
        return true
      } catch {
        return false
      }
    }
    const one = (count: number) => ({
      kind: "one",
      label: "?",
      options: Array.from({ length: count }, (_, index) => ({ id: `o${index}`, label: "o" })),
    })
    const range = (count: number) => ({
      kind: "range",
      label: "?",
      bands: Array.from({ length: count }, (_, index) => ({ id: `b${index}`, from: index * 2, to: index * 2 + 1 })),
    })
    const edges = (make: (count: number) => object, [least, most]: [number, number]) =>
      [least - 1, least, most, most + 1].map((count) => accepts(make(count)))
    expect(edges(one, options)).toEqual([false, true, true, false])
    expect(edges(range, bands)).toEqual([false, true, true, false])
    expect([accepts(one(2), questions), accepts(one(2), (questions ?? 0) + 1)]).toEqual([true, false])
  })
})

describe("the letter of section 3.6", () => {
  type Json = Record<string, unknown>
  let letter: Json
  beforeAll(async () => {
    letter = JSON.parse(tipText(tipOf(await makeDesk([1], 4), { files: [{ name: "a", type: "", bytes: 0 }] })))
  })
  const rows = new Map([...section("3.6").matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, member = "", value = ""]) => [member, value]))
  const taken = (change: Json) => {
    try {
      parseTip(JSON.stringify({ ...letter, ...change }))
      return true
    } catch {
      return false
    }
  }
  const number = (member: string, pattern: string) => {
    const found = at(pattern).exec(rows.get(member) ?? "")?.[1]
    if (found === undefined) throw new Error(`SPEC.md says no ${pattern} of ${member}`)
    return Number(found.replaceAll(",", ""))
  }

  test("has the members that the table lists, each needed but the one that may be absent", () => {
    expect([...Object.keys(letter), "callout"].sort((a, b) => a.localeCompare(b))).toEqual(
      [...rows.keys()].sort((a, b) => a.localeCompare(b)),
    )
    for (const member of rows.keys())
      expect([member, taken({ [member]: undefined })]).toEqual([member, rows.get(member)?.includes("absent") ?? false])
  })

  const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`)
  const files = (change: Json, count = 1) => ({
    files: Array.from({ length: count }, () => ({ name: "a", type: "", bytes: 0, ...change })),
  })
  test.each<[string, string, string, (limit: number) => Json]>([
    ["readers", "to", "1 to #", (limit) => ({ to: ids(limit) })],
    ["reachable reporters", "reachable", "1 to #", (limit) => ({ reachable: ids(limit) })],
    ["answers", "answers", "; at most #$", (limit) => ({ answers: Object.fromEntries(ids(limit).map((one) => [one, ""])) })],
    ["options in an answer", "answers", "at most # option ids", (limit) => ({ answers: { a: ids(limit) } })],
    ["characters in an answer", "answers", "at most # characters", (limit) => ({ answers: { a: "x".repeat(limit) } })],
    ["files", "files", "^at most #", (limit) => files({}, limit)],
    ["characters in a file's name", "files", "1 to # characters", (limit) => files({ name: "x".repeat(limit) })],
    ["characters in a media type", "files", '"type": at most #,', (limit) => files({ type: "x".repeat(limit) })],
    ["bytes of a file", "files", '"bytes": at most #,', (limit) => files({ bytes: limit })],
  ])("takes as many %s as the table says, and one more not", (_what, member, pattern, make) => {
    const limit = number(member, pattern)
    expect([taken(make(limit)), taken(make(limit + 1))]).toEqual([true, false])
  })

  test("takes a day and an id from the first to the last that section 1 says", () => {
    const [, first = "", last = ""] = /from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)/.exec(section("1")) ?? []
    expect([first, last, "1999-12-31", "2100-01-01"].map((day) => taken({ day }))).toEqual([true, true, false, false])
    const [longest = 0] = said("1", at("\\*\\*Id\\*\\*: 1 to # of"))
    expect([1, longest, 0, longest + 1].map((length) => taken({ to: ["a".repeat(length)] }))).toEqual([true, true, false, false])
  })
})

test("section 3.4: every field of an entry's header is the one that the text says", () => {
  const text = unspaced(section("3.4"))
  const block = Buffer.from(entryHeader({ name: "files/1", bytes: 10 })).toString("latin1")
  const [mode, owner, time, devices] = [/mode `(\d+)`/, /owner and group `(\d+)`/, /time `(\d+)`/, /device numbers `(\d+)`/].map(
    (pattern) => pattern.exec(text)?.[1],
  )
  expect(block).toBe(
    `files/1${"\0".repeat(93)}${mode}\0${owner}\0${owner}\0${"00000000012\0"}${time}\0${block.slice(148, 156)}0${"\0".repeat(100)}ustar\x0000${"\0".repeat(64)}${devices}\0${devices}\0${"\0".repeat(167)}`,
  )
  expect(block.slice(148, 156)).toMatch(/^[0-7]{6}\0 $/) // six octal digits, NUL and space
  const [least, most] = said("3.4", at("a dot and # to # letters or digits")) as [number, number]
  const entry = (name: string) => fileEntryName(1, { name, type: "", bytes: 0 })
  expect([entry(`x.${"A".repeat(least)}`), entry(`x.${"A".repeat(most)}`), entry(`x.${"A".repeat(most + 1)}`)]).toEqual([
    `files/1.${"a".repeat(least)}`,
    `files/1.${"a".repeat(most)}`,
    "files/1",
  ])
})

const sorted = (items: Iterable<string>) => [...new Set(items)].sort((a, b) => a.localeCompare(b))
const codesIn = (text: string) => sorted([...text.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code = ""]) => code))
const source = (path: string) => readFileSync(join(root, path), "utf8")
/** The members of a union of strings, written one a line. */
const union = (path: string) => sorted([...source(path).matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code = ""]) => code))

describe("section 9", () => {
  const [library = "", http = ""] = section("9").split("Over HTTP:")
  const [envelopes = "", notes = ""] = library.split("(envelopes)")

  test("lists the codes of envelopes, all of them and no others", () => expect(codesIn(envelopes)).toEqual(union("envelope/errors.ts")))
  test("lists the codes of notes and requests, all of them and no others", () => expect(codesIn(notes)).toEqual(union("keyring/errors.ts")))

  test("lists the problems of the interface and their statuses, all of them and no others", () => {
    const told = [...http.matchAll(/`([a-z-]+)` (\d{3})/g)].map(([, type, status]) => `${type} ${status}`)
    const [, table = ""] = /const statuses = \{([^}]*)\}/.exec(source("server/problem.ts")) ?? []
    const ours = [...table.matchAll(/^ {2}"?([a-z-]+)"?: (\d{3}),/gm)].map(([, type, status]) => `${type} ${status}`)
    expect(ours.length).toBeGreaterThan(10)
    expect(sorted(told)).toEqual(sorted(ours))
  })

  test("lists every code that the text names elsewhere", () => {
    const known = new Set([...union("envelope/errors.ts"), ...union("keyring/errors.ts")])
    const elsewhere = ["1", "3", "4"].flatMap((number) =>
      [...section(number).matchAll(/`((?:bad|wrong|too|not)-[a-z]+(?:-[a-z]+)*)`/g)].map(([, code = ""]) => code),
    )
    expect(elsewhere.length).toBeGreaterThan(20)
    expect(elsewhere.filter((code) => !known.has(code))).toEqual([])
  })
})

test("section 10 lists every label that the code signs, hashes or derives with, and no others", () => {
  const rooms = ["envelope", "keyring", "server", "scripts/reporter", "scripts/admin"].flatMap((room) =>
    readdirSync(join(root, room))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${room}/${name}`),
  )
  const code = rooms.map(source).join("\n")
  const used = sorted([...code.matchAll(/["`]((?:sotto\/v\d+|age-encryption\.org\/ml)[^"`$]*)/g)].map(([, label = ""]) => label))
  const told = [...section("10").matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, label = ""]) => label),
  )
  // `…/sign` is short for `sotto/v1/source/sign`; in the code the prefix and the purpose stand apart.
  const whole = told.map((label) => label.replace("…", "sotto/v1/source"))
  const prefixed = (label: string) => (label.startsWith("sotto/v1/source/") ? "sotto/v1/source/" : label)
  const ours = whole.filter((label) => !["header", "payload"].includes(label)).map(prefixed)
  expect(sorted(ours)).toEqual(used)
  for (const purpose of ["recipient", "sign", "mailbox"]) {
    expect(whole).toContain(`sotto/v1/source/${purpose}`)
    expect(source("keyring/words.ts")).toContain(`secret("${purpose}")`)
  }
  for (const info of ["header", "payload"]) expect(code).toContain(`utf8("${info}")`)
})

describe("section 13, the example", () => {
  const folder = join(root, "test/vectors/example")
  const example = JSON.parse(readFileSync(join(folder, "example.json"), "utf8")) as {
    readonly identities: { readonly 2: string }
    readonly letter: string
    readonly [key: string]: unknown
  }
  const [envelopeTable = "", archiveTable = ""] = section("13").split("What the chunk holds")

  /** Every row says what stands at its place; rows without a value only where something begins. */
  function check(table: string, bytes: Uint8Array): number {
    const rows = [...table.matchAll(/^\| ([\d,]+) \| ([\d,]+) \| .* \| (.*?) ?\|$/gm)]
    for (const [row, from = "", count = "", value = ""] of rows) {
      const start = Number(from.replaceAll(",", ""))
      const length = Number(count.replaceAll(",", ""))
      expect([row, start + length <= bytes.length]).toEqual([row, true])
      const text = /^`(.*)`$/.exec(value)?.[1]?.replaceAll("\\n", "\n")
      const wanted = Buffer.from((text ?? value).replace("…", ""), text === undefined ? "hex" : "utf8")
      const there = Buffer.from(bytes.subarray(start, start + (value.includes("…") ? wanted.length : length)))
      expect([row, there.toString("hex")]).toEqual([row, wanted.toString("hex")])
    }
    return rows.length
  }

  test("says of each place in the envelope what stands there", () => {
    expect(check(envelopeTable, readFileSync(join(folder, "envelope.age")))).toBe(13)
  })

  test("says of each place in the archive what stands there, and that the rest is zeros", async () => {
    const decrypter = new Decrypter()
    decrypter.addIdentity(example.identities[2])
    const plaintext = await decrypter.decrypt(readFileSync(join(folder, "envelope.age")))
    expect(check(archiveTable, plaintext)).toBe(15)
    const [end] = said("13", at("\\| # \\| [\\d,]+ \\| two blocks of zeros"))
    expect(plaintext.subarray(end).every((byte) => byte === 0)).toBe(true)
  })

  test("shows the letter as it is, but for line breaks and the recipient's end", () => {
    const [, shown = ""] = /```\n([^`]*)```/.exec(section("13")) ?? []
    expect(shown.replace(/\n */g, "")).toBe(example.letter.replace(/(age1pq1.{13})[^"]*/, "$1…"))
  })

  test("names the keys that example.json holds", () => {
    for (const key of ["fileKey", "payloadKey", "tree", "words"]) expect(section("13")).toContain(`\`${example[key]}\``)
  })
})
