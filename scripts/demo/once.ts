/** The whole way once, without a person and without a fixture: a tip is sealed by the page, stored by the server, announced by mail,
 *  read by the command; then everything an outsider could hold against it is checked. */

import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { Decrypter } from "age-encryption"
import { day } from "../../envelope/day.ts"
import { parseHeader } from "../../envelope/header.ts"
import { openDatabase } from "../../server/database.ts"
import { launchBrowser } from "../browser.ts"
import { dumpSql } from "../operator/schema.ts"
import { sotto } from "./commands.ts"
import { dayIdentity } from "./identity.ts"
import type { DemoLine, Programs } from "./line.ts"
import { folderHoldsAny, holdsAny } from "./plaintext.ts"
import { type Sent, sendTip, type Tip } from "./source.ts"

const run = promisify(execFile)

export interface Report {
  readonly browser: string
  readonly sealed: { readonly bytes: number; readonly day: string; readonly slots: number }
  readonly stored: { readonly plaintextFound: boolean; readonly controlFound: boolean; readonly sameBytes: boolean }
  readonly mail: { readonly to: string; readonly subject: string; readonly bytes: number }
  readonly read: { readonly callout: unknown; readonly answers: unknown; readonly message: unknown; readonly files: unknown }
  readonly ageOpens: boolean
  readonly tarLists: readonly string[]
  readonly requests: readonly string[]
  readonly ms: Readonly<Record<string, number>>
  /** Whether every part held. */
  readonly held: boolean
}

/** Words that stand nowhere else, so that finding one means finding the tip. */
function makeTip(): { tip: Tip; needles: readonly string[]; answers: unknown } {
  const secret = () => `whisper-${randomBytes(6).toString("hex")}`
  const [inMessage, inFile, inName] = [secret(), secret(), secret()]
  return {
    tip: {
      callout: "amazon-layoffs",
      choose: ["10 to 49", "AWS"],
      select: { "In which country?": "DE" },
      message: `Our whole team was told on Monday. ${inMessage}`,
      file: { name: `${inName}.txt`, content: Buffer.from(`The list: ${inFile}\n`) },
    },
    needles: [inMessage, inFile, inName],
    answers: { "how-many": "10-49", organisation: "aws", where: "DE" },
  }
}

async function timed<Value>(ms: Record<string, number>, name: string, work: () => Promise<Value>): Promise<Value> {
  const started = performance.now()
  const value = await work()
  ms[name] = Math.round(performance.now() - started)
  return value
}

/** Whether the words are in a dump, in the data files or in the write-ahead log; and, as a control, whether a planted word is found in each. */
async function search(
  line: DemoLine,
  needles: readonly string[],
): Promise<{ dump: string; plaintextFound: boolean; controlFound: boolean; stored: Buffer }> {
  const database = openDatabase(line.databaseUrl, () => undefined)
  try {
    const { rows } = await database.query<{ bytes: Buffer }>("select bytes from envelopes order by id limit 1")
    await database.query("checkpoint")
    const dump = await dumpSql(database)
    const places = async (words: readonly string[], sql: string) => [
      holdsAny(Buffer.from(sql), words),
      await folderHoldsAny(join(line.postgres.data, "base"), words),
      await folderHoldsAny(join(line.postgres.data, "pg_wal"), words),
    ]
    const rest = Buffer.concat([
      Buffer.from(line.server.log()),
      Buffer.from(line.catcher.traffic()),
      ...line.catcher.mails.map(({ raw }) => raw),
    ])
    const plaintextFound = holdsAny(rest, needles) || (await places(needles, dump)).includes(true)
    const marker = `planted-${randomBytes(8).toString("hex")}`
    await database.query("create table control (raw text, hex bytea, base64 text)")
    await database.query(
      "insert into control values ('left ' || $1::text, convert_to($1::text, 'UTF8'), encode(convert_to('x' || $1::text, 'UTF8'), 'base64'))",
      [marker],
    )
    await database.query("checkpoint")
    const controlFound = !(await places([marker], await dumpSql(database))).includes(false)
    await database.query("drop table control")
    return { dump, plaintextFound, controlFound, stored: rows[0]?.bytes ?? Buffer.alloc(0) }
  } finally {
    await database.close()
  }
}

/** What npm's age-encryption and GNU tar, which share no line with us, make of the envelope. */
async function asStranger(envelope: Buffer, identity: string, folder: string): Promise<{ ageOpens: boolean; tarLists: readonly string[] }> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  const archive = join(folder, "tip.tar")
  await writeFile(archive, await decrypter.decrypt(new Uint8Array(envelope)), { mode: 0o600 })
  const { stdout } = await run("tar", ["tf", archive])
  return { ageOpens: true, tarLists: stdout.trim().split("\n") }
}

interface ReadAnswer {
  readonly callout: unknown
  readonly answers: unknown
  readonly message: unknown
  readonly files: unknown
}
/** What `sotto read --json` says, the parts that the report repeats; answers by question id. */
function readAnswer(json: string): ReadAnswer {
  const { callout, answers, message, files }: Record<string, unknown> = JSON.parse(json)
  const list = Array.isArray(answers) ? (answers as readonly { id: string; answer: unknown }[]) : []
  return { callout, answers: Object.fromEntries(list.map(({ id, answer }) => [id, answer])), message, files }
}
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** @param keep - a folder in which to leave what an outsider needs to check it */
export async function goTheWholeWay(line: DemoLine, programs: Programs, keep: string | undefined): Promise<Report> {
  const ms: Record<string, number> = {}
  const { tip, needles, answers } = makeTip()
  if (keep !== undefined) await mkdir(keep, { recursive: true })
  const { browser, name, close } = await timed(ms, "browser", () => launchBrowser())
  let sent: Sent
  try {
    sent = await sendTip(browser, line.url, tip, keep === undefined ? undefined : join(keep, "page.har"))
  } finally {
    await close()
  }
  Object.assign(ms, { ready: Math.round(sent.readyMs), sealAndSend: Math.round(sent.sendMs) })
  const mail = await timed(ms, "mail", () => line.catcher.next())
  await timed(ms, "sync", () => sotto(programs.sotto, line.reporter, "sync"))
  const read = readAnswer(await timed(ms, "read", () => sotto(programs.sotto, line.reporter, "read", "1", "--json", "--plaintext")))
  const { dump, plaintextFound, controlFound, stored } = await timed(ms, "search", () => search(line, needles))
  const identity = await dayIdentity(line.reporter, day(sent.day, "day"))
  const { ageOpens, tarLists } = await asStranger(stored, identity, line.folder)
  const subject = /^Subject: (.*)$/m.exec(mail.raw.toString("latin1"))?.[1]?.trim() ?? ""
  const requests = sent.requests.map(({ method, url }) => `${method} ${url.slice(line.url.length)}`)
  const sameBytes = stored.equals(sent.envelope)
  const readSame =
    read.callout === tip.callout &&
    same(read.answers, answers) &&
    read.message === tip.message &&
    JSON.stringify(read.files).includes(tip.file.name)
  if (keep !== undefined) {
    const leave = (file: string, content: string | Buffer) => writeFile(join(keep, file), content)
    await leave("envelope.age", stored)
    await leave("identity.txt", `${identity}\n`)
    await leave("database.sql", dump)
    await leave("server.log", line.server.log())
    await leave("mail.eml", mail.raw)
    await leave("requests.json", JSON.stringify(sent.requests, null, 2))
    await leave("words.json", JSON.stringify(needles))
  }
  return {
    browser: name,
    sealed: { bytes: sent.envelope.length, day: sent.day, slots: parseHeader(sent.envelope).stanzas.length - 1 },
    stored: { plaintextFound, controlFound, sameBytes },
    mail: { to: mail.to.join(), subject, bytes: mail.raw.length },
    read,
    ageOpens,
    tarLists,
    requests,
    ms,
    held:
      readSame && sameBytes && controlFound && !plaintextFound && ageOpens && tarLists[0] === "sotto.json" && same(mail.to, [line.mailTo]),
  }
}
