/** The chain of keyrings as the server has it: verified from the newsroom's pinned name before it is stored, given to anybody. */

import type { NewsroomId } from "../envelope/names.ts"
import { type Keyring, verifyChain } from "../keyring/keyring.ts"
import type { Database } from "./database.ts"

const RECENT_MS = 1_000

export type Added = "added" | "there" | "conflict"

export interface KeyringStore {
  /** The verified chain, oldest first; empty before the first keyring was published. */
  chain(): Promise<readonly Keyring[]>
  current(): Promise<Keyring | undefined>
  /** The current one as it was at most a second ago: what a newsroom takes need not be asked of the database for each tip. */
  recent(): Promise<Keyring | undefined>
  /** Adds the next version.
   *  @throws KeyringError when the chain with it does not verify */
  add(source: string): Promise<Added>
}

export function keyringStore(database: Database, newsroom: NewsroomId): KeyringStore {
  let known: readonly Keyring[] = []
  let looked = Number.NEGATIVE_INFINITY
  let looking: Promise<unknown> | undefined

  async function chain(): Promise<readonly Keyring[]> {
    const before = known
    const last = before.at(-1)
    const { rows } = await database.query<{ note: string }>("select note from keyrings where version > $1::int order by version", [
      last?.version ?? 0,
    ])
    // Only what is new since the last look is verified again; other processes may have stored it.
    if (rows.length > 0) {
      const added = rows.map(({ note }) => note)
      const verified = await verifyChain(
        last === undefined ? added : [last.source, ...added],
        last === undefined ? { newsroom } : { seen: last },
      )
      const longer = [...before, ...(last === undefined ? verified : verified.slice(1))]
      // Two looks at once find the same versions: neither may append them to what the other found.
      if (longer.length > known.length) known = longer
    }
    looked = performance.now()
    return known
  }

  async function recent(): Promise<Keyring | undefined> {
    if (performance.now() - looked > RECENT_MS) {
      // One look for all who wait for it.
      looking ??= chain().finally(() => (looking = undefined))
      await looking
    }
    return known.at(-1)
  }

  return {
    chain,
    recent,
    current: async () => (await chain()).at(-1),
    async add(source) {
      const before = await chain()
      if (before.some((keyring) => keyring.source === source)) return "there"
      const last = before.at(-1)
      const verified = await verifyChain(
        last === undefined ? [source] : [last.source, source],
        last === undefined ? { newsroom } : { seen: last },
      )
      const next = verified.at(-1)
      if (next === undefined) return "conflict"
      const { rowCount } = await database.query(
        "insert into keyrings (version, note) values ($1::int, $2::text) on conflict (version) do nothing",
        [next.version, source],
      )
      looked = Number.NEGATIVE_INFINITY
      return rowCount === 1 ? "added" : "conflict"
    },
  }
}
