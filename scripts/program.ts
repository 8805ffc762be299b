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
  /** For `vault passphrase` and `vault restore`; the same as the other if absent. */
  readonly newPassphraseFile?: string | undefined
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

async function deskOf({ terminal, clock, home, passphraseFile, newPassphraseFile, workFactor }: Started): Promise<Desk> {
  const { makeDisk } = await import("./vault/disk.ts")
  const { passphraseFrom } = await import("./vault/ask.ts")
  const { parseWorkFactor } = await import("./vault/work-factor.ts")
  return {
    home,
    terminal,
    clock,
    disk: makeDisk(),
    passphrase: askedOnce(passphraseFrom({ held: passphraseFile, chosen: newPassphraseFile || passphraseFile }, terminal)),
    workFactor: parseWorkFactor(workFactor),
  }
}

/** A command that opens a file and seals it again asks for its passphrase once. */
function askedOnce(passphrase: Desk["passphrase"]): Desk["passphrase"] {
  const known = new Map<string, Promise<string>>()
  return (wanted) => {
    if (wanted.isNew) return passphrase(wanted)
    const held = known.get(wanted.file) ?? passphrase(wanted)
    known.set(wanted.file, held)
    return held
  }
}

type Act = (work: (desk: Desk) => Promise<number | undefined>) => () => Promise<void>

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number.")
  return Number(text)
}
const collected = (one: string, before: readonly string[]): readonly string[] => [...before, one]
const DRY = ["--dry-run", "say what would change, and change nothing"] as const
const YES = ["--yes", "without asking"] as const
const WORDS = ["--words <words>", "the six words that were read to you"] as const
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
  SOTTO_NEW_PASSPHRASE_FILE
                         the same, for a passphrase that is chosen
  SOTTO_WORK_FACTOR      10 to 22, for new passphrase files (18);
                         lower only for a generated passphrase,
                         which needs no stretching
Exit codes: 0 done, 1 failed, 2 usage, 3 partly, 10 not set up,
  11 vault in use, 12 wrong passphrase, 14 done, and the keyring changed
  and is not acknowledged, 64 no terminal to ask on, 130 interrupted`

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
        const { broken, unacknowledged } = await (await import("./reporter/sync.ts")).sync(desk, options)
        if (unacknowledged > 0) return EXIT["keyring-changed"]
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
    .command("reply <number>")
    .description("answer the source of a tip; colleagues who had it see the answer")
    .option("--file <file>", "the text; - is stdin; otherwise your editor opens")
    .option("--canned <name>", "a prepared text: canned/NAME.txt in your folder")
    .option("--delay <seconds>", "wait so long before it is sent (a random while of 30 to 300)", whole)
    .option(...json)
    .action((number: string, options: { file?: string; canned?: string; delay?: number; json?: boolean }) =>
      act(async (desk) => {
        const { tipNumber } = await import("./reporter/tips.ts")
        const editor = process.env.VISUAL || process.env.EDITOR
        const wanted = { number: tipNumber(number), ...options, ...(editor === undefined ? {} : { editor }) }
        await (await import("./reporter/reply.ts")).reply(desk, wanted)
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
      act(async (desk) => {
        const { unacknowledged } = await (await import("./reporter/status.ts")).status(desk, options)
        return unacknowledged > 0 ? EXIT["keyring-changed"] : EXIT.done
      })(),
    )
  const keys = sotto.command("keys").description("day keys")
  keys
    .command("publish")
    .description("publish day keys now; sync does it by itself")
    .action(act(async (desk) => void (await (await import("./reporter/keys.ts")).publishKeys(desk))))
  keys
    .command("status")
    .description("show until when you can be reached, and what each day key still opens")
    .option(...json)
    .action((options: { json?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/keys.ts")).keysStatus(desk, options)))(),
    )
  leaveCommands(sotto, act)
  vaultCommands(sotto.command("vault").description("your keys and tips: another key, another passphrase, a copy"), act)
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

function leaveCommands(sotto: Command, act: Act): void {
  const ANYWAY = ["--anyway", "also where nobody else can be reached"] as const
  sotto
    .command("away [days]")
    .description("tell sources that you cannot be reached, FIRST..LAST such as 2026-12-01..2026-12-20")
    .option("--back", "end it: your keys are offered again")
    .option(...ANYWAY)
    .option(...DRY)
    .action((span: string | undefined, { back, ...options }: { back?: boolean; anyway?: boolean; dryRun?: boolean }) =>
      act(async (desk) => {
        const leave = await import("./reporter/away.ts")
        if (back) await leave.back(desk)
        else await leave.away(desk, { span: span ?? "", ...options })
      })(),
    )
  sotto
    .command("handover <deputy> <days>")
    .description("before a leave: check that a colleague is reachable, and be away. Shares no key")
    .option(...ANYWAY)
    .option(...DRY)
    .action((to: string, span: string, options: { anyway?: boolean; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/away.ts")).handover(desk, { to, span, ...options })))(),
    )
}

function vaultCommands(vault: Command, act: Act): void {
  vault
    .command("rekey")
    .description("a new vault key: a new header for everything that is kept")
    .option(...DRY)
    .action((options: { dryRun?: boolean }) => act(async (desk) => void (await (await import("./vault/rekey.ts")).rekey(desk, options)))())
  vault
    .command("passphrase")
    .description("another passphrase for the same keys")
    .option("--roots", "of the roots in this folder instead")
    .option(...DRY)
    .action((options: { roots?: boolean; dryRun?: boolean }) =>
      act(async (desk) => (await import("./vault/rekey.ts")).newPassphrase(desk, options).then(() => undefined))(),
    )
  vault
    .command("backup <file>")
    .description("keys, tips and keyrings in one age file under a passphrase of its own; no day keys")
    .option(...DRY)
    .action((file: string, options: { dryRun?: boolean }) =>
      act(async (desk) => (await import("./vault/backup.ts")).backup(desk, { file, ...options }).then(() => undefined))(),
    )
  vault
    .command("verify <file>")
    .description("open a backup whole and check every part")
    .option("--json", "for a program")
    .action((file: string, options: { json?: boolean }) =>
      act(async (desk) => void (await (await import("./vault/backup.ts")).verifyBackup(desk, { file, ...options })))(),
    )
  vault
    .command("restore <file>")
    .description("put a backup into an empty folder; the next sync makes new day keys")
    .option(...DRY)
    .action((file: string, options: { dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./vault/backup.ts")).restore(desk, { file, ...options })))(),
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
    .option(...DRY)
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
    .option(...DRY)
    .action((file: string, options: { replace?: boolean; expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/callout.ts")).newCallout(desk, { file, ...options })))(),
    )
  callout
    .command("close <id>")
    .description("end its questions; free words are still taken")
    .option("--on <day>", "the last day on which they are asked (today)")
    .option("--remove", "take it out of the keyring altogether")
    .option(...EXPIRES)
    .option(...DRY)
    .action((id: string, options: { on?: string; remove?: boolean; expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/callout.ts")).closeCallout(desk, { id, ...options })))(),
    )
  callout
    .command("list")
    .description("show the callouts of the newest keyring")
    .action(act(async (desk) => void (await (await import("./admin/callout.ts")).listCallouts(desk))))
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
    .option(...WORDS)
    .option(...EXPIRES)
    .option(...DRY)
    .action((file: string, options: { words?: string; expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/invite.ts")).admit(desk, { file, ...options })))(),
    )
  sotto
    .command("revoke <id>")
    .description("a keyring without this reporter: nobody seals to them from the next page load on")
    .option("--lost", "their machine is lost: also says what that means for sources")
    .option("--last-sync <day>", "the last day on which it synced, if you know")
    .option("--offline", "do not ask the server")
    .option(...YES)
    .option(...EXPIRES)
    .option(...DRY)
    .action((id: string, options: Omit<import("./admin/revoke.ts").Revoke, "id">) =>
      act(async (desk) => void (await (await import("./admin/revoke.ts")).revoke(desk, { id, ...options })))(),
    )
  rotateCommands(sotto.command("rotate").description("another key in the place of one, other terms"), act)
  rootCommands(sotto.command("root").description("a root on a machine of its own"), act)
  keyringCommands(sotto.command("keyring").description("who reads, who signs, what is asked"), act)
}

function rotateCommands(rotate: Command, act: Act): void {
  rotate
    .command("identity")
    .description("for a reporter: make a new signing key, and the request for an admin")
    .option("--out <file>", "where the request is written (rotate-ID.note)")
    .option(...DRY)
    .action((options: { out?: string; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/identity.ts")).rotateIdentity(desk, options)))(),
    )
  rotate
    .command("reporter <request>")
    .description("for an admin: put a reporter's new key into the keyring")
    .option(...WORDS)
    .option(...EXPIRES)
    .option(...DRY)
    .action((file: string, options: { words?: string; expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/rotate.ts")).rotateReporter(desk, { file, ...options })))(),
    )
  rotate
    .command("root [number]")
    .description("replace a root, add one (no number), or take one out; old and new ones sign")
    .option("--request <file>", "of a root made with `root new` on another machine")
    .option(...WORDS)
    .option("--remove", "put none in its place")
    .option("--threshold <number>", "how many roots must sign from then on", whole)
    .option(...YES)
    .option(...EXPIRES)
    .option(...DRY)
    .action((number: string | undefined, options: Omit<import("./admin/roots.ts").RotateRoot, "number">) =>
      act(async (desk) => {
        const { rotateRoot } = await import("./admin/roots.ts")
        await rotateRoot(desk, { ...options, ...(number === undefined ? {} : { number: whole(number) }) })
      })(),
    )
  rotate
    .command("policy")
    .description("other terms for keys and envelopes")
    .option("--note-days <days>", "how far ahead day keys are made", whole)
    .option("--accept-days <days>", "how long after its day a tip is taken", whole)
    .option("--seed-days <days>", "how long a seed lives at most", whole)
    .option("--retention-days <days>", "how long the server keeps envelopes", whole)
    .option("--max-tip-bytes <bytes>", "the largest tip", whole)
    .option(...YES)
    .option(...EXPIRES)
    .option(...DRY)
    .action((options: import("./admin/rotate.ts").RotatePolicy) =>
      act(async (desk) => void (await (await import("./admin/rotate.ts")).rotatePolicy(desk, options)))(),
    )
}

function rootCommands(root: Command, act: Act): void {
  root
    .command("new")
    .description("make a root key here, where it stays; its request goes to an admin")
    .option("--newsroom <file>", "newsroom.json, where this folder has none")
    .option("--out <file>", "where the request is written (root-request.note)")
    .action((options: { newsroom?: string; out?: string }) =>
      act(async (desk) => void (await (await import("./admin/roots.ts")).newRoot(desk, options)))(),
    )
  root
    .command("move <file> <folder>")
    .description("carry a root's file to another folder, with all that signing needs")
    .option(...DRY)
    .action((file: string, to: string, options: { dryRun?: boolean }) =>
      act(async (desk) => (await import("./admin/roots.ts")).moveRoot(desk, { file, to, ...options }).then(() => undefined))(),
    )
}

function keyringCommands(keyring: Command, act: Act): void {
  keyring
    .command("sign <file>")
    .description("add this folder's signatures to a draft")
    .option(...YES)
    .option(...DRY)
    .action((file: string, options: { yes?: boolean; dryRun?: boolean }) =>
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
    .command("import <file> [others...]")
    .description("take signed versions that were carried here")
    .action((file: string, others: string[]) =>
      act(async (desk) => void (await (await import("./admin/keyring.ts")).importKeyring(desk, { file, others })))(),
    )
  keyring
    .command("renew")
    .description("the same keyring with a later last day")
    .option(...EXPIRES)
    .option(...DRY)
    .action((options: { expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/keyring.ts")).renewKeyring(desk, options)))(),
    )
  keyring
    .command("discard")
    .description("give up a change that waits for signatures")
    .action(act(async (desk) => (await import("./admin/change.ts")).discardDraft(desk).then(() => undefined)))
  keyring
    .command("show")
    .description("show the newest keyring of this folder: keys, dates, terms")
    .option("--json", "for a program")
    .action((options: { json?: boolean }) =>
      act(async (desk) => {
        const { unacknowledged } = await (await import("./admin/keyring.ts")).showKeyring(desk, options)
        return unacknowledged > 0 ? EXIT["keyring-changed"] : EXIT.done
      })(),
    )
  keyring
    .command("ack")
    .description("say that you have read what changed, and expected it")
    .option(...YES)
    .action((options: { yes?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/keyring.ts")).acknowledgeKeyring(desk, options)))(),
    )
  keyring
    .command("verify <url>")
    .description("check a newsroom from outside, by its printed name alone: chain, dates, day keys. 3: somebody cannot be reached")
    .option("--newsroom <name>", "sotto-newsroom-1…, from paper")
    .option("--pin <file>", "newsroom.json: its roots and version are held to, too")
    .option("--at-least <version>", "the newest version that you have seen", whole)
    .option("--json", "for a program")
    .action((url: string, options: Omit<import("./admin/verify.ts").Verify, "url">) =>
      act(async (desk) => {
        const { unreachable } = await (await import("./admin/verify.ts")).verifyNewsroom(desk, { url, ...options })
        return unreachable.length > 0 ? EXIT.partly : EXIT.done
      })(),
    )
}
