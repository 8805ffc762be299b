/** Letters as they are handed out: a tip or a reply with everything that is known of it, or without what says whose it is. */

import { createHash } from "node:crypto"
import { toBase64url } from "../../envelope/bytes.ts"
import type { Day } from "../../envelope/day.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { type Note, saidOf } from "../vault/marks.ts"
import type { ReplyRecord, TipRecord } from "../vault/records.ts"
import type { Vault } from "../vault/vault.ts"
import { calloutOf, type ShownAnswer, shownAnswers } from "./answers.ts"
import { threadsOf } from "./threads.ts"
import { openReply, openTip } from "./tips.ts"
import { openUnsigned, UNSIGNED } from "./unsigned.ts"
import { judge } from "./warnings.ts"

export interface LetterFile {
  readonly name: string
  readonly type: string
  readonly bytes: number
  /** Hidden data was taken out of it in the source's browser, as that says. */
  readonly cleaned?: true
  /** Hexadecimal; absent where the files are damaged. */
  readonly sha256?: string
}
/** All members are plain values: this is also what `export --format json` writes. */
export interface Letter {
  readonly number: number
  readonly kind: "tip" | "reply"
  readonly day: Day
  readonly callout?: { readonly id: string; readonly title?: string }
  readonly answers: readonly ShownAnswer[]
  readonly message: string
  readonly files: readonly LetterFile[]
  readonly warnings: readonly string[]
  /** From here on absent from what is anonymised. */
  readonly by?: string
  readonly to?: readonly string[]
  readonly answersTip?: number
  readonly source?: string
  readonly mailbox?: string
  readonly tags?: readonly string[]
  readonly notes?: readonly Note[]
  readonly assignee?: string
}

export async function tipLetter(desk: Desk, vault: Vault, { tip: number, marks, to }: TipRecord): Promise<Letter> {
  const { opened, record } = await openTip(desk, vault, number)
  const { tip, message } = opened
  const { keyring, warnings } = judge(tip, vault.chain)
  const callout = calloutOf(tip, keyring, currentOf(vault.chain))
  const { tags, notes, assignee } = saidOf(marks, to)
  // The files of a large tip may still lie at the server: `save` fetches them.
  const hashes = record.fault === undefined && record.bytes === undefined ? await hashesOf(opened) : []
  return {
    number,
    kind: "tip",
    day: tip.day,
    ...(tip.callout === undefined ? {} : { callout: { id: tip.callout, ...(callout === undefined ? {} : { title: callout.title }) } }),
    answers: shownAnswers(tip, callout),
    message,
    files: tip.files.map((file, at) => ({ ...file, ...(hashes[at] === undefined ? {} : { sha256: hashes[at] }) })),
    warnings: [...warnings, ...(record.fault === undefined ? [] : [`the files are damaged (${record.fault})`])],
    to: tip.to,
    source: toBase64url(tip.source.verify),
    mailbox: tip.source.mailbox,
    tags,
    notes,
    ...(assignee === undefined ? {} : { assignee }),
  }
}

/** One that was made by hand: words and files, and a warning. */
async function unsignedLetter(desk: Desk, vault: Vault, record: TipRecord): Promise<Letter> {
  const { message, files } = await openUnsigned(desk, vault, record)
  const { tip: number, day } = record
  return { number, kind: "tip", day, answers: [], message, files: files.map((file) => ({ ...file, type: "" })), warnings: [UNSIGNED] }
}

async function hashesOf({ files }: Awaited<ReturnType<typeof openTip>>["opened"]): Promise<readonly string[]> {
  const hashes: string[] = []
  for await (const { bytes } of files()) {
    const hash = createHash("sha256")
    for await (const piece of bytes) hash.update(piece)
    hashes.push(hash.digest("hex"))
  }
  return hashes
}

export async function replyLetter(desk: Desk, vault: Vault, record: ReplyRecord): Promise<Letter> {
  const { opened } = await openReply(desk, vault, record)
  const { reply, message } = opened
  const to = threadsOf(vault.records).named(reply.re)
  return {
    number: record.reply,
    kind: "reply",
    day: reply.day,
    answers: [],
    message,
    files: [],
    warnings: [],
    by: reply.from,
    to: reply.to,
    source: toBase64url(reply.for),
    ...(to === undefined ? {} : { answersTip: to }),
  }
}

/** Without mailbox, slots and names, of files too; numbered anew. The words stay: what points to somebody in them, only a person can see. */
export const anonymised = ({ kind, day, callout, answers, message, files }: Letter, at: number): Letter => ({
  number: at + 1,
  kind,
  day,
  ...(callout === undefined ? {} : { callout }),
  answers,
  message,
  files: files.map(({ type, bytes }, index) => ({ name: `file ${index + 1}`, type, bytes })),
  warnings: [],
})

export interface Gathered {
  readonly letters: readonly Letter[]
  /** Those that could not be read: one must not keep the rest from being handed out. */
  readonly broken: readonly number[]
}

/** @param numbers - of tips and replies */
export async function gather(desk: Desk, vault: Vault, numbers: readonly number[]): Promise<Gathered> {
  const letters: Letter[] = []
  const broken: number[] = []
  for (const number of numbers) {
    const [tip, reply] = [vault.records.tips.get(number), vault.records.replies.get(number)]
    try {
      if (reply !== undefined && reply.state !== "purged") letters.push(await replyLetter(desk, vault, reply))
      else if (tip?.unsigned === "yes" && tip.state !== "purged") letters.push(await unsignedLetter(desk, vault, tip))
      else if (tip !== undefined) letters.push(await tipLetter(desk, vault, tip))
      else throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
    } catch (error) {
      const isOurs = error instanceof EnvelopeError || (error instanceof Failure && (tip !== undefined || reply !== undefined))
      if (!isOurs) throw error
      broken.push(number)
      desk.terminal.say(`warning: ${number} cannot be read and is left out: ${error.message}`)
    }
  }
  return { letters, broken }
}
