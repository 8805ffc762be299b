/** Writes that are either there whole or not at all, whenever the power goes: temporary file, fsync, rename, fsync of the folder.
 *  A command that was cut anywhere and is run again must come out right; tests cut it at every step named here. */

import { randomBytes } from "node:crypto"
import { chmod, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import type { Bytes } from "../../envelope/bytes.ts"

/** A step about to be made: tests throw from here. */
export type BeforeStep = (step: "write" | "sync" | "rename" | "sync-folder" | "remove", path: string) => void

export interface Replacement {
  readonly path: string
  readonly bytes: Uint8Array
  /** Others on this machine may read it. */
  readonly isPublic?: boolean
}

export interface Disk {
  /** Makes the file hold these bytes, 0600 unless it is public, whatever it held before. Durable when it returns. */
  replace(path: string, bytes: Uint8Array, isPublic?: boolean): Promise<void>
  /** {@link replace} for several files of one folder: flushed beside each other, and the folder once for all of them. Cut before it returns,
   *  any of them may be there and any not: whoever calls it must be right either way. */
  replaceAll(files: readonly Replacement[]): Promise<void>
  /** Removes the file. Durable when it returns; no error when there is none. */
  remove(path: string): Promise<void>
  /** Writes over the file, then removes it; no error when there is none. Whether the medium keeps the old bytes elsewhere, no program can know. */
  destroy(path: string): Promise<void>
  /** Makes the folder, 0700, with those above it. */
  makeFolder(path: string): Promise<void>
}

const FILE_MODE = 0o600
const PUBLIC_MODE = 0o644
const FOLDER_MODE = 0o700
/** Files that are flushed at once: as many as Node has threads for it. */
const HANDS = 4
const temporary = (path: string) => `${path}.new`

export function makeDisk(before: BeforeStep = () => undefined): Disk {
  async function syncFolder(path: string): Promise<void> {
    before("sync-folder", path)
    const folder = await open(dirname(path), "r")
    try {
      await folder.sync()
    } catch (error) {
      // Windows cannot flush a folder; its journal orders the rename by itself.
      if (process.platform !== "win32") throw error
    } finally {
      await folder.close()
    }
  }
  /** Beside its place, flushed. */
  async function write({ path, bytes, isPublic = false }: Replacement): Promise<void> {
    before("write", path)
    const file = await open(temporary(path), "w", FILE_MODE)
    try {
      await file.writeFile(bytes)
      // Not when it is made: the command lets nobody else read what it makes.
      if (isPublic) await file.chmod(PUBLIC_MODE)
      before("sync", path)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  async function take(path: string): Promise<void> {
    before("rename", path)
    await rename(temporary(path), path)
  }
  return {
    async replace(path, bytes, isPublic = false) {
      await write({ path, bytes, isPublic })
      await take(path)
      await syncFolder(path)
    },
    async replaceAll(files) {
      const left = [...files]
      const hand = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) await write(next)
      }
      // Every hand to its end before a failure is thrown: nothing is written behind the back of whoever handles it.
      const ended = await Promise.allSettled(Array.from({ length: HANDS }, hand))
      for (const one of ended) if (one.status === "rejected") throw one.reason
      for (const { path } of files) await take(path)
      const [first] = files
      if (first !== undefined) await syncFolder(first.path)
    },
    async remove(path) {
      before("remove", path)
      if (await ifThere(unlink(path).then(() => true))) await syncFolder(path)
    },
    async destroy(path) {
      before("remove", path)
      const file = await ifThere(open(path, "r+"))
      if (file === undefined) return
      try {
        const { size } = await file.stat()
        await file.write(randomBytes(size), 0, size, 0)
        await file.sync()
      } finally {
        await file.close()
      }
      await unlink(path)
      await syncFolder(path)
    },
    async makeFolder(path) {
      await mkdir(path, { recursive: true, mode: FOLDER_MODE })
      // Also when it was there: a home that others can list tells them how many tips came on which day.
      await chmod(path, FOLDER_MODE)
    },
  }
}

/** `undefined`: there is no such file or folder. Every other error stays one. */
export async function ifThere<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

export async function readIfThere(path: string): Promise<Bytes | undefined> {
  const file = await ifThere(readFile(path))
  // A copy of its own: Node may hand out a view into a pool, and WebCrypto wants plain buffers.
  return file && new Uint8Array(file)
}

/** The first bytes of a file, and how many it has. */
export async function readBeginning(
  path: string,
  most: number,
): Promise<{ readonly beginning: Bytes; readonly length: number } | undefined> {
  const file = await ifThere(open(path, "r"))
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    const beginning = new Uint8Array(Math.min(size, most))
    let filled = 0
    while (filled < beginning.length) {
      const { bytesRead } = await file.read(beginning, filled, beginning.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return { beginning: beginning.subarray(0, filled), length: size }
  } finally {
    await file.close()
  }
}

/** The names in a folder, in order; none when there is no folder. */
export const namesIn = async (path: string): Promise<readonly string[]> => ((await ifThere(readdir(path))) ?? []).sort()
