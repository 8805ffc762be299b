/** The same sources give the same bytes: whoever builds them can tell whether a page is the one that these sources give. SPEC.md §14. */

import { type ExecFileException, execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { chown, cp, link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals"

const root = join(__dirname, "../..")
/** Not part of the sources: what was made from them, and what npm brings. */
const LEFT_OUT = ["node_modules", "dist", ".git", ".build", ".sotto", "test-results"]
/** Numbers that are nobody's on most machines: whoever builds there owns nothing else. */
const NOBODY = 65_534

interface Place {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly umask: string
  /** Builds as nobody, where this test is root and so may. */
  readonly asNobody: boolean
}

let top: string
let places: readonly [Place, Place]
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "sotto-build-"))
  // 0755: nobody, too, passes through.
  await mkdir(join(top, "a"), { mode: 0o755 })
  places = [
    { folder: join(top, "a"), env: { TZ: "Pacific/Kiritimati", LC_ALL: "C" }, umask: "000", asNobody: false },
    {
      folder: join(top, "somewhere else", "with a much longer name", "than the other ünd 日本", "b"),
      env: {
        TZ: "America/St_Johns",
        LC_ALL: "tr_TR.UTF-8",
        LANG: "ar_EG.UTF-8",
        HOME: "/nonexistent",
        NODE_ENV: "development",
        NODE_PATH: "/",
      },
      umask: "077",
      asNobody: process.getuid?.() === 0,
    },
  ]
  for (const place of places) await layOut(place)
  await Promise.all([chownIf(top, places[1].asNobody), ...places.map(buildAt)])
}, 400_000)
afterAll(() => rm(top, { recursive: true, force: true }))

async function layOut({ folder, asNobody }: Place): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const source of await readdir(root))
    if (!LEFT_OUT.includes(source)) await cp(join(root, source), join(folder, source), { recursive: true })
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { dev?: true }> }
  for (const [path, { dev }] of Object.entries(packages))
    if (path !== "" && (dev !== true || /^node_modules\/@?esbuild(\/|$)/.test(path))) await linked(join(root, path), join(folder, path))
  if (asNobody) await chownAll(top)
}

/** The same files under another name. One that is not there belongs to another kind of machine. */
async function linked(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const made = join(to, relative(from, path))
    await mkdir(dirname(made), { recursive: true })
    await link(path, made).catch((error: NodeJS.ErrnoException) => (error.code === "EEXIST" ? undefined : cp(path, made)))
  }
}

async function chownAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isDirectory()) await chown(join(entry.parentPath, entry.name), NOBODY, NOBODY)
}
async function chownIf(path: string, isWanted: boolean): Promise<void> {
  if (isWanted) await chown(path, NOBODY, NOBODY)
}

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}
function run(place: Place, args: readonly string[]): Promise<Ended> {
  const script = `umask ${place.umask}; exec "$0" "$@"`
  const options = {
    cwd: "/",
    env: { PATH: process.env.PATH ?? "", ...place.env },
    maxBuffer: 1e8,
    ...(place.asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  }
  return new Promise((resolve) => {
    const end = (error: ExecFileException | null, out: string, err: string) => resolve({ code: Number(error?.code ?? 0), out, err })
    execFile("sh", ["-c", script, process.execPath, join(place.folder, "scripts/build.mjs"), ...args], options, end)
  })
}
async function buildAt(place: Place): Promise<void> {
  const { code, out, err } = await run(place, [])
  expect([code, out]).toEqual([0, ""])
  expect(err).toMatch(SAID)
}

/** Path, mode and hash of each file. */
async function contents(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const lines = found.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const hash = entry.isFile()
      ? createHash("sha256")
          .update(await readFile(path))
          .digest("hex")
      : "folder"
    return `${relative(folder, path)} ${((await stat(path)).mode & 0o777).toString(8)} ${hash}`
  })
  return (await Promise.all(lines)).sort()
}

describe("a build", () => {
  test("gives the same bytes and modes in another folder, time zone and language, by another user with another umask", async () => {
    const [first, second] = await Promise.all(places.map(({ folder }) => contents(join(folder, "dist"))))
    expect(first?.length).toBeGreaterThan(10)
    expect(second).toEqual(first)
  })

  // These tests run where the packages for development are installed too; the two places have the others only.
  test("is the same with packages about that it does not need", async () => {
    expect(await contents(join(root, "dist"))).toEqual(await contents(join(places[0].folder, "dist")))
  })

  test("names nothing of the place where it was made", async () => {
    for (const name of await readdir(join(places[1].folder, "dist"), { recursive: true })) {
      const bytes = await readFile(join(places[1].folder, "dist", name)).catch(() => Buffer.alloc(0))
      expect([name, bytes.includes("much longer name"), bytes.includes(top)]).toEqual([name, false, false])
    }
  })
})

/** stdout belongs to the program that runs next; the one thing said is what people compare a saved page with. */
const SAID = /^build: offline\.html has the SHA-256 [0-9a-f]{64}\n$/

jest.setTimeout(200_000)
describe("build --verify", () => {
  test("says that another dist/ is the same, and writes nothing", async () => {
    const before = await stat(join(places[1].folder, "dist/sotto.js"))
    expect(await run(places[1], ["--verify", join(places[0].folder, "dist")])).toEqual({
      code: 0,
      out: expect.stringMatching(/^the same: \d+ files\n$/),
      err: expect.stringMatching(SAID),
    })
    expect((await stat(join(places[1].folder, "dist/sotto.js"))).mtimeMs).toBe(before.mtimeMs)
  })

  test("says which file differs and where, with what stands there, and ends with 13", async () => {
    const altered = join(top, "altered")
    await cp(join(places[0].folder, "dist"), altered, { recursive: true })
    const page = await readFile(join(altered, "page/page.js"))
    page.write("\u0007", 1_000)
    await writeFile(join(altered, "page/page.js"), page)
    await rm(join(altered, "page/icon.svg"))
    await writeFile(join(altered, "page/extra.js"), "")
    const { code, out } = await run(places[0], ["--verify", altered])
    expect(code).toBe(13)
    expect(out).toContain("page/page.js: differs from byte 1000 on (line 1, column 1001)")
    expect(out).toMatch(/ {2}the release: ".*\\u0007/)
    expect(out).toContain("page/icon.svg: was built here and is not in the release")
    expect(out).toContain("page/extra.js: is in the release and was not built here")
    expect(out).toMatch(/3 of \d+ files differ\n$/)
  })

  test.each([
    ["a file that is no release", 1, ["--verify", join(root, "package.json")]],
    ["a flag without a path", 2, ["--verify"]],
  ])("refuses %s with %i", async (_what, code, args) => {
    const ended = await run(places[0], args)
    expect([ended.code, ended.out]).toEqual([code, ""])
    expect(ended.err).toMatch(/^build: /)
  })
})
