/** Tips that were locked with stock tools: nobody signed them, so nothing says who wrote them, that they were written once, or for whom.
 *  Shown apart, and never as a tip of the page is. SPEC.md §3.10. */

import type { OpenedFile } from "../../envelope/open.ts"
import { readLetterOrUnsigned, type Unsigned, unsignedFiles } from "../../envelope/unsigned.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import type { TipRecord } from "../vault/records.ts"
import type { Vault } from "../vault/vault.ts"
import { unlockFile } from "./tips.ts"

export const UNSIGNED =
  "UNSIGNED: made by hand. It has no thread and cannot be answered, and nothing shows whether it was copied from somewhere or sent before."

/** @throws Failure `failed`
 *  @throws EnvelopeError: it was altered in the vault */
export async function openUnsigned(desk: Pick<Desk, "home">, vault: Pick<Vault, "secrets">, { tip }: TipRecord): Promise<Unsigned> {
  const opened = await readLetterOrUnsigned(await unlockFile(desk, vault, tip), () => undefined, nodeAead)
  if (opened.kind !== "unsigned") throw new Failure("failed", `the file of tip ${tip} holds something else`, "put it back from a backup")
  return opened
}

/** Its files, each to be read before the next. Errors as {@link openUnsigned}. */
export async function* filesOfUnsigned(
  desk: Pick<Desk, "home">,
  vault: Pick<Vault, "secrets">,
  { tip }: TipRecord,
): AsyncGenerator<OpenedFile> {
  yield* unsignedFiles(await unlockFile(desk, vault, tip), nodeAead)
}

export function showUnsigned({ terminal }: Desk, { tip, day }: TipRecord, { message, files, passedOver }: Unsigned): void {
  terminal.answer(`tip ${tip}, unsigned, kept for ${day}`)
  terminal.tell(`warning: ${UNSIGNED}`)
  terminal.answer("")
  if (message.trim() === "") terminal.answer("no message")
  else {
    terminal.answer("message")
    terminal.quote(message)
  }
  terminal.answer("")
  terminal.answer(files.length === 0 ? "no files" : files.length === 1 ? "1 file" : `${files.length} files`)
  for (const [at, { name, bytes }] of files.entries()) terminal.quote(`${at + 1}  ${bytes} bytes  -  ${name.replaceAll("\n", " ")}`)
  if (passedOver > 0) terminal.tell(`${passedOver} more in its archive are no files (folders, links, devices) and were passed over`)
  terminal.say("Unverified: anybody can write to a tip line. What stands behind a bar was written by the source.")
  if (files.length > 0) terminal.next(`save ${tip}`)
}

export const unsignedJson = (
  { tip, day, state, fault }: TipRecord,
  { message, files, passedOver }: Unsigned,
): Readonly<Record<string, unknown>> => ({
  v: 1,
  tip,
  day,
  unsigned: true,
  state,
  message,
  files,
  passedOver,
  fault: fault ?? null,
  warnings: [UNSIGNED],
})
