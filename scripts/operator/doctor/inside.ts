/** Finds out what can be found out on the server itself, and on a reporter's machine. */

import { execFile } from "node:child_process"
import { readdir, readFile, realpath, stat, statfs } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { connect as connectSecure } from "node:tls"
import { promisify } from "node:util"
import type { Day } from "../../../envelope/day.ts"
import type { Keyring } from "../../../keyring/keyring.ts"
import { conditionOf } from "../../../server/condition.ts"
import type { Desk } from "../../desk.ts"
import { Failure } from "../../failure.ts"
import { unacknowledged } from "../../vault/acknowledged.ts"
import { readCanary, stateOf } from "../../vault/canary.ts"
import { readIfThere } from "../../vault/disk.ts"
import { homePaths } from "../../vault/home.ts"
import { readSecrets } from "../../vault/secrets.ts"
import { heldDays } from "../../vault/seeds.ts"
import { BACKUP_NAME, backupsIn } from "../backup.ts"
import { openSession } from "../database-copy.ts"
import { VERIFIED } from "../restore.ts"
import { type LaptopFacts, type ServerFacts, UNKNOWN } from "./facts.ts"
import { MARK } from "./gather.ts"
import { QUIET } from "./server.ts"

const TIMEOUT_MS = 10_000

export interface Inside {
  readonly today: Day
  /** Milliseconds. */
  readonly now: number
  /** The file of settings. */
  readonly env?: string
  readonly databaseUrl?: string
  readonly logs: readonly string[]
  /** Whether the request that carries the mark was answered. */
  readonly isMarkSent: boolean
  readonly torrc?: string
  readonly backups?: string
}

export async function gatherServer({ today, now, env, databaseUrl, logs, isMarkSent, torrc, backups }: Inside): Promise<ServerFacts> {
  const settings = env === undefined ? undefined : parseSettings(await given("--env", () => readFile(env, "utf8")))
  const settingsMode = env === undefined ? undefined : (await stat(env)).mode & 0o777
  const relay = settings?.SOTTO_SMTP
  const marked: string[] = []
  for (const log of logs) if ((await given("--log", () => readFile(log, "utf8"))).includes(MARK)) marked.push(log)
  const [database, mail, kept, disk] = await Promise.all([
    databaseUrl === undefined ? {} : insideDatabase(databaseUrl, now),
    relay === undefined ? undefined : greet(relay),
    backups === undefined ? undefined : backupsOf(backups),
    backups === undefined ? undefined : given("--backups", () => roomIn(backups)),
  ])
  return {
    today,
    ...(settings === undefined ? {} : { settings }),
    ...(settingsMode === undefined ? {} : { settingsMode }),
    ...database,
    ...(mail === undefined ? {} : { mail }),
    ...(kept === undefined ? {} : { backups: kept }),
    ...(disk === undefined ? {} : { disk }),
    ...(torrc === undefined ? {} : onionWorkIn(await readFile(torrc, "utf8"))),
    ...(logs.length === 0 ? {} : { marked: marked.length === 0 && !isMarkSent ? UNKNOWN : marked }),
  }
}

/** Of every onion service in it: a line belongs to the service named last before it. Tor's words are read in any case. */
export function onionWorkIn(torrc: string): Pick<ServerFacts, "onionWork"> {
  const lines = torrc.split("\n").map((line) => line.replace(/#.*$/, "").trim().toLowerCase())
  const services = lines
    .join("\n")
    .split(/^hiddenservicedir\s/m)
    .slice(1)
  return services.length === 0
    ? { onionWork: UNKNOWN }
    : { onionWork: services.every((lines) => /^hiddenservicepowdefensesenabled\s+1$/m.test(lines)) }
}

/** NAME=value lines, as docker and systemd read them; an empty value is none. */
export const parseSettings = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, name = "", value = ""]) => [name, value] as const))

async function insideDatabase(url: string, now: number): Promise<Pick<ServerFacts, "database" | "waiting">> {
  const session = await openSession(url)
  try {
    const { rows } = await session.query<{ name: string; setting: string }>(
      "select name, setting from pg_settings where name = any ($1::text[])",
      [[...QUIET, "archive_mode"]],
    )
    const database = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const { rows: tables } = await session.query<{ there: boolean }>("select to_regclass('mails') is not null as there")
    // A database that no server has used yet has no outbox.
    if (tables[0]?.there !== true) return { database }
    return {
      database,
      waiting: await conditionOf({ query: async (sql, values) => ({ rowCount: null, ...(await session.query(sql, values)) }) }, now),
    }
  } finally {
    await session.close()
  }
}

/** @throws Failure `failed` that names the option, where what it names cannot be read */
async function given<Found>(option: string, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read()
  } catch (cause) {
    throw new Failure("failed", `what ${option} names cannot be read`, "check the path, and whether this user may read it", { cause })
  }
}

/** Says EHLO and goes away; no mail is sent. */
async function greet(relay: string): Promise<NonNullable<ServerFacts["mail"]>> {
  const { protocol, hostname, port } = new URL(relay)
  const isSecure = protocol === "smtps:"
  const to = { host: hostname, port: Number(port || (isSecure ? 465 : 587)) }
  return new Promise((resolve) => {
    const socket = isSecure ? connectSecure({ ...to, servername: hostname }) : connect(to)
    let said = ""
    const end = (reached: boolean) => {
      socket.destroy()
      resolve({ reached, encrypted: isSecure || /^250[ -]STARTTLS/im.test(said) })
    }
    socket.setTimeout(TIMEOUT_MS, () => end(false))
    socket.once("error", () => end(false))
    // Also without a word, or with one that sends us away: whoever waited for more would wait for ever.
    socket.once("close", () => end(false))
    socket.setEncoding("utf8").on("data", (text: string) => {
      const isFirst = said === ""
      said += text
      if (isFirst) socket.write("EHLO localhost\r\n")
      else if (/^250 /m.test(said)) end(true)
    })
  })
}

async function backupsOf(folder: string): Promise<NonNullable<ServerFacts["backups"]>> {
  const names = await backupsIn(folder)
  const newest = BACKUP_NAME.exec(names.at(-1) ?? "")?.[1] as Day | undefined
  const tried = await readIfThere(join(folder, VERIFIED))
  const verified = /^\d{4}-\d{2}-\d{2}/.exec(Buffer.from(tried ?? []).toString("utf8"))?.[0] as Day | undefined
  return { count: names.length, ...(newest === undefined ? {} : { newest }), ...(verified === undefined ? {} : { verified }) }
}

async function roomIn(folder: string): Promise<ServerFacts["disk"]> {
  const { bsize, blocks, bavail } = await statfs(folder)
  return { freeBytes: bsize * bavail, allBytes: bsize * blocks }
}

/** Folders that a program copies elsewhere, by what they are called. */
const SYNCED: readonly (readonly [part: RegExp, by: string])[] = [
  [/\/Dropbox(\/|$)/, "Dropbox"],
  [/\/OneDrive[^/]*(\/|$)/, "OneDrive"],
  [/\/Google ?Drive(\/|$)|\/GoogleDrive[^/]*(\/|$)/i, "Google Drive"],
  [/\/(iCloud ?Drive|Mobile Documents)(\/|$)/i, "iCloud"],
  [/\/(Nextcloud|ownCloud|pCloudDrive|Syncthing|Sync|Box|MEGA)(\/|$)/, "a syncing program"],
]
export const syncedBy = (path: string): string | undefined => SYNCED.find(([part]) => part.test(path))?.[1]

/** Asks for the passphrase only where canaries were sent; `undefined`: there is no vault here. */
async function canaryOf(desk: Desk): Promise<LaptopFacts["canary"]> {
  const { canary, secrets } = homePaths(desk.home)
  if ((await readIfThere(secrets)) === undefined) return undefined
  if ((await readIfThere(canary)) === undefined) return stateOf(undefined)
  try {
    return stateOf(await readCanary(desk, await readSecrets(desk)))
  } catch (error) {
    if (error instanceof Failure) return UNKNOWN
    throw error
  }
}

export async function gatherLaptop(desk: Desk, chain: readonly Keyring[]): Promise<LaptopFacts> {
  const { home, clock } = desk
  const at = await realpath(home)
  const seeds = (await heldDays(desk)).filter((day) => day < clock.today())
  const encrypted = await isEncrypted(at)
  const synced = syncedBy(at)
  const seedDays = chain.at(-1)?.policy.seedDays
  const canary = await canaryOf(desk)
  return {
    today: clock.today(),
    home,
    open: await openIn(at),
    unacknowledged: (await unacknowledged(desk, chain)).length,
    hasDangerzone: await isThere("dangerzone"),
    encrypted: encrypted ?? UNKNOWN,
    ...(synced === undefined ? {} : { syncedBy: synced }),
    ...(canary === undefined ? {} : { canary }),
    ...(seeds[0] === undefined ? {} : { oldestSeed: seeds[0] }),
    ...(seedDays === undefined ? {} : { seedDays }),
  }
}

async function openIn(home: string): Promise<readonly string[]> {
  const below = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = [home, ...below.filter((entry) => !entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name))]
  const open: string[] = []
  // The folder above shuts everything below it.
  if (((await stat(home)).mode & 0o077) === 0) return open
  for (const path of paths) if (((await stat(path)).mode & 0o077) !== 0) open.push(path)
  return open
}

/** `undefined`: it cannot be told here. */
async function isEncrypted(path: string): Promise<boolean | undefined> {
  const run = promisify(execFile)
  try {
    if (process.platform === "darwin") return (await run("fdesetup", ["status"])).stdout.includes("FileVault is On")
    if (process.platform !== "linux") return undefined
    const { stdout: device } = await run("findmnt", ["--noheadings", "--output", "SOURCE", "--target", path])
    const { stdout } = await run("lsblk", ["--noheadings", "--inverse", "--output", "TYPE", device.trim().replace(/\[.*$/, "")])
    return stdout.split("\n").some((type) => type.trim() === "crypt" || type.trim().endsWith("crypt"))
  } catch {
    return undefined
  }
}

const isThere = (program: string): Promise<boolean> =>
  promisify(execFile)(process.platform === "win32" ? "where" : "which", [program]).then(
    () => true,
    () => false,
  )
