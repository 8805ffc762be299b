/** Hostile letters, one fault a vector: `sotto.json` and the message, sealed and rightly signed all the same. SPEC.md §1, §3.6. */

import { beforeAll, describe, expect, test } from "@jest/globals"
import { concat, toBase64url, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { array, parseJson } from "../../envelope/json.ts"
import { type Tip, type TipFile, tipText } from "../../envelope/letter.ts"
import { type Id, newsroomIdText } from "../../envelope/names.ts"
import { openAll, outcome, sealRaw, tarOf, tipEntries, tipOf, toClass } from "../support/forge.ts"
import { type Desk, HASH, makeDesk } from "../support/tips.ts"

type Json = Record<string, unknown>
let desk: Desk
beforeAll(async () => {
  desk = await makeDesk([1], 4)
})

const FILE: TipFile = { name: "a.txt", type: "text/plain", bytes: 2 }
/** A tip that says something in every member. */
const full = (): Tip => ({
  ...tipOf(desk, { files: [FILE] }),
  callout: "amazon-layoffs" as Id,
  answers: new Map<Id, string | readonly string[]>([
    ["team" as Id, "10-49"],
    ["organisation" as Id, ["aws"]],
  ]),
})
async function result(letter: string | Uint8Array, message: Uint8Array = utf8("hello")): Promise<string> {
  const entries = tipEntries(desk, { message, files: { "files/1.txt": utf8("hi") } })
  const [first, ...rest] = entries
  if (first === undefined) throw new Error("no letter")
  const content = typeof letter === "string" ? new Uint8Array(Buffer.from(letter)) : letter
  return outcome(openAll(desk, await sealRaw(desk, toClass(desk, await tarOf(desk, [{ ...first, content }, ...rest])))))
}
const text = () => tipText(full())
/** The letter with its value changed and written as compact as before. */
function changed(change: (letter: Json) => void): string {
  const letter: Json = JSON.parse(text())
  change(letter)
  return JSON.stringify(letter)
}
type New = ((before: unknown, letter: Json) => unknown) | string | number | boolean | object | null | undefined
/** Puts something in a member's place, found by its path; `undefined` takes the member away. */
const set = (path: string, value: New) => (letter: Json) => {
  const names = path.split("/")
  const last = names.pop() ?? ""
  const holder = names.reduce((found, name) => found[name] as Json, letter)
  holder[last] = typeof value === "function" ? value(holder[last], letter) : value
}

test("the letter that the vectors change opens until it is changed, its members in any order", async () => {
  expect(await result(text())).toBe("opened")
  const members = Object.entries(JSON.parse(text()) as Json).reverse()
  expect(await result(JSON.stringify(Object.fromEntries(members)))).toBe("opened")
})

describe("a letter is refused that is spelt with", () => {
  test.each<[string, (text: string) => string]>([
    ["white space", (all) => all.replace(":", ": ")],
    ["a newline at its end", (all) => `${all}\n`],
    ["a space before it", (all) => ` ${all}`],
    ["a byte order mark", (all) => `\ufeff${all}`],
    ["a member twice, both alike", (all) => all.replace("{", '{"format":"sotto-tip/1",')],
    ["a member twice, the last one right", (all) => all.replace("{", '{"day":"2026-11-23",')],
    ["an answer twice", (all) => all.replace('"team"', '"team":"1-9","team"')],
    ["an escape where none is needed", (all) => all.replace("sotto-tip", "sott\\u006f-tip")],
    ["an escaped slash", (all) => all.replace("sotto-tip/1", "sotto-tip\\/1")],
    ["a number with a fraction of zero", (all) => all.replace('"bytes":2', '"bytes":2.0')],
    ["a number with an exponent", (all) => all.replace('"bytes":2', '"bytes":2e0')],
    ["minus zero", (all) => all.replace('"bytes":2', '"bytes":-0')],
    ["a leading zero", (all) => all.replace('"bytes":2', '"bytes":02')],
    ["a number beyond a double", (all) => all.replace('"bytes":2', '"bytes":1e400')],
    ["a number that a double rounds", (all) => all.replace('"bytes":2', '"bytes":9007199254740993')],
    ["a comma too many", (all) => all.replace("}]}", "}],}")],
    ["a comment", (all) => `/**/${all}`],
    ["single quotes", (all) => all.replaceAll('"', "'")],
    ["something behind it", (all) => `${all}{}`],
    ["its end missing", (all) => all.slice(0, -1)],
    ["nothing at all", () => ""],
    ["a NUL behind it", (all) => `${all}\0`],
  ])("%s", async (_what, change) => {
    const spelt = change(text())
    expect(spelt).not.toBe(text())
    expect(await result(spelt)).toBe("bad-json")
  })

  test.each([
    ["a byte that UTF-8 does not have", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["half a surrogate pair in bytes", [0xed, 0xa0, 0x80]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["half a character at its end", [0xe2, 0x82]],
  ])("%s", async (_what, bytes) => {
    expect(await result(concat(utf8(text()), Uint8Array.from(bytes)))).toBe("bad-encoding")
    expect(await result(text(), Uint8Array.from(bytes))).toBe("bad-encoding")
  })
})

describe("a letter is refused that is", () => {
  test.each([
    ["null", "null"],
    ["a number", "1"],
    ["text", '"letter"'],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["100,000 lists in each other", "[".repeat(100_000) + "]".repeat(100_000)],
    ["20,000 objects in each other", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`],
    ["100,000 lists in each other, not closed", "[".repeat(100_000)],
  ])("%s", async (_what, letter) => expect(await result(letter)).toBe("bad-json"))
})

test.each(["callout", "format", "newsroom", "keyring", "day", "to", "reachable", "answers", "source", "files"])(
  "a letter without %s is refused, unless it may be absent",
  async (member) => {
    expect(await result(changed(set(member, undefined)))).toBe(member === "callout" ? "opened" : "bad-json")
  },
)

const nested = (depth: number): unknown => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], "x")
const capitals = (before: unknown) => String(before).toUpperCase()
const slip = (before: unknown) => String(before).replace(/.$/, (last) => (last === "q" ? "p" : "q"))
const HUGE = Array.from({ length: 60_000 }, () => 0)
const cases: [string, (letter: Json) => void][] = [
  ["an unknown member", set("track", 1)],
  ["an unknown member in its source", set("source/track", 1)],
  ["an unknown member in a file", set("files/0/track", 1)],
  ["a member called constructor", set("constructor", 1)],
  ["a member with half a surrogate pair for a name", set("\ud800", 1)],
  ["an empty member name", set("", 1)],
  ["a later format", set("format", "sotto-tip/2")],
  ["the format of a reply", set("format", "sotto-reply/1")],
  ["a format that is no text", set("format", ["sotto-tip/1"])],
  ["a newsroom in capitals", set("newsroom", capitals)],
  ["a newsroom with a slip of the pen", set("newsroom", slip)],
  ["an age recipient for a newsroom", set("newsroom", (_: unknown, letter: Json) => (letter.source as Json).recipient)],
  ["a keyring hash of 31 bytes", set("keyring", toBase64url(new Uint8Array(31)))],
  ["a keyring hash with padding", set("keyring", `${HASH}=`)],
  ["a keyring hash with unused bits set", set("keyring", `${"A".repeat(42)}B`)],
  ["a keyring hash in plain base64", set("keyring", `${"A".repeat(41)}+A`)],
  ["a day that is not there", set("day", "2026-02-30")],
  ["a day of another century", set("day", "1999-12-31")],
  ["a time of day", set("day", "2026-11-22T10:00:00Z")],
  ["a day as a number", set("day", 20_779)],
  ["nobody to read it", set("to", [])],
  ["a reader twice", set("to", ["one", "one"])],
  [
    "33 readers",
    set(
      "to",
      Array.from({ length: 33 }, (_, n) => `r${n}`),
    ),
  ],
  ["60,000 readers", set("to", HUGE)],
  ["a reader in capitals", set("to", ["One"])],
  ["a reader's id of 33 characters", set("to", ["a".repeat(33)])],
  ["an empty reader's id", set("to", [""])],
  ["a list in a reader's place", set("to", [["one"]])],
  ["readers as an object", set("to", { 0: "one", length: 1 })],
  ["nobody reachable", set("reachable", [])],
  ["a callout of null", set("callout", null)],
  ["a callout with a slash", set("callout", "a/b")],
  ["21 answers", set("answers", Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`q${n}`, "x"])))],
  ["answers as a list", set("answers", [])],
  ["an answer to a question with a dot", set("answers/a.b", "x")],
  ["an answer of 4,001 characters", set("answers/team", "x".repeat(4_001))],
  ["an answer that is a number", set("answers/team", 1)],
  ["an answer of null", set("answers/team", null)],
  ["an answer that is an object", set("answers/team", {})],
  ["an answer of lists in lists", set("answers/team", [["aws"]])],
  ["an option chosen twice", set("answers/organisation", ["aws", "aws"])],
  [
    "51 options chosen",
    set(
      "answers/organisation",
      Array.from({ length: 51 }, (_, n) => `o${n}`),
    ),
  ],
  ["a NUL in an answer", set("answers/team", "a\0b")],
  ["an escape sequence in an answer", set("answers/team", "\u001b[2J")],
  ["a carriage return in an answer", set("answers/team", "a\r\nb")],
  ["a C1 control character in an answer", set("answers/team", "\u009b2J")],
  ["half a surrogate pair in an answer", set("answers/team", "\udc00")],
  ["no verify key", set("source/verify", undefined)],
  ["a verify key of 33 bytes", set("source/verify", toBase64url(new Uint8Array(33)))],
  ["an X25519 recipient", set("source/recipient", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")],
  ["a recipient in capitals", set("source/recipient", capitals)],
  ["a recipient cut short", set("source/recipient", (before: unknown) => String(before).slice(0, -1))],
  ["a source that is null", set("source", null)],
  [
    "1,001 files",
    set(
      "files",
      Array.from({ length: 1_001 }, () => ({ name: "a", type: "", bytes: 0 })),
    ),
  ],
  ["60,000 files", set("files", HUGE)],
  ["files as an object", set("files", {})],
  ["a file without a name", set("files/0/name", undefined)],
  ["a file with an empty name", set("files/0/name", "")],
  ["a file name of 256 characters", set("files/0/name", "x".repeat(256))],
  ["a newline in a file name", set("files/0/name", "a\nb.txt")],
  ["an escape sequence in a file name", set("files/0/name", "\u001b]0;x\u0007.txt")],
  ["half a surrogate pair in a file name", set("files/0/name", "\ud800.txt")],
  ["a media type of 101 characters", set("files/0/type", "x".repeat(101))],
  ["a length of -1", set("files/0/bytes", -1)],
  ["half a byte", set("files/0/bytes", 0.5)],
  ["a length beyond 4 GiB", set("files/0/bytes", 4_294_967_297)],
  ["a length of 2^53", set("files/0/bytes", 2 ** 53)],
  ["a length in text", set("files/0/bytes", "2")],
  ["a length of true", set("files/0/bytes", true)],
  ["a list 3,000 deep in a file's place", set("files", [nested(3_000)])],
]
describe("a letter is refused with", () => {
  test.each(cases)("%s", async (_what, change) => expect(await result(changed(change))).toBe("bad-json"))

  test("a member called __proto__, and nothing inherits from it", async () => {
    expect(await result(text().replace("{", '{"__proto__":{"polluted":1},'))).toBe("bad-json")
    expect(await result(text().replace('"team"', '"__proto__":["polluted"],"team"'))).toBe("bad-json")
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  })

  test.each<[string, (letter: Json) => void]>([
    ["fewer files than there are", set("files", [])],
    ["more files than there are", set("files", [FILE, { name: "b", type: "", bytes: 0 }])],
    ["another length", set("files/0/bytes", 3)],
    ["another extension", set("files/0/name", "a.pdf")],
    ["no extension", set("files/0/name", "a")],
  ])("%s in its list of files, as `bad-letter`", async (_what, change) => {
    expect(await result(changed(change))).toBe("bad-letter")
  })
})

test("another newsroom's id in the letter is no forgery of its own: the signature covers it, and fails", async () => {
  const other = newsroomIdText(new Uint8Array(32).fill(9) as Tip["newsroom"])
  expect(await result(changed(set("newsroom", other)))).toBe("bad-signature")
})

test("JSON too deep for the machine's stack is refused like any other, wherever it is parsed", () => {
  const deep = "[".repeat(400_000) + "]".repeat(400_000)
  const anything = array((value) => value, { max: 1 })
  expect(() => parseJson(deep, anything, "body")).toThrow(EnvelopeError)
  expect(() => parseJson(deep, anything, "body")).toThrow(expect.objectContaining({ code: "bad-json" }))
})
