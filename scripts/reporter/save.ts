/** `save N`: the files of a tip into a folder, as quarantine: names of ours, never over anything, nothing under its final name
 *  before the signature over all of them has been checked. Nothing is opened or unpacked. */

import { createHash } from "node:crypto"
import { constants, copyFile, link, lstat, mkdir, open, unlink } from "node:fs/promises"
import { join } from "node:path"
import { toBase64url } from "../../envelope/bytes.ts"
import { randomBytes } from "../../envelope/keys.ts"
import type { OpenedFile, OpenedTip } from "../../envelope/open.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { pour } from "../pour.ts"
import { asciiJson } from "../terminal.ts"
import { ifThere } from "../vault/disk.ts"
import { openVault } from "../vault/vault.ts"
import { markOrigin } from "./origin.ts"
import { extensionFor, SNIFFED_BYTES } from "./sniff.ts"
import { openTip } from "./tips.ts"
import { filesOfUnsigned } from "./unsigned.ts"

export interface Save {
  readonly number: number
  /** The folder; `tip-N` here if absent. */
  readonly out?: string
  readonly json?: boolean
}
export interface Saved {
  /** The name it was given: `4-1.docx.untrusted`. */
  readonly saved: string
  /** The source's name for it. */
  readonly name: string
  readonly bytes: number
  /** Hexadecimal, as other tools print it. */
  readonly sha256: string
}
/** Written, and waiting under a name that nobody opens by mistake. */
interface Waiting extends Saved {
  readonly temporary: string
}

/** @throws Failure `failed`: a file of this name is there, or the folder is none
 *  @throws EnvelopeError `bad-payload`, `bad-signature`: the files are damaged; none of them is left behind */
export async function save(desk: Desk, { number, out = `tip-${number}`, json = false }: Save): Promise<readonly Saved[]> {
  const { terminal } = desk
  const vault = await openVault(desk)
  const record = vault.records.tips.get(number)
  const byHand = record?.unsigned === "yes" ? record : undefined
  // An unsigned tip's files are counted when it is taken in; nothing but age's own tags vouches for them.
  const opened = byHand === undefined ? (await openTip(desk, vault, number)).opened : { files: () => filesOfUnsigned(desk, vault, byHand) }
  if ((byHand?.files ?? ("tip" in opened ? opened.tip.files.length : 0)) === 0) {
    if (json) terminal.json({ v: 1, folder: null, files: [] })
    else terminal.say(`tip ${number} has no files`)
    return []
  }
  await makeQuarantine(out)
  const files = await writeAll(out, number, opened)
  if (json) terminal.json({ v: 1, folder: out, files })
  else
    for (const { saved, bytes, sha256, name } of files)
      terminal.answer(`${join(out, saved)}  ${bytes} bytes  ${sha256.slice(0, 16)}  ${name}`)
  terminal.say("A stranger sent these. Open them with Dangerzone, or on a machine with no network.")
  return files
}

/** @throws Failure `failed` */
async function makeQuarantine(folder: string): Promise<void> {
  const there = await ifThere(lstat(folder))
  if (there === undefined) await mkdir(folder, { recursive: true, mode: 0o700 })
  // A link could lead out of the place that was meant.
  else if (!there.isDirectory()) throw new Failure("failed", `${folder} is not a folder`, "choose another one with --out")
}

async function writeAll(folder: string, number: number, opened: Pick<OpenedTip, "files">): Promise<readonly Saved[]> {
  const waiting: Waiting[] = []
  try {
    for await (const file of opened.files()) waiting.push(await writeWaiting(folder, number, file))
    // The generator has ended: the signature over every file holds.
    for (const { saved } of waiting) if ((await ifThere(lstat(join(folder, saved)))) !== undefined) throw taken(join(folder, saved))
    const saved = waiting.map(({ temporary: _, ...rest }) => rest)
    await writeAbout(join(folder, `${number}-files.json`), saved)
    for (const { temporary, saved } of waiting) await settle(temporary, join(folder, saved))
    return saved
  } finally {
    for (const { temporary } of waiting) await ifThere(unlink(temporary))
  }
}

const taken = (path: string) =>
  new Failure("failed", `${path} is there already, and nothing is written over`, "choose another folder with --out")

async function writeWaiting(folder: string, number: number, { number: index, file, bytes }: OpenedFile): Promise<Waiting> {
  const temporary = join(folder, `${number}-${index}.${toBase64url(await randomBytes(9)).replaceAll(/[-_]/g, "0")}.part`)
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600)
  const hash = createHash("sha256")
  let head = new Uint8Array(0)
  let length = 0
  async function* looked(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      if (head.length < SNIFFED_BYTES) head = Uint8Array.from([...head, ...piece.subarray(0, SNIFFED_BYTES - head.length)])
      hash.update(piece)
      yield piece
    }
  }
  try {
    length = await pour(looked(), handle)
    await handle.sync()
  } catch (error) {
    await handle.close()
    await unlink(temporary)
    throw error
  }
  await handle.close()
  const saved = `${number}-${index}.${extensionFor(head, file.name)}.untrusted`
  return { temporary, saved, name: file.name, bytes: length, sha256: hash.digest("hex") }
}

/** Gives the file its name, without ever taking another's: a rename would. */
async function settle(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === "EEXIST") throw taken(path)
    // Sticks and some network folders know no links.
    await copyFile(temporary, path, constants.COPYFILE_EXCL)
  }
  await markOrigin(path)
}

/** The side file: what the source called the files, in ASCII, and their hashes. */
async function writeAbout(path: string, files: readonly Saved[]): Promise<void> {
  const handle = await ifThere(
    open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600),
  ).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "EEXIST" ? taken(path) : cause
  })
  if (handle === undefined) throw new Failure("failed", `${path} cannot be written`, "the folder went away: run the same command again")
  try {
    await handle.writeFile(`${asciiJson({ v: 1, unverified: "written by a stranger", files })}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
