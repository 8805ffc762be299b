/** The commands, their arguments and their exit codes on one page. Each command's code is loaded when it runs, so that `--version` is quick. */

import { Command, CommanderError, InvalidArgumentError } from "commander"
import type { Clock } from "./clock.ts"
import type { Desk } from "./desk.ts"
import { EXIT } from "./failure.ts"
import { describe } from "./faults.ts"
import type { Terminal } from "./terminal.ts"
import { VERSION } from "./version.ts"

/** What the process was started with. */
export interface Started {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly home: string
  readonly passphraseFile: string | undefined
  readonly workFactor: string | undefined
}

/** Runs one command.
 *  @param args - without the program's own name
 *  @returns the exit code */
export async function run(args: readonly string[], started: Started): Promise<number> {
  let code: number = EXIT.done
  const act = (work: (desk: Desk) => Promise<number | undefined>) => async () => {
    code = (await work(await deskOf(started))) ?? EXIT.done
  }
  try {
    await program(started.terminal, act).parseAsync(args, { from: "user" })
    return code
  } catch (error) {
    // Commander has said what it had to say; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const { message, hint, exit } = describe(error)
    started.terminal.say(`sotto: error: ${message}`)
    started.terminal.say(`sotto: hint: ${hint}`)
    return exit
  }
}

async function deskOf({ terminal, clock, home, passphraseFile, workFactor }: Started): Promise<Desk> {
  const { makeDisk } = await import("./vault/disk.ts")
  const { passphraseFrom } = await import("./vault/ask.ts")
  const { parseWorkFactor } = await import("./vault/work-factor.ts")
  return {
    home,
    terminal,
    clock,
    disk: makeDisk(),
    passphrase: passphraseFrom(passphraseFile, terminal),
    workFactor: parseWorkFactor(workFactor),
  }
}

type Act = (work: (desk: Desk) => Promise<number | undefined>) => () => Promise<void>

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number.")
  return Number(text)
}
const collected = (one: string, before: readonly string[]): readonly string[] => [...before, one]
const EXPIRES = ["--expires-in <days>", "how long the keyring is valid, at most 90", whole, 90] as const

function program(terminal: Terminal, act: Act): Command {
  const say = (to: (line: string) => void) => (text: string) => {
    for (const line of text.replace(/\n$/, "").split("\n")) to(line)
  }
  const sotto = new Command("sotto")
    .description("A confidential tip line: read tips, take part in a newsroom, run one.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: say(terminal.answer),
      writeErr: say(terminal.say),
      outputError: (text) => {
        terminal.say(`sotto: ${text.trim()}`)
        terminal.say("sotto: hint: add --help to see how it is written")
      },
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .addHelpText("after", ENVIRONMENT)
  reporterCommands(sotto, act)
  adminCommands(sotto, act)
  return sotto
}

const ENVIRONMENT = `
Environment:
  SOTTO_HOME             the folder of keys and tips (~/.sotto)
  SOTTO_PASSPHRASE_FILE  a file with the passphrase, for scripts
  SOTTO_WORK_FACTOR      10 to 22, for new passphrase files (18);
                         lower only for a generated passphrase,
                         which needs no stretching
Exit codes: 0 done, 1 failed, 2 usage, 3 partly, 10 not set up,
  11 vault in use, 12 wrong passphrase, 64 no terminal to ask on,
  130 interrupted`

function reporterCommands(sotto: Command, act: Act): void {
  const json = ["--json", "for a program"] as const
  sotto
    .command("join <invitation>")
    .description("make your keys and a request to be admitted")
    .option("--out <file>", "where the request is written")
    .action((file: string, { out }: { out?: string }) =>
      act(async (desk) => void (await (await import("./reporter/join.ts")).join(desk, { file, ...(out === undefined ? {} : { out }) })))(),
    )
  sotto
    .command("sync")
    .description("fetch what is new, publish day keys, destroy those that are due")
    .option(...json)
    .action((options: { json?: boolean }) =>
      act(async (desk) => {
        const { broken } = await (await import("./reporter/sync.ts")).sync(desk, options)
        return broken > 0 ? EXIT.partly : EXIT.done
      })(),
    )
  sotto
    .command("inbox")
    .description("list the tips in your vault")
    .option(...json)
    .action((options: { json?: boolean }) => act(async (desk) => void (await (await import("./reporter/inbox.ts")).inbox(desk, options)))())
  sotto
    .command("read <number>")
    .description("show a tip")
    .option(...json)
    .option("--plaintext", "also into a file or a pipe")
    .action((number: string, options: { json?: boolean; plaintext?: boolean }) =>
      act(async (desk) => {
        const { tipNumber } = await import("./reporter/tips.ts")
        await (await import("./reporter/read.ts")).read(desk, { number: tipNumber(number), ...options })
      })(),
    )
  sotto
    .command("save <number>")
    .description("write a tip's files into a folder, as quarantine")
    .option("--out <folder>", "the folder (tip-NUMBER)")
    .option(...json)
    .action((number: string, options: { json?: boolean; out?: string }) =>
      act(async (desk) => {
        const { tipNumber } = await import("./reporter/tips.ts")
        await (await import("./reporter/save.ts")).save(desk, { number: tipNumber(number), ...options })
      })(),
    )
  sotto
    .command("status")
    .description("show what this folder knows")
    .option(...json)
    .action((options: { json?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/status.ts")).status(desk, options)))(),
    )
  const keys = sotto.command("keys").description("day keys")
  keys
    .command("publish")
    .description("publish day keys now; sync does it by itself")
    .action(act(async (desk) => void (await (await import("./reporter/keys.ts")).publishKeys(desk))))
  const notify = sotto.command("notify").description("the mail that says nothing")
  notify
    .command("set <address>")
    .description("where it goes, at fixed times every day")
    .option("--news", "only when there is news, which tells your mail provider on which days")
    .option("--never", "no mail")
    .action((address: string, { news, never }: { news?: boolean; never?: boolean }) =>
      act(
        async (desk) =>
          void (await (
            await import("./reporter/notify.ts")
          ).setNotify(desk, { address, mode: never ? "never" : news ? "news" : "always" })),
      )(),
    )
}

function adminCommands(sotto: Command, act: Act): void {
  const newsroom = sotto.command("newsroom").description("a newsroom of your own")
  newsroom
    .command("new")
    .description("make root keys and the first keyring")
    .requiredOption("--name <name>", "as sources read it")
    .requiredOption("--url <url>", "where the page will be, such as https://forms.example.org")
    .option("--slots <number>", "4, 8, 16 or 32 reporters at most, for ever", whole, 8)
    .option("--roots <number>", "how many root keys", whole, 1)
    .option("--threshold <number>", "how many of them must sign", whole, 1)
    .option("--colour <colour>", "the page's one accent, #rrggbb")
    .option("--leave-to <url>", 'where "Leave this page" leads')
    .option("--channel <channel>", '"name|address|drawback", another way to reach you; repeatable', collected, [])
    .option(...EXPIRES)
    .action(({ channel, ...wanted }: Parameters<typeof import("./admin/newsroom.ts").newNewsroom>[1] & { channel: string[] }) =>
      act(async (desk) => {
        const { newNewsroom, parseChannel } = await import("./admin/newsroom.ts")
        await newNewsroom(desk, { ...wanted, channels: channel.map(parseChannel) })
      })(),
    )
  const callout = sotto.command("callout").description("the questions under a story")
  callout
    .command("new <file>")
    .description("put a callout, written as JSON, into the keyring")
    .option("--replace", "take the place of the callout with the same id")
    .option(...EXPIRES)
    .action((file: string, options: { replace?: boolean; expiresIn: number }) =>
      act(async (desk) => void (await (await import("./admin/callout.ts")).newCallout(desk, { file, ...options })))(),
    )
  sotto
    .command("invite <name>")
    .description("write an invitation for a reporter")
    .requiredOption("--id <id>", "a short name: a-z, 0-9 and -")
    .option("--beat <beat>", "what they report on")
    .option("--slot <number>", "the first free one otherwise", whole)
    .option("--out <file>", "where it is written (invitation-ID.json)")
    .action((name: string, options: { id: string; beat?: string; slot?: number; out?: string }) =>
      act(async (desk) => void (await (await import("./admin/invite.ts")).invite(desk, { name, ...options })))(),
    )
  sotto
    .command("admit <request>")
    .description("admit a reporter, once the six words have been compared")
    .option("--words <words>", "the six words that the reporter read to you")
    .option(...EXPIRES)
    .action((file: string, options: { words?: string; expiresIn: number }) =>
      act(async (desk) => void (await (await import("./admin/invite.ts")).admit(desk, { file, ...options })))(),
    )
  keyringCommands(sotto.command("keyring").description("who reads, who signs, what is asked"), act)
}

function keyringCommands(keyring: Command, act: Act): void {
  keyring
    .command("sign <file>")
    .description("add this folder's signatures to a draft")
    .option("--yes", "without asking")
    .action((file: string, options: { yes?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/keyring.ts")).signKeyring(desk, { file, ...options })))(),
    )
  keyring
    .command("publish")
    .description("give the server every version that it lacks")
    .action(act(async (desk) => void (await (await import("./admin/keyring.ts")).publishKeyrings(desk))))
  keyring
    .command("log")
    .description("show every change in words")
    .action(act(async (desk) => void (await (await import("./admin/keyring.ts")).keyringLog(desk))))
  keyring
    .command("import <file>")
    .description("take a signed version that was carried here")
    .action((file: string) => act(async (desk) => void (await (await import("./admin/keyring.ts")).importKeyring(desk, { file })))())
  keyring
    .command("renew")
    .description("the same keyring with a later last day")
    .option(...EXPIRES)
    .action((options: { expiresIn: number }) =>
      act(async (desk) => void (await (await import("./admin/keyring.ts")).renewKeyring(desk, options)))(),
    )
}
