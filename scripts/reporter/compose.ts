/** What a reply says: from a file, a pipe, a prepared text, or an editor. */

import { spawn } from "node:child_process"
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fromUtf8 } from "../../envelope/bytes.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn } from "../vault/disk.ts"
import { readGiven } from "../vault/given.ts"
import { homePaths } from "../vault/home.ts"

export interface Compose {
  /** A path; `-` is stdin. */
  readonly file?: string
  /** The name of a prepared text, `canned/NAME.txt` in the folder of keys and tips. */
  readonly canned?: string
  /** The editor's command; absent: there is none. */
  readonly editor?: string
}

/** @returns at least a word, lines ended as everywhere
 *  @throws Failure `usage`, `failed`, `needs-terminal` */
export async function compose(desk: Desk, wanted: Compose): Promise<string> {
  if (wanted.file !== undefined && wanted.canned !== undefined)
    throw new Failure("usage", "a reply is a file or a prepared text, not both", "leave out --file or --canned")
  const text = (await written(desk, wanted)).replace(/\r\n?/g, "\n").trim()
  if (text === "") throw new Failure("failed", "there is nothing to send", "write something, or leave it")
  return text
}

async function written(desk: Desk, { file, canned, editor }: Compose): Promise<string> {
  if (canned !== undefined) return readCanned(desk, canned)
  if (file === "-") return fromStdin()
  if (file !== undefined) return readGiven(file)
  if (!desk.terminal.canAsk || editor === undefined || editor === "")
    throw new Failure("needs-terminal", "there is no text, and no editor to write one in", "use --file FILE, --canned NAME, or set EDITOR")
  return edited(desk, editor)
}

async function readCanned({ home }: Desk, name: string): Promise<string> {
  const folder = homePaths(home).canned
  const names = (await namesIn(folder)).flatMap((file) => /^([a-z0-9-]{1,40})\.txt$/.exec(file)?.[1] ?? [])
  if (names.includes(name)) return readGiven(join(folder, `${name}.txt`))
  const there = names.length === 0 ? `put texts into ${folder}, each as NAME.txt` : `there are: ${names.join(", ")}`
  throw new Failure("failed", "there is no prepared text of this name", there)
}

async function fromStdin(): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of process.stdin as AsyncIterable<Uint8Array>) pieces.push(piece)
  return fromUtf8(Buffer.concat(pieces))
}

/** In memory where the system has a place for that, otherwise in the folder of keys; removed in any case. */
async function edited({ home }: Desk, editor: string): Promise<string> {
  const place = await access("/dev/shm").then(
    () => "/dev/shm",
    () => home,
  )
  const folder = await mkdtemp(join(place, "sotto-reply-"))
  const file = join(folder, "reply.txt")
  try {
    await writeFile(file, "", { mode: 0o600 })
    const code = await new Promise<number | null>((resolve, reject) => {
      // Through a shell, as every program does it that starts $EDITOR: it may hold arguments.
      const child = spawn(`${editor} "$SOTTO_REPLY"`, { shell: true, stdio: "inherit", env: { ...process.env, SOTTO_REPLY: file } })
      child.once("error", reject)
      child.once("close", resolve)
    })
    if (code !== 0) throw new Failure("failed", "the editor ended with an error, and nothing was sent", "try again, or use --file FILE")
    return await readFile(file, "utf8")
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
