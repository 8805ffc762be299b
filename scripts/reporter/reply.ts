/** `reply N`: an answer, sealed to the source and to the colleagues who had the tip, signed, and posted by address alone. SPEC.md §3.7, §8.1.
 *
 *  Nothing here is signed towards the server and nothing names us: not the keyring and the day keys that are fetched, and not the reply, which
 *  goes over a connection of its own after a random while. What our network address tells it, only Tor takes back. */

import { randomInt } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Bytes } from "../../envelope/bytes.ts"
import { type Day, daysBetween } from "../../envelope/day.ts"
import { EnvelopeError } from "../../envelope/errors.ts"
import { type Identity, type Recipient, recipientOf, wipe } from "../../envelope/keys.ts"
import type { Reply } from "../../envelope/letter.ts"
import { hashBytes, hashOf, type Id } from "../../envelope/names.ts"
import { readLetter, unlock } from "../../envelope/open.ts"
import { ByteReader } from "../../envelope/reader.ts"
import { sealReply } from "../../envelope/seal.ts"
import { reachableOn } from "../../keyring/days.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { getDayNotes, postReply } from "../api.ts"
import type { Desk } from "../desk.ts"
import { nodeAead } from "../engine.ts"
import { Failure } from "../failure.ts"
import { reach, type ServerAddress } from "../http.ts"
import { currentOf } from "../vault/chain.ts"
import { homePaths } from "../vault/home.ts"
import { keepRecords, readRecords } from "../vault/index-files.ts"
import { locked } from "../vault/lock.ts"
import { withReply } from "../vault/records.ts"
import { ensureSeed } from "../vault/seeds.ts"
import { openVault, requireOurselves, type Vault } from "../vault/vault.ts"
import { fetchChain } from "./chain.ts"
import { type Compose, compose } from "./compose.ts"
import { keepFiles } from "./intake.ts"
import { keptBytes, replyRecord, signerIn } from "./look.ts"
import { markOf, markText, threadOf, threadsOf } from "./threads.ts"
import { openTip } from "./tips.ts"
import { judge } from "./warnings.ts"

export interface ReplyWanted extends Compose {
  readonly number: number
  /** Seconds to wait before it is posted; a random while if absent. */
  readonly delay?: number
  readonly json?: boolean
}
export interface Replied {
  readonly v: 1
  /** The number of our own copy. */
  readonly reply: number
  readonly to: number
  readonly day: Day
  /** The reporters who can read it, ourselves included. */
  readonly readers: readonly Id[]
  /** Colleagues who had the tip and cannot be reached today, or have left. */
  readonly without: readonly Id[]
}

/** Long enough that a sync a moment before does not stand beside it, short enough to be waited for. */
export const WAIT_SECONDS = { least: 30, most: 300 } as const
export const randomWait = (): number => randomInt(WAIT_SECONDS.least, WAIT_SECONDS.most + 1)

/** Sealed, and not posted yet. */
interface Ready {
  readonly server: ServerAddress
  readonly mailbox: Bytes
  readonly reply: Reply
  readonly envelope: Bytes
  readonly without: readonly Id[]
  /** Opens our own copy. */
  readonly seed: Identity
  readonly slot: number
  readonly vault: Vault
}

/** @throws Failure `usage`, `needs-terminal`, `failed`: no such tip, or it cannot be answered, or the server refused
 *  @throws Failure `not-set-up`, `vault-in-use`, `wrong-passphrase` */
export async function reply(desk: Desk, { number, delay, json = false, ...wanted }: ReplyWanted): Promise<Replied> {
  const { terminal } = desk
  await warnBefore(desk, number)
  const message = await compose(desk, wanted)
  const ready = await locked(desk, () => prepare(desk, number, message))
  const seconds = delay ?? randomWait()
  if (seconds > 0)
    terminal.say(
      "sealed; it is sent within five minutes, so that it does not stand beside anything else you do. Keep this running; Ctrl-C sends nothing",
    )
  await sleep(seconds * 1_000)
  await postReply(ready.server, ready.reply.day, ready.mailbox, ready.envelope)
  const own = await locked(desk, () => keepOwn(desk, ready))
  await wipe(ready.seed)
  const done: Replied = { v: 1, reply: own, to: number, day: ready.reply.day, readers: ready.reply.to, without: ready.without }
  if (json) terminal.json(done)
  else {
    terminal.answer(`reply ${own} to tip ${number} is at the server, for the source and ${ready.reply.to.join(", ")}`)
    terminal.say("whether the source reads it, nobody is told")
    terminal.next("inbox")
  }
  return done
}

/** What to know before a word is written. */
async function warnBefore(desk: Desk, number: number): Promise<void> {
  const vault = await openVault(desk)
  const { record, opened } = await openTip(desk, vault, number)
  const mark = markOf(threadsOf(vault.records), record)
  if (mark?.what === "changed")
    throw new Failure(
      "failed",
      `tip ${number} wants its answer elsewhere than tip ${mark.than}, by the same source`,
      `answer tip ${mark.than}: within a thread neither mailbox nor recipient may change`,
    )
  const { terminal } = desk
  if (mark !== undefined) terminal.say(`warning: ${markText(number, mark)}`)
  for (const warning of judge(opened.tip, vault.chain).warnings) terminal.say(`warning: ${warning}`)
  const { id } = requireOurselves(currentOf(vault.chain), vault.secrets)
  for (const other of threadOf(vault.records, record.source).replies) {
    if (other.from === id) continue
    const isRecent = Math.abs(daysBetween(other.day, desk.clock.today())) <= 1
    if (other.state === "new")
      terminal.say(`warning: ${other.from} has answered this source, and you have not read it: read ${other.reply}`)
    else if (isRecent) terminal.say(`warning: ${other.from} answered this source on ${other.day}; two answers at once confuse`)
  }
}

async function prepare(desk: Desk, number: number, message: string): Promise<Ready> {
  const { vault } = await fetchChain(desk, await openVault(desk))
  const { record, opened } = await openTip(desk, vault, number)
  const current = currentOf(vault.chain)
  const ourselves = requireOurselves(current, vault.secrets)
  const today = desk.clock.today()
  const server: ServerAddress = { url: current.newsroom.url, clock: desk.clock, ...reach(desk) }
  const keys = await reachableOn(await getDayNotes(server, today), { chain: vault.chain, newsroom: vault.pin.id, on: today, today })
  const seed = await ensureSeed(desk, vault.secrets, today)
  const slots: (Recipient | undefined)[] = Array.from({ length: current.policy.slots + 1 }, () => undefined)
  slots[0] = opened.tip.source.recipient
  // Our own copy by our own seed, also on a day on which nobody else is to seal to us.
  slots[ourselves.slot] = await recipientOf(seed)
  const readers: Id[] = []
  for (const id of opened.tip.to) {
    const key = keys.get(id)
    if (id !== ourselves.id && key !== undefined) slots[key.slot] = key.recipient
    if (id === ourselves.id || key !== undefined) readers.push(id)
  }
  const without = opened.tip.to.filter((id) => !readers.includes(id))
  sayWithout(desk, current, without)
  const re = await hashOf(opened.signature)
  const reply: Reply = {
    newsroom: vault.pin.id,
    keyring: current.hash,
    day: today,
    from: ourselves.id,
    for: opened.tip.source.verify,
    re,
    to: readers,
  }
  const envelope = await sealed(reply, message, vault, slots)
  const mailbox = hashBytes(opened.tip.source.mailbox)
  if (record.source === undefined) throw new Failure("failed", `tip ${number} has no source to answer`, "it was not signed")
  return { server, mailbox, reply, envelope, without, seed, slot: ourselves.slot, vault }
}

async function sealed(reply: Reply, message: string, { secrets }: Vault, slots: readonly (Recipient | undefined)[]): Promise<Bytes> {
  try {
    return await sealReply({ reply, message, sign: secrets.signer.key, slots, aead: nodeAead })
  } catch (cause) {
    if (!(cause instanceof EnvelopeError) || cause.code !== "too-large") throw cause
    throw new Failure(
      "failed",
      "the reply is too long: every reply has the same size, with room for about 14,000 letters",
      "shorten it, or send two",
      { cause },
    )
  }
}

function sayWithout({ terminal }: Desk, { reporters }: Keyring, without: readonly Id[]): void {
  for (const id of without)
    terminal.say(
      reporters.some((one) => one.id === id)
        ? `warning: ${id} had this tip and has no key for today: this reply does not reach them`
        : `${id} had this tip and is no longer in the keyring: this reply is not for them`,
    )
}

/** Only once it is out: a copy of what was never sent would settle a promise that was not kept. Cut before this, the next sync brings it back. */
async function keepOwn(desk: Desk, { envelope, reply, seed, slot, vault }: Ready): Promise<number> {
  const slots = currentOf(vault.chain).policy.slots
  const unlocked = await unlock([envelope], { identity: seed, slot, slots })
  const payload = unlocked && envelope.slice(unlocked.header.bytes)
  const opened =
    unlocked && payload && (await readLetter({ ...unlocked, payload: new ByteReader([payload]) }, signerIn(vault.chain), nodeAead))
  if (unlocked === undefined || payload === undefined || opened?.kind !== "reply" || opened.reply.re !== reply.re)
    throw new Error("our own reply does not open")
  const records = await readRecords(desk, vault.secrets)
  const record = { reply: records.next, ...replyRecord(opened) }
  const known = [...records.replies.values()].find(({ signature }) => signature === record.signature)
  if (known !== undefined) return known.reply
  const bytes = await keptBytes(unlocked, vault.secrets.recipient, payload)
  await keepFiles(desk, [{ path: homePaths(desk.home).tip(record.reply), bytes }])
  await wipe(unlocked.fileKey)
  await keepRecords(desk, vault.secrets, withReply(records, { ...record, state: "read" }))
  return record.reply
}
