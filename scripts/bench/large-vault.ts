/** A vault of so many tips, written as `sync` writes it: for what is measured on a large one. */

import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { addDays } from "../../envelope/day.ts"
import type { Hash, Id } from "../../envelope/names.ts"
import { systemClock } from "../clock.ts"
import type { Person } from "../demo/commands.ts"
import type { Desk } from "../desk.ts"
import { makeTerminal } from "../terminal.ts"
import { makeDisk } from "../vault/disk.ts"
import { keepRecords } from "../vault/index-files.ts"
import { Numbered, pageOf } from "../vault/numbered.ts"
import type { TipRecord } from "../vault/records.ts"
import { keepTexts } from "../vault/texts.ts"
import { openVault } from "../vault/vault.ts"

/** A desk at work in somebody's folder, saying nothing. */
export const deskOf = async ({ home, passphraseFile }: Person): Promise<Desk> => {
  const passphrase = (await readFile(passphraseFile, "utf8")).trimEnd()
  const silent = () => undefined
  return {
    home,
    clock: systemClock,
    disk: makeDisk(),
    workFactor: 12,
    passphrase: () => Promise.resolve(passphrase),
    terminal: makeTerminal({ columns: 80, isUnicode: true, isScreen: false, out: silent, err: silent }),
  }
}

const hash = () => randomBytes(32).toString("base64url") as Hash
const WORDS = ["payroll", "memo", "Friday", "manager", "region", "severance", "laptop", "badge", "budget", "team", "office", "notice"]

/** The index and the words of so many tips, one in ten by an earlier source, one in five tagged. Their files are not there: listing and searching need none. */
export async function fillVault(desk: Desk, count: number): Promise<void> {
  const vault = await openVault(desk)
  const today = systemClock.today()
  const pages = new Map<number, Map<number, TipRecord>>()
  const words = new Map<number, string>()
  let last: Pick<TipRecord, "source" | "recipient" | "mailbox"> = {}
  for (let tip = 1; tip <= count; tip++) {
    if (tip % 10 !== 0) last = { source: hash(), recipient: hash(), mailbox: hash() }
    const record: TipRecord = {
      tip,
      day: addDays(today, -Math.floor(((count - tip) * 300) / count)),
      envelope: crypto.randomUUID(),
      state: tip % 50 === 0 ? "new" : "read",
      files: tip % 3,
      callout: ["amazon-layoffs", "k7q2", "pay"][tip % 3] as Id,
      re: hash(),
      to: ["desk-one" as Id],
      ...last,
      ...(tip % 5 === 0 ? { marks: { "tag:checked": [true, today, tip % 1_000_000, "desk-one" as Id] } } : {}),
    }
    pages.set(pageOf(tip), (pages.get(pageOf(tip)) ?? new Map()).set(tip, record))
    const text = Array.from({ length: 70 }, (_, at) => WORDS[(tip * 7 + at * at + Math.floor(at / 5)) % WORDS.length]).join(" ")
    words.set(tip, `${text}${tip === count - 3 ? " needle" : ""}`.toLowerCase())
  }
  await keepRecords(desk, vault.secrets, { ...vault.records, next: count + 1, tips: new Numbered(pages) })
  await keepTexts(desk, vault.secrets, words)
}
