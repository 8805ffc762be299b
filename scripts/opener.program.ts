/** The thread beside the command: opens chunks while the other one reads the network and writes the disk. Buffers are handed over, never copied. */

import { parentPort } from "node:worker_threads"
import { type Batch, openBatch } from "./chunks.ts"

parentPort?.on("message", (batch: Batch) => {
  const plain = openBatch(batch)
  parentPort?.postMessage(plain, plain === undefined ? [] : [plain.buffer])
})
