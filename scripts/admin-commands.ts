/** An admin's commands, their arguments and exit codes. Each one's code is loaded when it runs. */

import type { Command } from "commander"
import { type Act, collected, DRY, EXPIRES, WORDS, whole, YES } from "./command.ts"
import { EXIT } from "./failure.ts"

export function adminCommands(sotto: Command, act: Act): void {
  const newsroom = sotto.command("newsroom").description("make a newsroom: its root keys and its first keyring")
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
  const callout = sotto.command("callout").description("ask the questions under a story, end them, list them")
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
  rotateCommands(sotto.command("rotate").description("put another key in the place of one, or change the terms"), act)
  rootCommands(sotto.command("root").description("keep a root key on a machine of its own"), act)
  releaseCommands(sotto.command("release").description("sign what the server may hand out as the page, and publish that"), act)
  keyringCommands(sotto.command("keyring").description("see, sign, publish and acknowledge who reads, who signs, what is asked"), act)
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
  rotate
    .command("newsroom")
    .description("what the newsroom says of itself: its onion address, other ways to reach it. `none` takes one away")
    .option("--onion <url>", "the onion address: http://….onion")
    .option("--channel <channel>", '"name|address|drawback": all ways to reach you anew; repeatable', collected, [])
    .option("--leave-to <url>", 'where "Leave this page" leads')
    .option("--colour <colour>", "the page's one accent, #rrggbb")
    .option(...YES)
    .option(...EXPIRES)
    .option(...DRY)
    .action((options: Omit<import("./admin/rotate.ts").RotateNewsroom, "channels"> & { channel: readonly string[] }) =>
      act(async (desk) => {
        const { channel, ...rest } = options
        const { parseChannel } = await import("./admin/newsroom.ts")
        const channels = channel.length === 0 ? {} : { channels: channel.map(parseChannel) }
        await (await import("./admin/rotate.ts")).rotateNewsroom(desk, { ...rest, ...channels })
      })(),
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

function releaseCommands(release: Command, act: Act): void {
  const dist = ["--dist <folder>", "what `npm run build` gave (where this program lies)"] as const
  release
    .command("make")
    .description("write a folder to hand out: every file, and the release's text")
    .requiredOption("--out <folder>", "where it is written")
    .option(...dist)
    .action((options: import("./admin/release.ts").Make) =>
      act(async (desk) => void (await (await import("./admin/release.ts")).makeRelease(desk, options)))(),
    )
  release
    .command("sign <file>")
    .description("sign a release with this folder's roots, if it is what was built here")
    .option(...dist)
    .option("--out <file>", "where the note is written (release.note)")
    .option(...YES)
    .option(...DRY)
    .action((file: string, options: Omit<import("./admin/release.ts").SignRelease, "file">) =>
      act(async (desk) => void (await (await import("./admin/release.ts")).signRelease(desk, { file, ...options })))(),
    )
  release
    .command("verify <file>")
    .description("check a release's signatures, and the files here against it")
    .option("--dist <folder>", "compare every file of this build")
    .option("--self", "compare the very program that runs")
    .action((file: string, options: { dist?: string; self?: boolean }) =>
      act(async (desk) => {
        const isNamed = await (await import("./admin/release.ts")).verifyReleaseFile(desk, { file, ...options })
        return isNamed ? EXIT.done : EXIT.partly
      })(),
    )
  release
    .command("webcat <file>")
    .description("the manifest by which the extension WEBCAT holds this newsroom's page to a release")
    .option("--out <file>", "where it is written (webcat-manifest.json)")
    .action((file: string, options: { out?: string }) =>
      act(async (desk) => void (await (await import("./admin/webcat.ts")).makeWebcat(desk, { file, ...options })))(),
    )
  release
    .command("publish <file>")
    .description("a keyring that names this release: whoever checks holds the page to it")
    .option(...EXPIRES)
    .option(...DRY)
    .action((file: string, options: { expiresIn: number; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/release.ts")).publishRelease(desk, { file, ...options })))(),
    )
}

function keyringCommands(keyring: Command, act: Act): void {
  keyring
    .command("sign <file>")
    .description("add this folder's signatures to a draft, once the six words of its new keys have been compared")
    .option("--words <words>", "the six words of a new key, read to you by whose it is; repeatable", collected, [])
    .option(...YES)
    .option(...DRY)
    .action((file: string, options: { yes?: boolean; words: string[]; dryRun?: boolean }) =>
      act(async (desk) => void (await (await import("./admin/sign.ts")).signKeyring(desk, { file, ...options })))(),
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
