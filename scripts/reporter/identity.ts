/** `rotate identity`: a new signing key for a reporter who stays. The keys that open are not touched. SPEC.md §4.6. */

import { newSignKey } from "../../envelope/keys.ts"
import { signer } from "../../keyring/note.ts"
import { fingerprint } from "../../keyring/spoken.ts"
import { rotationRequest } from "../admin/invitation.ts"
import type { Desk } from "../desk.ts"
import { currentOf } from "../vault/chain.ts"
import { writeGiven } from "../vault/given.ts"
import { locked } from "../vault/lock.ts"
import { rewriteSecrets } from "../vault/secrets.ts"
import { openVault, requireOurselves } from "../vault/vault.ts"

/** Makes the key, or takes the one that an earlier, cut run made, and writes the request for an admin. Until a keyring names the new key, the old one signs.
 *  @returns the six words to be read to the admin
 *  @throws Failure `not-set-up`, `wrong-passphrase`, `failed` */
export const rotateIdentity = (
  desk: Desk,
  { out, dryRun = false }: { readonly out?: string; readonly dryRun?: boolean } = {},
): Promise<string | undefined> =>
  locked(desk, async () => {
    const { terminal } = desk
    const { pin, secrets, chain } = await openVault(desk)
    const { id } = requireOurselves(currentOf(chain), secrets)
    terminal.say("a new key will sign your day keys and requests; the keys that open tips, and your tips, stay as they are")
    terminal.say("if this machine was in other hands, this is not enough: ask for `revoke --lost`, and join anew")
    if (dryRun) {
      terminal.say("nothing was changed; without --dry-run the same command does it")
      return undefined
    }
    const next = secrets.next ?? (await signer(secrets.signer.verifier.name, await newSignKey()))
    // In the vault before it is asked for: a key that a keyring names and nobody has would shut the slot.
    if (secrets.next === undefined) await rewriteSecrets(desk, { ...secrets, next })
    const path = out ?? `rotate-${id}.note`
    await writeGiven(path, await rotationRequest(pin.id, id, { from: secrets.signer, to: next }))
    const words = await fingerprint(next.verifier.text)
    terminal.answer(path)
    terminal.say("six words, public, to be read aloud to the admin on a call:")
    terminal.answer(words)
    terminal.say(
      "send the file and read the words. Once the admin has published the change, run sync at once: until then sources cannot reach you",
    )
    terminal.next("sync")
    return words
  })
