/** A whole tip line on one machine: PostgreSQL, a mail catcher, a newsroom made by the commands themselves, and the server. */

import { access, chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { newWords } from "../../keyring/words.ts"
import { databaseUrl, type Postgres, startPostgres } from "../operator/postgres.ts"
import { type ServerProcess, type ServerSettings, startServerProcess } from "../operator/server-process.ts"
import { type Catcher, startCatcher } from "./catcher.ts"
import { type Person, sotto } from "./commands.ts"
import { LAYOFFS } from "./layoffs.ts"

export interface Programs {
  readonly sotto: string
  readonly server: string
}
export interface DemoLine {
  readonly url: string
  readonly folder: string
  readonly admin: Person
  readonly reporter: Person
  readonly reporterId: string
  readonly mailTo: string
  readonly catcher: Catcher
  readonly postgres: Postgres
  readonly databaseUrl: string
  readonly server: ServerProcess
  stop(): Promise<void>
}

const REPORTER = "desk-one"
const MAIL_FROM = "notes@demo.invalid"
const MAIL_TO = "desk-one@demo.invalid"
const MAIL_AT = "every 3s"

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** A passphrase that nobody chose, in a file that only its owner reads. */
async function person(folder: string, name: string): Promise<Person> {
  const passphraseFile = join(folder, `${name}.passphrase`)
  if (!(await exists(passphraseFile))) await writeFile(passphraseFile, `${await newWords()}\n`, { mode: 0o600 })
  return { home: join(folder, name), passphraseFile }
}

/** Starts everything in a folder, and makes the newsroom if it is not there yet.
 *  @param say - told what is being done
 *  @param more - how the server differs from an ordinary one */
export async function startLine(
  programs: Programs,
  folder: string,
  port: number,
  say: (line: string) => void,
  more: Pick<ServerSettings, "calm"> = {},
): Promise<DemoLine> {
  await mkdir(folder, { recursive: true, mode: 0o711 })
  await chmod(folder, 0o711) // PostgreSQL, which does not run as root, has to reach its own folder in here
  const stopping: (() => Promise<void>)[] = []
  try {
    say("starting PostgreSQL")
    const postgres = await startPostgres({ folder: join(folder, "postgres") })
    stopping.push(() => postgres.stop())
    const catcher = await startCatcher(join(folder, "mails"))
    stopping.push(() => catcher.stop())
    const [admin, reporter] = await Promise.all([person(folder, "admin"), person(folder, "reporter")])
    const newsroom = join(admin.home, "newsroom.json")
    const isNew = !(await exists(join(folder, "ready")))
    if (isNew) await makeNewsroom(programs, folder, port, { admin, reporter }, say)
    const url = await urlOf(newsroom)
    const database = databaseUrl(postgres.connection)
    say("starting the server")
    const server = await startServerProcess({
      program: programs.server,
      databaseUrl: database,
      newsroom,
      port: Number(new URL(url).port),
      smtp: { url: catcher.url, from: MAIL_FROM },
      mailAt: MAIL_AT,
      ...more,
    })
    stopping.push(() => server.kill("SIGTERM"))
    await sotto(programs.sotto, admin, "keyring", "publish")
    await sotto(programs.sotto, reporter, "keys", "publish")
    if (isNew) {
      await sotto(programs.sotto, reporter, "notify", "set", MAIL_TO, "--news")
      await writeFile(join(folder, "ready"), "")
    }
    return {
      url,
      folder,
      admin,
      reporter,
      reporterId: REPORTER,
      mailTo: MAIL_TO,
      catcher,
      postgres,
      databaseUrl: database,
      server,
      stop: () => stopAll(stopping),
    }
  } catch (error) {
    await stopAll(stopping)
    throw error
  }
}

async function stopAll(stopping: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of [...stopping].reverse()) await stop()
}

/** The ceremonies, as an admin and a reporter would go through them. */
async function makeNewsroom(
  programs: Programs,
  folder: string,
  port: number,
  people: { admin: Person; reporter: Person },
  say: (line: string) => void,
): Promise<void> {
  const { admin, reporter } = people
  const run = (who: Person, ...args: string[]) => sotto(programs.sotto, who, ...args)
  const [callout, invitation, request] = ["callout.json", "invitation.json", "join.note"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  say("making the newsroom: a root key, a callout, a reporter")
  await writeFile(callout, `${JSON.stringify(LAYOFFS, null, 2)}\n`)
  await run(
    admin,
    "newsroom",
    "new",
    "--name",
    "The Demo Newsroom",
    "--url",
    `http://localhost:${port}`,
    "--channel",
    "Post|PO Box 1, Demo City|slow, and the post office sees who sends",
  )
  await run(admin, "callout", "new", callout)
  await run(admin, "invite", "Desk One", "--id", REPORTER, "--beat", "Labour", "--out", invitation)
  const joined = await run(reporter, "join", invitation, "--out", request)
  const words = /^[a-z-]+( [a-z-]+){5}$/m.exec(joined)?.[0]
  if (words === undefined) throw new Error("join did not give six words")
  await run(admin, "admit", request, "--words", words)
}

async function urlOf(newsroom: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(newsroom, "utf8"))
  const url = typeof parsed === "object" && parsed !== null && "url" in parsed ? parsed.url : undefined
  if (typeof url !== "string") throw new Error("newsroom.json has no url")
  return url
}
