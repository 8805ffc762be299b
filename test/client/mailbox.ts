/** What the server's mailbox answers, made by a test: replies sealed to the source of some words, then fillers. */

import { type Bytes, concat } from "../../envelope/bytes.ts"
import { type Day, dayOf } from "../../envelope/day.ts"
import type { Recipient } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { sealReply } from "../../envelope/seal.ts"
import { deriveSource, type Words } from "../../keyring/words.ts"
import { filler } from "../../server/filler.ts"
import type { TestNewsroom } from "../support/newsroom.ts"
import { HASH } from "../support/tips.ts"

const SEED = new Uint8Array(32)

export async function mailboxBodies({ id, chain, reporters }: TestNewsroom, words: Words, messages: readonly string[]): Promise<Bytes> {
  const source = await deriveSource(words, id)
  const [one] = reporters
  const keyring = chain.at(-1)
  if (one === undefined || keyring === undefined) throw new Error("nobody to answer")
  const slots: (Recipient | undefined)[] = Array.from({ length: keyring.policy.slots + 1 }, () => undefined)
  slots[0] = source.keys.recipient
  const day: Day = dayOf(Date.now())
  const to = ["one", "two"] as Id[]
  const reply = { newsroom: id, keyring: keyring.hash, day, from: one.id, for: source.keys.verify, re: HASH, to }
  const bodies = await Promise.all(messages.map((message) => sealReply({ reply, message, sign: one.signer.key, slots })))
  for (let place = bodies.length; place < 4; place++)
    bodies.push(await filler(SEED, new Uint8Array(32), `0 ${place}`, keyring.policy.slots))
  return concat(...bodies)
}
