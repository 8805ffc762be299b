/** `seal`: a tip made by a source in a terminal, without the page and without a network. The same envelope as the page's, letter, signature and
 *  eight words included. The keys come from a file and are believed by the newsroom's line alone. SPEC.md §4.6, §5. */

import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { basename } from "node:path"
import { addDays, type Day } from "../../envelope/day.ts"
import { wipe } from "../../envelope/keys.ts"
import type { TipFile } from "../../envelope/letter.ts"
import { type Id, id } from "../../envelope/names.ts"
import { sealTip } from "../../envelope/seal.ts"
import type { DayKey } from "../../keyring/days.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { parseTold, pinOfLine } from "../../keyring/today.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { readGiven, writeGivenStream } from "../vault/given.ts"
import { keysToldFor, slotsOf } from "./told.ts"

export interface Seal {
  readonly files: readonly string[]
  /** A file with the words; absent: none. */
  readonly message?: string
  /** Ids, with commas between. */
  readonly to: string
  /** The newsroom's line, `sotto-newsroom-1…`. */
  readonly line: string
  /** The file of today's keys. */
  readonly keys: string
  /** `tip-DAY.age` here if absent. */
  readonly out?: string
}
export interface SealedFile {
  readonly out: string
  readonly bytes: number
  readonly day: Day
}
type SourceDesk = Pick<Desk, "terminal" | "clock">

/** @throws Failure `failed`, `usage`
 *  @throws KeyringError, EnvelopeError: what the file holds is not this newsroom's, or not to be believed today */
export async function seal(desk: SourceDesk, { files, message, to, line, keys, out }: Seal): Promise<SealedFile> {
  const { terminal } = desk
  const told = parseTold((await readGiven(keys)).trimEnd())
  const pin = await pinOfLine(line, told)
  const { keyring, day, reachable } = await keysToldFor(desk.clock.today(), pin, told)
  const chosen = chosenFrom(to, keyring, reachable)
  const listed = await Promise.all(files.map(declared))
  const words = message === undefined ? "" : await readGiven(message)
  if (words.trim() === "" && files.length === 0) throw new Failure("usage", "there is nothing to seal", "name files, or --message FILE")
  const eight = await newWords()
  const source = await deriveSource(eight, pin.id)
  const { bytes, stream } = sealTip({
    tip: {
      newsroom: pin.id,
      keyring: keyring.hash,
      day,
      to: chosen,
      reachable: [...reachable.keys()],
      answers: new Map(),
      source: source.keys,
      files: listed,
    },
    message: words,
    files: files.map((path) => createReadStream(path)),
    sign: source.sign,
    slots: slotsOf(chosen, keyring, reachable),
    maxBytes: keyring.policy.maxTipBytes,
    aead: nodeAead,
  })
  const path = out ?? `tip-${day}.age`
  try {
    await writeGivenStream(path, stream)
  } finally {
    await wipe(source.identity, source.sign, source.mailbox)
  }
  terminal.answer(`${path}  ${bytes} bytes  for ${chosen.join(", ")}`)
  terminal.say(
    `sealed with the keys of ${day}: hand it in by the end of ${addDays(day, keyring.policy.acceptDays)} (UTC), and keep the date in its name`,
  )
  terminal.answer("")
  terminal.answer(eight)
  terminal.say("These eight words read an answer on the newsroom's page. Write them on paper; they are shown this once.")
  return { out: path, bytes, day }
}

/** @throws Failure `usage`, naming who there is */
function chosenFrom(to: string, { reporters }: Keyring, reachable: ReadonlyMap<Id, DayKey>): readonly Id[] {
  const there = reporters.filter((one) => reachable.has(one.id)).map((one) => `${one.id} (${one.name})`)
  const wanted = [...new Set(to.split(",").map((text) => text.trim()))]
  const found = wanted.flatMap((text) => reporters.find((one) => one.id === text && reachable.has(one.id))?.id ?? [])
  if (found.length !== wanted.length)
    throw new Failure("usage", "somebody of --to is no reporter here, or cannot be reached today", `there are: ${there.join(", ")}`)
  return found.map((text) => id(text, "id"))
}

async function declared(path: string): Promise<TipFile> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile()) throw new Failure("failed", `${path} is no file that can be read`, "check the path")
  return { name: basename(path).slice(-255), type: "", bytes: found.size }
}
