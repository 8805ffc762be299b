/** A reporter's commands, their arguments and exit codes. Each one's code is loaded when it runs, so that `--version` is quick. */

import { readFile } from "node:fs/promises"
import { type Command, Option } from "commander"
import type { NotifyPace } from "./api.ts"
import { type Act, DRY, whole } from "./command.ts"
import { EXIT } from "./failure.ts"

export function reporterCommands(sotto: Command, act: Act): void {
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
    .option("--delay <seconds>", "wait so long before colleagues are told (a random while of 30 to 300)", whole)
    .option("--tell-later", "tell colleagues nothing this time")
    .option("--tell-all", "tell them also what was merely read today")
    .option(...json)
    .action((options: { json?: boolean; delay?: number; tellLater?: boolean; tellAll?: boolean }) =>
      act(async (desk) => {
        const { broken, unacknowledged } = await (await import("./reporter/sync.ts")).sync(desk, options)
        const { tell } = await import("./reporter/tell.ts")
        const when = options.delay === undefined ? {} : { delay: options.delay }
        if (!options.tellLater) await tell(desk, { ...when, now: options.tellAll === true })
        if (unacknowledged > 0) return EXIT["keyring-changed"]
        return broken > 0 ? EXIT.partly : EXIT.done
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
    .option("--view <program>", "hand each file to this program, such as Dangerzone's; nothing is opened otherwise")
    .option(...json)
    .action((number: string, options: { json?: boolean; out?: string; view?: string }) =>
      act(async (desk) => {
        const { tipNumber } = await import("./reporter/tips.ts")
        await (await import("./reporter/save.ts")).save(desk, { number: tipNumber(number), ...options })
      })(),
    )
  sotto
    .command("open <file>")
    .description("take in a tip that came as a file, by post, mail or stick")
    .option(...json)
    .action((file: string, options: { json?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/open.ts")).openFile(desk, { file, ...options })))(),
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
  sotto
    .command("panic")
    .description(
      "destroy the keys in this folder, at once: what lies in it sealed opens for nobody any more. Ask a lawyer before you need it",
    )
    .option("--roots", "the newsroom's roots in this folder as well")
    .option("--yes", "do not ask")
    .action((options: { roots?: boolean; yes?: boolean }) =>
      act(async (desk) => void (await (await import("./vault/panic.ts")).panic(desk, options)))(),
    )
  vaultCommands(sotto.command("vault").description("your keys and tips: another key, another passphrase, a copy"), act)
  const notify = sotto.command("notify").description("the mail that says nothing")
  notify
    .command("set <address>")
    .description("where it goes, at fixed times every day")
    .option("--news", "only when there is news, which tells your mail provider on which days")
    .option("--never", "no mail")
    .addOption(new Option("--pace <pace>", "how often at most").choices(["each", "daily", "weekly"]).default("each", "every fixed time"))
    .option("--openpgp <file>", "a public key: each mail then holds a sealed status, of one size whether or not there is news")
    .action((address: string, { news, never, pace, openpgp }: { news?: boolean; never?: boolean; pace: NotifyPace; openpgp?: string }) =>
      act(async (desk) => {
        const key = openpgp === undefined ? {} : { openpgp: await readFile(openpgp, "utf8") }
        const { setNotify } = await import("./reporter/notify.ts")
        await setNotify(desk, { address, mode: never ? "never" : news ? "news" : "always", pace, ...key })
      })(),
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
