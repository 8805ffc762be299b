/** A reporter's vault, opened: what every reading command begins with. */

import { id as asId, type Id } from "../../envelope/names.ts"
import type { Keyring, Reporter } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { type Chain, readChain } from "./chain.ts"
import { readPin } from "./home.ts"
import { readRecords } from "./index-files.ts"
import type { Letters, Records } from "./records.ts"
import { readSecrets, type Secrets } from "./secrets.ts"

/** @typeParam Known - all of the index, or as much of it as a command asked for */
export interface Vault<Known extends Letters = Records> {
  readonly pin: PinnedNewsroom
  readonly secrets: Secrets
  readonly chain: Chain
  readonly records: Known
}

/** A vault without its index, which may be large. */
export type Reading = Omit<Vault, "records">

/** As {@link openVault}, without the index.
 *  @throws Failure `not-set-up`, `wrong-passphrase` */
export async function openVaultOnly(desk: Desk): Promise<Reading> {
  const pin = await readPin(desk)
  const secrets = await readSecrets(desk)
  const chain = await readChain(desk, pin)
  return { pin, secrets: actingIn(secrets, chain.at(-1)), chain }
}

/** @throws Failure `not-set-up`, `wrong-passphrase` */
export async function openVault(desk: Desk): Promise<Vault> {
  const opened = await openVaultOnly(desk)
  return { ...opened, records: await readRecords(desk, opened.secrets) }
}

/** The secrets as a keyring wants them: once it names the key that was asked for, that one signs, and the one before is forgotten. */
export function actingIn(secrets: Secrets, current: Keyring | undefined): Secrets {
  const { next, ...rest } = secrets
  const isNamed = next !== undefined && current?.reporters.some(({ verify }) => verify.text === next.verifier.text)
  return isNamed ? { ...rest, signer: next, retired: secrets.signer } : secrets
}

/** Our id, which our key's name ends with: also of somebody who has left, and still has tips to read. */
export const ownId = ({ signer }: Pick<Secrets, "signer">): Id =>
  asId(signer.verifier.name.slice(signer.verifier.name.lastIndexOf("/") + 1), "our key's name")

/** Who we are in a keyring: found by the key, which nobody else has. */
export const ourselvesIn = ({ reporters }: Keyring, { signer }: Secrets): Reporter | undefined =>
  reporters.find(({ verify }) => verify.text === signer.verifier.text)

/** @throws Failure `not-set-up` */
export function requireOurselves(current: Keyring, secrets: Secrets): Reporter {
  const reporter = ourselvesIn(current, secrets)
  if (reporter === undefined)
    throw new Failure(
      "not-set-up",
      `keyring ${current.version} does not name you`,
      "send your join request to an admin and wait until it is admitted and published",
    )
  return reporter
}
