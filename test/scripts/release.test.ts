/** `release make`, `sign`, `verify` and `publish`, from the build to the note that anybody can fetch. SPEC.md §14. */

import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { hashOf } from "../../envelope/names.ts"
import { publishKeyrings } from "../../scripts/admin/keyring.ts"
import { makeRelease, publishRelease, signRelease, verifyReleaseFile } from "../../scripts/admin/release.ts"
import { moveRoot } from "../../scripts/admin/roots.ts"
import { signKeyring } from "../../scripts/admin/sign.ts"
import { canonical, makeWebcat, webcatFaults } from "../../scripts/admin/webcat.ts"
import { EXIT } from "../../scripts/failure.ts"
import { releaseOf } from "../../scripts/operator/release-of.ts"
import { currentOf, readChain } from "../../scripts/vault/chain.ts"
import { homePaths, readPin } from "../../scripts/vault/home.ts"
import { CONTENT_SECURITY_POLICY, commonHeaders } from "../../server/headers.ts"
import { loadPage } from "../../server/page.ts"
import { ask, startServer } from "../support/server.ts"
import { ceremony, deskAt, removeFolders, type TestDesk, TODAY } from "./bench.ts"

const dist = join(__dirname, "../../dist")
const code = (expected: string) => expect.objectContaining({ code: expected })
const current = async (desk: TestDesk) => currentOf(await readChain(desk, await readPin(desk)))

let admin: TestDesk
/** Another machine, where the second of the roots is. */
let elsewhere: TestDesk
let carried: string
let text: string
beforeAll(async () => {
  const made = await ceremony([], {}, { roots: 3, threshold: 2 })
  admin = made.admin
  carried = made.carried
  elsewhere = deskAt(join(carried, "elsewhere"))
  for (const file of ["roots-2.age", "roots-3.age"]) await moveRoot(admin, { file, to: elsewhere.home })
  await makeRelease(admin, { dist, out: join(carried, "release") })
  text = join(carried, "release/release.json")
})
afterAll(removeFolders)

describe("a release", () => {
  test("lists every file that the server serves, with its type, and every header", async () => {
    const { release, files } = await releaseOf(dist, "0.1.0")
    const served = await loadPage(join(dist, "page"), await readPin(admin))
    expect(release.page.map(({ path, type }) => [path, type])).toEqual([...served.files].map(([path, { type }]) => [path, type]))
    for (const { path, file } of release.page)
      expect(Buffer.from(files.get(file) ?? []).equals((await served.files.get(path)?.bytes("identity")) ?? Buffer.alloc(1))).toBe(true)
    expect(release.html.holes.map(({ name }) => name)).toEqual(expect.arrayContaining(["newsroom", "channels"]))
    expect(Object.fromEntries([...release.headers.always, ...release.headers.https])).toEqual(commonHeaders("https://forms.example.org"))
    expect(release.programs.map(({ file }) => file)).toEqual(expect.arrayContaining(["server.js", "sotto.js"]))
  })

  test("names the one WebAssembly module, of 221,811 bytes, which is one", async () => {
    const { release } = await releaseOf(dist, "0.1.0")
    expect(release.wasm.map(({ bytes }) => bytes)).toEqual([221_811])
    // The same bytes as in libsodium's own package.
    const source = await readFile(join(__dirname, "../../node_modules/libsodium/dist/modules-esm/libsodium.mjs"), "latin1")
    const module = Buffer.from(/AGFzbQ[A-Za-z0-9+/]+={0,2}/.exec(source)?.[0] ?? "", "base64")
    expect(release.wasm.map(({ sha256 }) => sha256)).toEqual([await hashOf(new Uint8Array(module))])
    expect(WebAssembly.validate(module)).toBe(true)
  })

  test("is the same text each time", async () => expect((await releaseOf(dist, "0.1.0")).text).toBe(await readFile(text, "utf8")))
})

describe("signing", () => {
  test("is refused where the build here is another one, and says which file", async () => {
    const altered = join(carried, "altered")
    await cp(dist, altered, { recursive: true })
    await writeFile(join(altered, "page/page.js"), "another one")
    await expect(signRelease(admin, { file: text, dist: altered, yes: true })).rejects.toThrow(code("site-differs"))
    expect(admin.said.out()).toContain("page/page.js: differs")
    await expect(readFile(join(carried, "release/release.note"))).rejects.toThrow("ENOENT")
  })

  test("asks, and changes nothing when tried", async () => {
    expect(await signRelease(admin, { file: text, dist, dryRun: true })).toBe(2)
    await expect(signRelease(admin, { file: text, dist })).rejects.toThrow(code("needs-terminal"))
    await expect(readFile(join(carried, "release/release.note"))).rejects.toThrow("ENOENT")
  })

  test("by one root, then by another on its own machine, makes it one to believe", async () => {
    const note = join(carried, "release/release.note")
    expect(await signRelease(admin, { file: text, dist, yes: true })).toBe(1)
    await expect(verifyReleaseFile(admin, { file: note })).rejects.toThrow(code("too-few-roots"))
    await expect(publishRelease(admin, { file: note })).rejects.toThrow(code("too-few-roots"))
    expect(await signRelease(admin, { file: note, dist, yes: true })).toBe(1) // the same root again
    expect(await signRelease(elsewhere, { file: note, dist, yes: true })).toBe(0)
    expect(await verifyReleaseFile(admin, { file: note, dist })).toBe(false)
    expect(admin.said.out()).toMatch(/does NOT name it\nthe same: \d+ files\n$/)
  })
})

describe("verifying", () => {
  test("of another build names each file that differs, and ends with 13", async () => {
    const note = join(carried, "release/release.note")
    admin.said.clear()
    await expect(verifyReleaseFile(admin, { file: note, dist: join(carried, "altered") })).rejects.toThrow(code("site-differs"))
    expect(admin.said.out()).toContain("page/page.js: differs")
    expect(EXIT["site-differs"]).toBe(13)
  })

  test("of the very program that runs follows the link that it was called by", async () => {
    const file = join(carried, "release/release.note")
    await mkdir(join(carried, "bin"))
    await symlink(join(dist, "sotto.js"), join(carried, "bin/sotto"))
    await expect(verifyReleaseFile({ ...admin, program: join(carried, "bin/sotto") }, { file, self: true })).resolves.toBe(false)
    await writeFile(join(carried, "bin/sotto.js"), "altered")
    await expect(verifyReleaseFile({ ...admin, program: join(carried, "bin/sotto.js") }, { file, self: true })).rejects.toThrow(
      code("site-differs"),
    )
    await expect(verifyReleaseFile({ ...admin, program: join(dist, "page/page.js") }, { file, self: true })).rejects.toThrow(code("failed"))
  })
})

describe("the manifest for WEBCAT", () => {
  const manifest = async () => {
    const out = join(carried, `webcat-${Math.trunc(performance.now())}.json`)
    return { made: await makeWebcat(admin, { file: text, out }), written: await readFile(out, "utf8") }
  }

  test("has every file, the page as this newsroom's server serves it, the one CSP, and the WebAssembly module", async () => {
    const { made, written } = await manifest()
    const served = await loadPage(join(dist, "page"), await readPin(admin))
    const hashes = [["/index.html", served.html] as const, ...served.files].map(async ([path, file]) => [
      path,
      await hashOf(new Uint8Array(await file.bytes("identity"))),
    ])
    expect(made.files).toEqual(Object.fromEntries(await Promise.all(hashes)))
    expect([made.default_csp, made.default_index, made.default_fallback]).toEqual([CONTENT_SECURITY_POLICY, "index.html", "/index.html"])
    expect(made.wasm).toHaveLength(1)
    expect(JSON.parse(written)).toEqual(made)
  })

  test("is spelt canonically: members sorted, nothing else escaped", async () => {
    const { written } = await manifest()
    expect(written).toMatch(
      /^\{"default_csp":".*","default_fallback":"\/index\.html","default_index":"index\.html","extra_csp":\{\},"files":\{"\//,
    )
    expect(canonical({ b: ['é\n"\\'], a: { d: 1, c: null } })).toBe('{"a":{"c":null,"d":1},"b":["é\n\\"\\\\"]}')
  })

  test.each([
    ["a comma", "default-src 'none', x", "comma"],
    ["no default-src", "script-src 'self'", "no default-src"],
    ["evaluated scripts", "default-src 'none'; script-src 'self' 'unsafe-eval'", "script-src"],
    ["workers from elsewhere", "default-src 'none'; worker-src blob:", "worker-src"],
    ["objects", "default-src 'none'; object-src 'self'", "object-src"],
  ])("would be refused with %s in the CSP", async (_what, csp, fault) => {
    const { made } = await manifest()
    expect(webcatFaults(made)).toEqual([])
    expect(webcatFaults({ ...made, default_csp: csp }).join()).toContain(fault)
  })
})

describe("publishing", () => {
  test("makes the next keyring, which names it: tried first, cut at every write, signed by another root, and then the server has it", async () => {
    const file = join(carried, "release/release.note")
    const { version } = await current(admin)
    await publishRelease(admin, { file, dryRun: true })
    expect(admin.said.err().replaceAll(/\s+/g, " ")).toContain(`keyring ${version + 1} will change: the page is release 0.1.0 (`)
    expect((await current(admin)).version).toBe(version)
    for (let cuts = 0; ; cuts++) {
      let left = cuts
      const before = () => {
        if (left-- === 0) throw new Error("power cut")
      }
      const ended = await publishRelease(deskAt(admin.home, { before }), { file }).then(
        ({ missing }) => missing,
        (error: Error) => error.message,
      )
      if (ended !== "power cut") {
        expect([ended, cuts > 4]).toEqual([1, true])
        break
      }
    }
    // Carried to the other root and back.
    const draft = join(carried, "draft.note")
    await cp(homePaths(admin.home).draft, draft)
    await cp(join(admin.home, "keyring"), join(elsewhere.home, "keyring"), { recursive: true })
    await signKeyring(elsewhere, { file: draft, yes: true })
    await signKeyring(admin, { file: draft, yes: true })
    expect((await current(admin)).release).toMatchObject({ version: "0.1.0" })
    expect((await publishRelease(admin, { file })).keyring.version).toBe(version + 1) // nothing is left to do
    expect(await verifyReleaseFile(admin, { file, dist })).toBe(true)

    const pinned = await readPin(admin)
    const server = await startServer({ id: pinned.id, pinned, chain: [] }, TODAY)
    try {
      const note = await readFile(file)
      const post = async (body: Uint8Array) =>
        (await ask(server.base, "POST", "/api/release", { headers: { "content-type": "text/plain; charset=utf-8" }, body })).status
      const online = deskAt(admin.home, { base: server.base })
      expect((await ask(server.base, "GET", "/api/release")).status).toBe(404)
      expect(await post(note)).toBe(403) // there is no keyring yet
      await publishKeyrings(online)
      expect(online.said.err()).toContain("published the note of release 0.1.0")
      const hash = (await current(admin)).release?.hash ?? ""
      for (const path of ["/api/release", `/api/release/${hash}`])
        expect((await ask(server.base, "GET", path)).body.equals(note)).toBe(true)
      expect([await post(note), await post(Buffer.from("nonsense"))]).toEqual([200, 422])
      const [text = ""] = note.toString().split("\n\n")
      expect(await post(Buffer.from(`${text.replace("0.1.0", "0.1.1")}\n\n${note.toString().split("\n\n")[1]}`))).toBe(403)
      await publishKeyrings(online)
      expect(online.said.err().match(/published the note/g)).toHaveLength(1)
    } finally {
      await server.stop()
    }
  })

  test("of a note that this folder no longer has is said where the server lacks it too", async () => {
    await rm(homePaths(admin.home).releases, { recursive: true })
    const pinned = await readPin(admin)
    const server = await startServer({ id: pinned.id, pinned, chain: [] }, TODAY)
    try {
      const online = deskAt(admin.home, { base: server.base })
      await publishKeyrings(online)
      expect(online.said.err().replaceAll(/\s+/g, " ")).toContain("whose note neither the server nor this folder has")
    } finally {
      await server.stop()
    }
  })
})
