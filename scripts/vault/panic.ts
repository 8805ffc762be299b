/** `panic`: the keys of this folder are destroyed, at once and without a passphrase. What lies here sealed opens for nobody any more.
 *  The vault key goes first: cut at any point after that, nothing is left that opens anything. */

import { join } from "node:path"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { namesIn } from "./disk.ts"
import { homePaths } from "./home.ts"
import { rootFiles } from "./secrets.ts"

/** @param roots - the newsroom's roots in this folder too: those no other machine has cannot be had again
 *  @throws Failure `not-set-up`: there are no keys here; `failed`: not confirmed; `needs-terminal` */
export async function panic(
  desk: Desk,
  { roots = false, yes = false }: { readonly roots?: boolean; readonly yes?: boolean } = {},
): Promise<void> {
  const { terminal, disk, home } = desk
  const paths = homePaths(home)
  const there = async (folder: string, pattern: RegExp) =>
    (await namesIn(folder)).filter((name) => pattern.test(name)).map((name) => join(folder, name))
  // Of a write that was cut, too: it has the same keys.
  const keys = await there(home, /^secrets\.age(\.new)?$/)
  const rootKeys = (await rootFiles(home)).map((name) => join(home, name))
  if (keys.length === 0 && !(roots && rootKeys.length > 0))
    throw new Failure("not-set-up", "there are no keys in this folder", "SOTTO_HOME names another")
  if (
    !yes &&
    (await terminal.ask("destroy the keys in this folder? Nobody can bring them back. type destroy:", "--yes")).trim() !== "destroy"
  )
    throw new Failure("failed", "it was not confirmed, nothing was changed", "type destroy, or give --yes")
  for (const path of keys) await disk.destroy(path)
  for (const path of await there(paths.days, /\.age(\.new)?$/)) await disk.destroy(path)
  if (roots) for (const path of rootKeys) await disk.destroy(path)
  terminal.answer("the keys in this folder are destroyed: what lies here sealed opens for nobody")
  terminal.say(
    "not destroyed: a backup elsewhere, which its own passphrase opens; what was saved or exported; what a watch or web that still runs has in memory: end those",
  )
  terminal.say(
    "an SSD, or a file system that keeps old versions, may hold earlier copies of the file; without its passphrase they open for nobody either",
  )
  if (!roots && rootKeys.length > 0)
    terminal.say("the roots in this folder are still there, under their passphrase; --roots destroys them as well")
  terminal.say("by another way than this machine: have an admin `revoke` you with --lost, and ask a lawyer what you may and must say")
}
