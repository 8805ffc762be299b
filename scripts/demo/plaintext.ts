/** Looks for the words of a tip wherever the server could have left them: raw, in hex and in base64, in dumps, files and logs. */

import { lstat, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** The forms in which bytes hide in a file: themselves, hex in either case, and base64 at each of its three alignments. */
function forms(needle: string): readonly Buffer[] {
  const bytes = Buffer.from(needle, "utf8")
  const hex = bytes.toString("hex")
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "")
    // The characters at both ends depend on what stands beside the needle; those between do not.
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
  })
  return [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...base64.map((text) => Buffer.from(text))]
}

/** Whether any of the needles is in the bytes, in any of the forms. `needles` have eight characters at least: a shorter one is found by chance. */
export function holdsAny(bytes: Buffer, needles: readonly string[]): boolean {
  if (needles.length === 0 || needles.some((needle) => Buffer.byteLength(needle) < 8)) throw new Error("a needle has at least eight bytes")
  return needles.some((needle) => forms(needle).some((form) => bytes.includes(form)))
}

/** Whether any file below a folder holds one of the needles. */
export async function folderHoldsAny(folder: string, needles: readonly string[]): Promise<boolean> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await lstat(path).catch(() => undefined) // a running server removes files while we look
    if (found?.isDirectory() && (await folderHoldsAny(path, needles))) return true
    if (found?.isFile() && holdsAny(await readFile(path).catch(() => Buffer.alloc(0)), needles)) return true
  }
  return false
}
