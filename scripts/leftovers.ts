/** What a command would leave behind where a signal ends the program in the middle of it: half a file, a database for the time. */

type Clear = () => Promise<void>
/** One for the whole process: the operator's commands are a bundle of their own, with this file in it a second time. */
const CLEARINGS = Symbol.for("sotto.clearings")
const all = globalThis as { [CLEARINGS]?: Set<Clear> }
all[CLEARINGS] ??= new Set()
const clearings = all[CLEARINGS]

/** Runs `work`, and then `clear`, once, however it ends: well, with an error, or by a signal, at which the program calls {@link clearAll}. */
export async function clearing<Result>(clear: Clear, work: () => Promise<Result>): Promise<Result> {
  clearings.add(clear)
  try {
    return await work()
  } finally {
    if (clearings.delete(clear)) await clear()
  }
}

/** For a program that is about to end. What cannot be cleared is left: there is nobody left to tell. */
export async function clearAll(): Promise<void> {
  const left = [...clearings].reverse()
  clearings.clear()
  for (const clear of left) await clear().catch(() => undefined)
}
