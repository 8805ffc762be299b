/** Everything that needs libsodium, and everything that is secret, away from the page. Words and keys live here and nowhere else: the page is
 *  handed the words once, to show them, and no key ever. The worker is ended with the visit, and its memory with it. */

import type { Bytes } from "../envelope/bytes.ts"
import { floorBytes, SMALL_BYTES } from "../envelope/sizes.ts"
import { sodium } from "../envelope/sodium.ts"
import type { Keyring } from "../keyring/keyring.ts"
import { checkWords, deriveSource, newWords, type SourceSecrets, type Words } from "../keyring/words.ts"
import { type FromWorker, parseToWorker, type ToWorker, UNASKED } from "./messages.ts"
import { type Believed, believe, forget, NotSealed, type Pieces, Refused, seal, viewOf, weigh } from "./sealing.ts"
import { answerSteps, parseCheck } from "./worker-check.ts"
import { emptyMailbox, fetchKeyrings, fetchMailbox, NoMail, namesOf } from "./worker-mailbox.ts"
import { longerChain, readMailbox } from "./worker-replies.ts"

let believed: Believed | undefined
/** Made with the first seal of this visit and kept for its others: whoever sends twice by mistake has one set of words to write down. */
let made: Words | undefined
/** Those by which the last tip was sealed. */
let used: Words | undefined
/** Typed by a source who came back. */
let typed: Words | undefined
/** What this visit has looked at, by which it is deleted: nothing is that the source has not been shown. */
let seen: readonly Bytes[] = []

/** A large envelope of which the page has not asked for the end yet. */
let pieces: Pieces | undefined

function tell(number: number, message: FromWorker): void {
  // What may be large is handed over, not copied.
  const transfer = message.kind === "sealed" ? [message.envelope.buffer] : message.kind === "piece" ? [message.piece.buffer] : []
  postMessage({ number, message }, { transfer })
}

async function verify(message: Extract<ToWorker, { kind: "verify" }>): Promise<FromWorker> {
  // Forgotten first: if the new answer is refused, the old one is no longer good either.
  believed = undefined
  try {
    believed = await believe(message)
    return { kind: "view", view: viewOf(believed) }
  } catch (error) {
    return { kind: "refused", code: error instanceof Refused ? error.code : "broken" }
  }
}

async function work(message: Extract<ToWorker, { kind: "weigh" | "seal" }>): Promise<FromWorker> {
  try {
    if (believed === undefined) throw new NotSealed("broken")
    if (message.kind === "weigh") return { kind: "weighed", ...(await weigh(believed, message.draft)) }
    if (message.draft.again === true && typed === undefined) throw new NotSealed("broken")
    made ??= await newWords()
    used = message.draft.again === true && typed !== undefined ? typed : made
    await dropPieces()
    const sealed = await seal(believed, message.draft, used)
    const { day, bytes } = sealed
    pieces = sealed
    if (bytes > SMALL_BYTES) return { kind: "sealing", day, bytes }
    const envelope = await sealed.next(bytes)
    await dropPieces()
    return { kind: "sealed", day, envelope }
  } catch (error) {
    return notSealed(error)
  }
}

async function notSealed(error: unknown): Promise<FromWorker> {
  await dropPieces()
  const { fault, file } = error instanceof NotSealed ? error : { fault: "broken" as const, file: undefined }
  return { kind: "not-sealed", fault, ...(file === undefined ? {} : { file }) }
}

async function dropPieces(): Promise<void> {
  const dropped = pieces
  pieces = undefined
  await dropped?.drop()
}

async function giveUp(): Promise<FromWorker> {
  await dropPieces()
  return { kind: "dropped" }
}

async function givePiece(bytes: number): Promise<FromWorker> {
  try {
    if (pieces === undefined) throw new NotSealed("broken")
    return { kind: "piece", piece: await pieces.next(bytes) }
  } catch (error) {
    return notSealed(error)
  }
}

function comeBack(text: string): FromWorker {
  const checked = checkWords(text)
  typed = "words" in checked ? checked.words : undefined
  seen = []
  if ("words" in checked) return { kind: "came-back" }
  return "place" in checked ? { kind: "unknown-word", ...checked } : { kind: "not-eight", ...checked }
}

async function mail(message: Extract<ToWorker, { kind: "collect" | "empty" }>): Promise<FromWorker> {
  let source: SourceSecrets | undefined
  try {
    if (believed === undefined || typed === undefined) throw new NoMail("broken")
    const { pinned, keyring, told } = believed
    const mine = typed
    source = await deriveSource(mine, pinned.id)
    // First, and whatever the mailbox holds: a request that only follows a reply would tell that there is one.
    const chain = await wholeChain(believed)
    const floor = floorBytes(keyring.policy.slots)
    const asked = { key: source.mailbox, authority: location.host, day: told, floor }
    const bodies = message.kind === "empty" ? await emptyMailbox(asked, seen) : await fetchMailbox(asked, message.page)
    const names = await namesOf(bodies, floor)
    // Other words were typed meanwhile: this is not what the source is shown.
    if (typed === mine) seen = message.kind === "empty" || message.page === 0 ? names : [...seen, ...names]
    const found = await readMailbox(bodies, source, { chain, pinned, told })
    const isEmptied = message.kind === "empty" && found.replies.length === 0 && found.refused === 0
    return isEmptied ? { kind: "emptied" } : { kind: "collected", ...found }
  } catch (error) {
    return { kind: "no-mail", fault: error instanceof NoMail ? error.fault : "broken" }
  } finally {
    if (source !== undefined) await forget(source)
  }
}

async function wholeChain({ chain, pinned }: Believed): Promise<readonly Keyring[]> {
  const first = chain[0]?.version ?? 1
  return first === 1 ? chain : longerChain(chain, await fetchKeyrings(first), pinned)
}

async function serve(message: ToWorker): Promise<FromWorker> {
  switch (message.kind) {
    case "verify":
      return verify(message)
    case "weigh":
    case "seal":
      return work(message)
    case "piece":
      return givePiece(message.bytes)
    case "drop":
      return giveUp()
    case "words":
      return { kind: "words", words: used?.split(" ") ?? [] }
    case "come-back":
      return comeBack(message.typed)
    case "collect":
    case "empty":
      return mail(message)
  }
}

addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const steps = parseCheck(data)
  if (steps !== undefined) return void answerSteps(steps).then((answers) => postMessage(answers))
  const { number, message } = parseToWorker(data)
  serve(message).then(
    (answer) => tell(number, answer),
    // Each answers in every case. What is broken all the same ends the worker, and the page hears of it: of a promise it would not.
    (error) =>
      setTimeout(() => {
        throw error
      }),
  )
})

sodium.then(
  () => tell(UNASKED, { kind: "ready" }),
  // This browser cannot run this build; the page may have another one.
  () => tell(UNASKED, { kind: "not-ready" }),
)
