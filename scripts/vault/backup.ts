/** `vault backup`, `verify` and `restore`: one age file under a passphrase of its own, a ustar archive inside, so that stock `age -d | tar x` opens it.
 *  It holds the keys, the pin, the chain, the index and the tips. NOT the seeds of days: from an old backup nobody can open
 *  what its seeds would have opened, and forward secrecy holds for backups too. SPEC.md §7. */

import { createReadStream } from "node:fs"
import { join } from "node:path"
import { BLOCK_BYTES, checkPadding, type Entry, entryHeader, paddedBytes, readBody, readEntry } from "../../envelope/archive.ts"
import { type Bytes, fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { ByteReader, collect } from "../../envelope/reader.ts"
import { openPayload } from "../../envelope/stream.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, parsePinned } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { acknowledgeFirst } from "./acknowledged.ts"
import { keepCanary, readCanary } from "./canary.ts"
import { extended, keepChain } from "./chain.ts"
import { namesIn, readIfThere } from "./disk.ts"
import { writeGivenStream } from "./given.ts"
import { homePaths, pinIfThere, SMALL_SEALED, writePin } from "./home.ts"
import { keepRecords, parseRecords } from "./index-files.ts"
import { locked } from "./lock.ts"
import { openStreamWithPassphrase, sealStreamWithPassphrase } from "./passphrase.ts"
import type { Records } from "./records.ts"
import { openFromVault, unlockVault } from "./sealed.ts"
import { parseSecrets, readSecrets, type Secrets, secretsLines, writeSecrets } from "./secrets.ts"

const SECRETS = "secrets.txt"
const PIN = "newsroom.json"
const INDEX = "index.age"
/** An index of a hundred thousand tips is far below; a backup from a stranger must not take all the memory there is. */
const MAX_SMALL_BYTES = 256 * 1_048_576

/** What a backup holds, once all of it has been opened and checked. */
export interface Checked {
  readonly pin: PinnedNewsroom
  readonly secrets: Secrets
  readonly chain: readonly Keyring[]
  readonly records: Records
  /** The tips whose files are there, ascending. */
  readonly tips: readonly number[]
}

const passphraseName = "the backup"

/** Writes a new file, never over another one; whole, or not at all.
 *  @throws Failure `failed`: there is such a file */
export const backup = (desk: Desk, { file, dryRun = false }: { readonly file: string; readonly dryRun?: boolean }): Promise<void> =>
  locked(desk, async () => {
    const { terminal, home } = desk
    const secrets = await readSecrets(desk)
    const tips = tipNumbers(await namesIn(homePaths(home).tips))
    terminal.say(`${file} will hold your keys, ${tips.length} tips, the index and the chain of keyrings, under a passphrase of its own`)
    terminal.say(
      "it holds no day keys: what was sealed to you and not yet fetched when a machine is lost, no backup brings back. Advise sources to choose two readers",
    )
    terminal.say("write its passphrase down and keep it elsewhere: whoever has both has every tip in it")
    if (dryRun) return
    const passphrase = await desk.passphrase({ file: passphraseName, isNew: true, isAnother: true })
    await writeGivenStream(file, sealStreamWithPassphrase(archive(home, secrets, tips), passphrase, desk.workFactor))
    terminal.answer(file)
    terminal.next(`vault verify ${file}`)
  })

async function* archive(home: string, secrets: Secrets, tips: readonly number[]): AsyncGenerator<Uint8Array> {
  const paths = homePaths(home)
  const { retired: _, ...kept } = secrets
  yield* entry(SECRETS, utf8(`${secretsLines(kept).join("\n")}\n`))
  const files: [name: string, path: string][] = [[PIN, paths.newsroom]]
  for (let version = 1; (await readIfThere(paths.keyring(version))) !== undefined; version++)
    files.push([`keyring/${version}.note`, paths.keyring(version)])
  files.push([INDEX, paths.index])
  for (const page of numbersOf(await namesIn(paths.pages), 0)) files.push([`index/${page}.age`, paths.page(page)])
  for (const name of SMALL_SEALED) files.push([name, join(home, name)])
  for (const number of tips) files.push([`tips/${number}.age`, paths.tip(number)])
  for (const [name, path] of files) {
    const bytes = await readIfThere(path)
    if (bytes !== undefined) yield* entry(name, bytes)
  }
  yield new Uint8Array(2 * BLOCK_BYTES)
}

/** A small file of its own beside the index, sealed to the vault key like it: also one that only a later version makes. */
const isOther = (name: string) => /^[a-z]{1,30}\.age$/.test(name) && !["index.age", "secrets.age", "roots.age"].includes(name)

function* entry(name: string, bytes: Bytes): Generator<Uint8Array> {
  yield entryHeader({ name, bytes: bytes.length })
  yield bytes
  yield new Uint8Array(paddedBytes(bytes.length) - bytes.length)
}

const numbersOf = (names: readonly string[], least: number): readonly number[] =>
  names
    .flatMap((name) => (/^(0|[1-9]\d{0,8})\.age$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .filter((number) => number >= least)
    .sort((a, b) => a - b)
const tipNumbers = (names: readonly string[]): readonly number[] => numbersOf(names, 1)

/** Opens a backup whole and checks every part: the archive, the chain from the pin, the index, and each tip by its header and its payload's tags.
 *  @throws Failure `wrong-passphrase`, `failed`
 *  @throws EnvelopeError, KeyringError: what is damaged */
export async function verifyBackup(
  desk: Desk,
  { file, json = false }: { readonly file: string; readonly json?: boolean },
): Promise<Checked> {
  const found = await readBackup(desk, file, () => Promise.resolve())
  const { terminal } = desk
  const current = found.chain.at(-1)
  const counts = { v: 1, tips: found.tips.length, keyring: current?.version ?? null, reporter: found.secrets.signer.verifier.name }
  if (json) terminal.json(counts)
  else {
    terminal.answer(`${file}: every part opens`)
    terminal.answer(`reporter  ${counts.reporter}`)
    terminal.answer(`keyring   ${counts.keyring ?? "none"}`)
    terminal.answer(`tips      ${counts.tips}`)
  }
  return found
}

/** Puts a backup into a folder that is no reporter's yet. `secrets.age` comes last: until it is there, the same command can be run again.
 *  @throws Failure `failed`: this folder is a reporter's */
export const restore = (desk: Desk, { file, dryRun = false }: { readonly file: string; readonly dryRun?: boolean }): Promise<Checked> =>
  locked(desk, async () => {
    const { terminal, home, disk } = desk
    const paths = homePaths(home)
    if ((await readIfThere(paths.secrets)) !== undefined)
      throw new Failure("failed", "this folder is a reporter's already", "choose an empty one with SOTTO_HOME")
    terminal.say(
      "one vault on one machine: if the machine it came from is still in use, each would replace the other's day keys; a second device joins with a slot of its own",
    )
    if (!dryRun) await disk.makeFolder(paths.tips)
    const found = await readBackup(desk, file, async (name, bytes) => {
      if (!dryRun) await disk.replace(join(home, name), bytes)
    })
    terminal.say(
      `keys, ${found.tips.length} tips, and the chain up to keyring ${found.chain.at(-1)?.version ?? 0}; no day keys: they are made new`,
    )
    if (dryRun) return found
    const known = await pinIfThere(desk)
    if (known?.id.some((byte, index) => byte !== found.pin.id[index]))
      throw new Failure("failed", "this folder belongs to another newsroom", "choose another folder with SOTTO_HOME")
    await writePin(desk, found.pin)
    await keepChain(desk, [], found.chain)
    await acknowledgeFirst(desk, found.chain)
    await keepRecords(desk, found.secrets, withoutSeeds(found.records))
    // What was outstanding was sealed to seeds that are lost: that it does not come back would say nothing.
    const canary = await readCanary(desk, found.secrets)
    if (canary !== undefined) await keepCanary(desk, found.secrets, { ...canary, sent: [] })
    await writeSecrets(desk, found.secrets)
    terminal.answer(`restored ${found.tips.length} tips`)
    terminal.say(
      "the first sync makes new day keys and replaces the published ones from today on; what was sealed to the lost ones and not fetched is lost",
    )
    terminal.say(
      "if the lost machine may be in other hands, do not go on with these keys: ask for `revoke --lost` and join anew; what is here stays readable",
    )
    terminal.next("sync")
    return found
  })

/** Notes of days whose seeds are gone count for nothing. What was tried on those days is tried again: a replay is known by its signature. */
const withoutSeeds = (records: Records): Records => ({
  ...records,
  days: new Map([...records.days].map(([day, { note: _, ...rest }]) => [day, rest])),
})

async function readBackup(desk: Desk, file: string, put: (name: string, bytes: Bytes) => Promise<void>): Promise<Checked> {
  const passphrase = await desk.passphrase({ file: passphraseName, isNew: false })
  const { fileKey, payload } = await openStreamWithPassphrase(readFrom(file), passphrase)
  const reader = new ByteReader(openPayload(fileKey, payload, nodeAead))
  const first = await readEntry(reader)
  if (first?.name !== SECRETS) throw noBackup(file)
  const secrets = await parseSecrets(fromUtf8(await small(reader, first)))
  const second = await readEntry(reader)
  if (second?.name !== PIN) throw noBackup(file)
  const pin = await parsePinned(fromUtf8(await small(reader, second)).trimEnd())
  const notes: string[] = []
  const tips: number[] = []
  let index: Bytes | undefined
  const pages = new Map<number, Bytes>()
  for (let next = await readEntry(reader); next !== undefined; next = await readEntry(reader)) {
    const bytes = await small(reader, next)
    const [, version] = /^keyring\/([1-9]\d{0,6})\.note$/.exec(next.name) ?? []
    const [, page] = /^index\/(0|[1-9]\d{0,6})\.age$/.exec(next.name) ?? []
    const [, number] = /^tips\/([1-9]\d{0,8})\.age$/.exec(next.name) ?? []
    if (version !== undefined && Number(version) === notes.length + 1) notes.push(fromUtf8(bytes))
    else if (page !== undefined && !pages.has(Number(page))) pages.set(Number(page), bytes)
    else if (number !== undefined && Number(number) > (tips.at(-1) ?? 0)) {
      await checkTip(bytes, secrets, next.name)
      await put(`tips/${Number(number)}.age`, bytes)
      tips.push(Number(number))
    } else if (isOther(next.name)) {
      await checkTip(bytes, secrets, next.name)
      await put(next.name, bytes)
    } else if (next.name === INDEX && index === undefined) index = bytes
    else throw noBackup(file)
  }
  await checkPadding(reader)
  const chain = notes.length === 0 ? [] : await extended([], notes, pin)
  const records = await parseRecords(index && (await openFromVault(index, secrets, INDEX)), async (page) => {
    const sealed = pages.get(page)
    return sealed && openFromVault(sealed, secrets, `index/${page}.age`)
  })
  const there = new Set(tips)
  const kept = [...records.tips.values()].filter(({ state }) => state !== "purged").map(({ tip }) => tip)
  const missing = [...kept, ...records.replies.keys()].filter((number) => !there.has(number))
  if (missing.length > 0) throw new Failure("failed", `tips ${missing.join(", ")} are missing from this backup`, "take another backup")
  return { pin, secrets, chain, records, tips }
}

const noBackup = (file: string) => new Failure("failed", `${file} is no backup of a vault`, "check which file it is")

async function* readFrom(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new Failure("failed", `${file} cannot be read`, "check the path", { cause })
  }
}

async function small(reader: ByteReader, entry: Entry): Promise<Bytes> {
  if (entry.bytes > MAX_SMALL_BYTES) throw new EnvelopeError("too-large", "an entry of a backup is longer than it may be")
  return collect(readBody(reader, entry))
}

/** Header and every chunk: a tip that does not open is worth nothing in a backup. */
async function checkTip(bytes: Bytes, secrets: Secrets, name: string): Promise<void> {
  const unlocked = await unlockVault(bytes, secrets)
  if (unlocked === undefined) throw new Failure("failed", `${name} belongs to another vault`, "take another backup")
  for await (const _ of openPayload(unlocked.fileKey, unlocked.payload, nodeAead));
}
