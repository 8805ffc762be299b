/** `operator restore` and `operator verify`. A restore is one transaction into an empty database: whole and checked to the last byte, or nothing.
 *  `verify` does the same into a database that is thrown away afterwards, so a backup is known to be good before it is needed. */

import { createHash } from "node:crypto"
import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { newsroomId } from "../../envelope/names.ts"
import type { ByteSource } from "../../envelope/reader.ts"
import { type Keyring, parseKeyring, verifyChain } from "../../keyring/keyring.ts"
import { parsePinned } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { clearing } from "../leftovers.ts"
import { ifThere } from "../vault/disk.ts"
import { readGiven } from "../vault/given.ts"
import { backupsIn } from "./backup.ts"
import { type BackupTarget, type Contents, readBackup, type Totals } from "./backup-format.ts"
import { copyInto, makePartition, openSession, type Session } from "./database-copy.ts"
import { readerOf } from "./seal-file.ts"
import { StagedFiles } from "./staged-files.ts"
import { withThrowaway } from "./throwaway.ts"

/** Beside the backups: the day on which one of them was last tried. */
export const VERIFIED = "verified.txt"

/** Beside the built program. */
const MIGRATIONS = fileURLToPath(new URL("../db/migrations", import.meta.url))

export interface Opening {
  /** Or a folder: its newest. */
  readonly file: string
  /** The key that opens it; a passphrase if absent. */
  readonly identity?: string
  readonly migrations?: string
}
export interface Restored {
  readonly contents: Contents
  readonly totals: Totals
  readonly keyring: Keyring | undefined
}

/** @throws Failure `failed`: the database is not empty; the backup is damaged, or of a newer version */
export async function restore(
  desk: Desk,
  {
    databaseUrl,
    newsroom,
    filesTo,
    ...given
  }: Opening & { readonly databaseUrl: string; readonly newsroom: string; readonly filesTo?: string },
): Promise<Restored> {
  const opening = { ...given, file: await newestOf(given.file) }
  const restored = await restoreInto(desk, databaseUrl, { ...opening, newsroom, ...(filesTo === undefined ? {} : { filesTo }) })
  const { terminal } = desk
  say(desk, restored)
  terminal.say(
    `what came after ${restored.contents.made} and had not been fetched is gone, although its sources were told "sent". Envelopes that had been deleted since are back.`,
  )
  terminal.say(
    "start the server, then: an admin runs `keyring publish`, which it needs if its keyring is older; every reporter runs `sync`, which publishes their day keys anew",
  )
  terminal.answer(`restored ${restored.contents.made}`)
  return restored
}

/** Of a folder the newest backup: by their names alone a day's second one stands before its first. */
async function newestOf(path: string): Promise<string> {
  if ((await ifThere(stat(path)))?.isDirectory() !== true) return path
  const newest = (await backupsIn(path)).at(-1)
  if (newest === undefined)
    throw new Failure("failed", `there is no backup in ${path}`, "name the folder in which backups are kept, or a file")
  return join(path, newest)
}

/** @param databaseUrl - a server on which a database may be made for the time; without it, one from npm's binaries is started */
export async function verify(
  desk: Desk,
  {
    databaseUrl,
    newsroom,
    json = false,
    ...given
  }: Opening & { readonly databaseUrl?: string; readonly newsroom?: string; readonly json?: boolean },
): Promise<Restored> {
  const opening = { ...given, file: await newestOf(given.file) }
  const restored = await withThrowaway(databaseUrl, (url) =>
    restoreInto(desk, url, { ...opening, ...(newsroom === undefined ? {} : { newsroom }) }),
  )
  const { contents, totals, keyring } = restored
  // For `doctor`, which reminds of a trial that is long ago. Where the folder is not ours to write, it is not reminded.
  await writeFile(join(dirname(opening.file), VERIFIED), `${desk.clock.today()}\n`, { mode: 0o600 }).catch((error: unknown) => {
    desk.terminal.say(`the day of this trial could not be written down: ${error instanceof Error ? error.message : "unknown"}`)
  })
  if (json) {
    const rows = totals.tables.reduce((sum, table) => sum + table.rows, 0)
    desk.terminal.json({
      v: 1,
      made: contents.made,
      tables: contents.tables.length,
      rows,
      files: contents.files.length,
      keyring: keyring?.version ?? null,
    })
  } else {
    say(desk, restored)
    desk.terminal.answer(`whole: ${opening.file}`)
  }
  return restored
}

function say({ terminal }: Desk, { contents, totals, keyring }: Restored): void {
  const days = contents.tables.flatMap(({ of, from }, index) => (of === "envelopes" && (totals.tables[index]?.rows ?? 0) > 0 ? [from] : []))
  const envelopes = contents.tables.reduce((sum, { of }, index) => sum + (of === "envelopes" ? (totals.tables[index]?.rows ?? 0) : 0), 0)
  terminal.say(
    `made ${contents.made} by version ${contents.version}; ${envelopes} small envelopes${days.length > 0 ? `, the newest day ${days.sort().at(-1)}` : ""}`,
  )
  terminal.say(
    keyring === undefined
      ? "no keyring had been published"
      : `keyring ${keyring.version} of ${keyring.issued}, its chain unbroken from the newsroom's name`,
  )
}

async function restoreInto(
  desk: Desk,
  databaseUrl: string,
  { file, identity, migrations = MIGRATIONS, newsroom, filesTo }: Opening & { readonly newsroom?: string; readonly filesTo?: string },
): Promise<Restored> {
  const pin = newsroom === undefined ? undefined : await parsePinned((await readGiven(newsroom)).trim())
  const session = await openSession(databaseUrl)
  const staged = filesTo === undefined ? undefined : new StagedFiles(filesTo)
  const work = async (): Promise<Restored> => {
    await refuseUnlessEmpty(session)
    await session.query("begin")
    const read = await readBackup(readerOf(desk, file, identity), target(session, migrations, staged))
    const { rows } = await session.query<{ note: string }>("select note from keyrings order by version")
    const notes = rows.map(({ note }) => note)
    // Without a pin the chain holds by itself only: from its version 1, whichever newsroom's that is.
    const [first] = notes
    const chain = first === undefined ? [] : await verifyChain(notes, { newsroom: pin?.id ?? newsroomId((await parseKeyring(first)).hash) })
    const commit = () => session.query("commit")
    await (staged === undefined ? commit() : staged.place(commit))
    return { ...read, keyring: chain.at(-1) }
  }
  const clear = async () => {
    // Without a commit nothing stays.
    await session.close()
    await staged?.remove()
  }
  return clearing(clear, work)
}

async function refuseUnlessEmpty({ query }: Session): Promise<void> {
  const { rows } = await query<{ count: number }>(
    "select count(*)::int as count from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')",
  )
  if ((rows[0]?.count ?? 0) > 0)
    throw new Failure(
      "failed",
      "this database is not empty, and nothing is restored over another one",
      "make a new database and name it in DATABASE_URL",
    )
}

function target(session: Session, migrations: string, staged: StagedFiles | undefined): BackupTarget {
  return {
    async begin({ migrations: applied, tables, files }) {
      await staged?.checkFree(files)
      await applyAsThen(session, migrations, applied)
      const lasting = tables.filter(({ of }) => of === undefined).map(({ name }) => `"${name}"`)
      // A migration may have put rows in; the backup has them, as they were.
      if (lasting.length > 0) await session.query(`truncate ${lasting.join(", ")}`)
      for (const table of tables) if (table.of !== undefined) await makePartition(session, table)
    },
    table: (table, bytes) => session.copyIn(copyInto(table), bytes),
    file: (file, bytes) => (staged === undefined ? drain(bytes) : staged.put(file, bytes)),
  }
}

async function drain(bytes: ByteSource): Promise<void> {
  for await (const _ of bytes);
}

/** The tables as they were when the backup was made; the server brings them up to its own version when it starts. */
async function applyAsThen({ query }: Session, folder: string, applied: Contents["migrations"]): Promise<void> {
  const ours = new Set(await readdir(folder))
  if (applied.some(({ name }) => !ours.has(name)))
    throw new Failure("failed", "this backup was made by a newer version", "use the program of the version that made it, or a later one")
  await query("create table migrations (name text primary key, sha256 text not null)")
  for (const { name, sha256 } of applied) {
    const sql = await readFile(join(folder, name), "utf8")
    if (createHash("sha256").update(sql).digest("hex") !== sha256)
      throw new Failure(
        "failed",
        `the backup's ${name} is not ours: one of the two was altered`,
        "use the program of the version that made it",
      )
    await query(sql)
    await query("insert into migrations (name, sha256) values ($1::text, $2::text)", [name, sha256])
  }
}
