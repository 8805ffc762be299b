/** The files of a backup on their way to where they belong: in a folder of their own until all of the backup has been read and checked. */

import { createWriteStream } from "node:fs"
import { lstat, mkdir, rename, rm, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ByteSource } from "../../envelope/reader.ts"
import { Failure } from "../failure.ts"
import { ifThere } from "../vault/disk.ts"
import type { Contents } from "./backup-format.ts"

type StagedFile = Contents["files"][number]

export class StagedFiles {
  private readonly to: string
  private readonly stage: string
  private readonly staged: string[] = []

  /** @param to - the folder that they are for, made where there is none */
  constructor(to: string) {
    this.to = to
    // Inside it: from elsewhere a file could not be moved to another disk.
    this.stage = join(to, `.restore.${process.pid}.new`)
  }

  /** @throws Failure `failed`: nothing is put over what is there */
  async checkFree(files: readonly StagedFile[]): Promise<void> {
    for (const { path } of files)
      if ((await ifThere(lstat(join(this.to, path)))) !== undefined)
        throw new Failure("failed", `${join(this.to, path)} is there already`, "name an empty folder with --files-to")
  }

  async put({ path, mode }: StagedFile, bytes: ByteSource): Promise<void> {
    const at = join(this.stage, path)
    await mkdir(dirname(at), { recursive: true, mode: 0o700 })
    await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(at, { flags: "wx", mode }))
    this.staged.push(path)
  }

  /** Moves each to its place; `work` then makes it final. Where it fails, they are taken away again. */
  async place(work: () => Promise<unknown>): Promise<void> {
    const placed: string[] = []
    try {
      for (const path of this.staged) {
        const at = join(this.to, path)
        await mkdir(dirname(at), { recursive: true, mode: 0o700 })
        await rename(join(this.stage, path), at)
        placed.push(at)
      }
      await work()
    } catch (error) {
      for (const at of placed) await ifThere(unlink(at))
      throw error
    }
  }

  remove(): Promise<void> {
    return rm(this.stage, { recursive: true, force: true })
  }
}
