/** `keys publish`: a key for each day that is prepared, durable here before anybody can seal to it. SPEC.md §4.4. */

import { addDays, type Day } from "../../envelope/day.ts"
import { recipientOf, wipe } from "../../envelope/keys.ts"
import { signDayKey } from "../../keyring/days.ts"
import { checkCurrent, type Keyring } from "../../keyring/keyring.ts"
import { putDays } from "../api.ts"
import type { Desk } from "../desk.ts"
import type { ServerAddress } from "../http.ts"
import { currentOf } from "../vault/chain.ts"
import { locked } from "../vault/lock.ts"
import { type DayNoteRecord, keepRecords, type Records, withDay } from "../vault/records.ts"
import { ensureSeed } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"

/** The server, with our signature on what needs one. */
export const serverOf = (desk: Desk, { secrets }: Pick<Vault, "secrets">, { newsroom }: Pick<Keyring, "newsroom">): ServerAddress => ({
  url: newsroom.url,
  clock: desk.clock,
  signer: secrets.signer,
  ...(desk.base === undefined ? {} : { base: desk.base }),
})

/** @returns the days for which notes were published
 *  @throws Failure `not-set-up`, `vault-in-use`, `wrong-passphrase`, `failed` */
export const publishKeys = (desk: Desk): Promise<readonly Day[]> =>
  locked(desk, async () => {
    const { vault } = await fetchChain(desk, await openVault(desk))
    const { days } = await prepareDays(desk, vault)
    const current = currentOf(vault.chain)
    desk.terminal.answer(
      days.length === 0 ? "every day key is published" : `published ${days.length} day keys, ${days[0]} to ${days.at(-1)}`,
    )
    desk.terminal.say(`you can be reached until ${addDays(desk.clock.today(), current.policy.noteDays)}; each sync prepares more days`)
    return days
  })

/** Makes and publishes what is missing from today to `noteDays` ahead, or was signed under an older keyring. To be called under the lock.
 *  @throws KeyringError `expired`, `not-yet`: nobody may be asked to seal under this keyring */
export async function prepareDays(desk: Desk, vault: Vault): Promise<{ readonly records: Records; readonly days: readonly Day[] }> {
  const { secrets, pin } = vault
  const current = currentOf(vault.chain)
  const { slot, id } = requireOurselves(current, secrets)
  const today = desk.clock.today()
  checkCurrent(current, today)
  const ahead = Array.from({ length: current.policy.noteDays + 1 }, (_, days) => addDays(today, days))
  const days = ahead.filter((day) => !isUpToDate(vault.records.days.get(day)?.note, current))
  if (days.length === 0) return { records: vault.records, days }
  let { records } = vault
  const notes: string[] = []
  for (const day of days) {
    const before = records.days.get(day)?.note
    // Of two notes made on one day the higher number wins, so a new one must never repeat it.
    const seq = before?.made === today ? before.seq + 1 : 0
    const seed = await ensureSeed(desk, secrets, day)
    const recipient = await recipientOf(seed)
    await wipe(seed)
    const keyring = { version: current.version, hash: current.hash }
    notes.push(await signDayKey({ newsroom: pin.id, reporter: id, slot, day, recipient, made: today, seq, keyring }, secrets.signer))
    records = withDay(records, day, { note: { made: today, seq, keyring: current.version, published: "no" } })
  }
  // Before they are out: a note that reached the server and was forgotten here could never be replaced by a newer one.
  await keepRecords(desk, secrets, records)
  await putDays(serverOf(desk, vault, current), notes)
  for (const day of days) {
    const note = records.days.get(day)?.note
    if (note !== undefined) records = withDay(records, day, { note: { ...note, published: "yes" } })
  }
  await keepRecords(desk, secrets, records)
  return { records, days }
}

const isUpToDate = (note: DayNoteRecord | undefined, { version }: Keyring): boolean =>
  note !== undefined && note.published === "yes" && note.keyring === version
