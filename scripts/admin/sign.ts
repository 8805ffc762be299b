/** `keyring sign`: another root's signature under a draft, by somebody who is shown all of it. SPEC.md §4.2. */

import { utf8 } from "../../envelope/bytes.ts"
import { newKeys, questionChanges } from "../../keyring/changes.ts"
import { type Keyring, parseKeyring } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { type Signer, signedBy } from "../../keyring/note.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { type Chain, currentOf, extended, isUnsigned, readChain } from "../vault/chain.ts"
import { readGiven } from "../vault/given.ts"
import { readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { readRoots } from "../vault/secrets.ts"
import { announce, type Changed, keepOrDraft, missingSignatures, repin, sayNext, signedAlso, waitingDraft } from "./change.ts"
import { spoken } from "./invitation.ts"
import { compareSpoken } from "./invite.ts"
import { removeRetired } from "./roots.ts"

export interface Sign {
  readonly file: string
  readonly yes?: boolean
  /** Six words each, of the keys that the draft brings in; without them somebody is asked on the terminal. */
  readonly words?: readonly string[]
  readonly dryRun?: boolean
}

/** Adds the signatures of this folder's roots to a draft, after showing all that it changes, and once the six words of each key
 *  that it brings in have been compared by voice: whoever has made the draft is not believed about whose key it is.
 *  @throws Failure `failed`, `needs-terminal`, `wrong-passphrase`
 *  @throws KeyringError when the draft does not follow the chain that this folder has */
export async function signKeyring(desk: Desk, { file, yes = false, words = [], dryRun = false }: Sign): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const current = currentOf(chain)
    const draft = await parseKeyring(source)
    if (chain.some(({ hash }) => hash === draft.hash)) {
      // An earlier run may have been cut after the version was kept: what comes behind that is done now.
      if (!dryRun) {
        await repin(desk, pin, current)
        await removeRetired(desk, chain)
      }
      desk.terminal.answer(`keyring ${draft.version} is signed and here already`)
      return { keyring: draft, missing: 0 }
    }
    await checkFollows(chain, source, pin)
    await announce(desk, current, draft, pin)
    for (const line of questionChanges(current, draft)) desk.terminal.say(`  ${line}`)
    desk.terminal.say(`issued ${draft.issued}, valid until ${draft.expires} (keyring ${current.version}: ${current.expires})`)
    if (dryRun) {
      desk.terminal.say(`it lacks ${await missingSignatures(current, draft)} signatures; nothing was signed`)
      return { keyring: draft, missing: await missingSignatures(current, draft), isDry: true }
    }
    if (!yes && (await desk.terminal.ask("sign this? type yes:", "--yes")).trim().toLowerCase() !== "yes")
      throw new Failure("failed", "nothing was signed", "run the same command again when you agree")
    const known = [...current.roots, ...draft.roots]
    const roots = (await readRoots(desk)).filter(({ verifier }) => known.some(({ text }) => text === verifier.text))
    await compareNewKeys(desk, { pin, current, draft, roots }, words)
    const note = await signedAlso(source, roots)
    if (note === source && (await missingSignatures(current, draft)) > 0)
      throw new Failure("failed", "the roots in this folder have signed it already", "carry it to another root")
    await desk.disk.replace(file, utf8(note))
    const keyring = await parseKeyring(note)
    const missing = await missingSignatures(current, keyring)
    const changed = missing === 0 ? await keepOrDraft(desk, { pin, chain }, keyring) : { keyring, missing }
    if (missing === 0) {
      await removeRetired(desk, await readChain(desk, pin))
      sayNext(desk, changed)
    } else desk.terminal.answer(`keyring ${keyring.version} lacks ${missing} more ${missing === 1 ? "signature" : "signatures"}: ${file}`)
    return changed
  })
}

/** Has each key that a draft brings in compared by its six words. Not where that was done: in the folder that proposed it, where this
 *  folder's roots have signed it before a cut, and for a root that lies here itself.
 *  @throws Failure `failed`: the words differ; `needs-terminal` */
async function compareNewKeys(
  desk: Desk,
  { pin, current, draft, roots }: { pin: PinnedNewsroom; current: Keyring; draft: Keyring; roots: readonly Signer[] },
  given: readonly string[],
): Promise<void> {
  const own = roots.map(({ verifier }) => verifier)
  const isOwn = (await waitingDraft(desk, current))?.hash === draft.hash || (await signedBy(draft.note, own)).length > 0
  if (isOwn) return
  for (const { verify, who, of, words } of await newKeys(current, draft, pin.id)) {
    if (own.some(({ text }) => text === verify.text)) continue
    desk.terminal.say(`${who}, ${of}: ask whoever it belongs to, not whoever brought this draft`)
    await compareSpoken(desk, words, given.find((one) => spoken(one) === words) ?? given[0])
  }
}

/** That a version follows the chain in everything but the number of its signatures. */
async function checkFollows(chain: Chain, source: string, pin: PinnedNewsroom): Promise<void> {
  try {
    await extended(chain, [source], pin)
  } catch (error) {
    if (!isUnsigned(error)) throw error
  }
}
