/** `search`: full text over the vault, on this machine alone. All words must stand in a tip, in any order, within other words too;
 *  without case, accents and marks. */

import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { locked } from "../vault/lock.ts"
import { saidOf } from "../vault/marks.ts"
import type { TipRecord } from "../vault/records.ts"
import { CUT, keepTexts, readTexts, type Texts } from "../vault/texts.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { besides, inboxLine, tipJson } from "./inbox.ts"
import { threadsOf } from "./threads.ts"
import { openReply, openTip } from "./tips.ts"
import { openUnsigned } from "./unsigned.ts"
import { folded, wordsOf, wordsOfUnsigned } from "./words.ts"

export interface SearchWanted {
  readonly words: readonly string[]
  /** The newest so many; 20 on a screen if absent, all otherwise. 0: all. */
  readonly limit?: number
  readonly json?: boolean
}
const SCREEN_HITS = 20
const AROUND = 60

/** Puts the words of new tips where a search finds them. */
export async function indexWords(desk: Desk, { secrets }: Vault, words: ReadonlyMap<number, string>): Promise<void> {
  if (words.size > 0) await keepTexts(desk, secrets, new Map([...words].map(([number, text]) => [number, folded(text)])))
}

/** @returns the tips that were found, oldest number first
 *  @throws Failure `usage`: no words */
export async function search(desk: Desk, { words, limit, json = false }: SearchWanted): Promise<readonly TipRecord[]> {
  const terms = words.flatMap((word) => folded(word).split(" ")).filter((term) => term !== "")
  if (terms.length === 0) throw new Failure("usage", "there is no word to look for", "search WORD ...")
  const vault = await openVault(desk)
  const { terminal } = desk
  const found = (await findAll(desk, vault, terms)).sort((a, b) => a.tip - b.tip)
  const most = limit ?? (terminal.isScreen && !json ? SCREEN_HITS : 0)
  const shown = most === 0 ? found : found.slice(-most)
  const threads = threadsOf(vault.records)
  const today = desk.clock.today()
  if (json) terminal.json({ v: 1, found: found.length, tips: shown.map((tip) => tipJson(tip, besides(threads, tip, today))) })
  else {
    for (const tip of shown) {
      terminal.answer(inboxLine(tip, besides(threads, tip, today)))
      const part = terminal.isScreen ? await excerpt(desk, vault, tip, terms) : undefined
      if (part !== undefined) terminal.quote(part)
    }
    if (shown.length < found.length) terminal.say(`and ${found.length - shown.length} before these: --limit 0`)
    if (found.length === 0) terminal.say("nothing found")
    else terminal.next(`read ${shown.at(-1)?.tip}`)
  }
  return found
}

/** Page by page: what the words beside the index have, what they lack, and what the desk said. */
async function findAll(desk: Desk, vault: Vault, terms: readonly string[]): Promise<TipRecord[]> {
  const { tips, replies } = vault.records
  const needles = terms.map((term) => Buffer.from(term))
  const threads = threadsOf(vault.records)
  const found = new Set<number>()
  const missing = new Map<number, string>()
  for (const page of new Set([...tips.pages.keys(), ...replies.pages.keys()])) {
    const texts = await readTexts(desk, vault.secrets, page)
    // Most pages hold no hit at all: one look at the whole of it tells.
    const isHere = needles.every((needle) => texts.bytes.includes(needle))
    const hit = async (number: number, open: () => Promise<string>): Promise<boolean> => {
      const at = texts.at.get(number)
      if (at !== undefined && texts.bytes[at[1] - 1] !== CUT.charCodeAt(0)) return isHere && isWithin(texts, at, needles)
      const words = folded(await open())
      if (at === undefined) missing.set(number, words)
      return terms.every((term) => words.includes(term))
    }
    for (const tip of tips.pages.get(page)?.values() ?? []) {
      if (tip.state === "purged" || tip.state === "broken") continue
      if (isSaid(tip, terms) || (await hit(tip.tip, () => wordsIn(desk, vault, tip)))) found.add(tip.tip)
    }
    for (const record of replies.pages.get(page)?.values() ?? []) {
      const of = threads.named(record.re)
      if (of !== undefined && (await hit(record.reply, async () => (await openReply(desk, vault, record)).opened.message))) found.add(of)
    }
  }
  await fill(desk, vault, missing)
  return [...found].flatMap((number) => tips.get(number) ?? [])
}

const isWithin = ({ bytes }: Texts, [from, to]: readonly [number, number], needles: readonly Buffer[]): boolean => {
  const words = bytes.subarray(from, to)
  return needles.every((needle) => words.includes(needle))
}

/** What had to be opened is kept for the next time; a sync at work keeps nobody from searching. */
async function fill(desk: Desk, { secrets }: Vault, missing: ReadonlyMap<number, string>): Promise<void> {
  if (missing.size === 0) return
  try {
    await locked(desk, () => keepTexts(desk, secrets, missing))
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "vault-in-use") throw error
  }
}

/** Tags, notes and who has it. */
function isSaid({ marks, to }: TipRecord, terms: readonly string[]): boolean {
  if (marks === undefined) return false
  const { tags, notes, assignee, hold } = saidOf(marks, to)
  const words = folded([...tags, ...notes.map(({ text }) => text), assignee ?? "", hold ?? ""].join("\n"))
  return terms.every((term) => words.includes(term))
}

async function wordsIn(desk: Desk, vault: Vault, record: TipRecord): Promise<string> {
  if (record.unsigned === "yes") return wordsOfUnsigned(await openUnsigned(desk, vault, record))
  return wordsOf((await openTip(desk, vault, record.tip)).opened)
}

/** The words around the first hit, as they were written. */
async function excerpt(desk: Desk, vault: Vault, record: TipRecord, terms: readonly string[]): Promise<string | undefined> {
  const words = (await wordsIn(desk, vault, record)).replaceAll(/\s+/g, " ")
  // Folding moves what stands where: the first place at which the folded rest begins with a term.
  const at = words.search(new RegExp(terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "iu"))
  if (at === -1) return undefined
  const from = Math.max(at - AROUND, 0)
  const text = words.slice(from, at + AROUND * 2)
  return `${from > 0 ? "… " : ""}${text}${at + AROUND * 2 < words.length ? " …" : ""}`
}
