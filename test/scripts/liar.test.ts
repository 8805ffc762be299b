/** A server that lies: what it shows, and who catches it. The page's own logic and the command are each asked; a lie that one cannot see the other must. SPEC.md §4.2, §4.4, §5. */

import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals"
import { believe } from "../../client/sealing.ts"
import { addDays } from "../../envelope/day.ts"
import { newSignKey } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { type Keyring, keyName, keyringText, parseKeyring } from "../../keyring/keyring.ts"
import { type PinnedNewsroom, pinnedText } from "../../keyring/newsroom.ts"
import { type Signer, signer, signNote } from "../../keyring/note.ts"
import { acknowledgeKeyring, publishKeyrings, renewKeyring, showKeyring } from "../../scripts/admin/keyring.ts"
import { verifyNewsroom } from "../../scripts/admin/verify.ts"
import { read } from "../../scripts/reporter/read.ts"
import { status } from "../../scripts/reporter/status.ts"
import { sync } from "../../scripts/reporter/sync.ts"
import { readChain } from "../../scripts/vault/chain.ts"
import { homePaths, readPin } from "../../scripts/vault/home.ts"
import { readRoots } from "../../scripts/vault/secrets.ts"
import { ask } from "../support/server.ts"
import { removeFolders, type TestDesk, TODAY, URL_OF_LINE } from "./bench.ts"
import { type Line, makeLine } from "./line.ts"

/** What the liar shows in place of the truth. */
interface Shown {
  readonly keyrings: readonly string[]
  readonly days: readonly string[]
}
interface Truth {
  readonly line: Line
  readonly one: TestDesk
  readonly pin: PinnedNewsroom
  readonly chain: readonly Keyring[]
  readonly roots: readonly Signer[]
  readonly notes: readonly string[]
  /** The next version with a change, signed by the true roots or by others. */
  next(change: Partial<Keyring>, by?: readonly Signer[], after?: Keyring): Promise<string>
}

let truth: Truth
const closing: (() => Promise<void>)[] = []
beforeAll(async () => {
  const line = await makeLine(["one", "bo"])
  await renewKeyring(line.admin, {})
  await publishKeyrings(line.admin)
  for (const reporter of line.reporters) {
    await sync(reporter)
    await acknowledgeKeyring(reporter, { yes: true })
  }
  const pin = await readPin(line.admin)
  const chain = await readChain(line.admin, pin)
  const { days } = JSON.parse((await ask(line.server.base, "GET", `/api/days/${TODAY}`)).body.toString()) as { days: string[] }
  const roots = await readRoots(line.admin)
  const last = chain.at(-1) as Keyring
  truth = {
    line,
    one: line.reporters[0] as TestDesk,
    pin,
    chain,
    roots,
    notes: days,
    next: (change, by = roots, after = last) =>
      signNote(keyringText({ ...after, version: after.version + 1, previous: after.hash, ...change }), by),
  }
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
afterAll(async () => {
  await truth.line.stop()
  await removeFolders()
})

/** Before the true server: passes everything on, but for keyrings and notes. */
async function liar(shown: Shown): Promise<string> {
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? "/", "http://liar")
    const json = (value: unknown) => res.setHeader("content-type", "application/json").end(JSON.stringify(value))
    if (url.pathname === "/api/keyrings") return void json({ keyrings: shown.keyrings.slice(Number(url.searchParams.get("from")) - 1) })
    if (url.pathname === "/api/today") return void json({ format: "sotto-today/1", day: TODAY, keyrings: shown.keyrings, days: shown.days })
    if (url.pathname.startsWith("/api/days/")) return void json({ days: shown.days })
    const { hostname, port } = new URL(truth.line.server.base)
    const on = request({ hostname, port, method: req.method, path: req.url, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(res)
    })
    req.pipe(on)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a page says: the code of its refusal, or whom it offers. */
async function page({ keyrings, days }: Shown, pin: PinnedNewsroom): Promise<string> {
  const answer = JSON.stringify({ format: "sotto-today/1", day: TODAY, keyrings, days })
  return believe({ pin: pinnedText(pin), answer, today: TODAY }).then(
    ({ reachable }) => [...reachable.keys()].join(" and ") || "nobody",
    ({ code }: { code: string }) => code,
  )
}
/** What an outsider's `keyring verify` says. */
async function outsider(base: string): Promise<string> {
  const desk = { ...truth.line.again({ home: "nowhere" } as TestDesk), base }
  return verifyNewsroom(desk, { url: URL_OF_LINE, pin: homePaths(truth.line.admin.home).newsroom, json: true }).then(
    ({ unreachable }) => (unreachable.length === 0 ? "fine" : `${unreachable.join(" and ")} cannot be reached`),
    ({ code }: { code: string }) => code,
  )
}
/** What a reporter's `sync` says who has seen the true chain. */
async function command(base: string): Promise<string> {
  const desk = { ...truth.line.again(truth.one), base }
  return sync(desk).then(
    ({ unacknowledged }) => (unacknowledged > 0 ? `${unacknowledged} to acknowledge` : "fine"),
    ({ code }: { code: string }) => code,
  )
}

const sources = (chain: readonly Keyring[]) => chain.map(({ source }) => source)
const stranger = async (name: string) => signer(keyName(URL_OF_LINE, name), await newSignKey())
const seen = ({ pin, chain }: Truth): PinnedNewsroom => ({ ...pin, version: (chain.at(-1) as Keyring).version })

interface Lie {
  readonly what: string
  readonly shown: (truth: Truth) => Promise<Shown>
  /** What each of the three says; by at least one of them the lie is caught. */
  readonly page: string
  readonly outsider: string
  readonly command: string
}

const lies: readonly Lie[] = [
  {
    what: "nothing: the control",
    shown: async ({ chain, notes }) => ({ keyrings: sources(chain), days: notes }),
    page: "bo and one",
    outsider: "fine",
    command: "fine",
  },
  {
    what: "an old keyring",
    // The notes name the newest keyring, which an old chain does not have: to show an old one a host must hide them.
    shown: async ({ chain, notes }) => ({ keyrings: sources(chain).slice(0, -1), days: notes }),
    page: "rolled-back",
    outsider: "one and bo cannot be reached",
    command: "rolled-back",
  },
  {
    what: "a dropped note",
    shown: async ({ chain, notes }) => ({ keyrings: sources(chain), days: notes.slice(0, 1) }),
    page: "bo",
    outsider: "one cannot be reached",
    command: "fine",
  },
  {
    what: "a swapped slot, in a note",
    shown: async ({ chain, notes }) => ({ keyrings: sources(chain), days: notes.map((note) => note.replace('"slot":1', '"slot":2')) }),
    page: "bo",
    outsider: "one cannot be reached",
    command: "fine",
  },
  {
    what: "a swapped slot, in the keyring",
    shown: async ({ chain, notes, next }) => {
      const swapped = (chain.at(-1) as Keyring).reporters.map((one) => ({ ...one, slot: 3 - one.slot }))
      return { keyrings: [...sources(chain), await next({ reporters: swapped }, [await stranger("root")])], days: notes }
    },
    page: "too-few-roots",
    outsider: "too-few-roots",
    command: "too-few-roots",
  },
  {
    what: "an added reader, without the roots",
    shown: async ({ chain, notes, next }) => {
      const { verifier } = await stranger("ghost")
      const ghost = { slot: 3, id: "ghost" as Id, name: "Reporter Three", verify: verifier }
      const reporters = [...(chain.at(-1) as Keyring).reporters, ghost]
      return { keyrings: [...sources(chain), await next({ reporters }, [await stranger("root")])], days: notes }
    },
    page: "too-few-roots",
    outsider: "too-few-roots",
    command: "too-few-roots",
  },
  {
    what: "an added reader, in a keyring whose text was altered",
    shown: async ({ chain, notes }) => ({
      keyrings: sources(chain).map((source, at) =>
        at === chain.length - 1 ? source.replace('"name":"Reporter bo"', '"name":"Reporter Bo"') : source,
      ),
      days: notes,
    }),
    page: "bad-keyring",
    outsider: "not-a-note",
    command: "forked",
  },
  {
    what: "a forked chain",
    shown: async ({ chain, notes, next }) => {
      const before = chain.at(-2) as Keyring
      const other = await next({ issued: TODAY, expires: addDays(TODAY, 30), reporters: before.reporters.slice(1) }, undefined, before)
      return { keyrings: [...sources(chain.slice(0, -1)), other], days: notes }
    },
    // Signed by the true roots: a page cannot know of the other branch. Its notes name the one, so nobody can be sealed to.
    page: "nobody",
    outsider: "bo cannot be reached",
    command: "forked",
  },
  {
    what: "other roots",
    shown: async ({ notes, chain }) => {
      const root = await stranger("root")
      const first = await signNote(keyringText({ ...(chain[0] as Keyring), roots: [root.verifier] }), [root])
      const { hash } = await parseKeyring(first)
      const text = keyringText({ ...(chain.at(-1) as Keyring), version: 2, previous: hash, roots: [root.verifier] })
      return { keyrings: [first, await signNote(text, [root])], days: notes }
    },
    page: "rolled-back",
    outsider: "forked",
    command: "rolled-back",
  },
  {
    what: "a version left out",
    shown: async ({ chain, notes }) => ({ keyrings: sources(chain).filter((_, at) => at !== 1), days: notes }),
    page: "version-gap",
    outsider: "version-gap",
    command: "rolled-back",
  },
  {
    what: "a key of its own, in a reporter's name",
    shown: async ({ chain, notes }) => {
      const [note = ""] = notes.slice(1)
      const text = note.slice(0, note.lastIndexOf("\n\n") + 1)
      return { keyrings: sources(chain), days: [notes[0] ?? "", await signNote(text, [await stranger("one")])] }
    },
    page: "bo",
    outsider: "one cannot be reached",
    command: "fine",
  },
]

describe("a server that shows", () => {
  test.each(lies.map((lie) => [lie.what, lie] as const))("%s", async (_what, lie) => {
    const shown = await lie.shown(truth)
    const base = await liar(shown)
    expect({
      page: await page(shown, seen(truth)),
      outsider: await outsider(base),
      command: await command(base),
    }).toEqual({ page: lie.page, outsider: lie.outsider, command: lie.command })
  })
})

describe("what a page cannot see, readers do", () => {
  test("a note dropped for one source: the tip names whom its page could reach, and `read` says so", async () => {
    const { line, one } = truth
    await line.send({ to: ["one"], change: { reachable: ["one"] as Id[] } })
    const { kept } = await sync(one)
    one.said.clear()
    await read(one, { number: kept[0]?.tip ?? 0 })
    expect(one.said.out()).toContain('warning: the page said it could not reach: "Reporter bo" (bo)')
  })

  test("a reader added by enough roots is in the output of every command until somebody acknowledges it", async () => {
    const { line, one, chain, pin, next } = truth
    const last = chain.at(-1) as Keyring
    const { verifier } = await stranger("ghost")
    const reporters = [...last.reporters, { slot: 3, id: "ghost" as Id, name: "Reporter Three", verify: verifier }]
    const source = await next({ reporters })
    const base = await liar({ keyrings: [...sources(chain), source], days: truth.notes })
    const desk = { ...line.again(one), base }
    // The server behind the liar does not know that keyring and takes no note under it; what changed has been said and kept by then.
    await expect(sync(desk)).rejects.toMatchObject({ type: "bad-note" })
    const ghost = 'slot 3 added, "Reporter Three" (ghost), signed by root 1'
    expect(desk.said.err()).toContain(ghost)
    for (const command of [status, showKeyring]) {
      const again = line.again(one)
      expect((await command(again)).unacknowledged).toBe(1)
      expect(again.said.err().replaceAll(/\s+/g, " ")).toContain(ghost)
    }
    await acknowledgeKeyring(line.again(one), { yes: true })
    expect((await status(line.again(one))).unacknowledged).toBe(0)
    // And the true server, which has not got it, is refused from now on: two histories are two.
    await expect(sync(line.again(one))).rejects.toMatchObject({ code: "rolled-back" })
    expect((await readChain(one, pin)).length).toBe(chain.length + 1)
  })
})
