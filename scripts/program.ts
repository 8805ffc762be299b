/** The program: what it is started with, the command that it runs, and its exit code. */

import { Command, CommanderError } from "commander"
import { adminCommands } from "./admin-commands.ts"
import type { Clock } from "./clock.ts"
import { type Act, named } from "./command.ts"
import type { Desk } from "./desk.ts"
import { deskCommands } from "./desk-commands.ts"
import { EXIT, Failure } from "./failure.ts"
import { describe } from "./faults.ts"
import { operatorCommands } from "./operator-commands.ts"
import { reporterCommands } from "./reporter-commands.ts"
import { sourceCommands } from "./source-commands.ts"
import type { Terminal } from "./terminal.ts"
import { verifyCommands } from "./verify-commands.ts"
import { VERSION } from "./version.ts"

/** What the process was started with. */
export interface Started {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly home: string
  readonly passphraseFile: string | undefined
  /** For a passphrase that is chosen; the same as the other if absent, which `vault passphrase` and `vault backup` refuse. */
  readonly newPassphraseFile?: string | undefined
  readonly workFactor: string | undefined
  /** `HOST:PORT` of a SOCKS proxy. */
  readonly socks?: string | undefined
  /** Its own file. */
  readonly program?: string | undefined
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

async function deskOf({ terminal, clock, home, passphraseFile, newPassphraseFile, workFactor, socks, program }: Started): Promise<Desk> {
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
    ...(socks ? { proxy: (await import("./socks.ts")).parseProxy(socks) } : {}),
    ...(program === undefined ? {} : { program }),
    held: {},
  }
}

/** A command that opens a file and seals it again asks for its passphrase once. */
function askedOnce(passphrase: Desk["passphrase"]): Desk["passphrase"] {
  const known = new Map<string, Promise<string>>()
  return async (wanted) => {
    if (wanted.isNew) {
      const chosen = await passphrase(wanted)
      if (wanted.isAnother && (await Promise.all(known.values())).includes(chosen))
        throw new Failure(
          "failed",
          "that is the passphrase there is already",
          "choose another; a script names it by SOTTO_NEW_PASSPHRASE_FILE",
        )
      return chosen
    }
    const held = known.get(wanted.file) ?? passphrase(wanted)
    known.set(wanted.file, held)
    return held
  }
}

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
        // It breaks its lines itself, and so does the screen.
        terminal.say(`sotto: ${text.trim().replaceAll(/\s*\n\s*/g, " ")}`)
        terminal.say("sotto: hint: add --help to see how it is written")
      },
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .configureHelp({ subcommandTerm: named })
    .addHelpText("after", ENVIRONMENT)
  sotto.commandsGroup("Every day:")
  deskCommands(sotto, act)
  sotto.commandsGroup("Your place and your keys:")
  reporterCommands(sotto, act)
  sotto.commandsGroup("For an admin, with the newsroom's roots:")
  adminCommands(sotto, act)
  sotto.commandsGroup("For whoever runs the server:")
  operatorCommands(sotto, act)
  sotto.commandsGroup("From outside:")
  verifyCommands(sotto, act)
  sourceCommands(sotto, act)
  sotto.commandsGroup("About this program:").helpCommand(true)
  helpCommands(sotto, terminal)
  return sotto
}

/** What needs neither a folder nor a passphrase. */
function helpCommands(sotto: Command, terminal: Terminal): void {
  sotto
    .command("completion <shell>")
    .description("completions for bash, zsh or fish, to be kept where your shell looks for them")
    .action(async (name: string) => {
      const { completion, SHELLS } = await import("./manual.ts")
      const shell = SHELLS.find((one) => one === name)
      if (shell === undefined) throw new Failure("usage", "there are completions for bash, zsh and fish", "completion bash")
      for (const line of completion(shell, sotto).trimEnd().split("\n")) terminal.answer(line)
    })
  sotto
    .command("manual <folder>")
    .description("write a manual page for each command into a folder; read one with man FOLDER/sotto-inbox.1")
    .action(async (folder: string) => {
      const { manualPages } = await import("./manual.ts")
      const { writeGiven } = await import("./vault/given.ts")
      const { mkdir } = await import("node:fs/promises")
      await mkdir(folder, { recursive: true })
      const pages = manualPages(sotto, ENVIRONMENT)
      for (const [name, text] of pages) await writeGiven(`${folder}/${name}`, text)
      terminal.answer(`${folder}: ${pages.size} pages`)
    })
}

const ENVIRONMENT = `
Environment:
  SOTTO_HOME             the folder of keys and tips (~/.sotto)
  SOTTO_PASSPHRASE_FILE  a file with the passphrase, for scripts
  SOTTO_NEW_PASSPHRASE_FILE
                         the same, for a passphrase that is chosen
  SOTTO_SOCKS            HOST:PORT of a SOCKS 5 proxy, 127.0.0.1:9050
                         for Tor: every connection goes through it
  SOTTO_WORK_FACTOR      10 to 22, for new passphrase files (18);
                         lower only for a generated passphrase,
                         which needs no stretching
Exit codes: 0 done, 1 failed, 2 usage, 3 partly, 10 not set up,
  11 vault in use, 12 wrong passphrase, 13 the page or a program is not
  the release, 14 done, and the keyring changed and is not
  acknowledged, 64 no terminal to ask on, 130 interrupted`
