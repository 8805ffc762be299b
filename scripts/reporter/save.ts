/** `save N`: the files of a tip into a folder, as quarantine: names of ours, never over anything, nothing under its final name
 *  before the signature over all of them has been checked. Nothing is opened or unpacked. */

import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { constants, lstat, mkdir, open, unlink } from "node:fs/promises"
import { join, resolve as resolvePath } from "node:path"
import { toBase64url } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { randomBytes } from "../../envelope/keys.ts"
import type { OpenedFile, OpenedTip } from "../../envelope/open.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { pour } from "../pour.ts"
import { progressOn, sizeText } from "../progress.ts"
import { asciiJson } from "../terminal.ts"
import { currentOf } from "../vault/chain.ts"
import { ifThere } from "../vault/disk.ts"
import { giveName } from "../vault/given.ts"
import type { TipRecord } from "../vault/records.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { cleanCopy, type Found, foundText } from "./clean.ts"
import { serverOf } from "./keys.ts"
import { markOrigin } from "./origin.ts"
import { extensionFor, SNIFFED_BYTES } from "./sniff.ts"
import { openTip, unlockFile } from "./tips.ts"
import { filesOfUnsigned } from "./unsigned.ts"
import { type Kept, openWhole } from "./whole.ts"

export interface Save {
  readonly number: number
  /** The folder; `tip-N` here if absent. */
  readonly out?: string
  /** Hands each file to this program, one after the other; nothing is opened unless this is asked for. */
  readonly view?: string
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
/** With what a photo among them was found to carry. */
export type Reported = Saved & Partial<Found>
/** Written, and waiting under a name that nobody opens by mistake. */
interface Waiting extends Saved {
  readonly temporary: string
}

/** @throws Failure `failed`: a file of this name is there, the folder is none, or the server has the files no more
 *  @throws EnvelopeError `bad-payload`, `bad-signature`: the files are damaged; none of them is left behind */
export async function save(desk: Desk, { number, out = `tip-${number}`, view, json = false }: Save): Promise<readonly Reported[]> {
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
  const files = record?.bytes === undefined ? await writeAll(out, number, opened) : await writeLarge(desk, vault, record, out)
  const found = new Map<string, Found>()
  for (const { saved, bytes } of files) {
    const one = await cleanCopy(out, saved, bytes)
    if (one !== undefined) found.set(saved, one)
  }
  const reported = files.map((file) => ({ ...file, ...found.get(file.saved) }))
  if (json) terminal.json({ v: 1, folder: out, files: reported })
  else
    for (const { saved, bytes, sha256, name } of files)
      terminal.answer(`${join(out, saved)}  ${bytes} bytes  ${sha256.slice(0, 16)}  ${name}`)
  for (const [saved, one] of found) terminal.say(foundText(saved, one))
  if (view !== undefined) for (const { saved } of files) await handOver(view, join(out, saved))
  terminal.say("A stranger sent these. Open them with Dangerzone, or on a machine with no network.")
  return reported
}

/** @throws Failure `failed`: there is no such program, or it ended with an error */
async function handOver(program: string, path: string): Promise<void> {
  const code = await new Promise<number | null | undefined>((resolve) => {
    const child = spawn(program, [resolvePath(path)], { stdio: ["ignore", "ignore", "inherit"] })
    child.once("error", () => resolve(undefined))
    child.once("close", resolve)
  })
  if (code !== 0)
    throw new Failure("failed", "the program that was to show the files ended with an error", "the files are saved; open them yourself")
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
    for await (const file of opened.files()) waiting.push(await writeWaiting(newPart(folder, number, file.number), number, file))
    return await settleAll(folder, number, waiting)
  } finally {
    for (const { temporary } of waiting) await ifThere(unlink(temporary))
  }
}

/** The files of a large tip, as they come from the server. What a run that was cut has written stays, and the next one goes on behind it;
 *  what fails its check goes at once. */
async function writeLarge(desk: Desk, vault: Vault, record: TipRecord, folder: string): Promise<readonly Saved[]> {
  const { terminal } = desk
  const current = currentOf(vault.chain)
  const partOf = (index: number) => join(folder, `${record.tip}-${index}.part`)
  const parts: string[] = []
  const waiting: Waiting[] = []
  try {
    const { opened, kept } = await openWhole(await unlockFile(desk, vault, record.tip), record, {
      server: serverOf(desk, vault, current),
      slots: current.policy.slots,
      progress: progressOn(terminal),
      waiting: (seconds) => terminal.say(`the line broke; trying again in ${seconds} s`),
      async written(files) {
        parts.push(...files.map((_, index) => partOf(index + 1)))
        const there = await Promise.all(parts.map(async (path, index) => lengthOf(path, files[index]?.bytes ?? 0)))
        const before = there.reduce((sum, bytes) => sum + bytes, 0)
        if (before > 0) terminal.say(`going on behind ${sizeText(before)} that are here already`)
        return parts.map((path, index) => ({ path, bytes: there[index] ?? 0 }))
      },
    })
    for await (const file of opened.files())
      waiting.push(await writeWaiting(oldPart(partOf(file.number)), record.tip, file, kept[file.number - 1]))
    const saved = await settleAll(folder, record.tip, waiting)
    for (const path of parts) await ifThere(unlink(path))
    return saved
  } catch (error) {
    if (error instanceof EnvelopeError) for (const path of parts) await ifThere(unlink(path))
    else terminal.say("what has come is kept; the same command goes on from there")
    throw error
  } finally {
    terminal.progress(undefined)
  }
}

/** How much of a file an earlier run has written; a thing that it did not write, or that is too long, counts for nothing. */
async function lengthOf(path: string, declared: number): Promise<number> {
  const there = await ifThere(lstat(path))
  if (there === undefined) return 0
  if (!there.isFile() || there.nlink !== 1) throw taken(path)
  return there.size <= declared ? there.size : 0
}

/** The generator of files has ended: the signature over every one of them holds. */
async function settleAll(folder: string, number: number, waiting: readonly Waiting[]): Promise<readonly Saved[]> {
  for (const { saved } of waiting) if ((await ifThere(lstat(join(folder, saved)))) !== undefined) throw taken(join(folder, saved))
  const saved = waiting.map(({ temporary: _, ...rest }) => rest)
  await writeAbout(join(folder, `${number}-files.json`), saved)
  for (const { temporary, saved } of waiting) await settle(temporary, join(folder, saved))
  return saved
}

const taken = (path: string) =>
  new Failure("failed", `${path} is there already, and nothing is written over`, "choose another folder with --out")

interface Part {
  readonly path: string
  readonly flags: number
}
const NO_LINK = constants.O_NOFOLLOW ?? 0
/** A name that nobody has, for what is written in one go. */
const newPart = async (folder: string, number: number, index: number): Promise<Part> => ({
  path: join(folder, `${number}-${index}.${toBase64url(await randomBytes(9)).replaceAll(/[-_]/g, "0")}.part`),
  flags: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_LINK,
})
/** The name that the next run will look for. */
const oldPart = (path: string): Part => ({ path, flags: constants.O_WRONLY | constants.O_CREAT | NO_LINK })

/** @param kept - what stands there already and is checked as it stands there: it comes too, and is not written again */
async function writeWaiting(
  part: Promise<Part> | Part,
  number: number,
  { number: index, file, bytes }: OpenedFile,
  kept: Kept = { from: 0, to: 0 },
): Promise<Waiting> {
  const { path: temporary, flags } = await part
  const handle = await open(temporary, flags, 0o600)
  const hash = createHash("sha256")
  let head = new Uint8Array(0)
  let length = 0
  async function* looked(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      if (head.length < SNIFFED_BYTES) head = Uint8Array.from([...head, ...piece.subarray(0, SNIFFED_BYTES - head.length)])
      hash.update(piece)
      const before = piece.subarray(0, Math.max(0, kept.from - length))
      if (before.length > 0) await handle.write(before, 0, before.length, length)
      const behind = piece.subarray(Math.min(piece.length, Math.max(0, kept.to - length)))
      length += piece.length
      if (behind.length > 0) yield behind
    }
  }
  try {
    await handle.truncate(kept.to)
    await pour(looked(), handle, kept.to)
    await handle.sync()
  } catch (error) {
    await handle.close()
    if ((flags & constants.O_EXCL) !== 0) await unlink(temporary)
    throw error
  }
  await handle.close()
  const saved = `${number}-${index}.${extensionFor(head, file.name)}.untrusted`
  return { temporary, saved, name: file.name, bytes: length, sha256: hash.digest("hex") }
}

/** Gives the file its name, without ever taking another's: a rename would. */
async function settle(temporary: string, path: string): Promise<void> {
  if (!(await giveName(temporary, path))) throw taken(path)
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
