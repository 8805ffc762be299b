/** Who wrote a reply, as the keyring that it names has them, and what has become of them since. SPEC.md §3.7. */

import { type Day, daysBetween } from "../envelope/day.ts"
import type { Hash, Id } from "../envelope/names.ts"
import type { Keyring, Reporter } from "./keyring.ts"

export interface Writer {
  readonly reporter: Reporter
  /** Since that day the keyring does not list them; `isBefore`: the reply is dated after it. */
  readonly left?: { readonly on: Day; readonly isBefore: boolean }
  /** Since that day they sign with another key, and the reply is dated after it: whoever has the old one may have written it. */
  readonly replaced?: Day
}

/** @param chain - verified, oldest first
 *  @returns `undefined`: the keyring is not on the chain, or does not list them: nothing that they sign counts */
export function writerOf(
  { keyring, from, day }: { readonly keyring: Hash; readonly from: Id; readonly day: Day },
  chain: readonly Keyring[],
): Writer | undefined {
  const at = chain.findIndex(({ hash }) => hash === keyring)
  const reporter = chain[at]?.reporters.find(({ id }) => id === from)
  if (reporter === undefined) return undefined
  const later = chain.slice(at + 1)
  const without = later.find(({ reporters }) => !reporters.some(({ id }) => id === from))
  const other = later.find(({ reporters }) => reporters.some(({ id, verify }) => id === from && verify.text !== reporter.verify.text))
  // A day's date is the writer's own word: on the very day of the change nobody can tell which came first.
  const isAfter = (change: Keyring) => daysBetween(change.issued, day) > 0
  return {
    reporter,
    ...(without === undefined ? {} : { left: { on: without.issued, isBefore: isAfter(without) } }),
    ...(other === undefined || !isAfter(other) ? {} : { replaced: other.issued }),
  }
}
