/** One check of a page from outside: a visit as a browser makes it, then on a connection of its own what a browser would not ask for, each
 *  answer held to the release. SPEC.md §14.4. */

import { createHash, randomBytes } from "node:crypto"
import type { NewsroomId } from "../../envelope/names.ts"
import { pinInPage } from "../../keyring/holes.ts"
import { type PinnedNewsroom, parsePinned, pinAt } from "../../keyring/newsroom.ts"
import type { Release, ServedFile } from "../../keyring/release.ts"
import type { Clock } from "../clock.ts"
import type { Chain } from "../vault/chain.ts"
import { compare, type Expected } from "./answer.ts"
import { BROWSERS, type BrowserName, browser, LANGUAGES } from "./browsers.ts"
import type { Difference } from "./difference.ts"
import { checkNewest, checkToday, isNewer, readChain, readReleases, readToday } from "./history.ts"
import type { Seen } from "./seen.ts"
import { type Fetched, openVisit, type Visit, type Way } from "./visit.ts"
import { type Asked, bodyOf, browse, pick, probe, textOf } from "./walk.ts"

export interface Checked {
  /** As which browser it came. */
  readonly browser: BrowserName
  /** How many answers were compared. */
  readonly answers: number
  readonly differences: readonly Difference[]
  /** What is to be known and is no difference. */
  readonly notices: readonly string[]
  readonly keyring?: number
  readonly release?: string
  readonly reachable: readonly string[]
  readonly unreachable: readonly string[]
}
export interface Checker {
  /** @param isWhole - asks for everything in every way; else for what a browser asks for and, by chance, for some of the rest
   *  @throws Failure `failed`: the server cannot be reached */
  check(isWhole: boolean): Promise<Checked>
}
export interface CheckerOptions {
  readonly way: Way
  readonly newsroom: NewsroomId
  readonly seen: Seen
  readonly clock: Clock
  readonly atLeast: number
  /** Roots that are believed besides: the chain has to hold under them too. */
  readonly pinned?: PinnedNewsroom
  /** As these browsers in turn, by chance. */
  readonly browsers?: readonly BrowserName[]
  /** A file of a build, by its path there: only to say where another one differs. */
  readonly built: (file: string) => Promise<Uint8Array | undefined>
}

export function makeChecker({ way, newsroom, seen, clock, atLeast, pinned, browsers = BROWSERS, built }: CheckerOptions): Checker {
  const isHttps = way.url.startsWith("https:")
  /** Answers that were compared byte for byte and are the release's: the same ones need no second look. */
  const known = new Set<string>()

  const open = (name: BrowserName): Visit => openVisit(way, browser(name, pick(LANGUAGES)), randomBytes(12).toString("hex"))

  return {
    async check(isWhole) {
      const found: Difference[] = []
      const name = pick(browsers)
      const asked = await browse(open(name), seen)
      const today = clock.today()
      const todayAnswer = asked.find(({ what }) => what === "today")?.fetched
      const told = todayAnswer && readToday({ ...todayAnswer, body: bodyOf(todayAnswer) }, found)
      // On another connection, and only when there is something new: a source would not ask for this.
      const isNews = seen.chain.length === 0 || (told !== undefined && isNewer(told, seen.chain))
      const probing = open(pick(browsers))
      try {
        if (isNews) seen.chain = await readChain(probing, seen, { newsroom, pinned }, found)
        const { chain } = seen
        const current = chain.at(-1)
        if (current === undefined)
          return { browser: name, answers: asked.length, differences: found, notices: [], reachable: [], unreachable: [] }
        await checkNewest(current, way.url, today, atLeast, found)
        const reach = told === undefined ? undefined : await checkToday(told, seen, newsroom, today, found)
        const releases = await readReleases(probing, seen, today, found)
        const all = [...asked, ...(await probe(probing, releases[0], asked, isWhole))]
        const judged = await judge(all, releases, chain)
        return {
          browser: name,
          answers: all.length,
          differences: [...found, ...judged.differences],
          notices: [...(reach?.notices ?? []), ...judged.notices],
          keyring: current.version,
          ...(judged.release === undefined ? {} : { release: judged.release.version }),
          reachable: reach?.reachable ?? [],
          unreachable: reach?.unreachable ?? [],
        }
      } finally {
        probing.close()
      }
    },
  }

  /** By the first of the releases of which everything is; else by the one that counts. */
  async function judge(all: readonly Asked[], releases: readonly Release[], chain: Chain) {
    const pin = await pinFor(all, chain, newsroom)
    let first: readonly Difference[] | undefined
    for (const [at, release] of releases.entries()) {
      const differences = await differencesFrom(all, release, pin)
      first ??= differences
      if (differences.length > 0) continue
      const late = `the server still has release ${release.version}, which the keyring before named: it is to be switched within a day`
      return { differences, release, notices: at === 0 ? [] : [late] }
    }
    return { differences: first ?? [], release: releases[0], notices: [] }
  }

  async function differencesFrom(all: readonly Asked[], release: Release, pin: PinnedNewsroom): Promise<readonly Difference[]> {
    const found: Difference[] = []
    const context = `${release.hash} ${pin.version} `
    for (const { at, fetched, what } of all) {
      const key = context + fingerprint(fetched, what)
      if (known.has(key)) continue
      const file = what === "file" ? release.page.find(({ path }) => path === fetched.path) : undefined
      const expected: Expected = {
        release,
        isHttps,
        what: whatOf(what, file, release, pin),
        built: await built((file ?? release.html).file),
      }
      const differences = await compare(fetched, expected, at)
      found.push(...differences)
      // What a page is told changes, and is judged elsewhere each time: here only its header fields are.
      if (differences.length === 0) known.add(key)
    }
    return found
  }
}

function whatOf(what: Asked["what"], file: ServedFile | undefined, { html }: Release, pin: PinnedNewsroom): Expected["what"] {
  if (what === "problem") return { type: "application/problem+json", status: 404, isCompressed: false }
  if (what === "today") return { type: "application/json", status: 200, isCompressed: true }
  // At an address where the release has nothing stands the page.
  return file === undefined ? { page: html, pin } : { file }
}

/** What of an answer is compared. */
function fingerprint({ path, encodings, status, headers, body, besides }: Fetched, what: Asked["what"]): string {
  const fields = headers.filter(([name]) => name.toLowerCase() !== "date")
  return createHash("sha256")
    .update(JSON.stringify([what, what === "file" ? path : "", encodings, status, fields, besides, body.length]))
    .update(what === "today" ? "" : body)
    .digest("base64")
}

/** The pin that a server has to carry now. Where the page shows one of a version since which nothing in it has changed, that version is right. */
async function pinFor(all: readonly Asked[], chain: Chain, id: NewsroomId): Promise<PinnedNewsroom> {
  const current = chain.at(-1)
  if (current === undefined) throw new TypeError("a chain has a newest keyring")
  const said = (keyring: typeof current) =>
    JSON.stringify([keyring.newsroom.url, keyring.newsroom.channels ?? [], keyring.threshold, keyring.roots.map(({ text }) => text)])
  const page = all.find(({ what }) => what === "page")
  const shown = page === undefined ? undefined : pinInPage(textOf(page.fetched))
  const version = shown === undefined ? undefined : (await parsePinned(shown).catch(() => undefined))?.version
  const named = version === undefined ? undefined : chain[version - 1]
  return pinAt({ id }, named !== undefined && said(named) === said(current) ? named : current)
}

/** How likely it is that so many checks miss a page that is altered for one visitor in so many. */
export const missed = (checks: number, oneIn: number): number => (1 - 1 / oneIn) ** checks
