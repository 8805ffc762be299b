/** The Dockerfile, without a container engine, of which there is none here: the steps of its stages `build` and `server` are carried out in
 *  an empty folder, the result is started by a user who may write nothing in it, and takes a tip over its socket.
 *  `npm ci` is not run again (that needs a registry and a minute): what it would install is what is installed here, which is checked, and
 *  copied. SOTTO_WHOLE_IMAGE=1 runs it. The `tor` stage installs a Debian package, as root: test/operator/onion.test.ts tries its torrc. */

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { dayOf } from "../../envelope/day.ts"
import { pinnedText } from "../../keyring/newsroom.ts"
import { freshDatabase, type TestDatabase } from "../support/database.ts"
import { type Built, buildStage, parseDockerfile } from "../support/dockerfile.ts"
import { makeNewsroom } from "../support/newsroom.ts"
import { askSocket } from "../support/server.ts"

const run = promisify(execFile)
const root = join(__dirname, "../..")
const { args, stages } = parseDockerfile(readFileSync(join(root, "Dockerfile"), "utf8"))
const stage = (name: string) => stages.find((one) => one.name === name) ?? { name, from: "", steps: [] }
/** SOTTO_IMAGE_NODE: another Node, such as the one that the image has. */
const NODE = process.env.SOTTO_IMAGE_NODE ?? process.execPath
/** The database of the tests belongs to `nobody` when they run as root; any user but root and the owner of the files would do. */
const ORDINARY = process.getuid?.() === 0 ? 65_534 : undefined

let folder: string
let image: Built
let server: ChildProcess | undefined
let database: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-image-"))
  await chmod(folder, 0o755)
  const building = { context: root, folder, instead: installed }
  await buildStage(stage("build"), building)
  image = await buildStage(stage("server"), building)
  database = await freshDatabase()
}, 120_000)
afterAll(async () => {
  server?.kill("SIGKILL")
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Instead of `npm ci`: the same packages, from this folder's node_modules. */
async function installed(command: string, cwd: string): Promise<boolean> {
  if (!command.startsWith("npm ci ") || process.env.SOTTO_WHOLE_IMAGE === "1") return false
  const { stdout } = await run("npm", ["ls", "--all", "--parseable", "--omit=dev", "--omit=optional"], { cwd: root })
  const needed = stdout.split("\n").flatMap((path) => /node_modules\/(.*)$/.exec(path)?.[1] ?? [])
  for (const name of [...needed, "esbuild", "@esbuild"])
    await cp(join(root, "node_modules", name), join(cwd, "node_modules", name), { recursive: true })
  return true
}

describe("the Dockerfile", () => {
  test("pins its base images to versions that this project runs on", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } }
    const [, version = "0"] = /^node:(\d+)\.\d+\.\d+-bookworm-slim$/.exec(args.get("NODE_IMAGE") ?? "") ?? []
    expect(Number(version)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]))
    expect(args.get("DEBIAN_IMAGE")).toMatch(/^debian:\d+\.\d+-slim$/)
  })

  test("installs exactly what package-lock.json names, and runs nobody's install scripts", () => {
    const { steps } = stage("build")
    expect(steps.filter(({ rest }) => rest.startsWith("npm")).map(({ rest }) => rest)).toEqual([
      "npm ci --ignore-scripts --no-audit --no-fund",
    ])
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock
    const here = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")) as Lock
    const differing = Object.entries(here.packages).filter(([name, { version }]) => lock.packages[name]?.version !== version)
    expect(differing.map(([name]) => name)).toEqual([])
  })

  test("ends as a user that is a number, not root", () => {
    const user = (name: string) =>
      stage(name)
        .steps.filter(({ instruction }) => instruction === "USER")
        .at(-1)?.rest
    expect(user("server")).toMatch(/^[1-9]\d{4}:[1-9]\d{4}$/)
    expect(user("tor")).toBe("debian-tor")
  })

  test("copies nothing into the image that the server does not need: no sources, no packages, no keys", async () => {
    const all = (await readdir(image.root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    const names = all.map((entry) => join(entry.parentPath, entry.name).slice(image.root.length))
    expect(names.filter((name) => !/^\/app\/(dist\/|db\/migrations\/\d{4}-|package\.json$|LICENSE$)/.test(name))).toEqual([])
    const bytes = await Promise.all(names.map(async (name) => (await stat(join(image.root, name))).size))
    process.stdout.write(
      `image: ${names.length} files, ${Math.round(bytes.reduce((sum, one) => sum + one, 0) / 1024)} KB over the base image\n`,
    )
  })

  test("gives the same bytes as a build in this folder", async () => {
    for (const name of ["server.js", "sotto.js", "page/page.js", "page/worker.js", "page/index.html"]) {
      const [there, here] = await Promise.all([readFile(join(image.root, "app/dist", name)), readFile(join(root, "dist", name))])
      expect([name, there.equals(here)]).toEqual([name, true])
    }
  })
})

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

test("what it makes takes a tip over its socket, as a user who may write nothing in it, and stops when told", async () => {
  const today = dayOf(Date.now())
  const newsroom = await makeNewsroom({ today, url: "https://forms.example.org" })
  const sockets = join(folder, "run")
  await mkdir(sockets)
  if (ORDINARY !== undefined) await chown(sockets, ORDINARY, ORDINARY)
  await writeFile(join(folder, "newsroom.json"), pinnedText(newsroom.pinned), { mode: 0o644 })
  const before = await listing(image.root)
  const socket = join(sockets, "web.sock")
  const env = {
    PATH: process.env.PATH ?? "",
    ...image.env,
    DATABASE_URL: database.url,
    SOTTO_SOCKET: socket,
    SOTTO_NEWSROOM: join(folder, "newsroom.json"),
  }
  const options = { cwd: join(image.root, image.workdir), env, ...(ORDINARY === undefined ? {} : { uid: ORDINARY, gid: ORDINARY }) }
  const start = ([program = "", ...rest]: readonly string[]) =>
    spawn(program === "node" ? NODE : program, rest, { ...options, stdio: ["ignore", "pipe", "inherit"] })
  const isHealthy = async () => (await once(start(image.health), "close"))[0] === 0

  server = start(image.command)
  let said = ""
  server.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text))
  while (!said.includes('"listening"')) await once(server.stdout as NonNullable<typeof server.stdout>, "data")
  expect(await isHealthy()).toBe(true)
  for (const { source } of newsroom.chain) {
    const published = await askSocket(socket, "POST", "/api/keyring", {
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: Buffer.from(source),
    })
    expect(published.status).toBe(201)
  }
  const body = await newsroom.tip(today, newsroom.reporters, "from a bare folder")
  const sent = await askSocket(socket, "POST", `/api/envelopes?day=${today}`, { headers: { "content-type": "application/age" }, body })
  expect(sent.status).toBe(201)
  const page = await askSocket(socket, "GET", "/")
  expect(page.body.toString()).toContain(newsroom.url)

  server.kill("SIGTERM")
  expect(await once(server, "close")).toEqual([0, null])
  expect(await isHealthy()).toBe(false)
  expect(await listing(image.root)).toEqual(before)
}, 60_000)

/** Every file with its size and time of change. */
async function listing(path: string): Promise<readonly string[]> {
  const all = await readdir(path, { recursive: true })
  return Promise.all(all.sort().map(async (name) => `${name} ${(await stat(join(path, name))).mtimeMs}`))
}
