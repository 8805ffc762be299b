/** What a reader should know before believing a tip: which keyring its page showed, and whom the page said it could not reach. SPEC.md §5, step 6. */

import { daysBetween } from "../../envelope/day.ts"
import type { Tip } from "../../envelope/letter.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import type { Chain } from "../vault/chain.ts"

export interface Judged {
  /** The keyring that the tip names, if it is on our chain. */
  readonly keyring?: Keyring
  readonly warnings: readonly string[]
}

export function judge(tip: Tip, chain: Chain): Judged {
  const at = chain.findIndex(({ hash }) => hash === tip.keyring)
  const keyring = chain[at]
  if (keyring === undefined) {
    return {
      warnings: [
        "THE PAGE SHOWED A KEYRING THAT IS NOT ON YOUR CHAIN. Somebody may have shown the source other readers than yours. Do not answer before you have compared `keyring log` with your admins.",
      ],
    }
  }
  const warnings: string[] = []
  const successor = chain[at + 1]
  const late = successor && daysBetween(successor.issued, tip.day)
  if (late !== undefined && late >= keyring.policy.noteDays)
    warnings.push(
      `THE PAGE SHOWED KEYRING ${keyring.version}, WHICH HAD BEEN REPLACED ${late} DAYS BEFORE. Somebody may be holding back newer keyrings from sources.`,
    )
  const missing = keyring.reporters.filter(({ id }) => !tip.reachable.includes(id))
  if (missing.length > 0) {
    warnings.push(`the page said it could not reach: ${missing.map(({ name, id }) => `"${name}" (${id})`).join(", ")}`)
    warnings.push(`it could reach: ${tip.reachable.join(", ")}`)
  }
  return { keyring, warnings }
}
