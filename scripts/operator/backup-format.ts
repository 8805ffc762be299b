/** What a backup of the server is: an age file with a ustar archive inside, so that stock `age -d | tar x` opens it. SPEC.md §15.
 *  First `backup.json`, which says what follows; then each table's rows as PostgreSQL's binary COPY gives them, in pieces; then the files
 *  beside the database; last `end.json`, with a hash of each. A stream: nothing is held whole but a piece. */

import { createHash, type Hash } from "node:crypto"
import { BLOCK_BYTES, checkPadding, type Entry, entryHeader, paddedBytes, readBody, readEntry } from "../../envelope/archive.ts"
import { fromUtf8, utf8 } from "../../envelope/bytes.ts"
import { day } from "../../envelope/day.ts"
import { array, distinct, integer, literal, object, parseJson, type Shape, type Shaped, string } from "../../envelope/json.ts"
import { type ByteReader, type ByteSource, collect } from "../../envelope/reader.ts"
import { Failure } from "../failure.ts"

/** How many files stand beside a database. */
export const MAX_FILES = 10_000
const PIECE_BYTES = 4_194_304
const MAX_JSON_BYTES = 16_777_216
const BEGIN = "backup.json"
const END = "end.json"

/** As PostgreSQL takes it without quotes: such a name can stand in a statement. */
const name = string({ max: 63, pattern: /^[a-z_][a-z0-9_]*$/ })
const hash = string({ min: 64, max: 64, pattern: /^[0-9a-f]+$/ })
const table = object(
  { name, columns: distinct(array(name, { min: 1, max: 100 }), (one) => one) },
  // A partition: of which table, and the day it is for.
  { of: name, from: day as Shape<string>, to: day as Shape<string>, plain: array(name, { max: 100 }) },
)
const migration = object({ name: string({ max: 100, pattern: /^\d{4}-[a-z0-9-]+\.sql$/ }), sha256: hash })
/** Relative, and staying below the folder it is put in: no part begins with a dot twice, and none is empty. */
const path = string({ max: 300, pattern: /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))(?!.*\/\/)[^\\]+$/ })
/** @throws EnvelopeError: no reader would take a file of this name */
export const checkPath = (text: string): string => path(text, "a path")
const file = object({ path, mode: integer(0, 0o777) })
const begin = object({
  format: literal("sotto-backup/1"),
  made: day as Shape<string>,
  version: string({ max: 30 }),
  migrations: array(migration, { min: 1, max: 10_000 }),
  tables: distinct(array(table, { max: 20_000 }), ({ name }) => name),
  files: distinct(array(file, { max: MAX_FILES }), ({ path }) => path),
})
const counted = object({ rows: integer(0, Number.MAX_SAFE_INTEGER), bytes: integer(0, Number.MAX_SAFE_INTEGER), sha256: hash })
const end = object({ tables: array(counted, { max: 20_000 }), files: array(hash, { max: MAX_FILES }) })

export type Contents = Shaped<typeof begin>
export type BackupTable = Contents["tables"][number]
export type Totals = Shaped<typeof end>
export type Counted = Totals["tables"][number]

/** Where what is kept comes from. */
export interface BackupSource {
  readonly contents: Contents
  /** A table's rows; the count is known once they have been read. */
  rows(table: BackupTable): { readonly bytes: ByteSource; readonly count: () => number }
  file(path: string): ByteSource
}

/** The archive, byte by byte.
 *  @throws EnvelopeError before the first of them: a reader would refuse what it begins with, so a backup that was made could not be restored */
export async function* writeBackup({ contents, rows, file }: BackupSource): AsyncGenerator<Uint8Array> {
  const list = utf8(JSON.stringify(begin(contents, BEGIN)))
  if (list.length > MAX_JSON_BYTES) throw new Failure("failed", "the list of what is kept is longer than it may be", "name fewer files")
  yield* entry(BEGIN, list)
  const tables: Counted[] = []
  for (const [index, table] of contents.tables.entries()) {
    const { bytes, count } = rows(table)
    const tally = { hash: createHash("sha256"), bytes: 0 }
    yield* pieces(`table/${index}`, bytes, tally)
    tables.push({ rows: count(), bytes: tally.bytes, sha256: tally.hash.digest("hex") })
  }
  const files: string[] = []
  for (const [index, { path }] of contents.files.entries()) {
    const tally = { hash: createHash("sha256"), bytes: 0 }
    yield* pieces(`file/${index}`, file(path), tally)
    files.push(tally.hash.digest("hex"))
  }
  const totals: Totals = { tables, files }
  yield* entry(END, utf8(JSON.stringify(totals)))
  yield new Uint8Array(2 * BLOCK_BYTES)
}

interface Tally {
  readonly hash: Hash
  bytes: number
}

/** A tar entry names its length before its bytes, which nobody knows here: so entries of one piece each. */
async function* pieces(prefix: string, source: ByteSource, tally: Tally): AsyncGenerator<Uint8Array> {
  let number = 0
  let held: Uint8Array[] = []
  let bytes = 0
  const flush = function* () {
    if (bytes === 0) return
    yield* entry(`${prefix}/${number++}`, Buffer.concat(held))
    held = []
    bytes = 0
  }
  for await (const part of source) {
    held.push(part)
    bytes += part.length
    tally.hash.update(part)
    tally.bytes += part.length
    if (bytes >= PIECE_BYTES) yield* flush()
  }
  yield* flush()
}

function* entry(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield entryHeader({ name, bytes: bytes.length })
  yield bytes
  yield new Uint8Array(paddedBytes(bytes.length) - bytes.length)
}

/** What is done with what a backup holds, in the order in which it stands there. */
export interface BackupTarget {
  begin(contents: Contents): Promise<void>
  /** @returns how many rows it took, where it can tell */
  table(table: BackupTable, bytes: ByteSource): Promise<number | undefined>
  file(file: Contents["files"][number], bytes: ByteSource): Promise<void>
}

/** Reads a backup whole and hands on what is in it. Nothing of it may be believed before this returns: the hashes stand at its end.
 *  @throws Failure `failed`: not a backup, cut short, or altered
 *  @throws EnvelopeError: the same, found deeper down */
export async function readBackup(reader: ByteReader, target: BackupTarget): Promise<{ contents: Contents; totals: Totals }> {
  const first = await readEntry(reader)
  if (first?.name !== BEGIN) throw damaged("it does not begin like one")
  const contents = await json(reader, first, begin, BEGIN)
  await target.begin(contents)
  const entries = new Entries(reader)
  const seen: { rows: number | undefined; bytes: number; sha256: string }[] = []
  for (const [index, table] of contents.tables.entries()) {
    const tally = { hash: createHash("sha256"), bytes: 0 }
    const rows = await target.table(table, entries.of(`table/${index}`, tally))
    seen.push({ rows, bytes: tally.bytes, sha256: tally.hash.digest("hex") })
  }
  const files: string[] = []
  for (const [index, file] of contents.files.entries()) {
    const tally = { hash: createHash("sha256"), bytes: 0 }
    await target.file(file, entries.of(`file/${index}`, tally))
    files.push(tally.hash.digest("hex"))
  }
  const last = await entries.next()
  if (last?.name !== END) throw damaged("it has no end")
  const totals = await json(reader, last, end, END)
  if ((await readEntry(reader)) !== undefined) throw damaged("something follows its end")
  await checkPadding(reader)
  if (totals.tables.length !== seen.length || totals.files.join() !== files.join()) throw damaged("its parts are not those that it names")
  for (const [index, { rows, bytes, sha256 }] of totals.tables.entries()) {
    const found = seen[index]
    if (found?.sha256 !== sha256 || found.bytes !== bytes || (found.rows ?? rows) !== rows)
      throw damaged("a table is not what it was when the backup was made")
  }
  return { contents, totals }
}

/** Entries one after the other; those of one prefix are read as one stream. */
class Entries {
  private readonly reader: ByteReader
  private held: Entry | undefined
  constructor(reader: ByteReader) {
    this.reader = reader
  }
  async next(): Promise<Entry | undefined> {
    const taken = this.held ?? (await readEntry(this.reader))
    this.held = undefined
    return taken
  }
  async *of(prefix: string, tally: Tally): AsyncGenerator<Uint8Array> {
    for (let number = 0; ; number++) {
      const entry = await this.next()
      if (entry?.name !== `${prefix}/${number}`) {
        this.held = entry
        return
      }
      for await (const part of readBody(this.reader, entry)) {
        tally.hash.update(part)
        tally.bytes += part.length
        yield part
      }
    }
  }
}

async function json<Value>(reader: ByteReader, entry: Entry, shape: Shape<Value>, what: string): Promise<Value> {
  if (entry.bytes > MAX_JSON_BYTES) throw damaged("its list is longer than it may be")
  return parseJson(fromUtf8(await collect(readBody(reader, entry))), shape, what)
}

const damaged = (why: string) =>
  new Failure(
    "failed",
    `this is no whole backup of a server: ${why}`,
    "take another of the backups, and find out what happened to this one",
  )
