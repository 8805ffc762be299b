/** Desks for tests: commands in this process, in folders of their own, with a clock, a keyboard and a disk that the test holds. */

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Day } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import { newCallout } from "../../scripts/admin/callout.ts"
import { admit, invite } from "../../scripts/admin/invite.ts"
import { type NewNewsroom, newNewsroom } from "../../scripts/admin/newsroom.ts"
import { type Clock, clockOf } from "../../scripts/clock.ts"
import type { Desk } from "../../scripts/desk.ts"
import { join as joinNewsroom } from "../../scripts/reporter/join.ts"
import { makeTerminal, type Terminal } from "../../scripts/terminal.ts"
import { type BeforeStep, makeDisk } from "../../scripts/vault/disk.ts"

export const TODAY = "2026-11-22" as Day
export const URL_OF_LINE = "http://localhost:8080"

/** A clock that a test sets. */
export class TestClock implements Clock {
  ms: number
  constructor(day: Day) {
    this.ms = Date.parse(`${day}T12:00:00Z`)
  }
  set day(day: Day) {
    this.ms = Date.parse(`${day}T12:00:00Z`)
  }
  today = () => clockOf(() => this.ms).today()
  seconds = () => clockOf(() => this.ms).seconds()
}

/** What a terminal said. */
export interface Said {
  readonly terminal: Terminal
  readonly out: () => string
  readonly err: () => string
  clear(): void
}
export interface SaidOptions {
  readonly isScreen?: boolean
  readonly columns?: number
  readonly isUnicode?: boolean
  /** Typed one after the other; without any there is nobody to ask. */
  readonly typed?: readonly string[]
}
export function listener({ isScreen = true, columns = 80, isUnicode = true, typed }: SaidOptions = {}): Said {
  let [out, err] = ["", ""]
  const keys = [...(typed ?? [])]
  const terminal = makeTerminal({
    columns,
    isUnicode,
    isScreen,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    ...(typed === undefined ? {} : { input: () => Promise.resolve(keys.shift() ?? "") }),
  })
  return {
    terminal,
    out: () => out,
    err: () => err,
    clear() {
      out = ""
      err = ""
    },
  }
}

export interface TestDesk extends Desk {
  readonly said: Said
}
export interface DeskOptions extends SaidOptions {
  readonly clock?: Clock
  readonly base?: string
  readonly before?: BeforeStep
  readonly passphrase?: string
}
export function deskAt(
  home: string,
  { clock = new TestClock(TODAY), base, before, passphrase = "a passphrase for tests", ...saying }: DeskOptions = {},
): TestDesk {
  const said = listener(saying)
  return {
    home,
    said,
    terminal: said.terminal,
    clock,
    disk: makeDisk(before),
    workFactor: 10,
    passphrase: () => Promise.resolve(passphrase),
    ...(base === undefined ? {} : { base }),
  }
}

const folders: string[] = []
/** A folder that {@link removeFolders} removes. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "sotto-cli-"))
  folders.push(made)
  return made
}
export async function removeFolders(): Promise<void> {
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true })
}

export const CALLOUT = {
  id: "amazon-layoffs",
  title: "Affected by the layoffs?",
  lang: "en",
  questions: [
    {
      id: "team",
      kind: "range",
      label: "How many in your team?",
      bands: [
        { id: "1-9", from: 1, to: 9 },
        { id: "10", from: 10 },
      ],
    },
    {
      id: "org",
      kind: "several",
      label: "Which organisations?",
      options: [
        { id: "aws", label: "AWS" },
        { id: "devices", label: "Devices" },
      ],
    },
    { id: "where", kind: "place", label: "In which country?" },
  ],
}

export interface Ceremony {
  readonly admin: TestDesk
  readonly reporters: readonly TestDesk[]
  /** Where files were carried. */
  readonly carried: string
}

/** A newsroom with a callout and these reporters, made by the commands alone. */
export async function ceremony(ids: readonly string[], options: DeskOptions = {}, newsroom: Partial<NewNewsroom> = {}): Promise<Ceremony> {
  const carried = await folder()
  const admin = deskAt(join(carried, "admin"), options)
  await newNewsroom(admin, { name: "The Daily Test", url: URL_OF_LINE, ...newsroom })
  await writeFile(join(carried, "callout.json"), JSON.stringify(CALLOUT, null, 2))
  await newCallout(admin, { file: join(carried, "callout.json") })
  const reporters: TestDesk[] = []
  for (const id of ids) {
    const reporter = deskAt(join(carried, id), options)
    const [invitation, request] = [join(carried, `invitation-${id}.json`), join(carried, `join-${id}.note`)]
    await invite(admin, { name: `Reporter ${id}`, id: id as Id, out: invitation })
    const words = await joinNewsroom(reporter, { file: invitation, out: request })
    await admit(admin, { file: request, words })
    reporters.push(reporter)
  }
  return { admin, reporters, carried }
}
