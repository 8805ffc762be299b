/** `read N`: a tip or a reply on the screen. Everything that somebody wrote stands behind a bar; what we say does not. */

import { toBase64url } from "../../envelope/bytes.ts"
import { addDays } from "../../envelope/day.ts"
import type { TipFile } from "../../envelope/letter.ts"
import type { OpenedReply, OpenedTip } from "../../envelope/open.ts"
import type { Unsigned } from "../../envelope/unsigned.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { keepRecords, readRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import type { Said } from "../vault/marks.ts"
import { type ReplyRecord, type TipRecord, withReply, withTip } from "../vault/records.ts"
import { openVault, ownId, type Vault } from "../vault/vault.ts"
import { calloutOf, type ShownAnswer, shownAnswers } from "./answers.ts"
import { type Beside, besides, saidText } from "./inbox.ts"
import { withChange } from "./mark.ts"
import { markText, threadOf, threadsOf } from "./threads.ts"
import { openReply, openTip } from "./tips.ts"
import { openUnsigned, showUnsigned, unsignedJson } from "./unsigned.ts"
import { judge } from "./warnings.ts"

export interface Read {
  readonly number: number
  readonly json?: boolean
  /** Let what a source wrote go into a file or a pipe. */
  readonly plaintext?: boolean
}

/** @throws Failure `usage`: into a pipe without --plaintext; `failed`: no such tip
 *  @throws EnvelopeError: it was altered in the vault */
export async function read(desk: Desk, { number, json = false, plaintext = false }: Read): Promise<OpenedTip | OpenedReply | Unsigned> {
  const { terminal } = desk
  if (!terminal.isScreen && !json && !plaintext)
    throw new Failure(
      "usage",
      "a tip would leave the screen as plaintext",
      "add --plaintext, or --json for a program, if that is what you want",
    )
  const vault = await openVault(desk)
  const answered = vault.records.replies.get(number)
  if (answered?.state === "purged") throw new Failure("failed", `reply ${number} was purged`, "run sotto inbox to see the numbers")
  if (answered !== undefined) return readReply(desk, vault, answered, json)
  const byHand = vault.records.tips.get(number)
  if (byHand?.unsigned === "yes") {
    const opened = await openUnsigned(desk, vault, byHand)
    if (json) terminal.json(unsignedJson(byHand, opened))
    else showUnsigned(desk, byHand, opened)
    await markRead(desk, vault, number)
    return opened
  }
  const { record, opened } = await openTip(desk, vault, number)
  const beside = besides(threadsOf(vault.records), record, desk.clock.today())
  if (json) terminal.json({ ...asJson(vault, record, opened), ...threadJson(vault, record, beside) })
  else show(desk, vault, record, opened, beside)
  await markRead(desk, vault, number)
  return opened
}

async function readReply(desk: Desk, vault: Vault, record: ReplyRecord, json: boolean): Promise<OpenedReply> {
  const { terminal } = desk
  const { opened, writer } = await openReply(desk, vault, record)
  const { reply, message } = opened
  const to = threadsOf(vault.records).named(reply.re)
  const warnings = [
    ...(writer.left === undefined
      ? []
      : [
          writer.left.isBefore
            ? `${reply.from} had left on ${writer.left.on}, before this was written`
            : `${reply.from} has left, on ${writer.left.on}`,
        ]),
    ...(writer.replaced === undefined ? [] : [`signed with a key that ${reply.from} gave up on ${writer.replaced}`]),
    ...(to === undefined ? ["the tip that it answers is not in this vault"] : []),
  ]
  if (json) {
    const { from, day, to: readers } = reply
    const source = toBase64url(reply.for)
    terminal.json({ v: 1, reply: record.reply, day, from, to: to ?? null, readers, source, message, warnings })
  } else {
    terminal.answer(
      `reply ${record.reply} by "${writer.reporter.name}" (${reply.from}), dated ${reply.day}, to ${to === undefined ? "a tip that is not here" : `tip ${to}`}`,
    )
    for (const warning of warnings) terminal.tell(`warning: ${warning}`)
    terminal.answer(`also for ${reply.to.filter((id) => id !== reply.from).join(", ") || "nobody else"}`)
    terminal.answer("")
    terminal.quote(message)
    showThread(desk, vault, record.source)
  }
  await markRead(desk, vault, record.reply)
  return opened
}

/** The other letters of the same conversation; nothing where there are none. */
function showThread({ terminal }: Desk, { records, secrets }: Vault, source: TipRecord["source"]): void {
  const { tips, replies } = threadOf(records, source)
  if (tips.length + replies.length < 2) return
  terminal.answer("")
  terminal.answer("thread")
  const lines = [
    ...tips.map(({ tip, day, state }) => [tip, `${tip}  ${day}  the source, ${state}`] as const),
    ...replies.map(
      ({ reply, day, from, state }) => [reply, `${reply}  ${day}  ${from === ownId(secrets) ? "you" : `${from}, ${state}`}`] as const,
    ),
  ]
  for (const [, line] of lines.sort(([a], [b]) => a - b)) terminal.answer(`  ${line}`)
}

function threadJson(
  { records }: Vault,
  { source }: TipRecord,
  { follows, mark, promise, said }: Beside,
): Readonly<Record<string, unknown>> {
  const { tips, replies } = threadOf(records, source)
  return {
    follows: follows ?? null,
    mark: mark ?? null,
    promise: promise ?? null,
    ...said,
    assignee: said.assignee ?? null,
    hold: said.hold ?? null,
    thread: { tips: tips.map(({ tip }) => tip), replies: replies.map(({ reply }) => reply) },
  }
}

function show(desk: Desk, vault: Vault, record: TipRecord, { tip, message }: OpenedTip, { follows, mark, promise, said }: Beside): void {
  const { terminal } = desk
  const { keyring, warnings } = judge(tip, vault.chain)
  const current = currentOf(vault.chain)
  const callout = calloutOf(tip, keyring, current)
  terminal.answer(`tip ${record.tip}, sealed for ${tip.day}, to ${tip.to.join(", ")}`)
  for (const warning of warnings) terminal.tell(`warning: ${warning}`)
  if (mark !== undefined) terminal.tell(`warning: ${markText(record.tip, mark)}`)
  if (follows !== undefined) terminal.answer(`by the same source as tip ${follows}`)
  terminal.answer(
    tip.callout === undefined
      ? "no callout"
      : callout === undefined
        ? `callout ${tip.callout}, which is not ours`
        : `callout ${tip.callout}, "${callout.title}"`,
  )
  for (const one of shownAnswers(tip, callout)) {
    terminal.answer("")
    terminal.tell(heading(one))
    terminal.quote(one.text)
  }
  terminal.answer("")
  if (message.trim() === "") terminal.answer("no message")
  else {
    terminal.answer("message")
    terminal.quote(message)
  }
  terminal.answer("")
  showFiles({ terminal }, record, tip.files, current)
  showSaid(desk, said)
  showThread(desk, vault, record.source)
  if (promise !== undefined) terminal.say(`you promised to ${promise.what} by ${promise.by}: \`reply ${record.tip}\``)
  terminal.say("Unverified: anybody can write to a tip line. What stands behind a bar was written by the source.")
  if (tip.files.length > 0) terminal.next(`save ${record.tip}`)
}

/** What the desk said: a colleague's words stand behind a bar too. */
function showSaid({ terminal }: Pick<Desk, "terminal">, said: Said): void {
  const { notes, hold, readBy, ...rest } = said
  const words = saidText({ ...rest, notes: [], readBy })
  if (words !== "") terminal.answer(words)
  if (hold !== undefined) {
    terminal.answer("held, because")
    terminal.quote(hold)
  }
  for (const [at, { by, day, text }] of notes.entries()) {
    terminal.answer(`note ${at + 1}, ${by}, ${day}`)
    terminal.quote(text)
  }
  if (readBy.length > 0) terminal.answer(`read by ${readBy.join(", ")}`)
}

const heading = ({ id, question, fits }: ShownAnswer): string =>
  `${question ?? `question ${id}, which is not ours`}${fits ? "" : "  (it cannot have this answer)"}`

function showFiles(
  { terminal }: Pick<Desk, "terminal">,
  { fault, bytes: large, day, tip }: TipRecord,
  files: readonly TipFile[],
  { policy }: Keyring,
): void {
  terminal.answer(files.length === 0 ? "no files" : files.length === 1 ? "1 file" : `${files.length} files`)
  for (const [at, { name, type, bytes, cleaned }] of files.entries()) {
    terminal.quote(`${at + 1}  ${bytes} bytes  ${type === "" ? "-" : type}  ${name.replaceAll("\n", " ")}`)
    if (cleaned) terminal.answer("   hidden data was taken out of it in the source's browser")
  }
  if (fault !== undefined) terminal.tell(`warning: the files are damaged (${fault}) and cannot be saved`)
  if (large !== undefined && files.length > 0)
    terminal.tell(
      `they stay at the server until ${addDays(day, policy.retentionDays)}; \`save ${tip}\` fetches them, and whoever watches the server then learns that you can read this tip`,
    )
}

function asJson(
  vault: Vault,
  { tip: number, fault }: TipRecord,
  { tip, message, signature }: OpenedTip,
): Readonly<Record<string, unknown>> {
  const { keyring, warnings } = judge(tip, vault.chain)
  const callout = calloutOf(tip, keyring, currentOf(vault.chain))
  return {
    v: 1,
    tip: number,
    day: tip.day,
    to: tip.to,
    reachable: tip.reachable,
    keyring: keyring?.version ?? null,
    callout: tip.callout ?? null,
    answers: shownAnswers(tip, callout),
    message,
    files: tip.files,
    source: toBase64url(tip.source.verify),
    signature: toBase64url(signature),
    fault: fault ?? null,
    warnings,
  }
}

/** Marks it read, for colleagues too. A sync at work must not keep anybody from reading: then the mark is left for the next time. */
export async function markRead(desk: Desk, { secrets }: Pick<Vault, "secrets">, number: number): Promise<void> {
  try {
    await locked(desk, async () => {
      const records = await readRecords(desk, secrets)
      const [record, reply] = [records.tips.get(number), records.replies.get(number)]
      if (record?.state === "new") {
        const own = ownId(secrets)
        const read = withTip(records, { ...record, state: "read" })
        await keepRecords(desk, secrets, withChange(read, number, new Map([[`read:${own}`, true]]), { own, today: desk.clock.today() }))
      }
      if (reply?.state === "new") await keepRecords(desk, secrets, withReply(records, { ...reply, state: "read" }))
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "vault-in-use") throw error
  }
}
