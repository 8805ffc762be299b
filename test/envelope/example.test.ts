/** The example of SPEC.md §13: one whole envelope, whose every key is known, opened by everybody who can. */

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { Decrypter } from "age-encryption"
import { fromUtf8, toBase64url, utf8 } from "../../envelope/bytes.ts"
import { hkdf } from "../../envelope/hash.ts"
import { identityText, parseIdentity, recipientText } from "../../envelope/keys.ts"
import { parseTip, tipText } from "../../envelope/letter.ts"
import { hashOf, newsroomId, newsroomIdText, parseNewsroomId } from "../../envelope/names.ts"
import { checkAddressed, readTip, unlock } from "../../envelope/open.ts"
import { checkOutside } from "../../envelope/outside.ts"
import { collect } from "../../envelope/reader.ts"
import { Tree } from "../../envelope/tree.ts"
import { parseKeyring, verifyChain } from "../../keyring/keyring.ts"
import { deriveSource, parseWords } from "../../keyring/words.ts"
import { openEnvelope } from "../independent/reader.mjs"

const folder = join(__dirname, "../vectors/example")
const read = (name: string) => readFileSync(join(folder, name))
interface Example {
  readonly words: string
  readonly newsroom: string
  readonly slots: 8
  /** By slot. */
  readonly identities: Readonly<Record<string, string>>
  readonly fileKey: string
  readonly nonce: string
  readonly payloadKey: string
  readonly letter: string
  readonly message: string
  readonly tree: string
  readonly signature: string
  readonly files: readonly { name: string; type: string; bytes: number; sha256: string }[]
  readonly entries: readonly { name: string; header: number; content: number; bytes: number }[]
  readonly archiveBytes: number
  readonly plaintextBytes: number
  readonly envelopeBytes: number
  readonly envelopeSha256: string
}
const example = JSON.parse(read("example.json").toString()) as Example
const envelope = new Uint8Array(read("envelope.age"))
const chosen = Object.entries(example.identities).map(([slot, identity]) => [Number(slot), identity] as const)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

test("the example is the one that its script makes, byte for byte", () => {
  const made = mkdtempSync(join(tmpdir(), "sotto-example-"))
  try {
    execFileSync(process.execPath, [join(folder, "make.mjs"), made])
    for (const name of ["envelope.age", "keyring.note", "example.json", "release.note", "newsroom.json", "built.html", "served.html"])
      expect([name, readFileSync(join(made, name)).equals(read(name))]).toEqual([name, true])
  } finally {
    rmSync(made, { recursive: true })
  }
})

describe("the example", () => {
  test.each(chosen)("opens at slot %i to the letter, message, file and signature that it lists", async (slot, text) => {
    expect(() => checkOutside(envelope, envelope.length, 8)).not.toThrow()
    const unlocked = await unlock([envelope], { identity: parseIdentity(text), slot, slots: 8 })
    if (unlocked === undefined) throw new Error("did not open")
    expect(hex(unlocked.fileKey)).toBe(example.fileKey)
    const opened = await readTip(unlocked)
    expect(opened.tip).toEqual(parseTip(example.letter))
    expect([opened.message, hex(opened.signature)]).toEqual([example.message, example.signature])
    const files: unknown[] = []
    for await (const { file, bytes } of opened.files())
      files.push({
        ...file,
        sha256: createHash("sha256")
          .update(await collect(bytes))
          .digest("hex"),
      })
    expect(files).toEqual(example.files)
    const reader = {
      newsroom: parseNewsroomId(example.newsroom),
      day: opened.tip.day,
      reporter: `reporter-${slot}` as (typeof opened.tip.to)[0],
    }
    expect(() => checkAddressed(opened.tip, reader)).not.toThrow()
  })

  test("opens at no other slot, and for nobody else", async () => {
    for (let slot = 0; slot <= 8; slot++)
      for (const [own, text] of chosen)
        expect((await unlock([envelope], { identity: parseIdentity(text), slot, slots: 8 })) !== undefined).toBe(slot === own)
  })

  test.each(chosen)("opens at slot %i with the second reader, which shares no line with ours", (slot, identity) => {
    const opened = openEnvelope(envelope, { slots: 8, slot, identity })
    expect(opened).toEqual({
      letter: JSON.parse(example.letter),
      message: example.message,
      signature: example.signature,
      files: example.files,
    })
  })

  test("opens with npm age-encryption, and stock tar lists what SPEC.md §3.4 says", async () => {
    const made = mkdtempSync(join(tmpdir(), "sotto-example-"))
    try {
      const decrypter = new Decrypter()
      decrypter.addIdentity(chosen[0]?.[1] ?? "")
      const plaintext = await decrypter.decrypt(envelope)
      writeFileSync(join(made, "x.tar"), plaintext)
      const listed = execFileSync("tar", ["tf", join(made, "x.tar")], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
      expect(listed.trim().split("\n")).toEqual(example.entries.map(({ name }) => name))
      const tree = new Tree()
      await tree.add(plaintext.subarray(0, example.entries[2]?.header))
      expect(hex(await tree.value())).toBe(example.tree)
    } finally {
      rmSync(made, { recursive: true })
    }
  })

  test("has the sizes and keys that it lists", async () => {
    expect([envelope.length, createHash("sha256").update(envelope).digest("hex")]).toEqual([example.envelopeBytes, example.envelopeSha256])
    const [fileKey, nonce] = [example.fileKey, example.nonce].map((text) => new Uint8Array(Buffer.from(text, "hex")))
    if (fileKey === undefined || nonce === undefined) throw new Error("no keys")
    expect(hex(await hkdf(fileKey, nonce, utf8("payload"), 32))).toBe(example.payloadKey)
    expect(Buffer.from(tipText(parseTip(example.letter))).length).toBe(example.entries[0]?.bytes)
    for (const [, text] of chosen) expect(identityText(parseIdentity(text))).toBe(text)
  })

  test("is written to the newsroom whose keyring lies beside it, by the source with these eight words", async () => {
    const note = fromUtf8(read("keyring.note"))
    const keyring = await parseKeyring(note)
    expect(newsroomIdText(newsroomId(keyring.hash))).toBe(example.newsroom)
    expect(await verifyChain([note], { newsroom: parseNewsroomId(example.newsroom) })).toHaveLength(1)
    const { source, newsroom, keyring: named } = parseTip(example.letter)
    expect(named).toBe(await hashOf(utf8(keyring.note.text)))
    const { keys } = await deriveSource(parseWords(example.words), newsroom)
    expect([recipientText(keys.recipient), toBase64url(keys.verify), keys.mailbox]).toEqual([
      recipientText(source.recipient),
      toBase64url(source.verify),
      source.mailbox,
    ])
  })
})
