/** A tip out of the vault, with every check made again: what lies on a disk may have been altered since. SPEC.md §5, §7. */

import { EnvelopeError } from "../../envelope/errors.ts"
import { checkAddressed, checkReplyTo, type OpenedReply, type OpenedTip, readLetter, readTip, type Unlocked } from "../../envelope/open.ts"
import { type Writer, writerOf } from "../../keyring/writers.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "../vault/disk.ts"
import { homePaths } from "../vault/home.ts"
import type { Letters, ReplyRecord, TipRecord } from "../vault/records.ts"
import { unlockVault } from "../vault/sealed.ts"
import { ownId, type Vault } from "../vault/vault.ts"
import { signerIn } from "./look.ts"

/** @throws Failure `usage`: not a number */
export function tipNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Failure("usage", "a tip is named by its number", "run `inbox` to see the numbers")
  return Number(text)
}

/** @throws Failure `failed`: there is none, or it cannot be opened
 *  @throws EnvelopeError: it was altered in the vault */
export async function openTip(
  desk: Pick<Desk, "home">,
  vault: Vault<Letters>,
  number: number,
): Promise<{ readonly record: TipRecord; readonly opened: OpenedTip }> {
  const record = vault.records.tips.get(number)
  if (record === undefined) throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
  if (record.state === "purged") throw new Failure("failed", `tip ${number} was purged`, "a colleague who had it may still have theirs")
  if (record.unsigned === "yes")
    throw new Failure(
      "failed",
      `tip ${number} is unsigned: it names no source, and has nothing but words and files`,
      `\`read ${number}\` and \`save ${number}\` are all there is to do with it`,
    )
  const unlocked = await unlockFile(desk, vault, number)
  try {
    const opened = await readTip(unlocked, nodeAead)
    // By our key's name, not by the newest keyring: whoever has left can still read what was kept before.
    checkAddressed(opened.tip, { newsroom: vault.pin.id, day: record.day, reporter: ownId(vault.secrets) })
    return { record, opened }
  } catch (cause) {
    if (!(cause instanceof EnvelopeError) || record.state !== "broken") throw cause
    throw new Failure(
      "failed",
      `tip ${number} cannot be read (${cause.code})`,
      "it may be of a newer format: a newer sotto may be able to read it",
      { cause },
    )
  }
}

/** A file of the vault with its file key: of a large tip that is the key of the whole envelope too.
 *  @throws Failure `failed`
 *  @throws EnvelopeError: it was altered in the vault */
export async function unlockFile({ home }: Pick<Desk, "home">, { secrets }: Pick<Vault, "secrets">, number: number): Promise<Unlocked> {
  const file = await readIfThere(homePaths(home).tip(number))
  if (file === undefined) throw new Failure("failed", `the file of tip ${number} is missing from the vault`, "put it back from a backup")
  const unlocked = await unlockVault(file, secrets)
  if (unlocked !== undefined) return unlocked
  throw new Failure("failed", `tip ${number} belongs to another vault`, "put back the files of one vault together, from one backup")
}

/** A reply out of the vault, ours or a colleague's, with every check made again. Errors as {@link openTip}. */
export async function openReply(
  desk: Pick<Desk, "home">,
  vault: Vault<Letters>,
  record: ReplyRecord,
): Promise<{ readonly opened: OpenedReply; readonly writer: Writer }> {
  const opened = await readLetter(await unlockFile(desk, vault, record.reply), signerIn(vault.chain), nodeAead)
  const writer = opened.kind === "reply" ? writerOf(opened.reply, vault.chain) : undefined
  if (opened.kind !== "reply" || writer === undefined)
    throw new Failure("failed", `the file of reply ${record.reply} holds something else`, "put it back from a backup")
  checkReplyTo(opened.reply, { newsroom: vault.pin.id, day: record.day, reporter: ownId(vault.secrets) })
  return { opened, writer }
}
