/** `search`: full text over the vault, on this machine alone. All words must stand in a tip, in any order, within other words too;
 *  without case, accents and marks. */

import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { folded } from "../folded.ts"
import { locked } from "../vault/lock.ts"
import { type Overview, readOverview } from "../vault/overview.ts"
import type { Letters, TipRecord } from "../vault/records.ts"
import { keepTexts, readTexts, type Texts } from "../vault/texts.ts"
import { openVaultOnly, type Reading, type Vault } from "../vault/vault.ts"
import { besides, fitted, inboxLine, tipJson } from "./inbox.ts"
import { threadsOf } from "./threads.ts"
import { openReply, openTip } from "./tips.ts"
import { openUnsigned } from "./unsigned.ts"
import { wordsOf, wordsOfUnsigned } from "./words.ts"

export interface SearchWanted {
  readonly words: readonly string[]
  /** The newest so many; 20 on a screen if absent, all otherwise. 0: all. */
  readonly limit?: number
  readonly json?: boolean
}
const SCREEN_HITS = 20
const AROUND = 60

/** Puts the words of new tips where a search finds them. */
export async function indexWords(desk: Desk, { secrets }: Reading, words: ReadonlyMap<number, string>): Promise<void> {
  if (words.size > 0) await keepTexts(desk, secrets, new Map([...words].map(([number, text]) => [number, folded(text)])))
}

/** What was found. */
export interface Found {
  /** Oldest number first: the newest so many, or all. */
  readonly tips: readonly TipRecord[]
  /** Those and what belongs to them. */
  readonly records: Letters
  /** How many there are beside these. */
  readonly more: number
}

/** @returns the tips that were shown, oldest number first
 *  @throws Failure `usage`: no words */
export async function search(desk: Desk, { words, limit, json = false }: SearchWanted): Promise<readonly TipRecord[]> {
  const most = limit ?? (desk.terminal.isScreen && !json ? SCREEN_HITS : 0)
  const reading = await openVaultOnly(desk)
  const found = await findTips(desk, reading, words, most)
  await show(desk, { ...reading, records: found.records }, { ...found, terms: termsOf(words), json })
  return found.tips
}

/** @param most - the newest so many; 0: all
 *  @throws Failure `usage`: no words */
export async function findTips(desk: Desk, reading: Reading, words: readonly string[], most: number): Promise<Found> {
  const terms = termsOf(words)
  if (terms.length === 0) throw new Failure("usage", "there is no word to look for", "search WORD ...")
  const overview = await readOverview(desk, reading.secrets)
  const numbers = [...(await findAll(desk, { reading, overview }, terms))].sort((a, b) => a - b)
  const shown = most === 0 ? numbers : numbers.slice(-most)
  const records = await overview.records(overview.threadsOf(new Set(shown)))
  return { tips: shown.flatMap((number) => records.tips.get(number) ?? []), records, more: numbers.length - shown.length }
}

const termsOf = (words: readonly string[]): readonly string[] =>
  words.flatMap((word) => folded(word).split(" ")).filter((term) => term !== "")

async function show(
  desk: Desk,
  vault: Vault<Letters>,
  { tips, more, terms, json }: Pick<Found, "tips" | "more"> & { readonly terms: readonly string[]; readonly json: boolean },
): Promise<void> {
  const { terminal } = desk
  const threads = threadsOf(vault.records)
  const today = desk.clock.today()
  if (json) {
    terminal.json({ v: 1, found: tips.length + more, tips: tips.map((tip) => tipJson(tip, besides(threads, tip, today))) })
    return
  }
  for (const tip of tips) {
    for (const line of fitted(inboxLine(tip, besides(threads, tip, today)), terminal)) terminal.answer(line)
    const part = terminal.isScreen ? await excerpt(desk, vault, tip, terms) : undefined
    if (part !== undefined) terminal.quote(part)
  }
  if (more > 0) terminal.say(`and ${more} before these: --limit 0`)
  if (tips.length === 0) terminal.say("nothing found")
  else terminal.next(`read ${tips.at(-1)?.tip}`)
}

interface Within {
  readonly reading: Reading
  readonly overview: Overview
}

/** Page by page: what the words beside the index have, what they lack, and what the desk said. */
async function findAll(desk: Desk, within: Within, terms: readonly string[]): Promise<ReadonlySet<number>> {
  const { overview, reading } = within
  const needles = terms.map((term) => Buffer.from(term))
  const found = new Set<number>()
  /** Replies that were found, and letters whose words are not beside the index, or not all of them. */
  const [answers, unindexed] = [new Set<number>(), new Map<number, Texts>()]
  const pages = [...overview.pages]
  const textsAt = (index: number) => {
    const page = pages[index]?.[0]
    const texts = page === undefined ? undefined : readTexts(desk, reading.secrets, page)
    texts?.catch(() => undefined) // heard of in its turn
    return texts
  }
  // The next is read while one is looked through.
  let next = textsAt(0)
  for (const [index, [, list]] of pages.entries()) {
    const texts = await next
    next = textsAt(index + 1)
    if (texts === undefined) break
    for (const number of texts.having(needles)) {
      const state = list.states[list.numbers.indexOf(number)]
      if (state === "n" || state === "r") found.add(number)
      else if (state === "N" || state === "R") answers.add(number)
    }
    for (const [number, words] of list.said) if (terms.every((term) => words.includes(term))) found.add(number)
    for (const [at, number] of list.numbers.entries())
      if (number < overview.next && "nrNR".includes(list.states[at] ?? "p") && !texts.isWhole(number)) unindexed.set(number, texts)
  }
  await openUnindexed(desk, within, { terms, unindexed, found, answers })
  for (const number of await answered(overview, answers)) found.add(number)
  return found
}

/** The tips that these replies answer. */
async function answered(overview: Overview, replies: ReadonlySet<number>): Promise<readonly number[]> {
  if (replies.size === 0) return []
  const records = await overview.records(replies)
  const threads = threadsOf(records)
  return [...records.replies.values()].flatMap(({ re, state }) => (state === "purged" ? [] : (threads.named(re) ?? [])))
}

/** Looks into the letters themselves, and keeps their words for the next time. */
async function openUnindexed(
  desk: Desk,
  { reading, overview }: Within,
  {
    terms,
    unindexed,
    found,
    answers,
  }: {
    readonly terms: readonly string[]
    readonly unindexed: ReadonlyMap<number, Texts>
    readonly found: Set<number>
    readonly answers: Set<number>
  },
): Promise<void> {
  if (unindexed.size === 0) return
  const records = await overview.records(unindexed.keys())
  const vault = { ...reading, records }
  const threads = threadsOf(records)
  const missing = new Map<number, string>()
  for (const [number, texts] of unindexed) {
    const [tip, reply] = [records.tips.get(number), records.replies.get(number)]
    // What answers nothing that is here leads to no tip, and what was purged meanwhile is gone.
    const isHere = tip === undefined ? reply !== undefined && threads.named(reply.re) !== undefined : true
    if (!isHere || (tip ?? reply)?.state === "purged") continue
    const words = folded(
      tip !== undefined ? await wordsIn(desk, vault, tip) : reply !== undefined ? (await openReply(desk, vault, reply)).opened.message : "",
    )
    if (!texts.has(number)) missing.set(number, words)
    if (terms.every((term) => words.includes(term))) (tip === undefined ? answers : found).add(number)
  }
  await fill(desk, reading, missing)
}

/** What had to be opened is kept for the next time; a sync at work keeps nobody from searching. */
async function fill(desk: Desk, { secrets }: Reading, missing: ReadonlyMap<number, string>): Promise<void> {
  if (missing.size === 0) return
  try {
    await locked(desk, () => keepTexts(desk, secrets, missing))
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "vault-in-use") throw error
  }
}

async function wordsIn(desk: Desk, vault: Vault<Letters>, record: TipRecord): Promise<string> {
  if (record.unsigned === "yes") return wordsOfUnsigned(await openUnsigned(desk, vault, record))
  return wordsOf((await openTip(desk, vault, record.tip)).opened)
}

/** The words around the first hit, as they were written; lines, and what is no message, apart by a stroke. */
async function excerpt(desk: Desk, vault: Vault<Letters>, record: TipRecord, terms: readonly string[]): Promise<string | undefined> {
  const words = (await wordsIn(desk, vault, record))
    .trim()
    .replaceAll(/\s*\n\s*/g, " / ")
    .replaceAll(/\s+/g, " ")
  // Folding moves what stands where: the first place at which the folded rest begins with a term.
  const at = words.search(new RegExp(terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "iu"))
  if (at === -1) return undefined
  const from = Math.max(at - AROUND, 0)
  const text = words.slice(from, at + AROUND * 2)
  return `${from > 0 ? "… " : ""}${text}${at + AROUND * 2 < words.length ? " …" : ""}`
}
