/** Finds out what the checks judge. Believes nothing it is told: an answer is a fact about the answer. Each look has a limit in time and size. */

import { getServers, resolve4, resolve6, resolveCaa, resolveCname, resolveMx, resolveNs, reverse } from "node:dns/promises"
import type { IncomingMessage } from "node:http"
import type { PeerCertificate, TLSSocket } from "node:tls"
import { addDays } from "../../../envelope/day.ts"
import { reachableOn } from "../../../keyring/days.ts"
import { KeyringError } from "../../../keyring/errors.ts"
import { type Keyring, verifyChain } from "../../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../../keyring/newsroom.ts"
import { verifyRelease } from "../../../keyring/release.ts"
import { getDayNotes, getKeyrings, getRelease } from "../../api.ts"
import type { Clock } from "../../clock.ts"
import { Failure } from "../../failure.ts"
import type { ServerAddress } from "../../http.ts"
import type { SocksProxy } from "../../socks.ts"
import { begin, deadlineMs } from "../../transport.ts"
import { VERSION } from "../../version.ts"
import { isSigned, parseResolver } from "./dnssec.ts"
import { type Answer, type Certificate, type LineFacts, type ReleaseFacts, UNKNOWN } from "./facts.ts"
import { hostsNamed } from "./names.ts"
import { type Logged, logsOf, serialText } from "./transparency.ts"

const TIMEOUT_MS = 15_000
const MAX_BYTES = 4_000_000
/** A name in a request that nobody else asks for: so that it can be looked for in logs. */
export const MARK = "doctor-was-here"

export interface Asked {
  readonly url: string
  /** Where the server is reached, if not there. */
  readonly base?: string
  readonly pin: PinnedNewsroom | undefined
  readonly seen: Keyring | undefined
  readonly subjects: readonly string[]
  readonly ranges: readonly string[]
  readonly article?: string
  readonly logged?: readonly Logged[]
  readonly resolver?: string
  /** Every connection goes through it; then the system's resolver is asked nothing. */
  readonly proxy?: SocksProxy
  readonly clock: Clock
}

export async function gatherLine(asked: Asked): Promise<LineFacts> {
  const { url, clock, pin, seen, subjects, ranges, proxy, logged } = asked
  const base = asked.base ?? url
  const today = clock.today()
  const began = clock.seconds()
  const page = await get(base, "/", url, proxy)
  const host = new URL(url).hostname
  const [unknown, missing, dns, articleHosts, told, dnssec] = await Promise.all([
    get(base, `/${MARK}`, url, proxy),
    get(base, "/api/doctor", url, proxy),
    isName(host) ? (proxy === undefined ? lookUp(host) : UNKNOWN) : undefined,
    asked.article === undefined ? undefined : hostsOf(asked.article, url, proxy),
    pin === undefined ? NOTHING_OF_KEYRING : keyringOf({ url, base, clock, pin, seen, ...(proxy && { proxy }) }),
    signedZone(host, asked),
  ])
  const address = told.keyring?.onion
  const onion = address === undefined ? undefined : proxy === undefined ? UNKNOWN : await onionOf(address, page?.answer.body, proxy)
  const date = Date.parse(page?.answer.headers.date ?? "")
  return {
    url,
    today,
    ...(page === undefined ? {} : { page: page.answer }),
    ...(page?.certificate === undefined ? {} : { certificate: page.certificate }),
    ...(unknown === undefined ? {} : { unknown: unknown.answer }),
    ...(missing === undefined ? {} : { missing: missing.answer }),
    ...(Number.isNaN(date) ? {} : { skewSeconds: Math.round(date / 1_000) - began }),
    ...(dns === undefined ? {} : { dns }),
    ...(articleHosts === undefined ? {} : { articleHosts }),
    ...(seen === undefined ? {} : { seenVersion: seen.version }),
    ...told,
    ...(onion === undefined ? {} : { onion }),
    ...(dnssec === undefined ? {} : { dnssec }),
    ...(logged === undefined ? {} : { logged }),
    subjects,
    ranges,
  }
}

interface Got {
  readonly answer: Answer
  readonly certificate?: Certificate
}

/** @returns `undefined`: no answer */
async function get(base: string, path: string, url: string, proxy?: SocksProxy): Promise<Got | undefined> {
  const asking = {
    url: new URL(path, base).href,
    method: "GET",
    headers: { host: new URL(url).host },
    body: new Uint8Array(0),
    timeoutMs: TIMEOUT_MS,
    deadlineMs: deadlineMs(TIMEOUT_MS, MAX_BYTES),
  }
  try {
    const came = await begin({ ...asking, ...(proxy === undefined ? {} : { proxy }) })
    // Before the body: with it the connection ends, and its certificate is forgotten.
    const certificate = certificateOf(came)
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of came as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > MAX_BYTES) return undefined
      parts.push(part)
    }
    const headers = Object.fromEntries(
      Object.entries(came.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
    )
    const answer = { status: came.statusCode ?? 0, headers, body: Buffer.concat(parts).toString("utf8") }
    return { answer, ...(certificate === undefined ? {} : { certificate }) }
  } catch {
    return undefined // that there is no answer is the fact
  }
}

function certificateOf({ socket }: IncomingMessage): Got["certificate"] {
  if (!("getPeerCertificate" in socket)) return undefined
  const { subjectaltname = "", valid_to, raw, serialNumber, issuer }: PeerCertificate = (socket as TLSSocket).getPeerCertificate()
  const names = subjectaltname.split(", ").flatMap((one) => (one.startsWith("DNS:") ? [one.slice("DNS:".length)] : []))
  const daysLeft = Math.floor((Date.parse(valid_to) - Date.now()) / 86_400_000)
  return { names, daysLeft, logs: logsOf(raw), serial: serialText(serialNumber), issuer: `O=${[issuer.O].flat()[0] ?? ""}` }
}

const isName = (host: string): boolean => host !== "localhost" && !host.endsWith(".onion") && !/^[\d.]+$|:/.test(host)

async function signedZone(host: string, { proxy, resolver }: Asked): Promise<LineFacts["dnssec"]> {
  const [first] = getServers()
  const ask = resolver ?? (proxy === undefined ? first : undefined)
  return ask === undefined || !isName(host) ? undefined : ((await isSigned(host, parseResolver(ask))) ?? UNKNOWN)
}

/** The page by its onion address, over Tor: the same bytes are shown there, and nothing else will do. */
async function onionOf(address: string, clearnet: string | undefined, proxy: SocksProxy): Promise<LineFacts["onion"]> {
  const got = await get(address, "/", address, proxy)
  return got === undefined
    ? { reached: false, samePage: false }
    : { reached: got.answer.status === 200, samePage: got.answer.body === clearnet }
}

async function lookUp(host: string): Promise<LineFacts["dns"]> {
  let isPartial = false
  const none = (error: NodeJS.ErrnoException) => {
    // That there is none is an answer; that nobody said so is not.
    if (error.code !== "ENODATA" && error.code !== "ENOTFOUND") isPartial = true
    return []
  }
  // Name servers, mail servers and authorities stand at the domain, not at each host below it. Which of the names above it that is, no rule tells
  // (co.uk): each is asked.
  const labels = host.split(".")
  const domains = labels.slice(0, -1).map((_, at) => labels.slice(at).join("."))
  const addresses = (await Promise.all([resolve4(host).catch(none), resolve6(host).catch(none)])).flat()
  const names = await Promise.all([
    resolveCname(host).catch(none),
    ...domains.map((domain) => resolveNs(domain).catch(none)),
    ...domains.map((domain) => resolveMx(domain).then((all) => all.map(({ exchange }) => exchange), none)),
    ...addresses.map((address) => reverse(address).catch(none)),
  ])
  const caa = (await Promise.all(domains.map((domain) => resolveCaa(domain).catch(none)))).flat()
  if (addresses.length === 0) return UNKNOWN
  return { addresses, names: names.flat(), isPartial, caa: caa.flatMap(({ issue }) => (issue === undefined ? [] : [issue])) }
}

/** Hosts from which an article has scripts run, other than its own and ours. */
async function hostsOf(article: string, url: string, proxy: SocksProxy | undefined): Promise<LineFacts["articleHosts"]> {
  const got = await get(article, new URL(article).pathname, article, proxy)
  if (got?.answer.status !== 200) return UNKNOWN
  const hosts = hostsNamed(got.answer.body, "script", "src")
  return [...new Set(hosts)].filter((host) => host !== new URL(article).host && host !== new URL(url).host)
}

type OfKeyring = Pick<LineFacts, "keyring" | "keyringProblem" | "reporters" | "release">
const NOTHING_OF_KEYRING: OfKeyring = {}

async function keyringOf({
  url,
  base,
  clock,
  pin,
  seen,
  proxy,
}: {
  proxy?: SocksProxy
  url: string
  base: string
  clock: Clock
  pin: PinnedNewsroom
  seen: Keyring | undefined
}): Promise<OfKeyring> {
  const server = { url, clock, ...(base === url ? {} : { base }), ...(proxy === undefined ? {} : { proxy }) }
  try {
    const sources = await getKeyrings(server, 1)
    const chain = await verifyChain(sources, { newsroom: pin.id })
    await verifyChain(sources, { pinned: pin })
    if (seen !== undefined) await verifyChain(sources, { seen })
    const current = chain.at(-1)
    if (current === undefined) return {}
    const { version, issued, expires, roots, threshold, newsroom } = current
    const keyring = {
      version,
      issued,
      expires,
      roots: roots.length,
      threshold,
      ...(newsroom.onion === undefined ? {} : { onion: newsroom.onion }),
    }
    const ahead = await Promise.all(
      Array.from({ length: current.policy.noteDays }, async (_, shift) => {
        const on = addDays(clock.today(), shift)
        return reachableOn(await getDayNotes(server, on), { chain, newsroom: pin.id, on, today: on })
      }),
    )
    const reporters = current.reporters.map(({ id, name }) => {
      const gap = ahead.findIndex((reachable) => !reachable.has(id))
      const days = gap === -1 ? ahead.length : gap
      return { name, ...(days === 0 ? {} : { until: addDays(clock.today(), days - 1) }) }
    })
    return { keyring, reporters, release: await releaseNamed(chain, server) }
  } catch (error) {
    if (error instanceof KeyringError) return { keyringProblem: error.code }
    if (error instanceof Failure) return { keyringProblem: "not shown" }
    throw error
  }
}

/** The note of the release that the newest keyring names, held to the roots of the keyring that named it first. */
async function releaseNamed(chain: readonly Keyring[], server: ServerAddress): Promise<ReleaseFacts> {
  const named = chain.at(-1)?.release
  if (named === undefined) return { state: "none", ours: VERSION }
  const naming = chain.find(({ release }) => release?.hash === named.hash)
  const note = await getRelease(server, named.hash)
  if (note === undefined || naming === undefined) return { state: "missing", ours: VERSION }
  try {
    const { hash, version } = await verifyRelease(note, naming)
    return { state: hash === named.hash ? "holds" : "unsigned", version, ours: VERSION }
  } catch (error) {
    if (error instanceof KeyringError) return { state: "unsigned", ours: VERSION }
    throw error
  }
}
