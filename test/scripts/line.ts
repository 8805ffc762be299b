/** A whole line for the command line's tests: the real server over a real database, and tips as the page would send them. */

import { join } from "node:path"
import { afterAll, afterEach } from "@jest/globals"
import type { Bytes } from "../../envelope/bytes.ts"
import { type Day, dayOf } from "../../envelope/day.ts"
import type { Recipient } from "../../envelope/keys.ts"
import type { Tip } from "../../envelope/letter.ts"
import type { Id } from "../../envelope/names.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { reachableOn } from "../../keyring/days.ts"
import { deriveSource, newWords, type SourceSecrets } from "../../keyring/words.ts"
import { publishKeyrings } from "../../scripts/admin/keyring.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { readChain } from "../../scripts/vault/chain.ts"
import { readPin } from "../../scripts/vault/home.ts"
import type { GateLimits } from "../../server/gate.ts"
import { loadPage } from "../../server/page.ts"
import { keepPartitions } from "../../server/partitions.ts"
import { ask, startServer, type TestServer } from "../support/server.ts"
import { type Ceremony, ceremony, type DeskOptions, deskAt, removeFolders, TestClock, type TestDesk, TODAY } from "./bench.ts"

export interface TestFile {
  readonly name: string
  readonly content: Uint8Array
}
export interface TipToSend {
  readonly to?: readonly string[]
  readonly message?: string
  readonly files?: readonly TestFile[]
  readonly change?: Partial<Tip>
  readonly source?: SourceSecrets
  /** Sealed for this day; today if absent. */
  readonly day?: Day
}
export interface Line extends Ceremony {
  readonly server: TestServer
  readonly clock: TestClock
  /** The same folder with another disk or screen. */
  again(desk: TestDesk, options?: DeskOptions): TestDesk
  /** A tip as bytes, under the keyring and day notes that the server shows. */
  seal(tip?: TipToSend): Promise<Bytes>
  post(envelope: Bytes, day?: Day): Promise<number>
  send(tip?: TipToSend): Promise<Bytes>
  /** Moves the server's clock and ours. */
  goTo(day: Day): Promise<void>
  /** Requests that the server has had since the last call, by method and path. */
  requests(): string[]
  stop(): Promise<void>
}

/** The ceremony, the server with its keyrings, and one sync by each reporter: everybody can be reached.
 *  @param options.isPageServed - with the built page, not an empty one */
export async function makeLine(
  ids: readonly string[] = ["one", "bo"],
  { isPageServed = false, limits }: { readonly isPageServed?: boolean; readonly limits?: GateLimits } = {},
): Promise<Line> {
  const clock = new TestClock(TODAY)
  const made = await ceremony(ids, { clock })
  const pinned = await readPin(made.admin)
  const page = isPageServed ? await loadPage(join(__dirname, "../../dist/page"), pinned) : undefined
  const server = await startServer({ id: pinned.id, pinned, chain: [] }, TODAY, page, limits)
  const seen: string[] = []
  server.server.on("request", ({ method, url }) => seen.push(`${method} ${url}`))
  const again = (desk: TestDesk, options: DeskOptions = {}) => deskAt(desk.home, { clock, base: server.base, ...options })
  const admin = again(made.admin)
  const reporters = made.reporters.map((reporter) => again(reporter))
  try {
    await publishKeyrings(admin)
    for (const reporter of reporters) await sync(reporter)
  } catch (error) {
    await server.stop()
    throw error
  }

  async function seal({
    to = ids,
    message = "hello",
    files = [],
    change = {},
    source,
    day = dayOf(clock.ms),
  }: TipToSend = {}): Promise<Bytes> {
    const chain = await readChain(admin, pinned)
    const current = chain.at(-1)
    if (current === undefined) throw new Error("there is a keyring")
    const { days } = JSON.parse((await ask(server.base, "GET", `/api/days/${day}`)).body.toString()) as { days: string[] }
    const reachable = await reachableOn(days, { chain, newsroom: pinned.id, on: day, today: day })
    const slots: (Recipient | undefined)[] = Array.from({ length: current.policy.slots + 1 }, () => undefined)
    for (const id of to) {
      const key = reachable.get(id as Id)
      if (key !== undefined) slots[key.slot] = key.recipient
    }
    const { keys, sign } = source ?? (await deriveSource(await newWords(), pinned.id))
    const tip: Tip = {
      newsroom: pinned.id,
      keyring: current.hash,
      day,
      to: to as readonly Id[],
      reachable: [...reachable.keys()],
      answers: new Map(),
      source: keys,
      files: files.map(({ name, content }) => ({ name, type: "", bytes: content.length })),
      ...change,
    }
    return collect(sealTip({ tip, message, files: files.map(({ content }) => [content]), sign, slots, maxBytes: 2 ** 32 }).stream)
  }
  async function post(envelope: Bytes, day = dayOf(clock.ms)): Promise<number> {
    const { status } = await ask(server.base, "POST", `/api/envelopes?day=${day}`, {
      headers: { "content-type": "application/age" },
      body: envelope,
    })
    return status
  }
  return {
    ...made,
    admin,
    reporters,
    server,
    clock,
    again,
    seal,
    post,
    async send(tip = {}) {
      const envelope = await seal(tip)
      const status = await post(envelope, tip.day)
      if (status !== 201) throw new Error(`the server answered ${status}`)
      return envelope
    },
    async goTo(day) {
      clock.day = day
      server.clock.ms = clock.ms
      // What the server's housekeeping does every few minutes.
      await keepPartitions(server.database, day, undefined, () => undefined)
    },
    requests: () => seen.splice(0),
    stop: () => server.stop(),
  }
}

/** Lines of a file's tests, each made by the test that wants it and stopped after it; the folders go with the last. `bo` is there where two joined. */
export function freshLines(): (ids?: readonly string[]) => Promise<Line & { one: TestDesk; bo: TestDesk }> {
  const lines: Line[] = []
  afterEach(async () => {
    for (const one of lines.splice(0)) await one.stop()
  })
  afterAll(removeFolders)
  return async (ids) => {
    const made = await makeLine(ids)
    lines.push(made)
    const [one, bo] = made.reporters as readonly [TestDesk, TestDesk]
    return { ...made, one, bo }
  }
}

export const newSource = async (line: Pick<Line, "admin">): Promise<SourceSecrets> =>
  deriveSource(await newWords(), (await readPin(line.admin)).id)
