/** `export`: letters out of the vault as a file for people or programs. The file is new, 0600, and begins by saying what it is.
 *  What is exported is plaintext: from here on nothing protects it but the disk. */

import { openPayload } from "../../envelope/stream.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { readIfThere } from "../vault/disk.ts"
import { writeGiven, writeGivenBytes, writeGivenStream } from "../vault/given.ts"
import { homePaths } from "../vault/home.ts"
import { saidOf } from "../vault/marks.ts"
import { unlockVault } from "../vault/sealed.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { anonymised, gather } from "./letters.ts"
import { FORMATS, type Format, rendered } from "./render.ts"
import { threadsOf } from "./threads.ts"

export interface ExportWanted {
  readonly numbers: readonly number[]
  /** Every tip of this callout, or with this tag, or all; those marked as spam only by number. */
  readonly callout?: string
  readonly tag?: string
  readonly all?: boolean
  /** With the other letters of their conversations. */
  readonly thread?: boolean
  readonly format?: string
  readonly out?: string
  /** Drops mailbox, slots and names. */
  readonly anonymise?: boolean
  readonly json?: boolean
}
export interface Exported {
  readonly file: string
  readonly letters: number
  readonly broken: readonly number[]
}

/** @throws Failure `usage`, `failed`: there is such a file, or no such tip */
export async function exportLetters(desk: Desk, wanted: ExportWanted): Promise<Exported> {
  const { format = "md", anonymise = false, json = false } = wanted
  const vault = await openVault(desk)
  const numbers = chosen(vault, wanted)
  const file = wanted.out ?? `${numbers.length === 1 ? `tip-${numbers[0]}` : "tips"}.${format}`
  const { terminal } = desk
  let done: Exported
  if (format === "age" || format === "tar") {
    if (anonymise || numbers.length !== 1)
      throw new Failure("usage", `${format} is one tip as it was sealed, whole`, "name one number, without --anonymise")
    await exportRaw(desk, vault, { number: numbers[0] ?? 0, format, file })
    done = { file, letters: 1, broken: [] }
  } else {
    const known = FORMATS.find((one) => one === format)
    if (known === undefined) throw new Failure("usage", "there is no such format", `one of ${FORMATS.join(", ")}, age, tar`)
    done = await exportWords(desk, vault, { numbers, format: known, file, anonymise })
  }
  if (json) terminal.json({ v: 1, ...done })
  else terminal.answer(`${done.file}  ${done.letters === 1 ? "1 letter" : `${done.letters} letters`}`)
  if (anonymise)
    terminal.say("without mailbox, slots and names. The words are as they were written: what in them points to somebody, only you can see")
  else if (format !== "age") terminal.say("plaintext: nothing protects it but this disk; --anonymise leaves out what says whose it is")
  return done
}

function chosen({ records }: Vault, { numbers, callout, tag, all, thread }: ExportWanted): readonly number[] {
  const threads = threadsOf(records)
  const isWanted = all || callout !== undefined || tag !== undefined
  const found = [...records.tips.values()].flatMap((tip) => {
    const said = saidOf(tip.marks, tip.to)
    const fits = (callout === undefined || tip.callout === callout) && (tag === undefined || said.tags.includes(tag))
    return isWanted && fits && tip.state !== "purged" && !said.spam ? [tip.tip] : []
  })
  const tips = [...new Set([...numbers, ...found])]
  if (tips.length === 0)
    throw new Failure("usage", "nothing to export is named, or nothing is there", "export NUMBER ..., --callout ID, --tag TAG or --all")
  const withThreads = tips.flatMap((number) => {
    const source = records.tips.get(number)?.source
    const { tips: theirs, replies } = threads.of(thread ? source : undefined)
    return [number, ...theirs.map(({ tip }) => tip), ...replies.map(({ reply }) => reply)]
  })
  return [...new Set(withThreads)].sort((a, b) => a - b)
}

async function exportWords(
  desk: Desk,
  vault: Vault,
  {
    numbers,
    format,
    file,
    anonymise,
  }: { readonly numbers: readonly number[]; readonly format: Format; readonly file: string; readonly anonymise: boolean },
): Promise<Exported> {
  const { letters, broken } = await gather(desk, vault, numbers)
  if (letters.length === 0) throw new Failure("failed", "nothing of it can be read", "read NUMBER says why")
  await writeGiven(file, rendered(format, anonymise ? letters.map(anonymised) : letters))
  return { file, letters: letters.length, broken }
}

/** The age file as it lies in the vault, which opens with the vault's key; or the archive in it. */
async function exportRaw(
  { home }: Desk,
  { secrets, records }: Vault,
  { number, format, file }: { readonly number: number; readonly format: "age" | "tar"; readonly file: string },
): Promise<void> {
  const bytes = records.tips.has(number) || records.replies.has(number) ? await readIfThere(homePaths(home).tip(number)) : undefined
  if (bytes === undefined) throw new Failure("failed", `no tip ${number} in your vault`, "run sotto inbox to see the numbers")
  if (format === "age") return writeGivenBytes(file, bytes)
  const unlocked = await unlockVault(bytes, secrets)
  if (unlocked === undefined)
    throw new Failure("failed", `tip ${number} belongs to another vault`, "put back the files of one vault together, from one backup")
  return writeGivenStream(file, openPayload(unlocked.fileKey, unlocked.payload, nodeAead))
}
