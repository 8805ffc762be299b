/** The first step of every visit to the server: what changed in the keyring, verified, kept and said. SPEC.md §4.2, §5. */

import { KeyringError } from "../../keyring/errors.ts"
import { verifyChain } from "../../keyring/keyring.ts"
import { announce, warnOfExpiry } from "../admin/change.ts"
import { getKeyrings } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { reach, type ServerAddress } from "../http.ts"
import { acknowledgeFirst } from "../vault/acknowledged.ts"
import { type Chain, currentOf, extended, keepChain } from "../vault/chain.ts"
import { rewriteSecrets } from "../vault/secrets.ts"
import { actingIn, type Vault } from "../vault/vault.ts"

/** @returns the vault with its chain brought up to date, and how many versions were new
 *  @throws KeyringError `forked`, `version-gap`, `rolled-back`, `too-few-roots`, `not-a-note`, `bad-keyring`: the server shows another history */
export async function fetchChain(desk: Desk, vault: Vault): Promise<{ readonly vault: Vault; readonly added: number }> {
  const { pin, chain } = vault
  const url = chain.at(-1)?.newsroom.url ?? pin.url
  const server: ServerAddress = { url, clock: desk.clock, ...reach(desk) }
  // From the version last seen, that one included: a server that has another one in its place shows a fork, and is caught.
  const longer = await follow(vault, await getKeyrings(server, Math.max(chain.length, 1)))
  await keepChain(desk, chain, longer)
  if (chain.length === 0) await acknowledgeFirst(desk, longer)
  for (const [at, keyring] of longer.entries()) if (at >= chain.length) await announce(desk, longer[at - 1], keyring, pin)
  warnOfExpiry(desk, currentOf(longer))
  const { retired, ...secrets } = actingIn(vault.secrets, currentOf(longer))
  if (retired !== undefined) {
    await rewriteSecrets(desk, secrets)
    desk.terminal.say(
      "your new key is in the keyring: it signs from now on, and the one before is destroyed here. Make a new `vault backup`: an older one has the key before",
    )
  }
  return { vault: { ...vault, chain: longer, secrets }, added: longer.length - chain.length }
}

async function follow({ chain, pin }: Vault, shown: readonly string[]): Promise<Chain> {
  const last = chain.at(-1)
  if (last !== undefined && shown.length === 0)
    throw new KeyringError("rolled-back", "the server's keyring is older than the one seen before")
  if (shown.length === 0) throw new Failure("failed", "the server has no keyring yet", "an admin publishes it with `keyring publish`")
  return last === undefined ? extended([], shown, pin) : [...chain, ...(await verifyChain(shown, { seen: last })).slice(1)]
}
