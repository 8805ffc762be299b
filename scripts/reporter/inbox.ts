/** `inbox`: the tips in the vault, a line each. */

import type { Desk } from "../desk.ts"
import type { TipRecord } from "../vault/records.ts"
import { openVault } from "../vault/vault.ts"

/** `4  2026-11-22  amazon-layoffs  2 files  new`: number, day, callout, files, state. The same columns every time. */
export function inboxLine({ tip, day, callout, files, state, fault }: TipRecord, width = 0): string {
  const count = files === 1 ? "1 file" : `${files} files`
  const shown = state === "broken" || fault === undefined ? state : `${state}, files broken`
  return [String(tip).padStart(width), day, callout ?? "-", count, shown].join("  ")
}

/** @returns what is in the vault, oldest number first */
export async function inbox(desk: Desk, { json = false }: { readonly json?: boolean } = {}): Promise<readonly TipRecord[]> {
  const { records } = await openVault(desk)
  const tips = [...records.tips.values()].sort((a, b) => a.tip - b.tip)
  const { terminal } = desk
  if (json) terminal.json({ v: 1, tips })
  else {
    const width = String(tips.at(-1)?.tip ?? "").length
    for (const tip of tips) terminal.answer(inboxLine(tip, width))
    const first = tips.find(({ state }) => state === "new")
    if (first === undefined) terminal.say(tips.length === 0 ? "no tips yet" : "nothing unread")
    terminal.next(first === undefined ? "sync" : `read ${first.tip}`)
  }
  return tips
}
