/** Opens many envelopes with a thread beside: X-Wing and Ed25519 take the processor most of a sync's time, and there is more than one. */

import { existsSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import type { Recipient } from "../../envelope/keys.ts"
import { type Fetched, type Look, look, type Opener } from "./look.ts"

/** Fewer are done before the thread has started. */
const FEW = 32
/** Built, the program lies beside the command. Run from the sources there is none, and one thread does it all. */
const PROGRAM = fileURLToPath(new URL("looker.js", import.meta.url))

/** What the thread is started with. */
export interface Looker {
  readonly opener: Opener
  readonly vault: Recipient
}
export interface Looks {
  /** What each of these is, in their order. */
  at(fetched: readonly Fetched[]): Promise<readonly Look[]>
  end(): Promise<unknown>
}
type Hand = (one: Fetched) => Promise<Look>

/** @param count - how many are going to be looked at */
export function startLooks(opener: Opener, vault: Recipient, count: number, program = PROGRAM): Looks {
  const here: Hand = async (one) => {
    const found = await look(opener, vault, one)
    // Nothing in it waits for anything but promises: without a pause the thread's answers would be heard at the end only.
    await setImmediate()
    return found
  }
  const beside = count < FEW || !existsSync(program) ? undefined : startThread({ opener, vault }, program)
  return {
    async at(fetched) {
      const looks: Look[] = []
      const left = [...fetched.entries()]
      const work = async (hand: Hand) => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) looks[next[0]] = await hand(next[1])
      }
      // Of the thread's two one is on its way while it is at the other. What it did not come to is done here: without it, it takes longer.
      const there: Hand = async (one) => (await beside?.look(one)) ?? here(one)
      await Promise.all([work(here), ...(beside === undefined ? [] : [work(there), work(there)])])
      return looks
    },
    end: async () => beside?.end(),
  }
}

interface Thread {
  /** `undefined`: it has ended, now or before. */
  look(one: Fetched): Promise<Look | undefined>
  end(): Promise<unknown>
}
function startThread(looker: Looker, program: string): Thread {
  const worker = new Worker(program, { workerData: looker })
  const waiting: ((look: Look | undefined) => void)[] = []
  let hasEnded = false
  worker.on("message", (found: Look) => waiting.shift()?.(found))
  const ended = () => {
    hasEnded = true
    for (const answer of waiting.splice(0)) answer(undefined)
  }
  worker.on("error", ended)
  worker.on("exit", ended)
  return {
    look: (one) =>
      new Promise((resolve) => {
        if (hasEnded) return resolve(undefined)
        waiting.push(resolve)
        worker.postMessage(one)
      }),
    // With it goes the copy of the day's seed that it had.
    end: () => worker.terminate(),
  }
}
