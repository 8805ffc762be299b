/** The commands of a reporter's every day: what is there, what it says, what the desk says of it. Each one's code is loaded when it runs. */

import type { Command } from "commander"
import { type Act, collected, whole } from "./command.ts"
import { EXIT } from "./failure.ts"

const JSON_OPTION = ["--json", "for a program"] as const
const OFF = ["--off", "take it back"] as const
interface Json {
  readonly json?: boolean
}

const numbered = async (text: string): Promise<number> => (await import("./reporter/tips.ts")).tipNumber(text)

export function deskCommands(sotto: Command, act: Act): void {
  sotto
    .command("sync")
    .description("fetch what is new, publish day keys, destroy those that are due")
    .option("--delay <seconds>", "wait so long before colleagues are told (a random while of 30 to 300)", whole)
    .option("--tell-later", "tell colleagues nothing this time")
    .option("--tell-all", "tell them also what was merely read today")
    .option(...JSON_OPTION)
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
  inboxCommands(sotto, act)
  answerCommands(sotto, act)
  markCommands(sotto, act)
  handOutCommands(sotto, act)
  sotto
    .command("watch")
    .description("look at fixed times, and say that there is something, without saying what; nothing leaves this machine")
    .option("--every <minutes>", "how often: 1 to 1440", whole, 15)
    .option("--times <count>", "end after so many looks", whole)
    .option("--canary", "once a day, at a random time, a test tip of your own that must come back")
    .action((options: { every: number; times?: number; canary?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/watch.ts")).watch(desk, options)))(),
    )
  sotto
    .command("canary")
    .description("send a test tip of your own the way a source's goes; each sync afterwards says so if it does not come back")
    .option("--once", "only if none was tried today")
    .option("--delay <seconds>", "how long to wait between the visit and the tip; a random while if absent", whole)
    .option(...JSON_OPTION)
    .action((options: Json & { once?: boolean; delay?: number }) =>
      act(async (desk) => void (await (await import("./reporter/canary.ts")).canary(desk, options)))(),
    )
  sotto
    .command("web")
    .description("the same inbox as a page, on this machine alone, until it is ended or has been left for ten minutes")
    .action(act(async (desk) => void (await (await import("./web/serve.ts")).web(desk))))
  sotto
    .command("status")
    .description("show what this folder knows")
    .option(...JSON_OPTION)
    .action((options: { json?: boolean }) =>
      act(async (desk) => {
        const { unacknowledged } = await (await import("./reporter/status.ts")).status(desk, options)
        return unacknowledged > 0 ? EXIT["keyring-changed"] : EXIT.done
      })(),
    )
}

function inboxCommands(sotto: Command, act: Act): void {
  sotto
    .command("inbox")
    .description("list the threads in your vault: what is unread, what was promised, tags and who has it")
    .option("--unread", "those with something unread")
    .option("--callout <id>", "those of a callout")
    .option("--tag <tag>", "those with a tag")
    .option("--assigned <who>", "those that somebody has: an id, or - for nobody")
    .option("--spam", "what was marked as spam")
    .option("--limit <count>", "the newest so many (50 on a screen); 0 for all", whole)
    .option(...JSON_OPTION)
    .action((options: Json & Record<string, never>) =>
      act(async (desk) => void (await (await import("./reporter/inbox.ts")).inbox(desk, options)))(),
    )
  sotto
    .command("read <number>")
    .description("show a tip or a reply; on a terminal, then one key for what to do next")
    .option(...JSON_OPTION)
    .option("--plaintext", "also into a file or a pipe")
    .option("--once", "show it and ask nothing")
    .action((number: string, options: Json & { plaintext?: boolean; once?: boolean }) =>
      act(async (desk) => {
        const editor = process.env.VISUAL || process.env.EDITOR
        const wanted = { number: await numbered(number), ...options, ...(editor === undefined ? {} : { editor }) }
        await (await import("./reporter/walk.ts")).walk(desk, wanted)
      })(),
    )
  sotto
    .command("search <words...>")
    .description("find tips by their words, on this machine alone; all words must be there")
    .option("--limit <count>", "the newest so many (20 on a screen); 0 for all", whole)
    .option(...JSON_OPTION)
    .action((words: string[], options: Json & { limit?: number }) =>
      act(async (desk) => void (await (await import("./reporter/search.ts")).search(desk, { words, ...options })))(),
    )
  sotto
    .command("purge [numbers...]")
    .description("delete tips from this vault for good; says what is deleted where, and what a colleague still has")
    .option("--due", "those whose time is over: spam, then the rest; nothing that is held")
    .option("--spam-days <days>", "how long spam is kept (7)", whole)
    .option("--days <days>", "how long the rest is kept (180)", whole)
    .option("--yes", "without asking")
    .option("--dry-run", "say what would change, and change nothing")
    .option(...JSON_OPTION)
    .action((numbers: string[], options: Json & { due?: boolean; spamDays?: number; days?: number; yes?: boolean; dryRun?: boolean }) =>
      act(async (desk) => {
        const wanted = { ...options, numbers: await Promise.all(numbers.map(numbered)) }
        await (await import("./reporter/purge.ts")).purge(desk, wanted)
      })(),
    )
}

function answerCommands(sotto: Command, act: Act): void {
  sotto
    .command("reply <number>")
    .description("answer the source of a tip; colleagues who had it see the answer")
    .option("--file <file>", "the text; - is stdin; otherwise your editor opens")
    .option("--canned <name>", "a prepared text: canned/NAME.txt in your folder")
    .option("--delay <seconds>", "wait so long before it is sent (a random while of 30 to 300)", whole)
    .option(...JSON_OPTION)
    .action((number: string, options: { file?: string; canned?: string; delay?: number; json?: boolean }) =>
      act(async (desk) => {
        const editor = process.env.VISUAL || process.env.EDITOR
        const wanted = { number: await numbered(number), ...options, ...(editor === undefined ? {} : { editor }) }
        await (await import("./reporter/reply.ts")).reply(desk, wanted)
      })(),
    )
  sotto
    .command("save <number>")
    .description("write a tip's files into a folder, as quarantine")
    .option("--out <folder>", "the folder (tip-NUMBER)")
    .option("--view <program>", "hand each file to this program, such as Dangerzone's; nothing is opened otherwise")
    .option(...JSON_OPTION)
    .action((number: string, options: { json?: boolean; out?: string; view?: string }) =>
      act(async (desk) => {
        await (await import("./reporter/save.ts")).save(desk, { number: await numbered(number), ...options })
      })(),
    )
  sotto
    .command("open <file>")
    .description("take in a tip that came as a file, by post, mail or stick")
    .option(...JSON_OPTION)
    .action((file: string, options: { json?: boolean }) =>
      act(async (desk) => void (await (await import("./reporter/open.ts")).openFile(desk, { file, ...options })))(),
    )
}

function handOutCommands(sotto: Command, act: Act): void {
  sotto
    .command("export [numbers...]")
    .description("write letters into a new file, readable only by you; it begins by saying that it is unverified")
    .option("--format <format>", "md, html, csv, eml, json; or age or tar for one tip as it was sealed", "md")
    .option("--out <file>", "the file; tip-NUMBER or tips with the format's ending otherwise")
    .option("--callout <id>", "every tip of a callout")
    .option("--tag <tag>", "every tip with a tag")
    .option("--all", "every tip that is not marked as spam")
    .option("--thread", "with the other letters of their conversations")
    .option("--anonymise", "without mailbox, slots and names")
    .option(...JSON_OPTION)
    .action((numbers: string[], options: Json & Record<string, never>) =>
      act(async (desk) => {
        const wanted = { ...options, numbers: await Promise.all(numbers.map(numbered)) }
        const { broken } = await (await import("./reporter/export.ts")).exportLetters(desk, wanted)
        return broken.length > 0 ? EXIT.partly : EXIT.done
      })(),
    )
  sotto
    .command("tally <callout>")
    .description("count what sources answered: one vote each, ranges as least to most, small numbers hidden")
    .option("--min-cell <count>", "hide what is below (5); 1 shows all, and is not for publication", whole)
    .option("--out <file>", "a page, a sheet or data, by its ending: .html, .csv, .json")
    .option(...JSON_OPTION)
    .action((callout: string, options: Json & { minCell?: number; out?: string }) =>
      act(async (desk) => {
        const { broken } = await (await import("./reporter/tally.ts")).tally(desk, { callout, ...options })
        return broken > 0 ? EXIT.partly : EXIT.done
      })(),
    )
}

function markCommands(sotto: Command, act: Act): void {
  const marks = () => import("./reporter/mark.ts")
  sotto
    .command("tag <number> [tags...]")
    .description("tag a tip; colleagues who have it see the tags")
    .option("--remove <tag>", "take a tag away; may stand several times", collected, [])
    .option(...JSON_OPTION)
    .action((number: string, tags: string[], options: Json & { remove?: string[] }) =>
      act(async (desk) => void (await (await marks()).tag(desk, { number: await numbered(number), tags, ...options })))(),
    )
  sotto
    .command("note <number>")
    .description("add a note; colleagues who have the tip see it. From an editor, a file or a pipe: arguments are kept in histories")
    .option("--file <file>", "the text; - is stdin")
    .option("--remove <place>", "take out the note that read shows at this place", whole)
    .option(...JSON_OPTION)
    .action((number: string, options: Json & { file?: string; remove?: number }) =>
      act(async (desk) => {
        const editor = process.env.VISUAL || process.env.EDITOR
        await (await marks()).note(desk, { number: await numbered(number), ...options, ...(editor === undefined ? {} : { editor }) })
      })(),
    )
  sotto
    .command("assign <number> <who>")
    .description("say who takes a tip: a reporter's id, me or nobody")
    .option(...JSON_OPTION)
    .action((number: string, to: string, options: Json) =>
      act(async (desk) => void (await (await marks()).assign(desk, { number: await numbered(number), to, ...options })))(),
    )
  sotto
    .command("hold <number>")
    .description("keep a tip beyond its time, for a reason")
    .option("--reason <text>", "why")
    .option(...OFF)
    .option(...JSON_OPTION)
    .action((number: string, options: Json & { reason?: string; off?: boolean }) =>
      act(async (desk) => void (await (await marks()).hold(desk, { number: await numbered(number), ...options })))(),
    )
  sotto
    .command("spam <number>")
    .description("out of sight, and purged sooner")
    .option(...OFF)
    .option(...JSON_OPTION)
    .action((number: string, options: Json & { off?: boolean }) =>
      act(async (desk) => void (await (await marks()).spam(desk, { number: await numbered(number), ...options })))(),
    )
}
