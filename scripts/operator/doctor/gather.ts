/** Finds out what the checks judge. Believes nothing it is told: an answer is a fact about the answer. Each look has a limit in time and size. */

import { resolve4, resolve6, resolveCaa, resolveCname, resolveMx, resolveNs, reverse } from "node:dns/promises"
import { type IncomingMessage, request as plain, type RequestOptions } from "node:http"
import { request as secure } from "node:https"
import type { PeerCertificate, TLSSocket } from "node:tls"
import { addDays } from "../../../envelope/day.ts"
import { reachableOn } from "../../../keyring/days.ts"
import { KeyringError } from "../../../keyring/errors.ts"
import { type Keyring, verifyChain } from "../../../keyring/keyring.ts"
import type { PinnedNewsroom } from "../../../keyring/newsroom.ts"
import { getDayNotes, getKeyrings } from "../../api.ts"
import type { Clock } from "../../clock.ts"
import { Failure } from "../../failure.ts"
import type { Answer, LineFacts } from "./facts.ts"

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
  readonly clock: Clock
}

export async function gatherLine(asked: Asked): Promise<LineFacts> {
  const { url, clock, pin, seen, subjects, ranges } = asked
  const base = asked.base ?? url
  const today = clock.today()
  const began = clock.seconds()
  const page = await get(base, "/", url)
  const [unknown, missing, dns, articleHosts, told] = await Promise.all([
    get(base, `/${MARK}`, url),
    get(base, "/api/doctor", url),
    lookUp(new URL(url).hostname),
    asked.article === undefined ? undefined : hostsOf(asked.article, url),
    pin === undefined ? {} : keyringOf({ url, base, clock, pin, seen }),
  ])
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
    subjects,
    ranges,
  }
}

interface Got {
  readonly answer: Answer
  readonly certificate?: { readonly names: readonly string[]; readonly daysLeft: number }
}

/** @returns `undefined`: no answer */
async function get(base: string, path: string, url: string): Promise<Got | undefined> {
  const target = new URL(path, base)
  const ask = target.protocol === "https:" ? secure : plain
  const options: RequestOptions = { method: "GET", agent: false, timeout: TIMEOUT_MS, headers: { host: new URL(url).host } }
  try {
    const came = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = ask(target, options, resolve)
      sent.once("timeout", () => sent.destroy(new Error("timed out")))
      sent.once("error", reject)
      sent.end()
    })
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
  const { subjectaltname = "", valid_to }: PeerCertificate = (socket as TLSSocket).getPeerCertificate()
  const names = subjectaltname.split(", ").flatMap((one) => (one.startsWith("DNS:") ? [one.slice("DNS:".length)] : []))
  return { names, daysLeft: Math.floor((Date.parse(valid_to) - Date.now()) / 86_400_000) }
}

async function lookUp(host: string): Promise<LineFacts["dns"]> {
  if (host === "localhost" || host.endsWith(".onion") || /^[\d.]+$|:/.test(host)) return undefined
  const none = () => []
  // Name servers, mail servers and authorities stand at the domain, not at each host below it.
  const domain = host.split(".").slice(-2).join(".")
  const addresses = (await Promise.all([resolve4(host).catch(none), resolve6(host).catch(none)])).flat()
  const names = await Promise.all([
    resolveCname(host).catch(none),
    resolveNs(domain).catch(none),
    resolveMx(domain).then((all) => all.map(({ exchange }) => exchange), none),
    ...addresses.map((address) => reverse(address).catch(none)),
  ])
  const caa = (await Promise.all([resolveCaa(host).catch(none), resolveCaa(domain).catch(none)])).flat()
  if (addresses.length === 0) return undefined
  return { addresses, names: names.flat(), caa: caa.flatMap(({ issue }) => (issue === undefined ? [] : [issue])) }
}

/** Hosts from which an article has scripts run, other than its own and ours. */
async function hostsOf(article: string, url: string): Promise<readonly string[] | undefined> {
  const got = await get(article, new URL(article).pathname, article)
  if (got === undefined) return undefined
  const hosts = [...got.answer.body.matchAll(/<script\b[^>]*?\bsrc="(?:https?:)?\/\/([^/"]+)/gi)].map(([, host = ""]) => host)
  return [...new Set(hosts)].filter((host) => host !== new URL(article).host && host !== new URL(url).host)
}

type OfKeyring = Pick<LineFacts, "keyring" | "keyringProblem" | "reporters">

async function keyringOf({
  url,
  base,
  clock,
  pin,
  seen,
}: {
  url: string
  base: string
  clock: Clock
  pin: PinnedNewsroom
  seen: Keyring | undefined
}): Promise<OfKeyring> {
  const server = { url, clock, ...(base === url ? {} : { base }) }
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
    return { keyring, reporters }
  } catch (error) {
    if (error instanceof KeyringError) return { keyringProblem: error.code }
    if (error instanceof Failure) return { keyringProblem: "not shown" }
    throw error
  }
}
