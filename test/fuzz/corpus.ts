/** Where the fuzzer starts: small good inputs of each kind, made from fixed keys, the same bytes every time.
 *  `npm run fuzz -- --make-corpus` writes them to test/fuzz/corpus/; a test compares. */

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { BLOCK_BYTES, entryHeader, paddedBytes } from "../../envelope/archive.ts"
import { concat, toBase64, toBase64url, utf8 } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { type Stanza, writeHeader } from "../../envelope/header.ts"
import { verifyKeyOf } from "../../envelope/keys.ts"
import { signTip, type Tip, tipText } from "../../envelope/letter.ts"
import { type Hash, type Id, newsroomId } from "../../envelope/names.ts"
import { ENC_BYTES, STANZA_KIND } from "../../envelope/outside.ts"
import { Tree } from "../../envelope/tree.ts"
import { signDayKey } from "../../keyring/days.ts"
import { type KeyringText, keyringText, parseKeyring } from "../../keyring/keyring.ts"
import { cosign, signNote } from "../../keyring/note.ts"
import { tarHeader } from "../support/forge.ts"
import { HOSTILE } from "../support/hostile.ts"
import { FILE_KEY, fixed, NAME, recipientFrom, reporter, root, SOURCE_SIGN } from "./keys.ts"

const DAY = "2026-11-22" as Day
const HASH = toBase64url(fixed("hash", 32)) as Hash

async function headers(): Promise<Record<string, Uint8Array>> {
  const slot = (index: number): Stanza => ({
    args: [STANZA_KIND, toBase64(fixed(`enc ${index}`, ENC_BYTES))],
    body: fixed(`body ${index}`, 32),
  })
  const grease: Stanza = { args: ["x-grease", "a", "~!"], body: fixed("grease", 100) }
  const empty: Stanza = { args: ["x"], body: new Uint8Array(0) }
  return {
    "four-slots": await writeHeader([0, 1, 2, 3, 4].map(slot), FILE_KEY),
    kept: await writeHeader([slot(0)], FILE_KEY),
    grease: await writeHeader([empty, grease, { args: ["two", "lines"], body: fixed("lines", 48) }], FILE_KEY),
  }
}

/** Plans for a payload (targets/stream.ts), not payloads: a chunk has 64 KiB. */
const streams: Record<string, string> = {
  empty: "chunk 0 0 1\n",
  one: "chunk 10 0 1\n",
  full: "chunk 65536 0 1\n",
  two: "chunk 65536 0 0\nchunk 1 1 1\n",
  three: "nonce 00112233445566778899aabbccddeeff\nchunk 65536 0 0\nchunk 65536 1 0\nchunk 65536 2 1\n",
  touched: "chunk 100 0 1\nflip 200\n",
  longer: "chunk 100 0 1\nraw 00\n",
  shorter: "chunk 100 0 1\ncut 1\n",
}

async function tip(change: Partial<Tip>): Promise<Tip> {
  const source = { recipient: await recipientFrom("source"), verify: await verifyKeyOf(SOURCE_SIGN), mailbox: HASH }
  const one = ["one" as Id]
  return { newsroom: newsroomId(HASH), keyring: HASH, day: DAY, to: one, reachable: one, answers: new Map(), source, files: [], ...change }
}
const FILES = [
  { name: "a.PDF", type: "application/pdf", bytes: 3 },
  { name: "b", type: "", bytes: 0 },
]
const full = () =>
  tip({
    callout: "layoffs" as Id,
    to: ["one", "two"] as Id[],
    reachable: ["one", "two", "three"] as Id[],
    answers: new Map<Id, string | string[]>([
      ["team" as Id, "10-49"],
      ["where" as Id, ["aws", "devices"]],
      ["free" as Id, "a\nb\tc \u00e9 \ud83d\ude00"],
    ]),
    files: FILES,
  })

/** An archive as SPEC.md §3.4 has it, its signatures made. */
async function archive(letter: Tip, message: string, files: readonly Uint8Array[]): Promise<Uint8Array> {
  let all: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  const add = (name: string, content: Uint8Array) => {
    const padding = new Uint8Array(paddedBytes(content.length) - content.length)
    all = concat(all, entryHeader({ name, bytes: content.length }), content, padding)
  }
  const signature = async () => {
    const tree = new Tree()
    await tree.add(all)
    return signTip(SOURCE_SIGN, letter.newsroom, await tree.value())
  }
  add("sotto.json", utf8(tipText(letter)))
  add("message.txt", utf8(message))
  add("signature", await signature())
  for (const [index, content] of files.entries()) add(["files/1.pdf", "files/2"][index] ?? "", content)
  if (files.length > 0) add("files/signature", await signature())
  return concat(all, new Uint8Array(2 * BLOCK_BYTES))
}

/** As stock tools write it: other modes, GNU's long names, pax records. */
function byHand(...entries: readonly (readonly [name: string, content: string, kind?: string, magic?: string])[]): Uint8Array {
  const parts = entries.map(([name, content, kind = "0", magic = "ustar\x0000"]) => {
    const bytes = utf8(content)
    const header = tarHeader(name, bytes.length, (block) => {
      block.write("0000644\x000001750\x000001750", 100, "latin1")
      block.write(kind, 156, "latin1")
      block.write(magic, 257, "latin1")
    })
    return concat(header, bytes, new Uint8Array(paddedBytes(bytes.length) - bytes.length))
  })
  return concat(...parts, new Uint8Array(2 * BLOCK_BYTES))
}
const GNU = "ustar  \0"

async function notes() {
  const [by, one] = [await root(), await reporter()]
  const first: KeyringText = {
    newsroom: { name: "The Fuzz", url: `https://${NAME}`, colour: "#0a5c7a", leaveTo: "https://www.example.org/" },
    version: 1,
    previous: null,
    issued: DAY,
    expires: "2027-02-01" as Day,
    roots: [by.verifier],
    threshold: 1,
    policy: { slots: 8, noteDays: 14, acceptDays: 2, seedDays: 60, retentionDays: 90, maxTipBytes: 1_048_576 },
    reporters: [],
    callouts: [],
  }
  const genesis = await parseKeyring(await signNote(keyringText(first), [by]))
  const ask = { label: "Which?", why: "Because" }
  const second: KeyringText = {
    ...first,
    newsroom: {
      ...first.newsroom,
      onion: `http://${"a".repeat(56)}.onion`,
      channels: [{ name: "Post", address: "1 Street", drawback: "Slow" }],
    },
    version: 2,
    previous: genesis.hash,
    reporters: [{ slot: 1, id: "one" as Id, name: "One", beat: "labour", verify: one.verifier }],
    callouts: [
      {
        id: "layoffs" as Id,
        title: "Layoffs?",
        lang: "en-GB",
        why: "To know",
        next: "We call",
        closes: DAY,
        questions: [
          { ...ask, id: "org" as Id, kind: "several", options: ["a", "b"].map((id) => ({ id: id as Id, label: id })) },
          {
            ...ask,
            id: "team" as Id,
            kind: "range",
            bands: [
              { id: "few" as Id, from: 1, to: 9 },
              { id: "many" as Id, from: 10 },
            ],
          },
          { ...ask, id: "where" as Id, kind: "place" },
          { ...ask, id: "words" as Id, kind: "long" },
        ],
      },
    ],
  }
  const current = await signNote(keyringText(second), [by])
  const { hash } = await parseKeyring(current)
  const day = {
    newsroom: newsroomId(genesis.hash),
    reporter: "one" as Id,
    slot: 1,
    day: DAY,
    recipient: await recipientFrom("day"),
    made: DAY,
    seq: 0,
  }
  return {
    keyring: { first: genesis.source, second: current },
    day: {
      current: await signDayKey({ ...day, keyring: { version: 2, hash } }, one),
      earlier: await signDayKey({ ...day, seq: 3, keyring: { version: 1, hash: genesis.hash } }, one),
    },
    note: {
      one: await signNote("some text\n", [by]),
      two: await cosign(await signNote("with\n\nblank lines\n\n", [one]), by),
      unknown: `${await signNote("text\n", [by])}\u2014 somebody.example AAAAAAE=\n`,
    },
  }
}

/** Every file of the corpus, as `target/name`. */
export async function makeCorpus(): Promise<ReadonlyMap<string, Uint8Array>> {
  const kinds: Record<string, Record<string, Uint8Array | string>> = {
    header: await headers(),
    stream: streams,
    letter: { least: tipText(await tip({})), full: tipText(await full()) },
    archive: {
      text: await archive(await tip({}), "hello", []),
      empty: await archive(await tip({}), "", []),
      files: await archive(await full(), "with files", [utf8("abc"), new Uint8Array(0)]),
    },
    "by-hand": {
      ustar: byHand(["message.txt", "by hand\n"], ["photo.jpg", "no photo"]),
      folder: byHand(["./", "", "5"], ["./message.txt", "\uFEFFby hand\r\n"], ["./link", "", "2"]),
      gnu: byHand(["././@LongLink", `${"long ".repeat(40)}\0`, "L", GNU], ["long long", "x", "0", GNU]),
      pax: byHand(["pax", "24 mtime=1763769600.123\n20 path=Gr\u00fc\u00dfe.txt\n", "x"], ["short", "", "0"]),
    },
    ...(await notes()),
    screen: Object.fromEntries(HOSTILE.map(([, text], index) => [`hostile-${index + 1}`, Buffer.from(text)])),
  }
  const files = Object.entries(kinds).flatMap(([kind, inputs]) =>
    Object.entries(inputs).map(([name, input]) => [`${kind}/${name}`, typeof input === "string" ? utf8(input) : input] as const),
  )
  return new Map(files)
}

export function readCorpus(folder: string): ReadonlyMap<string, Uint8Array> {
  const kinds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const paths = kinds.flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`))
  return new Map(paths.map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]))
}
