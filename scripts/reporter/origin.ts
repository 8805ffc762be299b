/** The system's own mark for files from elsewhere: office programs and viewers then open them with more care. */

import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { promisify } from "node:util"

/** Marks the file where the system has such a mark. Without effect, and without complaint, where it has none. */
export async function markOrigin(path: string): Promise<void> {
  try {
    if (process.platform === "darwin")
      await promisify(execFile)("/usr/bin/xattr", ["-w", "com.apple.quarantine", "0081;00000000;sotto;", path])
    // Zone 3 is the Internet. The mark is a second stream of the same file.
    if (process.platform === "win32") await writeFile(`${path}:Zone.Identifier`, "[ZoneTransfer]\r\nZoneId=3\r\n")
  } catch {
    // A file system without such marks. The file's name says the same.
  }
}
