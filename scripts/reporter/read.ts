/** `read N`: a tip on the screen. Everything the source wrote stands behind a bar; what we say does not. */

import { toBase64url } from "../../envelope/bytes.ts"
import type { TipFile } from "../../envelope/letter.ts"
import type { OpenedTip } from "../../envelope/open.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { locked } from "../vault/lock.ts"
import { keepRecords, readRecords, type TipRecord, withTip } from "../vault/records.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { calloutOf, type ShownAnswer, shownAnswers } from "./answers.ts"
import { openTip } from "./tips.ts"
import { judge } from "./warnings.ts"

export interface Read {
  readonly number: number
  readonly json?: boolean
  /** Let what a source wrote go into a file or a pipe. */
  readonly plaintext?: boolean
}

/** @throws Failure `usage`: into a pipe without --plaintext; `failed`: no such tip
 *  @throws EnvelopeError: it was altered in the vault */
export async function read(desk: Desk, { number, json = false, plaintext = false }: Read): Promise<OpenedTip> {
  const { terminal } = desk
  if (!terminal.isScreen && !json && !plaintext)
    throw new Failure(
      "usage",
      "a tip would leave the screen as plaintext",
      "add --plaintext, or --json for a program, if that is what you want",
    )
  const vault = await openVault(desk)
  const { record, opened } = await openTip(desk, vault, number)
  if (json) terminal.json(asJson(vault, record, opened))
  else show(desk, vault, record, opened)
  await markRead(desk, vault, number)
  return opened
}

const from = ({ records }: Vault, { source, tip }: TipRecord): number | undefined =>
  [...records.tips.values()].find((other) => other.source === source && other.tip < tip)?.tip

function show({ terminal }: Desk, vault: Vault, record: TipRecord, { tip, message }: OpenedTip): void {
  const { keyring, warnings } = judge(tip, vault.chain)
  const current = currentOf(vault.chain)
  const callout = calloutOf(tip, keyring, current)
  terminal.answer(`tip ${record.tip}, sealed for ${tip.day}, to ${tip.to.join(", ")}`)
  for (const warning of warnings) terminal.tell(`warning: ${warning}`)
  const earlier = from(vault, record)
  if (earlier !== undefined) terminal.answer(`by the same source as tip ${earlier}`)
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
  showFiles({ terminal }, record, tip.files)
  terminal.say("Unverified: anybody can write to a tip line. What stands behind a bar was written by the source.")
  if (tip.files.length > 0) terminal.next(`save ${record.tip}`)
}

const heading = ({ id, question, fits }: ShownAnswer): string =>
  `${question ?? `question ${id}, which is not ours`}${fits ? "" : "  (it cannot have this answer)"}`

function showFiles({ terminal }: Pick<Desk, "terminal">, { fault }: TipRecord, files: readonly TipFile[]): void {
  terminal.answer(files.length === 0 ? "no files" : files.length === 1 ? "1 file" : `${files.length} files`)
  for (const [at, { name, type, bytes }] of files.entries())
    terminal.quote(`${at + 1}  ${bytes} bytes  ${type === "" ? "-" : type}  ${name.replaceAll("\n", " ")}`)
  if (fault !== undefined) terminal.tell(`warning: the files are damaged (${fault}) and cannot be saved`)
}

function asJson(vault: Vault, { tip: number, fault }: TipRecord, { tip, message, signature }: OpenedTip): unknown {
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

/** Marks it read. A sync at work must not keep anybody from reading: then the mark is left for the next time. */
async function markRead(desk: Desk, { secrets }: Vault, number: number): Promise<void> {
  try {
    await locked(desk, async () => {
      const records = await readRecords(desk, secrets)
      const record = records.tips.get(number)
      if (record?.state === "new") await keepRecords(desk, secrets, withTip(records, { ...record, state: "read" }))
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "vault-in-use") throw error
  }
}
