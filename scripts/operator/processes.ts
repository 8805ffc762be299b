/** What the system knows about processes: through /proc where there is one, else through `ps`. */

import { execFile } from "node:child_process"
import { readdir, readFile, readlink } from "node:fs/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Whether any process has this number, another user's too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Whether the process lives and has `word` in its command line: a number alone may long belong to a stranger. */
export async function isRunning(pid: number, word: string): Promise<boolean> {
  return (await commandOf(pid)).includes(word)
}

async function commandOf(pid: number): Promise<string> {
  try {
    // Empty for a process that has died and not been collected yet, which is what we want.
    if (process.platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ")
    return (await run("ps", ["-ww", "-o", "command=", "-p", String(pid)])).stdout
  } catch {
    return ""
  }
}

/** The process that started this one, or 1 (or a reaper) once that is gone. */
export async function parentOf(pid: number): Promise<number | undefined> {
  try {
    if (process.platform !== "linux") return Number((await run("ps", ["-o", "ppid=", "-p", String(pid)])).stdout)
    const text = await readFile(`/proc/${pid}/stat`, "utf8")
    // "pid (name) state ppid ...": a name may hold anything, brackets too, so count from the last one.
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return undefined
  }
}

/** Whether any process has this as its working folder, as PostgreSQL's children have their data. Not known outside Linux: false. */
export async function someoneWorksIn(folder: string): Promise<boolean> {
  if (process.platform !== "linux") return false
  for (const name of await readdir("/proc")) {
    if (/^\d+$/.test(name) && (await readlink(`/proc/${name}/cwd`).catch(() => "")) === folder) return true
  }
  return false
}
