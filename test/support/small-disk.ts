/** A file system of its own that is as large as a test says, and no larger: a tmpfs. Its size can be changed while it is in use, so that it fills
 *  up and has room again without a byte being written. */

import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, statfsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface SmallDisk {
  readonly path: string
  /** Bytes that are free. */
  free(): number
  /** From now on so much is free, whatever is used. */
  leave(bytes: number): void
  remove(): void
}

const mount = (path: string, options: string) => execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" })

/** Needs the right to mount. */
export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "sotto-disk-"))
  // nr_inodes: it is bytes that run out here.
  mount(path, `size=${bytes},mode=0755,nr_inodes=100000`)
  const free = () => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  }
  return {
    path,
    free,
    leave(left) {
      const { blocks, bfree, bsize } = statfsSync(path)
      execFileSync("mount", ["-o", `remount,size=${(blocks - bfree) * bsize + left}`, path], { stdio: "ignore" })
    },
    remove() {
      execFileSync("umount", ["--lazy", path], { stdio: "ignore" })
      rmSync(path, { recursive: true })
    },
  }
}

/** Why there can be no such disk here; `undefined`: there can. */
export function noSmallDisk(): string | undefined {
  try {
    smallDisk(1_000_000).remove()
    return undefined
  } catch {
    return "this machine lets us mount no file system"
  }
}
