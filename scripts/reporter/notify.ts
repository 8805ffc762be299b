/** `notify set`: where the mail goes that says nothing. SPEC.md §8. */

import type { NotifyMode } from "../api.ts"
import { putNotify } from "../api.ts"
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
export async function setNotify(desk: Desk, { address, mode }: { readonly address: string; readonly mode: NotifyMode }): Promise<void> {
  if (!ADDRESS.test(address)) throw new Failure("usage", "this is not one mail address", "write it as name@example.org")
  await locked(desk, async () => {
    const { vault } = await fetchChain(desk, await openVault(desk))
    const current = currentOf(vault.chain)
    requireOurselves(current, vault.secrets)
    await putNotify(serverOf(desk, vault, current), address, mode)
  })
  desk.terminal.answer(
    mode === "never"
      ? "no mail will be sent"
      : mode === "news"
        ? "a mail goes out on days with news"
        : "a mail goes out at every fixed time",
  )
  if (mode === "news")
    desk.terminal.say("this tells your mail provider on which days something came; without --news the mails come every day")
}
