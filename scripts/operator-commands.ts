/** The commands of whoever runs the server. Each one's code is loaded when it runs. */

import type { Command } from "commander"
import { type Act, collected, oneOrMore } from "./command.ts"
import { Failure } from "./failure.ts"

/** The server's own settings, so that one file of them serves both. */
function databaseUrl(): string {
  const url = process.env.DATABASE_URL
  if (url) return url
  throw new Failure("usage", "DATABASE_URL is not set", "it names the server's database, as in its settings (.env)")
}

export function operatorCommands(sotto: Command, act: Act): void {
  doctorCommand(sotto, act)
  const operator = sotto.command("operator").description("back the server up, restore it, see whether it is well")
  operator
    .command("key <file>")
    .description("make the key that opens backups; prints the line that backups are made for")
    .action((file: string) =>
      act(async (desk) => (await import("./operator/commands.ts")).makeBackupKey(desk, { file }).then(() => undefined))(),
    )
  operator
    .command("backup")
    .description("the database at this moment, and files beside it, in one age file. Tips may go on coming in")
    .requiredOption("--to <folder>", "where backups are kept")
    .option("--recipient <age1pq…>", "who can open it (`operator key`); a passphrase if left out")
    .option("--file <path>", "a file or folder to keep too: settings, newsroom.json, the onion key; may be repeated", collected, [])
    .option("--keep <number>", "how many backups stay, at least 1", oneOrMore, 14)
    .action((options: { to: string; recipient?: string; file: readonly string[]; keep: number }) =>
      act(async (desk) => {
        const { file: files, ...rest } = options
        await (await import("./operator/commands.ts")).backup(desk, { databaseUrl: databaseUrl(), files, ...rest })
      })(),
    )
  operator
    .command("restore <file>")
    .description("put a backup, or the newest of a folder, into an empty database (DATABASE_URL): whole, or not at all")
    .requiredOption("--newsroom <file>", "newsroom.json: the keyrings must be its own")
    .option("--identity <file>", "the key that opens it; a passphrase if left out")
    .option("--files-to <folder>", "where the files beside the database are put")
    .action((file: string, options: { newsroom: string; identity?: string; filesTo?: string }) =>
      act(
        async (desk) =>
          void (await (await import("./operator/commands.ts")).restore(desk, { file, databaseUrl: databaseUrl(), ...options })),
      )(),
    )
  operator
    .command("status")
    .description("whether mails go out, and what closed days take. 1: mails do not go out")
    .option("--json", "for a program")
    .action((options: { json?: boolean }) =>
      act(async (desk) => (await import("./operator/commands.ts")).operatorStatus(desk, { databaseUrl: databaseUrl(), ...options }))(),
    )
  operator
    .command("verify <file>")
    .description("restore a backup, or the newest of a folder, into a database that is thrown away, and check all of it")
    .option("--newsroom <file>", "newsroom.json: the keyrings must be its own")
    .option("--identity <file>", "the key that opens it; a passphrase if left out")
    .option("--json", "for a program")
    .action((file: string, options: { newsroom?: string; identity?: string; json?: boolean }) =>
      act(async (desk) => {
        const url = process.env.DATABASE_URL
        await (await import("./operator/commands.ts")).verify(desk, { file, ...(url ? { databaseUrl: url } : {}), ...options })
      })(),
    )
}

function doctorCommand(sotto: Command, act: Act): void {
  sotto
    .command("doctor [url]")
    .description("look at a line: from outside, and from inside where it is told how. 1: something is wrong")
    .option("--pin <file>", "newsroom.json, where this folder has none")
    .option("--subject <domain>", "whom the story is about; may be repeated. Stays here", collected, [])
    .option("--ranges <file>", "that company's own list of its address ranges (JSON)")
    .option("--article <url>", "an article that links to the page")
    .option("--certificates <file>", "the public logs' certificates for this name, as their search pages export them (JSON)")
    .option("--resolver <host:port>", "who is asked whether the zone is signed; the system's if left out")
    .option("--torrc <file>", "Tor's settings on the server")
    .option("--env <file>", "the server's settings: .env")
    .option("--database", "look at the database that DATABASE_URL names")
    .option("--log <file>", "a log that must not have our request; may be repeated", collected, [])
    .option("--backups <folder>", "where backups are kept")
    .option("--laptop", "look at this machine's own keys too")
    .option("--strict", "a warning fails too")
    .option("--json", "for a program")
    .action(
      (
        url: string | undefined,
        { database, ...options }: Omit<import("./operator/doctor/doctor.ts").Doctor, "url"> & { database?: boolean },
      ) =>
        act(async (desk) =>
          (await import("./operator/commands.ts")).doctor(desk, {
            ...options,
            ...(url === undefined ? {} : { url }),
            ...(database ? { databaseUrl: databaseUrl() } : {}),
          }),
        )(),
    )
}
