/** The thread beside `sync`: opens envelopes and checks them, one after the other. */

import { parentPort, workerData } from "node:worker_threads"
import { type Fetched, look } from "./reporter/look.ts"
import type { Looker } from "./reporter/looks.ts"

const { opener, vault } = workerData as Looker
// In turn: whoever asks takes the answers in the order of the questions.
let last = Promise.resolve()
parentPort?.on("message", (fetched: Fetched) => {
  last = last.then(async () => {
    const found = await look(opener, vault, fetched)
    parentPort?.postMessage(found, "kept" in found ? [found.kept.buffer] : [])
  })
})
