/** `save`: quarantine. Names of ours, nothing written over, nothing under its final name before it was checked. */

import { createHash } from "node:crypto"
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { concat } from "../../envelope/bytes.ts"
import { fileEntryName } from "../../envelope/letter.ts"
import { read } from "../../scripts/reporter/read.ts"
import { save } from "../../scripts/reporter/save.ts"
import { extensionFor } from "../../scripts/reporter/sniff.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { homePaths } from "../../scripts/vault/home.ts"
import { pngChunk as chunk, exif, FILM, findable, png } from "../support/photos.ts"
import { folder, removeFolders, type TestDesk } from "./bench.ts"
import { type Line, makeLine, type TestFile } from "./line.ts"

let line: Line
let one: TestDesk
beforeAll(async () => {
  line = await makeLine(["one"])
  one = line.reporters[0] as TestDesk
})
afterAll(async () => {
  await line.stop()
  await removeFolders()
})

/** Sends a tip with these files and takes it in. @returns its number */
async function tipWith(files: readonly TestFile[]): Promise<number> {
  await line.send({ files })
  const { kept } = await sync(one)
  return kept[0]?.tip ?? 0
}
const text = (content: string) => new TextEncoder().encode(content)
const PDF = text("%PDF-1.7\n…")

const HOSTILE: readonly string[] = [
  "../../etc/passwd",
  "/etc/passwd",
  "..",
  ".bashrc",
  "-rf",
  "a/b\\c.txt",
  "CON",
  "nul.txt",
  "COM1.pdf",
  "name.pdf.exe",
  "gpj.\u202eexe",
  "e\u0301.txt",
  "A.TXT",
  "a.txt",
  "$(reboot).txt",
  "; rm -rf ~",
  "x".repeat(255),
  "trailing dot.",
  "stream.txt:Zone.Identifier",
  "https://x.example/",
  " ",
  "👩‍💻.txt",
]

describe("saving", () => {
  test("gives every hostile name one of ours, below the folder alone", async () => {
    const number = await tipWith(HOSTILE.map((name) => ({ name, content: text("some words\n") })))
    const parent = await folder()
    const out = join(parent, "quarantine")
    const saved = await save(one, { number, out })
    expect(saved.map(({ name }) => name)).toEqual(HOSTILE)
    expect(await readdir(parent)).toEqual(["quarantine"])
    const names = await readdir(out)
    expect(names).toHaveLength(HOSTILE.length + 1)
    for (const name of names) expect(name).toMatch(new RegExp(`^${number}-(\\d+\\.txt\\.untrusted|files\\.json)$`))
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
    expect((await stat(out)).mode & 0o777).toBe(0o700)
    for (const name of names) expect((await stat(join(out, name))).mode & 0o777).toBe(0o600)
  })

  test("keeps the bytes, and beside them the source's names and the hashes, in ASCII", async () => {
    const content = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251)
    const number = await tipWith([
      { name: "\u202e]0;x\u202e.pdf", content: PDF },
      { name: "big.bin", content },
      { name: "empty", content: new Uint8Array(0) },
    ])
    const out = join(await folder(), "q")
    await save(one, { number, out })
    expect(await readdir(out)).toEqual([
      `${number}-1.pdf.untrusted`,
      `${number}-2.bin.untrusted`,
      `${number}-3.bin.untrusted`,
      `${number}-files.json`,
    ])
    expect(new Uint8Array(await readFile(join(out, `${number}-2.bin.untrusted`)))).toEqual(content)
    const about = await readFile(join(out, `${number}-files.json`), "utf8")
    expect(about).toMatch(/^[ -~]+\n$/)
    expect(JSON.parse(about)).toMatchObject({
      v: 1,
      files: [
        { name: "\u202e]0;x\u202e.pdf" },
        { bytes: 300_000, sha256: createHash("sha256").update(content).digest("hex") },
        { bytes: 0 },
      ],
    })
    expect(one.said.out()).not.toContain("\u202e")
    expect(one.said.err()).toContain("Open them with Dangerzone")
  })

  test("never writes over anything, nor through a link, nor into what is no folder", async () => {
    const number = await tipWith([{ name: "a.txt", content: text("new") }])
    const out = join(await folder(), "q")
    const path = join(out, `${number}-1.txt.untrusted`)
    await mkdir(out)
    await writeFile(path, "precious")
    await expect(save(one, { number, out })).rejects.toMatchObject({ code: "failed" })
    expect(await readFile(path, "utf8")).toBe("precious")
    expect(await readdir(out)).toEqual([`${number}-1.txt.untrusted`])

    const elsewhere = await folder()
    const linked = join(await folder(), "q")
    await symlink(elsewhere, linked)
    await expect(save(one, { number, out: linked })).rejects.toMatchObject({ code: "failed" })
    expect(await readdir(elsewhere)).toEqual([])

    const dangling = join(await folder(), "q")
    await mkdir(dangling)
    await symlink(join(elsewhere, "target"), join(dangling, `${number}-1.txt.untrusted`))
    await expect(save(one, { number, out: dangling })).rejects.toMatchObject({ code: "failed" })
    expect(await readdir(elsewhere)).toEqual([])

    const file = join(await folder(), "q")
    await writeFile(file, "x")
    await expect(save(one, { number, out: file })).rejects.toMatchObject({ code: "failed" })
  })

  test("leaves nothing behind when the last file was damaged in the vault", async () => {
    const number = await tipWith([
      { name: "a.txt", content: text("a".repeat(70_000)) },
      { name: "b.txt", content: text("b".repeat(70_000)) },
    ])
    const tip = homePaths(one.home).tip(number)
    const bytes = await readFile(tip)
    const at = bytes.length - 60_000
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(tip, bytes)
    const out = join(await folder(), "q")
    await expect(save(one, { number, out })).rejects.toMatchObject({ code: "bad-payload" })
    expect(await readdir(out)).toEqual([])
    // Its words are whole, and can be read.
    expect((await read(one, { number })).message).toBe("hello")
  })

  test("says so when there is nothing to save, or no such tip", async () => {
    await line.send({ message: "words alone" })
    const [tip] = (await sync(one)).kept
    expect(await save(one, { number: tip?.tip ?? 0, out: join(await folder(), "q") })).toEqual([])
    await expect(save(one, { number: 999 })).rejects.toMatchObject({
      message: "no tip 999 in your vault",
      hint: "run sotto inbox to see the numbers",
    })
  })

  test("fails without harm where it may not write", async () => {
    if (process.getuid?.() === 0) return // root may write everywhere
    const number = await tipWith([{ name: "a.txt", content: text("a") }])
    const out = join(await folder(), "q")
    await mkdir(out)
    await chmod(out, 0o500)
    await expect(save(one, { number, out })).rejects.toThrow()
    expect(await readdir(out)).toEqual([])
  })
})

describe("a photo", () => {
  test("is saved as it was sent, with a copy beside it that carries nothing, and says what it carried", async () => {
    const loaded = concat(png(chunk("eXIf", exif(1))), FILM)
    const number = await tipWith([
      { name: "me.png", content: loaded },
      { name: "plain.png", content: png() },
      { name: "broken.png", content: loaded.subarray(0, 60) },
    ])
    const out = join(await folder(), "q")
    const [first] = await save(one, { number, out })
    expect(first?.sha256).toBe(createHash("sha256").update(loaded).digest("hex"))
    expect(new Uint8Array(await readFile(join(out, `${number}-1.png.untrusted`)))).toEqual(new Uint8Array(loaded))
    const cleaned = await readFile(join(out, `${number}-1.clean.png.untrusted`))
    expect(findable(loaded).length).toBeGreaterThan(2)
    expect(findable(cleaned)).toEqual([])
    expect(new Uint8Array(cleaned)).toEqual(new Uint8Array(png()))
    expect((await readdir(out)).filter((name) => name.includes("clean"))).toEqual([`${number}-1.clean.png.untrusted`])
    const said = one.said.err().replaceAll("\n", " ")
    expect(said).toContain(`${number}-1.png.untrusted carries a place, a device or a name, a time`)
    expect(said).toContain(`${number}-2.png.untrusted is a photo that carries nothing beside its picture`)
    expect(said).toContain(`${number}-3.png.untrusted begins like a photo and is damaged`)
  })

  test("or any file is handed to a program only when that is asked for", async () => {
    const number = await tipWith([{ name: "a.txt", content: text("words") }])
    const place = await folder()
    const viewer = join(place, "viewer.sh")
    await writeFile(viewer, `#!/bin/sh\necho "$1" >> ${join(place, "seen")}\n`, { mode: 0o700 })
    await save(one, { number, out: join(place, "one") })
    expect(await readdir(place)).toEqual(["one", "viewer.sh"])
    await save(one, { number, out: join(place, "two"), view: viewer })
    expect(await readFile(join(place, "seen"), "utf8")).toBe(`${join(place, "two", `${number}-1.txt.untrusted`)}\n`)
    await expect(save(one, { number, out: join(place, "three"), view: join(place, "nothing") })).rejects.toMatchObject({ code: "failed" })
  })
})

describe("the extension", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values)
  test.each([
    ["the source's own where the bytes allow it", text("a,b\n1,2\n"), "table.csv", "csv"],
    ["that of the bytes where they do not", PDF, "letter.txt", "pdf"],
    ["an office file's, which is a zip archive", text("PK\u0003\u0004 [Content_Types].xml word/document.xml"), "x.docx", "docx"],
    ["zip for an archive", text("PK\u0003\u0004 a.exe"), "x.zip", "zip"],
    ["of a picture", bytes(0xff, 0xd8, 0xff, 0xe0), "photo.jpeg", "jpeg"],
    ["bin for a program", bytes(0x4d, 0x5a, 0x90, 0), "invoice.pdf", "bin"],
    ["txt for a page or a script: as text they run nowhere", text("<script>"), "x.html", "txt"],
    ["bin for nothing", new Uint8Array(0), "x.txt", "bin"],
  ])("is %s", (_what, head, name, extension) => expect(extensionFor(head, name)).toBe(extension))

  test("is plain, whatever the bytes and the name", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: "binary", maxLength: 40 }), (head, name) => {
        expect(extensionFor(head, name)).toMatch(/^[a-z0-9]{1,5}$/)
        expect(fileEntryName(1, { name, type: "", bytes: 0 })).toMatch(/^files\/1(\.[a-z0-9]{1,5})?$/)
      }),
    )
  })
})
