/** What a source is shown of a mailbox: each body tried with the source's own key, and every check made before a word is shown. SPEC.md §3.7.
 *  Nothing here reaches out; the tests run it in Node. */

import { addDays, type Day, daysBetween } from "../envelope/day.ts"
import { EnvelopeError } from "../envelope/errors.ts"
import { wipe } from "../envelope/keys.ts"
import { checkReplyFor, type OpenedReply, readLetter, unlock } from "../envelope/open.ts"
import { floorBytes } from "../envelope/sizes.ts"
import { KeyringError } from "../keyring/errors.ts"
import { type Keyring, verifyChain } from "../keyring/keyring.ts"
import type { PinnedNewsroom } from "../keyring/newsroom.ts"
import type { SourceSecrets } from "../keyring/words.ts"
import { type Writer, writerOf } from "../keyring/writers.ts"
import type { ShownReply } from "./messages.ts"

export interface Mailbox {
  /** Newest day first. */
  readonly replies: readonly ShownReply[]
  /** Bodies that opened for this source and failed a check: forged, altered, falsely dated, or meant for somebody else. */
  readonly refused: number
}

/** What the page has verified before it looked. */
export interface Verified {
  readonly chain: readonly Keyring[]
  readonly pinned: PinnedNewsroom
  /** The server's own day, as it told it. */
  readonly told: Day
}
/** After it there is no {@link Day}. */
const LAST_DAY = "2099-12-31" as Day
const earlier = (a: Day, b: Day): Day => (daysBetween(a, b) < 0 ? b : a)

/** The chain from version 1 where the server gives what is missing, verified under the pin; otherwise the chain as it was.
 *  A reply may name a keyring from before the pin. */
export async function longerChain(
  chain: readonly Keyring[],
  older: readonly string[],
  pinned: PinnedNewsroom,
): Promise<readonly Keyring[]> {
  const missing = (chain[0]?.version ?? 1) - 1
  if (missing === 0 || older.length < missing) return chain
  try {
    return await verifyChain([...older.slice(0, missing), ...chain.map(({ source }) => source)], { pinned })
  } catch (error) {
    if (error instanceof KeyringError || error instanceof EnvelopeError) return chain
    throw error
  }
}

/** @param bodies - one page of the mailbox: bodies of floor size, one after the other */
export async function readMailbox(bodies: Uint8Array, source: SourceSecrets, { chain, pinned, told }: Verified): Promise<Mailbox> {
  const { slots } = (chain.at(-1) as Keyring).policy
  const size = floorBytes(slots)
  const opened: OpenedReply[] = []
  let refused = 0
  for (let at = 0; at < bodies.length; at += size) {
    const outcome = await openBody(bodies.subarray(at, at + size))
    if (outcome === "not-ours") continue
    if (outcome === "refused") refused++
    // The same reply twice is one reply: whoever runs the server can put it there again.
    else if (!opened.some(({ signature }) => signature.every((byte, index) => byte === outcome.signature[index]))) opened.push(outcome)
  }

  async function openBody(body: Uint8Array): Promise<OpenedReply | "not-ours" | "refused"> {
    let isOurs = false
    try {
      const unlocked = await unlock([body], { identity: source.identity, slot: 0, slots })
      if (unlocked === undefined) return "not-ours"
      isOurs = true
      const letter = await readLetter(unlocked, (reply) => writerOf(reply, chain)?.reporter.verify.key)
      await wipe(unlocked.fileKey)
      if (letter.kind !== "reply") return "refused"
      checkReplyFor(letter.reply, { newsroom: pinned.id, verify: source.keys.verify })
      // Its writer's clock may be a day ahead; beyond that the date is a lie, and would stand before every honest one.
      if (daysBetween(told, letter.reply.day) > 1) return "refused"
      return letter
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      // A body whose MAC fails did open our slot; one that is no envelope at all never did.
      return isOurs || error.code === "bad-mac" ? "refused" : "not-ours"
    }
  }

  const replies = opened.map((one) => shown(one, chain, told)).sort((a, b) => daysBetween(a.day, b.day))
  return { replies, refused }
}

function shown({ reply, message }: OpenedReply, chain: readonly Keyring[], told: Day): ShownReply {
  const current = chain.at(-1) as Keyring
  // Its signature was checked by this very key.
  const { reporter, left, replaced } = writerOf(reply, chain) as Writer
  const named = chain.find(({ hash }) => hash === reply.keyring)
  const nameOf = (id: string) => [current, named].flatMap((one) => one?.reporters ?? []).find((one) => one.id === id)?.name ?? id
  return {
    day: reply.day,
    // By the day on which the server took it, which is not later than its own.
    until: earlier(addDays(earlier(reply.day, told), current.policy.retentionDays), LAST_DAY),
    name: reporter.name,
    ...(reporter.beat === undefined ? {} : { beat: reporter.beat }),
    others: reply.to.filter((id) => id !== reply.from).map(nameOf),
    ...(left === undefined ? {} : { left }),
    ...(replaced === undefined ? {} : { replaced }),
    message,
  }
}
