/** What a source can do without the page. */

import type { Command } from "commander"
import type { Act } from "./command.ts"

interface Options {
  readonly message?: string
  readonly to: string
  readonly line: string
  readonly keys: string
  readonly out?: string
}

export function sourceCommands(sotto: Command, act: Act): void {
  sotto
    .command("seal [files...]")
    .description("as a source: lock a tip without the page and without a network")
    .requiredOption("--to <ids>", "who may read it, with commas between")
    .requiredOption("--line <line>", "the newsroom's line, sotto-newsroom-1…, from print")
    .requiredOption("--keys <file>", "today's keys, saved from the newsroom's page")
    .option("--message <file>", "your words")
    .option("--out <file>", "the locked file (tip-DAY.age)")
    .action((files: string[], options: Options) =>
      act(async (desk) => void (await (await import("./source/seal.ts")).seal(desk, { files, ...options })))(),
    )
}
