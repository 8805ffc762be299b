/** `keyring sign`, `import`, `publish`, `renew` and `log`: versions that are carried, shown and handed to the server. SPEC.md §4.2. */

import { utf8 } from "../../envelope/bytes.ts"
import { changes, type Keyring, parseKeyring } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { cosign, parseNote, signedBy } from "../../keyring/note.ts"
import { getKeyrings, postKeyring } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import type { ServerAddress } from "../http.ts"
import { type Chain, currentOf, extended, isUnsigned, keepChain, readChain } from "../vault/chain.ts"
import { readGiven } from "../vault/given.ts"
import { homePaths, readPin } from "../vault/home.ts"
import { locked } from "../vault/lock.ts"
import { readRoots } from "../vault/secrets.ts"
import { announce, type Changed, changeKeyring, keepOrDraft, missingSignatures, sayNext } from "./change.ts"

/** Adds the signatures of this folder's roots to a draft, after showing what it changes.
 *  @throws Failure `failed`, `needs-terminal`, `wrong-passphrase`
 *  @throws KeyringError when the draft does not follow the chain that this folder has */
export async function signKeyring(desk: Desk, { file, yes = false }: { readonly file: string; readonly yes?: boolean }): Promise<Changed> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const current = currentOf(chain)
    await checkFollows(chain, source, pin)
    const draft = await parseKeyring(source)
    await announce(desk, current, draft)
    if (!yes && (await desk.terminal.ask("sign this? type yes:", "--yes")).trim().toLowerCase() !== "yes")
      throw new Failure("failed", "nothing was signed", "run the same command again when you agree")
    let note = source
    const signed = await signedBy(parseNote(source), [...current.roots, ...draft.roots])
    for (const root of await readRoots(desk)) if (!signed.some(({ text }) => text === root.verifier.text)) note = await cosign(note, root)
    if (note === source && (await missingSignatures(current, draft)) > 0)
      throw new Failure("failed", "the roots in this folder have signed it already", "carry it to another root")
    await desk.disk.replace(file, utf8(note))
    const keyring = await parseKeyring(note)
    const missing = await missingSignatures(current, keyring)
    const changed = missing === 0 ? await keepOrDraft(desk, { pin, chain }, keyring) : { keyring, missing }
    if (missing === 0) sayNext(desk, changed)
    else desk.terminal.answer(`keyring ${keyring.version} lacks ${missing} more ${missing === 1 ? "signature" : "signatures"}: ${file}`)
    return changed
  })
}

/** That a version follows the chain in everything but the number of its signatures. */
async function checkFollows(chain: Chain, source: string, pin: PinnedNewsroom): Promise<void> {
  try {
    await extended(chain, [source], pin)
  } catch (error) {
    if (!isUnsigned(error)) throw error
  }
}

/** Takes a version that was carried here. One that is here already changes nothing.
 *  @throws Failure `failed`: signatures are missing
 *  @throws KeyringError `forked`, `version-gap`, `rolled-back`, `not-a-note`, `bad-keyring` */
export async function importKeyring(desk: Desk, { file }: { readonly file: string }): Promise<Keyring> {
  const source = await readGiven(file)
  return locked(desk, async () => {
    const pin = await readPin(desk)
    const chain = await readChain(desk, pin)
    const keyring = await parseKeyring(source)
    if (chain.some(({ hash }) => hash === keyring.hash)) {
      desk.terminal.answer(`keyring ${keyring.version} is here already`)
      return keyring
    }
    try {
      await keepChain(desk, chain, await extended(chain, [source], pin))
    } catch (cause) {
      if (!isUnsigned(cause)) throw cause
      throw new Failure(
        "failed",
        `keyring ${keyring.version} is not signed by enough roots`,
        "sign it with `keyring sign FILE`, here or at another root",
        { cause },
      )
    }
    await announce(desk, chain.at(-1), keyring)
    // A draft of this version, or of one before it, waits for nothing any more.
    await desk.disk.remove(homePaths(desk.home).draft)
    desk.terminal.answer(`keyring ${keyring.version} is now the newest here`)
    return keyring
  })
}

/** Posts every version that the server lacks, oldest first. Posting one twice does no harm.
 *  @returns how many were posted */
export async function publishKeyrings(desk: Desk): Promise<number> {
  const chain = await readChain(desk, await readPin(desk))
  const current = currentOf(chain)
  const server: ServerAddress = { url: current.newsroom.url, clock: desk.clock, ...(desk.base === undefined ? {} : { base: desk.base }) }
  const there = await getKeyrings(server, 1)
  for (const [at, source] of there.entries()) {
    const ours = chain[at]
    if (ours === undefined)
      throw new Failure(
        "failed",
        `the server has keyring ${at + 1}, which is not in this folder`,
        "take it with `sync`, or with `keyring import` from whoever made it",
      )
    if ((await parseKeyring(source)).hash !== ours.hash)
      throw new Failure(
        "failed",
        `the server's keyring ${at + 1} is another one than yours`,
        "stop: somebody shows another history; compare `keyring log` with the other admins by voice",
      )
  }
  const lacking = chain.slice(there.length)
  for (const { source, version } of lacking) {
    await postKeyring(server, source)
    desk.terminal.say(`published keyring ${version}`)
  }
  desk.terminal.answer(lacking.length === 0 ? "the server has every keyring" : `published up to keyring ${current.version}`)
  return lacking.length
}

/** The same keyring again with a later last day. */
export const renewKeyring = (desk: Desk, { expiresIn }: { readonly expiresIn?: number }): Promise<Changed> =>
  locked(desk, async () => {
    const changed = await changeKeyring(desk, () => ({}), expiresIn)
    sayNext(desk, changed)
    return changed
  })

/** Every change so far, in words.
 *  @returns the lines */
export async function keyringLog(desk: Desk): Promise<readonly string[]> {
  const chain = await readChain(desk, await readPin(desk))
  currentOf(chain)
  const lines: string[] = []
  for (const [at, keyring] of chain.entries()) lines.push(...(await changes(chain[at - 1], keyring)))
  for (const line of lines) desk.terminal.answer(line)
  return lines
}
