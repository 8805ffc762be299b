/** `read` on a terminal: a tip, then one key for what to do next. Nothing is opened, sent or saved but what a key asked for. */

import type { Desk } from "../desk.ts"
import { describe } from "../faults.ts"
import { openVault } from "../vault/vault.ts"
import { assign, tag } from "./mark.ts"
import { type Read, read } from "./read.ts"
import { reply } from "./reply.ts"
import { save } from "./save.ts"

export interface Walk extends Read {
  /** Show it and ask nothing. */
  readonly once?: boolean
  /** For a reply. */
  readonly editor?: string
}
const QUESTION = "next, reply, save, tag, assign, quit? [n r s t a q]"

export async function walk(desk: Desk, { once = false, editor, ...wanted }: Walk): Promise<void> {
  const { terminal } = desk
  await read(desk, wanted)
  if (once || wanted.json || !terminal.isScreen || !terminal.canAsk) return
  for (let number = wanted.number; ; ) {
    const key = await terminal.key(QUESTION, "nrstaq")
    if (key === "q") return
    const next = await tried(desk, number, async () => {
      if (key === "r") await reply(desk, { number, ...(editor === undefined ? {} : { editor }) })
      if (key === "s") await save(desk, { number })
      if (key === "t") await tag(desk, { number, ...tagsIn(await terminal.ask("tags, - before one to take it away:", "tag NUMBER TAG")) })
      if (key === "a") await assign(desk, { number, to: (await terminal.ask("who? (id, me, nobody)", "assign NUMBER WHO")).trim() })
      return key === "n" ? unreadAfter(desk, number) : number
    })
    if (next === undefined) {
      terminal.say("nothing else is unread")
      return
    }
    number = next
  }
}

/** What one key could not do is said, and ends nothing. */
async function tried(desk: Desk, number: number, work: () => Promise<number | undefined>): Promise<number | undefined> {
  try {
    const next = await work()
    if (next !== undefined && next !== number) await read(desk, { number: next })
    return next
  } catch (error) {
    const { message, hint } = describe(error)
    desk.terminal.say(`sotto: error: ${message}`)
    desk.terminal.say(`sotto: hint: ${hint}`)
    return number
  }
}

function tagsIn(text: string): { readonly tags: readonly string[]; readonly remove: readonly string[] } {
  const all = text.split(/[\s,]+/).filter((one) => one !== "")
  return { tags: all.filter((one) => !one.startsWith("-")), remove: all.flatMap((one) => (one.startsWith("-") ? [one.slice(1)] : [])) }
}

/** The next unread letter, from here on and then from the beginning. */
async function unreadAfter(desk: Desk, number: number): Promise<number | undefined> {
  const { records } = await openVault(desk)
  const unread = [
    ...[...records.tips.values()].flatMap(({ tip, state }) => (state === "new" ? [tip] : [])),
    ...[...records.replies.values()].flatMap(({ reply, state }) => (state === "new" ? [reply] : [])),
  ].sort((a, b) => a - b)
  return unread.find((one) => one > number) ?? unread[0]
}
