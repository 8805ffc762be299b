/** One command at a time writes in a home: a file with the number of the process that does. */

import { randomUUID } from "node:crypto"
import { readFile, rename, stat, unlink, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { isAlive, isRunning } from "../operator/processes.ts"
import { ifThere } from "./disk.ts"
import { giveName } from "./given.ts"

interface Holder {
  readonly pid: number
  /** The program, as it stands in its command line: after a restart the number may belong to a stranger. */
  readonly program: string
}
const self = (): Holder => ({ pid: process.pid, program: basename(process.argv[1] ?? "node") })

/** Runs `work` while nobody else writes in this home.
 *  @throws {@link Failure} `vault-in-use` */
export async function locked<Value>({ home, disk }: Pick<Desk, "home" | "disk">, work: () => Promise<Value>): Promise<Value> {
  await disk.makeFolder(home)
  const path = join(home, "lock")
  await take(path)
  try {
    return await work()
  } finally {
    await ifThere(unlink(path))
  }
}

async function take(path: string): Promise<void> {
  // Two commands in one process (the demo's, a test's) must not share it either.
  const mine = `${path}.${process.pid}.${randomUUID()}`
  await writeFile(mine, JSON.stringify(self()), { mode: 0o600 })
  try {
    if (await giveName(mine, path)) return
    const found = await ifThere(readFile(path, "utf8"))
    if (found !== undefined && ((await isBeingWritten(path)) || !(await isStale(found)))) throw busy(path)
    if (found !== undefined) await clear(path, found)
    if (!(await giveName(mine, path))) throw busy(path)
  } finally {
    await ifThere(unlink(mine))
  }
}

/** Moves a stale lock away. If another process was faster, what was moved is that one's lock, and goes back. */
async function clear(path: string, stale: string): Promise<void> {
  const aside = `${path}.stale.${randomUUID()}`
  await ifThere(rename(path, aside))
  const moved = await ifThere(readFile(aside, "utf8"))
  if (moved !== undefined && moved !== stale) await giveName(aside, path)
  await ifThere(unlink(aside))
}

/** Where there are no links the name is taken a moment before its content is there (given.ts): whoever takes that for stale would share the lock. */
async function isBeingWritten(path: string): Promise<boolean> {
  const { size, mtimeMs } = (await ifThere(stat(path))) ?? { size: 1, mtimeMs: 0 }
  return size === 0 && Date.now() - mtimeMs < WRITING_MS
}
const WRITING_MS = 10_000

async function isStale(text: string): Promise<boolean> {
  const holder = parse(text)
  if (holder === undefined) return true
  if (holder.pid === process.pid) return false
  return !isAlive(holder.pid) || !(await isRunning(holder.pid, holder.program))
}

function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || !("pid" in value) || !("program" in value)) return undefined
    const { pid, program } = value
    return typeof pid === "number" && typeof program === "string" ? { pid, program } : undefined
  } catch {
    return undefined
  }
}

const busy = (path: string) =>
  new Failure("vault-in-use", "another sotto is at work in this folder", `wait until it ends; if none is running, remove ${path}`)
