/** `sotto verify`, its options and exit codes. The code is loaded when it runs. */

import type { Command } from "commander"
import { type Act, whole } from "./command.ts"
import { EXIT } from "./failure.ts"

type Options = Partial<import("./verify/monitor.ts").Monitor>

export function verifyCommands(sotto: Command, act: Act): void {
  sotto
    .command("verify <url>")
    .description("check from outside that a page is the one that its newsroom's roots have signed. 13: it differs")
    .option("--newsroom <name>", "sotto-newsroom-1…, from paper (the newsroom of this folder)")
    .option("--pin <file>", "newsroom.json: its roots and version are held to, too")
    .option("--at-least <version>", "the newest keyring that you have seen", whole)
    .option("--seen <file>", "remembers what was seen, so that nothing can go back behind it")
    .option("--socks <host:port>", "through this proxy, the mail too; Tor's is 127.0.0.1:9050 (SOTTO_SOCKS)")
    .option("--as <browser>", "chromium, firefox or tor (each by chance)")
    .option("--visits <number>", "how often (3); a page altered for few visitors needs many", whole)
    .option("--every <time>", "go on for ever, about so often at random: 30m, 2h, 1d")
    .option("--keep-going", "go on after a difference too")
    .option("--log <file>", "a line of JSON for each check")
    .option("--mail-to <address>", "who gets a mail when something changes")
    .option("--mail-from <address>", "its sender (the same)")
    .option("--smtp-file <file>", "a file with smtp://user:password@host:port")
    .option("--dist <folder>", "a build, to say where a file differs (where this program lies)")
    .option("--json", "for a program")
    .action((url: string, options: Options) =>
      act(async (desk) => {
        const { every } = options
        if (every !== undefined) return (await import("./verify/monitor.ts")).monitorSite(desk, { ...options, url, every })
        const { differences, unreachable } = await (await import("./verify/verify.ts")).verifySite(desk, { url, ...options })
        if (differences.length > 0) return EXIT["site-differs"]
        return unreachable.length > 0 ? EXIT.partly : EXIT.done
      })(),
    )
}
