/** `npm run build -- --verify RELEASE`: compares a build with a release, file by file, and says where the first difference is.
 *  Not who signed the release: `sotto release verify` says that. */

import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { dirname, join, relative } from "node:path"

const SAME = 0
const DIFFERS = 13
const CONTEXT_CHARACTERS = 30
const NOTE_NAMES = ["release.note", "release.json"]

/** @param expected - the release, from {@link readRelease}
 *  @param built - the contents of each file, by its path in dist/
 *  @param say - gets a line of the answer
 *  @returns the exit code */
export function compareWith(expected, built, say) {
  let different = 0
  for (const [name, { sha256, contents }] of expected) {
    const ours = built.get(name)
    if (ours !== undefined && hashOf(ours) === sha256) continue
    different += 1
    say(ours === undefined ? `${name}: is in the release and was not built here` : `${name}: ${difference(ours, contents)}`)
  }
  // Where the release names its files, what else is built is not part of it.
  if (!expected.isList)
    for (const name of built.keys())
      if (!expected.has(name)) {
        different += 1
        say(`${name}: was built here and is not in the release`)
      }
  say(different === 0 ? `the same: ${expected.size} files` : `${different} of ${expected.size} files differ`)
  return different === 0 ? SAME : DIFFERS
}

/** The files of a release, each with its hash and, where they are at hand, its bytes.
 *  @param path - a release note (SPEC.md section 14) or its text, the folder that `release make` wrote, or another dist/
 *  @returns `undefined` after having said on stderr that there is none */
export async function readRelease(path) {
  try {
    return await filesAt(path)
  } catch (error) {
    process.stderr.write(`build: ${error instanceof Error ? error.message : "that release cannot be read"}\n`)
    return undefined
  }
}

async function filesAt(path) {
  if (!(await isFolder(path))) return readList(path)
  for (const name of NOTE_NAMES) if (await isFile(join(path, name))) return readList(join(path, name))
  const files = new Map()
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const contents = await readFile(join(entry.parentPath, entry.name))
    files.set(relative(path, join(entry.parentPath, entry.name)), { sha256: hashOf(contents), contents })
  }
  if (files.size === 0) throw new Error("that folder holds no release")
  return files
}

async function readList(path) {
  const [text = ""] = (await readFile(path, "utf8")).split("\n\n", 1)
  const said = parsed(text)
  if (said?.format !== "sotto-release/1") throw new Error("that is no release note")
  const list = new Map()
  for (const { file, sha256 } of [said.html, ...said.page, ...said.programs]) {
    // A name that led out of the folder would compare a file that is none of the release.
    if (!/^(page\/)?[a-z0-9][a-z0-9.-]*$/.test(file)) throw new Error("that release names a file that none can have")
    const contents = await readFile(join(dirname(path), file)).catch(() => undefined)
    list.set(file, { sha256, contents: contents !== undefined && hashOf(contents) === sha256 ? contents : undefined })
  }
  return Object.assign(list, { isList: true })
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isFolder = async (path) => (await stat(path)).isDirectory()
const isFile = (path) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
const hashOf = (bytes) => createHash("sha256").update(bytes).digest("base64url")

/** Where two files part, with what stands there in both. */
function difference(ours, theirs) {
  const here = Buffer.from(ours.buffer, ours.byteOffset, ours.byteLength)
  if (theirs === undefined) return "differs; where cannot be said, because the release's own file does not lie beside its note"
  let at = 0
  while (at < here.length && at < theirs.length && here[at] === theirs[at]) at += 1
  const before = here.subarray(0, at).toString("latin1")
  const line = before.split("\n").length
  const around = (bytes) => ascii(bytes.subarray(Math.max(0, at - CONTEXT_CHARACTERS), at + CONTEXT_CHARACTERS).toString("latin1"))
  return [
    `differs from byte ${at} on (line ${line}, column ${at - before.lastIndexOf("\n")}); ${here.length} bytes here, ${theirs.length} in the release`,
    `  here:        ${around(here)}`,
    `  the release: ${around(theirs)}`,
  ].join("\n")
}

/** A stranger's bytes must not steer the terminal. */
const ascii = (text) => JSON.stringify(text).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
