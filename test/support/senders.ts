/** Tips that go on being sent while something is done to the server, and what became of each. */

import { createHash } from "node:crypto"
import pg from "pg"
import type { Connection } from "../../scripts/operator/postgres.ts"
import type { Line } from "./line.ts"
import { ask } from "./server.ts"

export interface Load {
  /** SHA-256 of each envelope that was answered with 201. */
  readonly acknowledged: readonly string[]
  /** Answers that were not 201. */
  readonly refused: readonly { readonly status: number; readonly retryAfter: string | undefined }[]
  stop(): Promise<void>
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** @param senders - each sends one after the other; an envelope is one sealed tip with other bytes at its end, so that none is like another */
export function sendTips(line: Line, senders: number): Load {
  const acknowledged: string[] = []
  const refused: { status: number; retryAfter: string | undefined }[] = []
  const over = new AbortController()
  const [reporter] = line.newsroom.reporters
  if (reporter === undefined) throw new Error("no reporter")
  let count = 0
  async function sender(): Promise<void> {
    const envelope = new Uint8Array(await line.newsroom.tip(line.today, [reporter as NonNullable<typeof reporter>], "under load"))
    while (!over.signal.aborted) {
      new DataView(envelope.buffer).setUint32(envelope.length - 4, count++)
      const hash = sha256(envelope)
      try {
        const { status, headers } = await ask(line.base, "POST", `/api/envelopes?day=${line.today}`, {
          headers: { "content-type": "application/age" },
          body: envelope.slice(),
        })
        if (status === 201) acknowledged.push(hash)
        else {
          refused.push({ status, retryAfter: headers["retry-after"] as string | undefined })
          await pause(30)
        }
      } catch {
        await pause(20) // cut off: not acknowledged
      }
    }
  }
  const all = Promise.all(Array.from({ length: senders }, sender))
  return {
    acknowledged,
    refused,
    async stop() {
      over.abort()
      await all
    },
  }
}

/** SHA-256 of every small envelope that is kept. */
export async function keptHashes(connection: Connection): Promise<ReadonlySet<string>> {
  const client = new pg.Client({ ...connection })
  await client.connect()
  const { rows } = await client.query<{ hash: string }>("select encode(sha256(bytes), 'hex') as hash from envelopes")
  await client.end()
  return new Set(rows.map(({ hash }) => hash))
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
/** The test's own timeout is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(10)
}
