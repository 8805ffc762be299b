/** Sources that go on sending until told to stop, each waiting for its answer; what was answered with 201 is remembered by its hash. */

import { createHash } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Day } from "../../envelope/day.ts"
import type { TestNewsroom } from "./newsroom.ts"
import { ask } from "./server.ts"

export interface Load {
  /** Hashes of what was answered with 201 so far. */
  acknowledged(): readonly string[]
  /** When each of them was answered, milliseconds. */
  times(): readonly number[]
  /** Resolves when so many have been answered with 201 in all. */
  taken(count: number): Promise<void>
  stop(): Promise<readonly string[]>
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** @param to - the servers, one after the other; each sender begins with another */
export function startLoad(
  { newsroom, today }: { readonly newsroom: TestNewsroom; readonly today: Day },
  to: readonly string[],
  senders = 4,
): Load {
  const acknowledged: string[] = []
  const times: number[] = []
  let isGoing = true
  async function sender(first: number): Promise<void> {
    for (let turn = first; isGoing; turn++) {
      const body = await newsroom.tip(today, newsroom.reporters.slice(0, 1), "under load")
      try {
        const base = to[turn % to.length] ?? ""
        const { status } = await ask(base, "POST", `/api/envelopes?day=${today}`, { headers: { "content-type": "application/age" }, body })
        if (status !== 201) throw new Error("not taken")
        acknowledged.push(sha256(body))
        times.push(Date.now())
      } catch {
        await sleep(20) // refused or cut off: not acknowledged
      }
    }
  }
  const all = Promise.all(Array.from({ length: senders }, (_, index) => sender(index)))
  return {
    acknowledged: () => acknowledged,
    times: () => times,
    async taken(count) {
      while (acknowledged.length < count) await sleep(5)
    },
    async stop() {
      isGoing = false
      await all
      return acknowledged
    },
  }
}
