/** `sotto verify URL`: whether what is served is what the newsroom's roots have signed, as seen from here. Needs no key, no vault and no home:
 *  the printed name of the newsroom is enough. SPEC.md §14.4; what it cannot see: docs/checking.md. */

import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { NewsroomId } from "../../envelope/names.ts"
import { verifyChain } from "../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../keyring/newsroom.ts"
import { trust } from "../admin/verify.ts"
import type { Desk } from "../desk.ts"
import { Failure } from "../failure.ts"
import { parseProxy, type SocksProxy } from "../socks.ts"
import { readChain } from "../vault/chain.ts"
import { pinIfThere } from "../vault/home.ts"
import { BROWSERS, type BrowserName } from "./browsers.ts"
import { type Checked, type Checker, makeChecker, missed } from "./check.ts"
import type { Difference } from "./difference.ts"
import { nothingSeen, readSeen, type Seen, writeSeen } from "./seen.ts"
import type { Way } from "./visit.ts"

export interface VerifySite {
  /** The newsroom's own address, or its onion service. */
  readonly url: string
  /** The printed name. */
  readonly newsroom?: string
  /** Path of newsroom.json. */
  readonly pin?: string
  readonly atLeast?: number
  /** A file that remembers what was seen. */
  readonly seen?: string
  /** `HOST:PORT` of a SOCKS 5 proxy, Tor's for one; that of the desk (SOTTO_SOCKS) if absent. */
  readonly socks?: string
  /** Comes as this browser alone. */
  readonly as?: string
  readonly visits?: number
  /** A build, only to say where a file differs. */
  readonly dist?: string
  readonly json?: boolean
}
export interface Verdict {
  readonly v: 1
  readonly url: string
  readonly visits: number
  readonly answers: number
  readonly keyring: number | null
  readonly release: string | null
  /** Each with the number of visits that saw it. */
  readonly differences: readonly (Difference & { readonly visits: number })[]
  readonly notices: readonly string[]
  readonly reachable: readonly string[]
  readonly unreachable: readonly string[]
  /** How likely so many visits would have missed a page that is altered for one visitor in ten. */
  readonly missedOneInTen: number
}

const VISITS = 3
const MAX_VISITS = 100_000
const TIMEOUT_MS = 60_000

/** A checker with what it has seen, and a way to keep that. */
export interface Prepared {
  readonly url: string
  readonly checker: Checker
  /** Through which everything goes, if through any. */
  readonly proxy: SocksProxy | undefined
  /** Whether the newest keyring that was seen names a release. */
  isHeld(): boolean
  /** Keeps what was seen, where a file for it was named. */
  keep(): Promise<void>
}

/** @throws Failure `usage`, `failed`
 *  @throws KeyringError `bad-newsroom`, `foreign`, and those of a chain that the file of what was seen does not hold */
export async function prepare(desk: Desk, options: VerifySite): Promise<Prepared> {
  const { newsroom, chain, pinned } = await judgedBy(desk, options)
  const url = addressOf(options.url)
  const seen = options.seen === undefined ? nothingSeen() : await readSeen(options.seen, newsroom)
  // The folder's own chain may be newer, or the only one.
  if (chain.length > seen.chain.length) seen.chain = chain
  if (pinned !== undefined && seen.chain.length > 0)
    await verifyChain(
      seen.chain.map(({ source }) => source),
      { pinned },
    )
  const proxy = options.socks === undefined ? desk.proxy : parseProxy(options.socks)
  if (new URL(url).hostname.endsWith(".onion") && proxy === undefined && desk.base === undefined)
    throw new Failure("usage", "an onion service is reached through Tor only", "add --socks 127.0.0.1:9050, or set SOTTO_SOCKS")
  const way: Way = {
    url,
    timeoutMs: TIMEOUT_MS,
    ...(desk.base === undefined ? {} : { base: desk.base }),
    ...(proxy === undefined ? {} : { proxy }),
  }
  const checker = makeChecker({
    way,
    newsroom,
    seen,
    clock: desk.clock,
    atLeast: Math.max(options.atLeast ?? 1, pinned?.version ?? 1),
    ...(options.as === undefined ? {} : { browsers: [browserName(options.as)] }),
    ...(pinned === undefined ? {} : { pinned }),
    built: filesOf(options.dist ?? (desk.program === undefined ? undefined : dirname(desk.program))),
  })
  return {
    url,
    checker,
    proxy,
    isHeld: () => seen.chain.at(-1)?.release !== undefined,
    keep: () => keepSeen(desk, options, newsroom, seen),
  }
}

const keepSeen = async (desk: Desk, { seen: path }: VerifySite, newsroom: NewsroomId, seen: Seen): Promise<void> =>
  path === undefined ? undefined : writeSeen(desk, path, newsroom, seen, desk.clock.today())

interface Judge {
  readonly newsroom: NewsroomId
  readonly chain: Seen["chain"]
  readonly pinned?: PinnedNewsroom
}
/** By the printed name or a pin; without one, by the folder of whoever asks. */
async function judgedBy(desk: Desk, { newsroom, pin }: VerifySite): Promise<Judge> {
  const own = newsroom === undefined && pin === undefined ? await pinIfThere(desk) : undefined
  if (own !== undefined) return { newsroom: own.id, chain: await readChain(desk, own), pinned: own }
  const trusted = await trust({ ...(newsroom === undefined ? {} : { newsroom }), ...(pin === undefined ? {} : { pin }) })
  return { newsroom: trusted.id, chain: [], ...(trusted.pin === undefined ? {} : { pinned: trusted.pin }) }
}

function addressOf(text: string): string {
  try {
    const { protocol, origin } = new URL(text.includes("://") ? text : `https://${text}`)
    if (protocol === "https:" || protocol === "http:") return origin
  } catch {
    // Said below.
  }
  throw new Failure("usage", "that is no address of a page", "give it as https://forms.example.org")
}

function browserName(text: string): BrowserName {
  const found = BROWSERS.find((name) => name === text)
  if (found === undefined) throw new Failure("usage", "no such browser", `there are ${BROWSERS.join(", ")}`)
  return found
}

/** A build's files by name; a file that is not there is none. */
function filesOf(dist: string | undefined): (file: string) => Promise<Uint8Array | undefined> {
  const files = new Map<string, Promise<Uint8Array | undefined>>()
  return (file) => {
    if (dist === undefined) return Promise.resolve(undefined)
    const held = files.get(file) ?? readFile(join(dist, file)).catch(() => undefined)
    files.set(file, held)
    return held
  }
}

/** Checks so many times and says what was found.
 *  @throws Failure `usage`; `failed`: the server cannot be reached, or the newsroom has promised nothing about its page */
export async function verifySite(desk: Desk, options: VerifySite): Promise<Verdict> {
  const visits = options.visits ?? VISITS
  if (visits < 1 || visits > MAX_VISITS)
    throw new Failure("usage", `there are 1 to ${MAX_VISITS} visits`, "use --visits with such a number")
  const { url, checker, isHeld, keep } = await prepare(desk, options)
  const all: Checked[] = []
  for (let visit = 0; visit < visits; visit++) all.push(await checker.check(visit === 0))
  await keep()
  const verdict = verdictOf(url, all)
  if (!isHeld() && verdict.differences.every(({ kind }) => kind === "release"))
    throw new Failure(
      "failed",
      "this newsroom's keyring names no release: there is nothing to hold the page to",
      "its admins sign one with `release sign` and name it with `release publish`; `keyring verify` checks the rest",
    )
  if (options.json) desk.terminal.json(verdict)
  else say(desk, verdict)
  return verdict
}

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)]

export function verdictOf(url: string, all: readonly Checked[]): Verdict {
  const differences = new Map<string, Difference & { visits: number }>()
  for (const checked of all)
    for (const [key, difference] of new Map(checked.differences.map((one) => [`${one.kind} ${one.at} ${one.says}`, one])))
      differences.set(key, { ...difference, visits: (differences.get(key)?.visits ?? 0) + 1 })
  const last = all.at(-1)
  return {
    v: 1,
    url,
    visits: all.length,
    answers: all.reduce((sum, { answers }) => sum + answers, 0),
    keyring: last?.keyring ?? null,
    release: last?.release ?? null,
    differences: [...differences.values()],
    notices: unique(all.flatMap(({ notices }) => notices)),
    reachable: last?.reachable ?? [],
    unreachable: unique(all.flatMap(({ unreachable }) => unreachable)),
    missedOneInTen: missed(all.length, 10),
  }
}

function say({ terminal }: Desk, verdict: Verdict): void {
  const { url, visits, answers, keyring, release, differences, notices, unreachable, missedOneInTen } = verdict
  const visited = `${visits} ${visits === 1 ? "visit" : "visits"}, ${answers} answers`
  if (differences.length === 0) terminal.answer(`${url} is release ${release} as keyring ${keyring} names it, byte for byte: ${visited}`)
  else {
    terminal.answer(`${url} DIFFERS from what the newsroom's roots have signed: ${visited}`)
    for (const { at, says, visits: seen } of differences)
      terminal.answer(`  ${at}: ${says}${seen === visits ? "" : ` (in ${seen} of ${visits} visits)`}`)
  }
  for (const notice of notices) terminal.say(notice)
  for (const id of unreachable) terminal.say(`${id} cannot be reached today: no page would seal to them`)
  terminal.say(
    differences.length > 0
      ? "do not use the page; tell the newsroom by another way, and keep what this printed"
      : `seen from here and as ${BROWSERS.join(", ")} only: a page altered for one visitor in ten would have been missed with a chance of ${percent(missedOneInTen)}`,
  )
}

const percent = (chance: number): string => (chance >= 0.001 ? `${(chance * 100).toFixed(1)} %` : `1 in ${Math.round(1 / chance)}`)
