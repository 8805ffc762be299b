/** `inbox`: the tips in the vault and what was answered to them, a line each. */

import { fromBase64url } from "../../envelope/bytes.ts"
import { type Hash, hashOf } from "../../envelope/names.ts"
import type { Desk } from "../desk.ts"
import type { Records, ReplyRecord, TipRecord } from "../vault/records.ts"
import { openVault } from "../vault/vault.ts"
import { firstOf, type Mark, markOf, type Promised, promised, promisedText } from "./threads.ts"

/** What the rest of the vault says of a tip. */
export interface Beside {
  /** The earlier tip by the same source. */
  readonly follows?: number
  readonly mark?: Mark
  readonly promise?: Promised
}

/** `4  2026-11-22  amazon-layoffs  2 files  new  acknowledge in 7 days`: number, day, callout, files, state, promise. The same columns every time.
 *  @param beside - absent where a tip has just come, and nothing but the tip is told */
export function inboxLine({ tip, day, callout, files, state, fault }: TipRecord, beside?: Beside, width = 0): string {
  const { follows, mark } = beside ?? {}
  const count = files === 1 ? "1 file" : `${files} files`
  const more = [
    state,
    ...(state === "broken" || fault === undefined ? [] : ["files broken"]),
    ...(follows === undefined ? [] : [`follows ${follows}`]),
    ...(mark === undefined ? [] : [mark.what === "changed" ? `ANOTHER MAILBOX THAN ${mark.than}` : `ANOTHER HAND THAN ${mark.than}`]),
  ].join(", ")
  const columns = [String(tip).padStart(width), day, callout ?? "-", count, more]
  return [...columns, ...(beside === undefined ? [] : [promisedText(beside.promise)])].join("  ")
}

/** `5  2026-11-23  -  reply  new  by bo to 4`. */
export const replyLine = ({ reply, day, state, from }: ReplyRecord, to?: number, width = 0): string =>
  [String(reply).padStart(width), day, "-", "reply", state, `by ${from}${to === undefined ? "" : ` to ${to}`}`].join("  ")

/** By tip, the name that its replies have for it: SHA-256 of its signature. */
export async function answeredAs({ tips }: Records): Promise<ReadonlyMap<number, Hash>> {
  const named: [number, Hash][] = []
  for (const [number, { signature }] of tips) if (signature !== undefined) named.push([number, await hashOf(fromBase64url(signature))])
  return new Map(named)
}

export function besides(records: Records, tip: TipRecord, hashes: ReadonlyMap<number, Hash>, desk: Pick<Desk, "clock">): Beside {
  const [follows, mark] = [firstOf(records, tip), markOf(records, tip)]
  const promise = promised(records, tip, hashes, desk.clock.today())
  return {
    ...(follows === undefined ? {} : { follows }),
    ...(mark === undefined ? {} : { mark }),
    ...(promise === undefined ? {} : { promise }),
  }
}

/** @returns the tips in the vault, oldest number first */
export async function inbox(desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<readonly TipRecord[]> {
  const { records } = await openVault(desk)
  const hashes = await answeredAs(records)
  const tips = [...records.tips.values()].sort((a, b) => a.tip - b.tip)
  const replies = [...records.replies.values()].sort((a, b) => a.reply - b.reply)
  const numberOf = ({ re }: ReplyRecord) => [...hashes].find(([, hash]) => hash === re)?.[0]
  const { terminal } = desk
  if (json) {
    const shownTips = tips.map((tip) => ({ ...tip, ...besides(records, tip, hashes, desk) }))
    terminal.json({ v: 1, tips: shownTips, replies: replies.map((reply) => ({ ...reply, to: numberOf(reply) ?? null })) })
    return tips
  }
  const width = String(Math.max(records.next - 1, 0)).length
  const lines = [
    ...tips.map((tip) => [tip.tip, inboxLine(tip, besides(records, tip, hashes, desk), width)] as const),
    ...replies.map((reply) => [reply.reply, replyLine(reply, numberOf(reply), width)] as const),
  ]
  for (const [, line] of lines.sort(([a], [b]) => a - b)) terminal.answer(line)
  const first = tips.find(({ state }) => state === "new")?.tip ?? replies.find(({ state }) => state === "new")?.reply
  if (first === undefined) terminal.say(tips.length === 0 ? "no tips yet" : "nothing unread")
  terminal.next(first === undefined ? "sync" : `read ${first}`)
  return tips
}
