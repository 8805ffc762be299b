/** A reporter's command: how long it takes to start, to take in 500 new tips from a real server, and to list and search a vault of 100,000.
 *  Every figure is a whole process, as a person runs it: start, passphrase (generated, so stretched little), opening, work, output. */

import { execFile } from "node:child_process"
import { once } from "node:events"
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Recipient } from "../../envelope/keys.ts"
import type { Id } from "../../envelope/names.ts"
import { collect } from "../../envelope/reader.ts"
import { sealTip } from "../../envelope/seal.ts"
import { reachableOn } from "../../keyring/days.ts"
import { deriveSource, newWords } from "../../keyring/words.ts"
import { getDayNotes, postEnvelope } from "../api.ts"
import { systemClock } from "../clock.ts"
import type { Person } from "../demo/commands.ts"
import { sotto } from "../demo/commands.ts"
import { type DemoLine, startLine } from "../demo/line.ts"
import { nodeAead } from "../engine.ts"
import { currentOf } from "../vault/chain.ts"
import { openVault, type Vault } from "../vault/vault.ts"
import { deskOf, fillVault } from "./large-vault.ts"
import { type Bench, inTurns, milliseconds, type Options, rounded } from "./measure.ts"
import { agePeer, gpgPeer, versionOf } from "./peers.ts"

const run = promisify(execFile)
const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const PROGRAM = join(root, "dist/sotto.js")
const TIP_BYTES = 2_048
/** So many are sent at once here that a server would ask for a sum: that is not what is measured. */
const NEVER_WORK = 1_000_000

/** Seals and posts new tips by sources of their own. */
async function send(line: DemoLine, vault: Vault, count: number, message: string): Promise<void> {
  const current = currentOf(vault.chain)
  const day = systemClock.today()
  const server = { url: line.url, clock: systemClock }
  const keys = await reachableOn(await getDayNotes(server, day), { chain: vault.chain, newsroom: vault.pin.id, on: day, today: day })
  const slots: (Recipient | undefined)[] = Array.from({ length: current.policy.slots + 1 }, () => undefined)
  for (const { slot, recipient } of keys.values()) slots[slot] = recipient
  const to = [...keys.keys()]
  for (let sent = 0; sent < count; sent++) {
    const source = await deriveSource(await newWords(), vault.pin.id)
    const tip = {
      newsroom: vault.pin.id,
      keyring: current.hash,
      day,
      to,
      reachable: to,
      callout: "amazon-layoffs" as Id,
      answers: new Map([["how-many" as Id, "10-49"]]),
      source: source.keys,
      files: [],
    }
    const sealed = sealTip({ tip, message, files: [], sign: source.sign, slots, maxBytes: 1_048_576, aead: nodeAead })
    await postEnvelope(server, day, await collect(sealed.stream))
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  listener.close()
  return port
}

async function measure(line: DemoLine, folder: string, { rounds, isSmall, say }: Options) {
  const [tips, kept] = isSmall ? [20, 2_000] : [500, 100_000]
  const text = Buffer.alloc(TIP_BYTES, "a tip of two kibibytes, ").toString("latin1")
  const vault = await openVault(await deskOf(line.reporter))
  const plain = join(folder, "tip.txt")
  await writeFile(plain, text)
  const [age, gpg] = [await agePeer(folder), await gpgPeer(folder)]
  await age.seal(plain, join(folder, "tip.age"))
  await gpg.seal(plain, join(folder, "tip.gpg"))
  const each = async (count: number, peer: typeof age, sealed: string) => {
    const ms = await milliseconds(async () => {
      for (let at = 0; at < count; at++) await peer.open(sealed, join(folder, "opened"))
    })
    return (ms / count) * tips
  }
  say(`a vault of ${kept} tips`)
  const large: Person = { home: join(folder, "large"), passphraseFile: line.reporter.passphraseFile }
  await cp(line.reporter.home, large.home, { recursive: true })
  await fillVault(await deskOf(large), kept)
  const bare = [process.execPath, ["-e", "0"]] as const
  const version = [process.execPath, [PROGRAM, "--version"]] as const
  const starts = isSmall ? 2 : 10
  const start = ([program, args]: readonly [string, readonly string[]]) =>
    milliseconds(async () => {
      for (let at = 0; at < starts; at++) await run(program, [...args])
    }).then((ms) => ms / starts)
  const command = (who: Person, ...args: readonly string[]) => milliseconds(() => sotto(PROGRAM, who, ...args))
  say(`${tips} new tips a round, and the rest`)
  return inTurns(rounds, {
    nodeMs: () => start(bare),
    startMs: () => start(version),
    async sync500Ms() {
      await send(line, vault, tips, text)
      return command(line.reporter, "sync", "--json", "--tell-later")
    },
    syncNothingMs: () => command(line.reporter, "sync", "--json", "--tell-later"),
    age500Ms: () => each(isSmall ? 10 : tips, age, join(folder, "tip.age")),
    gpg500Ms: () => each(isSmall ? 3 : 50, gpg, join(folder, "tip.gpg")),
    list100kMs: () => command(large, "inbox", "--limit", "50"),
    listAll100kMs: () => command(large, "inbox"),
    search100kMs: () => command(large, "search", "needle", "severance", "--limit", "20"),
    searchNone100kMs: () => command(large, "search", "nowhere"),
  })
}

export const desk: Bench = async (options) => {
  const versions: Record<string, string> = { node: process.version }
  for (const program of ["age", "gpg"]) {
    const version = await versionOf(program)
    if (version === undefined) throw new Error(`the peer ${program} is not installed: run scripts/ci-packages.sh`)
    versions[program] = version
  }
  const folder = await mkdtemp(join(tmpdir(), "sotto-desk-"))
  try {
    const programs = { sotto: PROGRAM, server: join(root, "dist/server.js") }
    const line = await startLine(programs, join(folder, "line"), await freePort(), options.say, { calm: NEVER_WORK })
    try {
      const found = await measure(line, folder, options)
      return {
        versions,
        results: Object.fromEntries(Object.entries(found).map(([name, ms]) => [name, rounded(ms)])),
        ratios: {
          startupOverNode: rounded(found.startMs / found.nodeMs),
          open500OverAge: rounded(found.age500Ms / found.sync500Ms),
          open500OverGpg: rounded(found.gpg500Ms / found.sync500Ms),
          list100kMs: rounded(found.list100kMs),
          search100kMs: rounded(found.search100kMs),
        },
        notes: [
          "each figure is a whole process; startupOverNode, list100kMs and search100kMs are better when lower",
          "sync fetches 500 tips of 2 KiB from the server over HTTP, opens, checks and keeps each durably, and indexes it; age -d and gpg --decrypt run once a tip, gpg 50 times and scaled",
          "the passphrase is generated and so stretched with factor 12; the default of 18, for one that a person chose, adds about a second to every command",
          "list100kMs shows the newest 50 threads, as a screen does; listAll100kMs writes all of them",
          ...(options.isSmall ? ["small sizes, to show that it works: no figure here means anything"] : []),
        ],
      }
    } finally {
      await line.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
