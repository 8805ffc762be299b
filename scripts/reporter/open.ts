/** `open FILE`: a tip that came by post, by mail or on a stick. Taken in like one from the server: with the seed of its day, and the same checks. */

import type { Bytes } from "../../envelope/bytes.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { wipe } from "../../envelope/keys.ts"
import { checkOutside } from "../../envelope/outside.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { keyOfOwnCanary } from "../vault/canary.ts"
import { currentOf } from "../vault/chain.ts"
import { readGivenBytes } from "../vault/given.ts"
import { keepRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { type Records, type ReplyRecord, type TipRecord, withReply, withTip } from "../vault/records.ts"
import { heldDays, readSeed } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { inboxLine, replyLine } from "./inbox.ts"
import { keepFiles, type Taken, takeIn } from "./intake.ts"
import { look, type Opener } from "./look.ts"
import { indexWords } from "./search.ts"
import { markOf, markText, threadsOf } from "./threads.ts"

/** It is held in memory as a whole. */
const MAX_HELD_BYTES = 1_073_741_824

/** @returns the record of the tip or reply that is now in the vault
 *  @throws Failure `failed`: not an envelope of this newsroom, not ours, or its key is gone; `vault-in-use` */
export const openFile = (
  desk: Desk,
  { file, json = false }: { readonly file: string; readonly json?: boolean },
): Promise<TipRecord | ReplyRecord> =>
  locked(desk, async () => {
    const vault = await openVault(desk)
    const { maxTipBytes } = currentOf(vault.chain).policy
    const envelope = await readGivenBytes(file, Math.min(maxTipBytes, MAX_HELD_BYTES))
    const taken = await tryDays(desk, vault, envelope)
    if (taken === undefined)
      throw new Failure(
        "failed",
        "no key in this vault opens this file",
        "it may be a colleague's, or of a day whose key is destroyed; the source can make it again",
      )
    if (taken.what === "broken")
      throw new Failure("failed", `this envelope is broken (${taken.code}) and was not kept`, "ask for it once more")
    if (taken.what === "replay")
      throw new Failure("failed", `this is a copy of tip ${taken.of}, and was not kept again`, `read it with \`read ${taken.of}\``)
    if (taken.what === "desk")
      throw new Failure("failed", "this is what a colleague says about tips, and no tip", "`sync` fetches those by itself")
    if (taken.what === "canary") throw new Failure("failed", "this is your own canary, and no tip", "`sync` finds it by itself")
    const records: Records = "tip" in taken.record ? withTip(vault.records, taken.record) : withReply(vault.records, taken.record)
    await keepRecords(desk, vault.secrets, records)
    if (taken.what === "kept") await indexWords(desk, vault, new Map([[taken.record.tip, taken.words]]))
    say(desk, records, taken.record, json)
    return taken.record
  })

/** With the newest day first: by what it opens the day is known, which its outside does not say.
 *  @returns `undefined`: none of our keys opens it */
async function tryDays(desk: Desk, vault: Vault, envelope: Bytes): Promise<Exclude<Taken, { what: "not-ours" }> | undefined> {
  const current = currentOf(vault.chain)
  const { id, slot } = requireOurselves(current, vault.secrets)
  const { slots } = current.policy
  checkEnvelope(envelope, slots)
  const number = vault.records.next
  const canary = await keyOfOwnCanary(desk, vault)
  const known = new Map([...vault.records.tips.values()].flatMap(({ re, tip }) => (re === undefined ? [] : [[re as string, tip] as const])))
  for (const { signature, reply } of vault.records.replies.values()) known.set(signature, reply)
  for (const day of [...(await heldDays(desk))].reverse()) {
    const seed = await readSeed(desk, vault.secrets, day)
    if (seed === undefined) continue
    const opener: Opener = { day, seed, slot, slots, newsroom: vault.pin.id, reporter: id, chain: vault.chain, ...canary }
    const found = await look(opener, vault.secrets.recipient, { bytes: envelope })
    await wipe(seed)
    const taken = takeIn(desk, found, number, (name) => known.get(name))
    if ("file" in taken) await keepFiles(desk, [taken.file])
    if (taken.what !== "not-ours") return taken
  }
  return undefined
}

/** @throws Failure `failed` */
function checkEnvelope(envelope: Bytes, slots: Parameters<typeof checkOutside>[2]): void {
  try {
    checkOutside(envelope, envelope.length, slots)
  } catch (cause) {
    if (!(cause instanceof EnvelopeError)) throw cause
    throw new Failure(
      "failed",
      `this file is not an envelope of this newsroom (${cause.code})`,
      "ask for it once more, as a file and not as text",
      {
        cause,
      },
    )
  }
}

function say({ terminal }: Desk, records: Records, record: TipRecord | ReplyRecord, json: boolean): void {
  if (json) terminal.json({ v: 1, ...record })
  else if ("tip" in record) sayTip(terminal, records, record)
  else {
    terminal.answer(replyLine(record))
    terminal.next(`read ${record.reply}`)
  }
}

function sayTip(terminal: Desk["terminal"], records: Records, record: TipRecord): void {
  terminal.answer(inboxLine(record))
  const mark = markOf(threadsOf(records), record)
  if (mark !== undefined) terminal.say(`warning: ${markText(record.tip, mark)}`)
  if (record.fault !== undefined) terminal.say(`warning: tip ${record.tip} cannot be read in full (${record.fault})`)
  terminal.next(`read ${record.tip}`)
}
