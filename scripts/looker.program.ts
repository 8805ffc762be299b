/** The thread beside `sync`: opens envelopes and checks them, one after the other. */

import { parentPort, workerData } from "node:worker_threads"
import { type Fetched, look } from "./reporter/look.ts"
import type { Looker } from "./reporter/looks.ts"

const { opener, vault } = workerData as Looker
parentPort?.on("message", async (fetched: Fetched) => {
  const found = await look(opener, vault, fetched)
  parentPort?.postMessage(found, "kept" in found ? [found.kept.buffer] : [])
})
