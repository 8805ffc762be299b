/** Seals 256 MiB and opens them again, both as streams, and prints what the process held at most. Run by large.test.ts in a small heap. */

import { createHash } from "node:crypto"
import { readTip, unlock } from "../../envelope/open.ts"
import { makeDesk, seal } from "../support/tips.ts"

const MIB = 1_048_576
const TOTAL = 256 * MIB
let peak = 0
let rss = 0
function sample(): void {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  peak = Math.max(peak, heapUsed + external + arrayBuffers)
  rss = Math.max(rss, process.memoryUsage.rss())
}
const before = process.memoryUsage.rss()

const given = createHash("sha256")
async function* content(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < TOTAL / MIB; index++) {
    const piece = Buffer.alloc(MIB, `piece ${index} `)
    given.update(piece)
    yield piece
  }
}

const desk = await makeDesk([3])
const identity = desk.identities.get(3)
if (identity === undefined) throw new Error("no identity")
const { bytes, stream } = await seal(desk, { files: [{ name: "large.bin", type: "", bytes: TOTAL, content: content() }] })
const unlocked = await unlock(stream, { identity, slot: 3, slots: 8 })
if (unlocked === undefined) throw new Error("did not open")
const taken = createHash("sha256")
let count = 0
for await (const file of (await readTip(unlocked)).files())
  for await (const piece of file.bytes) {
    taken.update(piece)
    if (count++ % 64 === 0) sample()
  }
process.stdout.write(
  JSON.stringify({
    bytes,
    same: given.digest("hex") === taken.digest("hex"),
    peakMiB: Math.round(peak / MIB),
    rssGrowthMiB: Math.round((rss - before) / MIB),
  }),
)
