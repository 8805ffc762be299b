/** Files that a command is given, and files that it hands out. */

import { link, open, readFile, rename, stat, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { type Bytes, equal, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import type { ByteSource } from "../../envelope/reader.ts"
import { Failure } from "../failure.ts"
import { clearing } from "../leftovers.ts"
import { pour } from "../pour.ts"
import { ifThere, namesIn } from "./disk.ts"

const MAX_GIVEN_BYTES = 4_000_000

/** A file of at most so many bytes, by the path that was typed.
 *  @throws Failure `failed` */
export async function readGivenBytes(path: string, maxBytes = MAX_GIVEN_BYTES): Promise<Bytes> {
  try {
    // Looked at first: what is far too long is not read at all.
    if ((await stat(path)).size <= maxBytes) return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new Failure("failed", `${path} cannot be read`, "check the path", { cause })
  }
  throw new Failure("failed", `${path} is too long to be what is asked for`, "check the path")
}

/** A small text file, by the path that was typed.
 *  @throws Failure `failed` */
export async function readGiven(path: string): Promise<string> {
  const bytes = await readGivenBytes(path)
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new Failure("failed", `${path} is not UTF-8 text`, "check the path", { cause })
  }
}

/** Gives a file that is whole the name that it is to have, at once, and never another's.
 *  @returns `false`: there is a file of this name */
export async function giveName(half: string, path: string): Promise<boolean> {
  try {
    await link(half, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? "")) throw error
  }
  // Sticks and some network folders know no links: the name is taken first, and what has it then is written over by what is whole.
  const taken = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined
    throw error
  })
  if (taken === undefined) return false
  await taken.close()
  await rename(half, path)
  return true
}
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]

/** As {@link writeGivenBytes}. */
export const writeGiven = (path: string, text: string): Promise<void> => writeGivenBytes(path, utf8(text))

/** Writes a new file and never over another one; whole, or not at all.
 *  @throws Failure `failed`: there is a file of this name with another content */
export async function writeGivenBytes(path: string, bytes: Bytes): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, "wx", 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    // Run again after a cut, the same command writes the same file: that is no conflict.
    if (!(await giveName(temporary, path)) && !equal(new Uint8Array(await readFile(path)), bytes))
      throw new Failure("failed", `${path} is there already`, "choose another name with --out, or move that file away")
  } finally {
    await ifThere(unlink(temporary))
  }
}

/** As {@link writeGivenBytes}, for what is long. A signal leaves nothing; what a power cut has left of an earlier one beside it is removed.
 *  @throws Failure `failed`: there is a file of this name */
export async function writeGivenStream(path: string, source: ByteSource): Promise<void> {
  await clearHalves(dirname(path), (name) => name === basename(path))
  const half = `${path}.${process.pid}.new`
  const file = await open(half, "wx", 0o600)
  await clearing(
    async () => void (await ifThere(unlink(half))),
    async () => {
      try {
        await pour(all(source), file)
        await file.sync()
      } finally {
        await file.close()
      }
      if (!(await giveName(half, path)))
        throw new Failure("failed", `${path} is there already`, "choose another name, or move that file away")
    },
  )
}
async function* all(source: ByteSource): AsyncGenerator<Uint8Array> {
  yield* source
}

const HALF = /^(.+)\.\d+\.new$/
/** Nobody writes to one for so long without a byte. */
const OLD_MS = 3_600_000

/** Removes what was begun and never ended: files that nobody has written to for an hour.
 *  @param isOurs - by the name that the whole file was to have */
export async function clearHalves(folder: string, isOurs: (name: string) => boolean): Promise<void> {
  for (const name of await namesIn(folder)) {
    const [, whole] = HALF.exec(name) ?? []
    if (whole === undefined || !isOurs(whole)) continue
    const path = join(folder, name)
    if (Date.now() - ((await ifThere(stat(path)))?.mtimeMs ?? Date.now()) > OLD_MS) await ifThere(unlink(path))
  }
}
