/** What a reporter holds: a place in the newsroom, day keys, a vault, the mail. Each command's code is loaded when it runs, so that `--version` is quick. */

import { readFile } from "node:fs/promises"
import { type Command, Option } from "commander"
import type { NotifyPace } from "./api.ts"
import { type Act, DRY } from "./command.ts"

export function reporterCommands(sotto: Command, act: Act): void {
  const json = ["--json", "for a program"] as const
  sotto
    .command("join <invitation>")
    .description("make your keys and a request to be admitted")
    .option("--out <file>", "where the request is written")
    .action((file: string, { out }: { out?: string }) =>
      act(async (desk) => void (await (await import("./reporter/join.ts")).join(desk, { file, ...(out === undefined ? {} : { out }) })))(),
    )
  const keys = sotto.command("keys").description("publish day keys, and show what each still opens")
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
  const notify = sotto.command("notify").description("where the mail that says nothing goes, and how often")
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
