/** Everything that needs libsodium, away from the page. One worker a tip: it is ended afterwards, and its memory with it. */

import { sodium } from "../envelope/sodium.ts"
import { type FromWorker, parseToWorker, type ToWorker } from "./messages.ts"
import { type Believed, believe, NotSealed, Refused, seal, viewOf, weigh } from "./sealing.ts"
import { answerSteps, parseCheck } from "./worker-check.ts"

let believed: Believed | undefined

const answer = (message: FromWorker, transfer: Transferable[] = []) => postMessage(message, { transfer })

async function verify(message: Extract<ToWorker, { kind: "verify" }>): Promise<void> {
  // Forgotten first: if the new answer is refused, the old one is no longer good either.
  believed = undefined
  try {
    believed = await believe(message)
    answer({ kind: "view", view: viewOf(believed) })
  } catch (error) {
    answer({ kind: "refused", code: error instanceof Refused ? error.code : "broken" })
  }
}

async function work(message: Exclude<ToWorker, { kind: "verify" }>): Promise<void> {
  try {
    if (believed === undefined) throw new NotSealed("broken")
    if (message.kind === "weigh") return answer({ kind: "weighed", bytes: await weigh(believed, message.draft) })
    const sealed = await seal(believed, message.draft)
    answer({ kind: "sealed", ...sealed }, [sealed.envelope.buffer])
  } catch (error) {
    answer({ kind: "not-sealed", fault: error instanceof NotSealed ? error.fault : "broken" })
  }
}

addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const steps = parseCheck(data)
  if (steps !== undefined) return void answerSteps(steps).then((answers) => postMessage(answers))
  const message = parseToWorker(data)
  // Both answer in every case and never reject.
  void (message.kind === "verify" ? verify(message) : work(message))
})

sodium.then(
  () => answer({ kind: "ready" }),
  // This browser cannot run this build; the page may have another one.
  () => answer({ kind: "not-ready" }),
)
