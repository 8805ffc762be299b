/** `notify set`: where the mail goes that says nothing. SPEC.md §8. */

import { type Notify, putNotify } from "../api.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { currentOf } from "../vault/chain.ts"
import { locked } from "../vault/lock.ts"
import { openVault, requireOurselves } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"
import { serverOf } from "./keys.ts"

/** What the server takes for an address; its own check decides. */
const ADDRESS = /^[^\s@<>"]{1,64}@[A-Za-z0-9.-]{1,135}$/

/** @throws Failure `usage`, `not-set-up`, `wrong-passphrase`, `failed` */
export async function setNotify(desk: Desk, notify: Notify): Promise<void> {
  const { address, mode, pace = "each", openpgp } = notify
  if (!ADDRESS.test(address)) throw new Failure("usage", "this is not one mail address", "write it as name@example.org")
  if (openpgp !== undefined && mode !== "always")
    throw new Failure("usage", "a sealed status comes with every mail", "leave out --news and --never")
  // The server refuses it too; but a private key must not leave this machine.
  if (openpgp !== undefined && !/^-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n/.test(openpgp))
    throw new Failure("usage", "this file is not one OpenPGP public key", "write it with gpg --armor --export ADDRESS > FILE")
  await locked(desk, async () => {
    const { vault } = await fetchChain(desk, await openVault(desk))
    const current = currentOf(vault.chain)
    requireOurselves(current, vault.secrets)
    await putNotify(serverOf(desk, vault, current), notify)
  })
  desk.terminal.answer(
    mode === "never"
      ? "no mail will be sent"
      : mode === "news"
        ? pace === "weekly"
          ? "a mail goes out in weeks with news"
          : "a mail goes out on days with news"
        : pace === "each"
          ? "a mail goes out at every fixed time"
          : `a mail goes out ${pace}`,
  )
  if (mode === "news")
    desk.terminal.say("this tells your mail provider on which days something came; without --news the mails come every day")
}
