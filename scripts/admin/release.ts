/** `release make`, `sign`, `verify` and `publish`: what the roots promise that the server hands out, and that these programs are the ones. SPEC.md §14. */

import { readFile, realpath } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { utf8 } from "../../envelope/bytes.ts"
import { type Hash, hashOf } from "../../envelope/names.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { signedBy, signNote } from "../../keyring/note.ts"
import { parseRelease, parseReleaseText, type Release, type ReleaseFile, verifyRelease } from "../../keyring/release.ts"
import { releaseWords } from "../../keyring/spoken.ts"
import { getRelease, postRelease } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import type { ServerAddress } from "../http.ts"
import { currentOf, readChain } from "../vault/chain.ts"
import { readIfThere } from "../vault/disk.ts"
import { readGiven, writeGiven } from "../vault/given.ts"
import { homePaths, readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { readRoots } from "../vault/secrets.ts"
import { VERSION } from "../version.ts"
import { type Changed, changeKeyring, sayNext, signedAlso } from "./change.ts"

/** Where the build lies, if nothing else is said: beside the program that runs. */
function distOf({ program }: Pick<Desk, "program">, given: string | undefined): string {
  if (given !== undefined) return given
  if (program === undefined) throw new Failure("usage", "where is the build?", "name its folder with --dist")
  return dirname(program)
}

async function built(dist: string) {
  const { releaseOf } = await import("../operator/release-of.ts")
  return releaseOf(dist, VERSION)
}

export interface Make {
  readonly dist?: string
  /** A new folder, or an empty one. */
  readonly out: string
}

/** Writes a folder to hand out: the files, and the release's text, which the roots sign.
 *  @returns the hash of the text
 *  @throws Failure `failed` */
export async function makeRelease(desk: Pick<Desk, "terminal" | "disk" | "program">, { dist, out }: Make): Promise<Hash> {
  const { text, release, files } = await built(distOf(desk, dist))
  for (const folder of [out, join(out, "page")]) await desk.disk.makeFolder(folder)
  for (const [file, bytes] of files) await desk.disk.replace(join(out, file), bytes)
  await writeGiven(join(out, "release.json"), text)
  const hash = await hashOf(utf8(text))
  desk.terminal.answer(join(out, "release.json"))
  await sayRelease(desk, { version: release.version, hash })
  desk.terminal.next(`release sign ${join(out, "release.json")}`)
  return hash
}

async function sayRelease({ terminal }: Pick<Desk, "terminal">, { version, hash }: { version: string; hash: Hash }): Promise<void> {
  terminal.answer(`release ${version}, ${hash}`)
  terminal.say("its six words, public, may be read aloud and printed:")
  terminal.answer(await releaseWords(hash))
}

export interface SignRelease {
  /** `release.json`, or a note that another root has signed. */
  readonly file: string
  readonly dist?: string
  /** Where the note is written, if the file is not one yet: `release.note` beside it. */
  readonly out?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/** Signs a release with the roots of this folder: only one that is what was built here, byte for byte.
 *  @returns how many signatures it still lacks
 *  @throws Failure `failed`, `needs-terminal`, `wrong-passphrase`
 *  @throws KeyringError `not-a-note`, `bad-release` */
export async function signRelease(desk: Desk, { file, dist, out, yes = false, dryRun = false }: SignRelease): Promise<number> {
  const source = await readGiven(file)
  const isNote = source.includes("\n\n")
  const text = isNote ? (await parseRelease(source)).note.text : source
  const release = parseReleaseText(text)
  const ours = await built(distOf(desk, dist))
  if (ours.text !== text) {
    for (const line of differences(release, ours.release)) desk.terminal.answer(line)
    throw new Failure(
      "site-differs",
      "this release is not what was built here: nothing was signed",
      "build the same sources with `npm ci && npm run build`; `npm run build -- --verify` says where they differ",
    )
  }
  await sayRelease(desk, { version: release.version, hash: await hashOf(utf8(text)) })
  desk.terminal.say("it is byte for byte what lies in the build here")
  const current = currentOf(await readChain(desk, await readPin(desk)))
  const lacking = async (note: string) =>
    Math.max(0, current.threshold - (await signedBy((await parseRelease(note)).note, current.roots)).length)
  if (dryRun) {
    desk.terminal.say("nothing was signed")
    return isNote ? lacking(source) : current.threshold
  }
  if (!yes && (await desk.terminal.ask("sign this? type yes:", "--yes")).trim().toLowerCase() !== "yes")
    throw new Failure("failed", "nothing was signed", "run the same command again when you agree")
  const roots = (await readRoots(desk)).filter(({ verifier }) => current.roots.some(({ text }) => text === verifier.text))
  if (roots.length === 0) throw new Failure("failed", "there is no root of the newest keyring in this folder", "sign where one is")
  const note = isNote ? await signedAlso(source, roots) : await signNote(text, roots)
  const written = isNote ? file : (out ?? join(dirname(file), "release.note"))
  if (isNote) await desk.disk.replace(file, utf8(note))
  else await writeGiven(written, note)
  const missing = await lacking(note)
  desk.terminal.answer(
    missing === 0 ? `signed: ${written}` : `it lacks ${missing} more ${missing === 1 ? "signature" : "signatures"}: ${written}`,
  )
  desk.terminal.next(missing === 0 ? `release publish ${written}` : "release sign FILE, where another root is")
  return missing
}

type Parts = Pick<Release, "html" | "page" | "programs" | "headers" | "version">
/** Which parts of a release differ from another, a line each. */
function differences(release: Parts, ours: Parts): string[] {
  const of = ({ html, page, programs }: Parts) => new Map([html, ...page, ...programs].map((one) => [one.file, one]))
  const [theirs, here] = [of(release), of(ours)]
  const said: string[] = []
  for (const [file, { sha256 }] of theirs) {
    const found = here.get(file)
    if (found === undefined) said.push(`${file}: is in the release and not here`)
    else if (found.sha256 !== sha256) said.push(`${file}: differs`)
  }
  for (const file of here.keys()) if (!theirs.has(file)) said.push(`${file}: is here and not in the release`)
  if (JSON.stringify(release.headers) !== JSON.stringify(ours.headers)) said.push("the headers differ")
  if (said.length === 0) said.push("what is said about the files differs")
  return said
}

export interface VerifyRelease {
  readonly file: string
  /** A build, or a folder that `release make` wrote, to compare with. */
  readonly dist?: string
  /** Compare the very program that runs. */
  readonly self?: boolean
}

/** Checks a release against the newest keyring of this folder: signed by its roots, named by it, and the files the ones here.
 *  @returns whether the keyring names it
 *  @throws Failure `site-differs`: a file is another one
 *  @throws KeyringError `not-a-note`, `bad-release`, `too-few-roots` */
export async function verifyReleaseFile(desk: Desk, { file, dist, self = false }: VerifyRelease): Promise<boolean> {
  const { terminal } = desk
  const chain = await readChain(desk, await readPin(desk))
  const current = currentOf(chain)
  const source = await readGiven(file)
  const { hash } = await parseRelease(source)
  // By the roots of the time when it was named: they may have changed since.
  const naming = chain.find((keyring) => keyring.release?.hash === hash) ?? current
  const release = await verifyRelease(source, naming)
  await sayRelease(desk, release)
  terminal.answer(
    `signed by ${(await signedBy(release.note, naming.roots)).length} of ${naming.roots.length} roots, ${naming.threshold} are needed`,
  )
  const isNamed = current.release?.hash === release.hash
  terminal.answer(isNamed ? `keyring ${current.version} names it` : `keyring ${current.version} does NOT name it`)
  const checked: (readonly [ReleaseFile, string])[] = []
  const everything = [release.html, ...release.page, ...release.programs]
  if (dist !== undefined) checked.push(...everything.map((one) => [one, join(dist, one.file)] as const))
  if (self) checked.push(await own(desk, release))
  const wrong: string[] = []
  for (const [{ file, sha256 }, path] of checked) {
    const bytes = await readFile(path).catch(() => undefined)
    if (bytes === undefined) wrong.push(`${file}: is not there`)
    else if ((await hashOf(new Uint8Array(bytes))) !== sha256) wrong.push(`${file}: differs`)
  }
  for (const line of wrong) terminal.answer(line)
  if (wrong.length > 0)
    throw new Failure(
      "site-differs",
      `${wrong.length} of ${checked.length} files are not those of the release`,
      self ? "do not use this program: get the release again, and ask an admin" : "`npm run build -- --verify` says where they differ",
    )
  if (checked.length > 0) terminal.answer(`the same: ${checked.length} ${checked.length === 1 ? "file" : "files"}`)
  return isNamed
}

async function own({ program }: Pick<Desk, "program">, { programs }: Release): Promise<readonly [ReleaseFile, string]> {
  // Called by a link: what runs is what the link leads to.
  const path = program === undefined ? undefined : await realpath(program)
  const found = path === undefined ? undefined : programs.find(({ file }) => file === basename(path))
  if (path === undefined || found === undefined)
    throw new Failure("failed", "the program that runs is none of the release", "call it by its own name, as `node dist/sotto.js`")
  return [found, path]
}

export interface PublishRelease {
  readonly file: string
  readonly expiresIn?: number
  readonly dryRun?: boolean
}

/** Makes the next keyring, which names a release. From its publication on, whoever checks holds the server to it.
 *  @throws Failure `failed`, `not-set-up`, `wrong-passphrase`
 *  @throws KeyringError `not-a-note`, `bad-release`, `too-few-roots` */
export async function publishRelease(desk: Desk, { file, ...options }: PublishRelease): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const current = currentOf(await readChain(desk, await readPin(desk)))
    const { version, hash } = await verifyRelease(source, current)
    await sayRelease(desk, { version, hash })
    const { releases, release } = homePaths(desk.home)
    if (options.dryRun !== true) {
      await desk.disk.makeFolder(releases)
      await desk.disk.replace(release(hash), utf8(source))
    }
    const changed = await changeKeyring(desk, (before) => (before.release?.hash === hash ? undefined : { release: { version, hash } }), {
      ...options,
      beforehand: [
        "whoever checks will say that the page differs until the server runs this release: have it ready to be switched",
        "the release before it is still taken for a day after this keyring is issued",
      ],
      afterwards: ["`keyring publish` gives the server the keyring and the release's note; `verify` then holds the page to it"],
    })
    sayNext(desk, changed)
    return changed
  })
}

/** Gives the server the note of the release that its newest keyring names, if it lacks it and it is here. */
export async function handOverRelease(desk: Desk, server: ServerAddress, { release, version }: Keyring): Promise<void> {
  if (release === undefined || (await getRelease(server, release.hash)) !== undefined) return
  const note = await readIfThere(homePaths(desk.home).release(release.hash))
  if (note === undefined) {
    desk.terminal.say(
      `warning: keyring ${version} names release ${release.version}, whose note neither the server nor this folder has: run \`release publish FILE\` again here`,
    )
    return
  }
  await postRelease(server, new TextDecoder().decode(note))
  desk.terminal.say(`published the note of release ${release.version}`)
}
