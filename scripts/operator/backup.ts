/** `operator backup`: the database at one moment, and the files beside it, as one age file; so many are kept. Tips go on coming in meanwhile. */

import { createReadStream } from "node:fs"
import { lstat, mkdir, readdir, unlink } from "node:fs/promises"
import { basename, join, relative, resolve } from "node:path"
import type { Day } from "../../envelope/day.ts"
import { parseRecipient } from "../../envelope/keys.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn } from "../vault/disk.ts"
import { clearHalves, writeGivenStream } from "../vault/given.ts"
import { VERSION } from "../version.ts"
import { type BackupSource, type Contents, checkPath, MAX_FILES, writeBackup } from "./backup-format.ts"
import { beginSnapshot, copyOutOf, migrationsIn, openSession, tablesIn } from "./database-copy.ts"
import { sealBackup } from "./seal-file.ts"

export interface Backup {
  readonly databaseUrl: string
  /** The folder of backups. */
  readonly to: string
  /** `age1pq1…`; a passphrase if absent. */
  readonly recipient?: string
  /** Files and folders to keep too: newsroom.json, .env, the onion key, the account of certificates. */
  readonly files?: readonly string[]
  /** How many backups stay, this one with them: 1 or more. */
  readonly keep?: number
}

export const KEEP = 14
/** The day, and a number where there is more than one of a day. */
export const BACKUP_NAME = /^sotto-(\d{4}-\d{2}-\d{2})(?:-(\d{1,4}))?\.age$/

/** @returns the new file's path
 *  @throws Failure `failed`, `usage` */
export async function backup(desk: Desk, { databaseUrl, to, recipient, files = [], keep = KEEP }: Backup): Promise<string> {
  // Not fewer: it would remove what it has just made.
  if (!(keep >= 1)) throw new Failure("usage", "no backup would be left", "--keep takes a number from 1")
  if (recipient !== undefined) parseRecipient(recipient) // before anything is done
  const paths = await filesUnder(files)
  const session = await openSession(databaseUrl)
  try {
    await beginSnapshot(session)
    const contents: Contents = {
      format: "sotto-backup/1",
      made: desk.clock.today(),
      version: VERSION,
      migrations: await migrationsIn(session),
      tables: await tablesIn(session),
      files: paths.map(({ path, mode }) => ({ path, mode })),
    }
    const source: BackupSource = {
      contents,
      rows: (table) => session.copyOut(copyOutOf(table)),
      file: (path) => createReadStream(paths.find((one) => one.path === path)?.from ?? ""),
    }
    const file = await freeName(to, desk.clock.today())
    await mkdir(to, { recursive: true, mode: 0o700 })
    await writeGivenStream(file, sealBackup(desk, writeBackup(source), recipient))
    const gone = await forget(to, keep, file)
    desk.terminal.say(`kept ${contents.tables.length} tables and ${paths.length} files${gone > 0 ? `; ${gone} older backups removed` : ""}`)
    desk.terminal.answer(file)
    desk.terminal.next(`operator verify ${file}${recipient === undefined ? "" : " --identity FILE"}`)
    return file
  } finally {
    await session.close()
  }
}

interface Kept {
  /** As it stands in the backup: the last part of what was named, and what is below it. */
  readonly path: string
  readonly from: string
  readonly mode: number
}

/** Regular files only; a link or a socket is passed over, for it would mean something else elsewhere.
 *  @throws Failure `failed` for one that no restore would take: found now, and not on the day when it is needed */
async function filesUnder(named: readonly string[]): Promise<readonly Kept[]> {
  const kept: Kept[] = []
  const names = new Set<string>()
  for (const top of new Set(named.map((one) => resolve(one)))) {
    const stat = await lstat(top).catch((cause: unknown) => {
      throw new Failure("failed", `${top} cannot be read`, "check the path and who may read it", { cause })
    })
    const name = freeAmong(names, basename(top))
    names.add(name)
    const below = stat.isDirectory() ? (await readdir(top, { recursive: true })).map((one) => join(top, one)) : [top]
    for (const from of below.sort()) {
      const found = await lstat(from)
      if (!found.isFile()) continue
      if (kept.length === MAX_FILES) throw new Failure("failed", `${top} brings more than ${MAX_FILES} files`, "keep them as one archive")
      kept.push({ path: pathOf(join(name, relative(top, from)), from), from, mode: found.mode & 0o777 })
    }
  }
  return kept
}

/** Two that end in the same name are kept both: `env`, `env-2`. */
function freeAmong(taken: ReadonlySet<string>, name: string): string {
  for (let number = 2, free = name; ; free = `${name}-${number++}`) if (!taken.has(free)) return free
}

function pathOf(path: string, from: string): string {
  try {
    return checkPath(path)
  } catch (cause) {
    const hint = "rename it: no backslash and no control character, at most 300 characters from the folder that was named"
    throw new Failure("failed", `${from} has a name that cannot be kept`, hint, { cause })
  }
}

/** Above every number that this day has: one that has become free again would look older than it is. */
async function freeName(folder: string, day: Day): Promise<string> {
  const numbers = (await namesIn(folder)).flatMap((name) => {
    const [, of, number = "1"] = BACKUP_NAME.exec(name) ?? []
    return of === day ? [Number(number)] : []
  })
  return join(folder, numbers.length === 0 ? `sotto-${day}.age` : `sotto-${day}-${Math.max(...numbers) + 1}.age`)
}

/** The backups of a folder, oldest first. */
export async function backupsIn(folder: string): Promise<readonly string[]> {
  const order = (name: string) => {
    const [, day = "", number = "1"] = BACKUP_NAME.exec(name) ?? []
    return `${day} ${number.padStart(4, "0")}`
  }
  return (await namesIn(folder)).filter((name) => BACKUP_NAME.test(name)).sort((a, b) => order(a).localeCompare(order(b)))
}

/** @param made - stays in any case, also where the clock went back and it does not look like the newest */
async function forget(folder: string, keep: number, made: string): Promise<number> {
  const others = (await backupsIn(folder)).filter((name) => name !== basename(made))
  const gone = others.slice(0, Math.max(0, others.length - (keep - 1)))
  for (const name of gone) await unlink(join(folder, name))
  await clearHalves(folder, (name) => BACKUP_NAME.test(name))
  return gone.length
}
