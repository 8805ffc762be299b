/** What is in a process's memory, read as its owner may read it: every writable region, byte by byte. Linux only. */

import { closeSync, openSync, readFileSync, readSync } from "node:fs"

const PIECE_BYTES = 16 * 1_048_576

/** Which of the needles are in the memory of a process, by name.
 *  @returns also how many bytes were looked at */
export function searchMemory(pid: number, needles: ReadonlyMap<string, readonly Buffer[]>): { found: ReadonlySet<string>; bytes: number } {
  const found = new Set<string>()
  const overlap = Math.max(...[...needles.values()].flat().map(({ length }) => length))
  const memory = openSync(`/proc/${pid}/mem`, "r")
  let bytes = 0
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from = "", to = "", mode = ""] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? []
      if (!mode.startsWith("rw") || /\[v(var|dso|syscall)/.test(line)) continue
      const end = BigInt(`0x${to}`)
      for (let at = BigInt(`0x${from}`); at < end; at += BigInt(PIECE_BYTES)) {
        const piece = Buffer.alloc(Math.min(PIECE_BYTES + overlap, Number(end - at)))
        const read = readPiece(memory, piece, at)
        bytes += read
        for (const [name, forms] of needles) if (forms.some((form) => piece.subarray(0, read).includes(form))) found.add(name)
      }
    }
  } finally {
    closeSync(memory)
  }
  return { found, bytes }
}

/** A region that was given back meanwhile, or that the kernel keeps to itself, has nothing to read. */
function readPiece(memory: number, piece: Buffer, at: bigint): number {
  try {
    return readSync(memory, piece, 0, piece.length, at)
  } catch {
    return 0
  }
}

/** The forms in which a secret may lie about: text in one and two bytes a letter; bytes raw, in hex, base64 and base64url. */
export function formsOf(secret: string | Uint8Array): readonly Buffer[] {
  if (typeof secret === "string") return [Buffer.from(secret), Buffer.from(secret, "utf16le"), Buffer.from(secret.toUpperCase())]
  const bytes = Buffer.from(secret)
  const texts = [bytes.toString("hex"), bytes.toString("base64"), bytes.toString("base64url")]
  return [bytes, ...texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")])]
}
