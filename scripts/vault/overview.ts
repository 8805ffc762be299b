/** The index as an inbox and a search need it: of each page its list, and of single letters their records, when they are asked for.
 *  A hundred thousand records take two seconds to parse; their lists and fifty records a twentieth of that. SPEC.md §7. */

import type { Bytes } from "../../envelope/bytes.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { readBeginning, readIfThere } from "./disk.ts"
import { homePaths } from "./home.ts"
import { readHead } from "./index-files.ts"
import { Numbered, pageOf } from "./numbered.ts"
import { type PageRecords, pageName, parsePage, recordIn } from "./page.ts"
import { LIST_BEGINS, listOf, NO_HASH, type PageList, parseList, SHORT } from "./page-list.ts"
import type { Letters, ReplyRecord, TipRecord } from "./records.ts"
import { openFirstLine, openFromVault } from "./sealed.ts"
import type { VaultKeys } from "./secrets.ts"

/** Holds the header and the list of an ordinary page; a longer list is read with all of its page. */
const BEGINNING_BYTES = 2_048 + 2 * 65_552
/** So many files are read while the one before is opened. */
const AT_ONCE = 8
/** More letters of one page are found sooner by parsing all of it. */
const MOST_ALONE = 40

/** One conversation, or one tip of which nobody knows whose it is. */
export interface Row {
  /** Ascending; what was purged is not there. */
  tips: readonly number[]
  replies: readonly number[]
  /** Its newest letter. */
  newest: number
  isUnread: boolean
}

const NONE: readonly number[] = []

export class Overview {
  readonly next: number
  /** By page number, ascending. */
  readonly pages: ReadonlyMap<number, PageList>
  readonly #open: (page: number) => Promise<Bytes>

  constructor(next: number, pages: ReadonlyMap<number, PageList>, open: (page: number) => Promise<Bytes>) {
    this.next = next
    this.pages = pages
    this.#open = open
  }

  /** Every letter in the order of numbers; `at` is its column in the list. No generator: there are a hundred thousand. */
  #each(look: (number: number, list: PageList, at: number) => void): void {
    for (const list of this.pages.values())
      for (const [at, number] of list.numbers.entries()) if (number < this.next) look(number, list, at)
  }

  /** The threads, the one with the newest letter last. */
  rows(): readonly Row[] {
    const rows: Row[] = []
    const bySource = new Map<string, Row>()
    this.#each((number, list, at) => {
      const state = list.states[at]
      if (state === "p" || state === "P") return
      const source = list.sources.slice(at * SHORT, (at + 1) * SHORT)
      const isReply = state === "N" || state === "R"
      const isUnread = state === "n" || state === "N"
      const row = source === NO_HASH ? undefined : bySource.get(source)
      if (row === undefined) {
        const made: Row = { tips: isReply ? NONE : [number], replies: isReply ? [number] : NONE, newest: number, isUnread }
        rows.push(made)
        if (source !== NO_HASH) bySource.set(source, made)
        return
      }
      if (isReply) row.replies = [...row.replies, number]
      else row.tips = [...row.tips, number]
      row.newest = number
      row.isUnread ||= isUnread
    })
    return rows.sort((a, b) => a.newest - b.newest)
  }

  /** The tips of which one column says this, of all pages. */
  having(column: "callouts" | "tags" | "assigned", what?: string): ReadonlySet<number> {
    const found = new Set<number>()
    for (const list of this.pages.values())
      for (const [of, numbers] of list[column]) if (what === undefined || of === what) for (const number of numbers) found.add(number)
    return found
  }
  spam(): ReadonlySet<number> {
    return new Set([...this.pages.values()].flatMap(({ spam }) => spam))
  }

  /** The records of these letters, and of whatever else it takes to say all that is to be said of them: the tips that came first with the
   *  mailbox or the recipient of one of these, and those that these replies answer.
   *  @throws Failure, EnvelopeError: a page is missing or damaged */
  async records(numbers: Iterable<number>): Promise<Letters> {
    const known = new Map<number, TipRecord | ReplyRecord>()
    await this.#load(numbers, known)
    const beside = this.#beside([...known.values()])
    await this.#load(
      beside.filter((number) => !known.has(number)),
      known,
    )
    const [tips, replies] = [new Map<number, Map<number, TipRecord>>(), new Map<number, Map<number, ReplyRecord>>()]
    for (const [number, record] of [...known].sort(([a], [b]) => a - b)) {
      const page = pageOf(number)
      if ("tip" in record) tips.set(page, (tips.get(page) ?? new Map<number, TipRecord>()).set(number, record))
      else replies.set(page, (replies.get(page) ?? new Map<number, ReplyRecord>()).set(number, record))
    }
    return { next: this.next, tips: new Numbered(tips), replies: new Numbered(replies) }
  }

  /** The whole thread of each of these tips. */
  threadsOf(numbers: ReadonlySet<number>): ReadonlySet<number> {
    const found = new Set(numbers)
    const sources = new Set<string>()
    for (const number of numbers) {
      const list = this.pages.get(pageOf(number))
      const source = list && shortAt(list.sources, list.numbers.indexOf(number))
      if (source !== undefined && source !== NO_HASH) sources.add(source)
    }
    for (const list of this.pages.values())
      for (const [at] of among(list.sources, sources)) {
        const number = list.numbers[at]
        if (number !== undefined && number < this.next && !"pP".includes(list.states[at] ?? "p")) found.add(number)
      }
    return found
  }

  async #load(numbers: Iterable<number>, into: Map<number, TipRecord | ReplyRecord>): Promise<void> {
    const wanted = new Map<number, number[]>()
    for (const number of numbers) wanted.set(pageOf(number), [...(wanted.get(pageOf(number)) ?? []), number])
    for (const [page, its] of wanted) {
      const plain = await this.#open(page)
      const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
      const isListed = bytes.toString("latin1", 0, LIST_BEGINS.length) === LIST_BEGINS
      const all = its.length > MOST_ALONE || !isListed ? parsePage(plain, { page, next: this.next }) : undefined
      for (const number of its) {
        const record = all === undefined ? alone(bytes, number, page) : (all.tips.get(number) ?? all.replies.get(number))
        if (record !== undefined) into.set(number, record)
      }
    }
  }

  /** One look at all lists for everything that is named. */
  #beside(records: readonly (TipRecord | ReplyRecord)[]): readonly number[] {
    const [mailboxes, recipients, names] = [new Set<string>(), new Set<string>(), new Set<string>()]
    for (const record of records) {
      if ("reply" in record) names.add(record.re.slice(0, SHORT))
      else {
        if (record.mailbox !== undefined) mailboxes.add(record.mailbox.slice(0, SHORT))
        if (record.recipient !== undefined) recipients.add(record.recipient.slice(0, SHORT))
      }
    }
    const found: number[] = []
    for (const list of this.pages.values()) {
      const take = (at: number) => {
        const number = list.numbers[at]
        if (number !== undefined && number < this.next) found.push(number)
      }
      // The first with a place is enough: it is the one that later ones are compared with.
      for (const [at, mailbox] of among(list.mailboxes, mailboxes)) if (mailboxes.delete(mailbox)) take(at)
      for (const [at, recipient] of among(list.recipients, recipients)) if (recipients.delete(recipient)) take(at)
      for (const [at] of among(list.names, names)) take(at)
    }
    return found
  }
}

/** Up to so many are looked for one by one, by the engine's own search through a column; more, by looking at each place of it. */
const FEW = 32

const shortAt = (column: string, at: number): string => column.slice(at * SHORT, (at + 1) * SHORT)

/** Where one of these stands in a column, and which; of each the places ascend. */
function among(column: string, wanted: ReadonlySet<string>): readonly (readonly [at: number, short: string])[] {
  const found: [number, string][] = []
  if (wanted.size === 0) return found
  if (wanted.size > FEW) {
    for (let at = 0; at * SHORT < column.length; at++) {
      const short = shortAt(column, at)
      if (wanted.has(short)) found.push([at, short])
    }
    return found
  }
  for (const short of wanted)
    for (let at = column.indexOf(short); at !== -1; at = column.indexOf(short, at + 1))
      if (at % SHORT === 0) found.push([at / SHORT, short])
  return found
}

const alone = (bytes: Buffer, number: number, page: number) =>
  recordIn(bytes, "tip", number, page) ?? recordIn(bytes, "reply", number, page)

/** @throws Failure `failed`: sealed to another vault key, or a page is missing
 *  @throws EnvelopeError: damaged */
export async function readOverview({ home }: Pick<Desk, "home">, keys: VaultKeys): Promise<Overview> {
  const paths = homePaths(home)
  const head = await readHead({ home }, keys)
  const missing = (page: number) => new Failure("failed", `the index lacks ${pageName(page)}`, "put it back from a backup")
  const open = async (page: number): Promise<Bytes> => {
    const sealed = await readIfThere(paths.page(page))
    if (sealed === undefined) throw missing(page)
    return openFromVault(sealed, keys, pageName(page))
  }
  const listAt = async (page: number, found: Awaited<ReturnType<typeof readBeginning>>): Promise<PageList> => {
    if (found === undefined) throw missing(page)
    const line = await openFirstLine(found.beginning, found.length, keys, pageName(page))
    if (line?.startsWith(LIST_BEGINS)) return parseList(line, pageName(page))
    const { tips, replies }: PageRecords = parsePage(await open(page), { page, next: head.next })
    return listOf(tips.values(), replies.values())
  }
  const pages = new Map<number, PageList>()
  const reading: [page: number, read: ReturnType<typeof readBeginning>][] = []
  for (const page of [...head.pages, undefined]) {
    if (page !== undefined) reading.push([page, readBeginning(paths.page(page), BEGINNING_BYTES)])
    while (reading.length > (page === undefined ? 0 : AT_ONCE)) {
      const [first] = reading.splice(0, 1)
      if (first !== undefined) pages.set(first[0], await listAt(first[0], await first[1]))
    }
  }
  return new Overview(head.next, pages, open)
}
